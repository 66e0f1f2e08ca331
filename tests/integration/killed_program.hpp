// SPDX-License-Identifier: BSL-1.0
//
// killed_program: a case of this test program as a process of its own, which is killed, what it runs, and what it has
// left.

#pragma once

#include <tidemark/rdd/actions.hpp>
#include <tidemark/runtime/get_or_create.hpp>
#include <tidemark/sinks.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/child_process.hpp>

#include <support/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include <csignal>
#include <fcntl.h>
#include <unistd.h>

namespace tidemark_test {

namespace fs = std::filesystem;

using tally = std::map<std::string, std::int64_t>;

inline constexpr std::string_view last_word = "END"; // alone in the file that is published last

/// Writes text so that it is there whole or not at all.
inline void write_file(fs::path const& file, std::string const& text)
{
    auto const aside = file.parent_path().parent_path() / ("writing-" + std::to_string(::getpid()));
    std::ofstream(aside) << text;
    fs::rename(aside, file);
}

/// A directory that goes when the test ends.
class scratch {
public:
    explicit scratch(std::initializer_list<char const*> folders)
        : path_(fs::temp_directory_path() / ("tidemark-kill-" + std::to_string(::getpid())))
    {
        fs::remove_all(path_);
        for (auto const* const folder : folders)
            fs::create_directories(path_ / folder);
    }
    scratch(scratch const&) = delete;
    scratch& operator=(scratch const&) = delete;
    ~scratch()
    {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }

    [[nodiscard]] fs::path const& path() const { return path_; }

private:
    fs::path path_;
};

/// This executable again, running nothing but one of its cases, which tells of its events through a pipe.
class child {
public:
    /// `test` is the name of the case; `settings` go into its environment. What it prints goes into `output`.
    child(std::string test, std::map<std::string, std::string> settings, fs::path const& output)
        : pipe_()
        , process_(tidemark::testing::child_process::this_program({std::move(test)}),
                   with_progress(std::move(settings), pipe_.in), output)
    {
        ::close(std::exchange(pipe_.in, -1));
    }

    /// Waits until it has told that many events, or has ended.
    void wait_for_events(std::size_t number) const
    {
        char told = 0;
        while (number-- != 0 && ::read(pipe_.out, &told, 1) == 1) {
        }
    }

    void kill() const { process_.kill(); }
    [[nodiscard]] int wait() { return process_.wait(); }

private:
    /// Only `in` goes on to the child.
    struct pipe_ends {
        pipe_ends()
        {
            int ends[2];
            REQUIRE(::pipe(ends) == 0);
            out = ends[0];
            in = ends[1];
            ::fcntl(out, F_SETFD, FD_CLOEXEC);
        }
        pipe_ends(pipe_ends const&) = delete;
        pipe_ends& operator=(pipe_ends const&) = delete;
        ~pipe_ends()
        {
            ::close(out);
            if (in >= 0)
                ::close(in);
        }

        int out = -1;
        int in = -1;
    };

    static std::map<std::string, std::string> with_progress(std::map<std::string, std::string> settings, int in)
    {
        settings["TIDEMARK_KILL_PROGRESS"] = std::to_string(in);
        return settings;
    }

    pipe_ends pipe_;
    tidemark::testing::child_process process_;
};

/// How often to kill; a number in the environment replaces `otherwise`.
inline int kills_wanted(int otherwise)
{
    auto const* const asked = std::getenv("TIDEMARK_KILLS");
    return asked == nullptr ? otherwise : std::atoi(asked);
}

// ---- What the child runs

/// For `update_state_by_key`: the sum of all values.
inline std::optional<std::int64_t> add(std::vector<std::int64_t> const& values, std::optional<std::int64_t> before)
{
    for (auto const value : values)
        before = before.value_or(0) + value;
    return before;
}

/// For `map`: a line to be counted.
struct beside_one {
    std::pair<std::string, std::int64_t> operator()(std::string const& line) const { return {line, 1}; }
};

/// An output that writes the file `results/end` when the last word has come.
template <typename Lines>
[[nodiscard]] auto end_in_results(Lines const& lines, fs::path const& where)
{
    return lines | tidemark::foreach_rdd<"end">([where](auto const& rdd) {
               for (auto const& line : rdd | tidemark::collect())
                   if (line == last_word)
                       write_file(where / "results" / "end", "");
           });
}

/// Runs the application of `make`, which gets a checkpoint directory, tells the parent of each event, and stops when the
/// application has written these files into `results`. `seconds` is how long that may last.
template <typename Make>
void run_until_killed(fs::path const& where, unsigned seconds, std::vector<std::string> const& results, Make make)
{
    auto const* const progress = std::getenv("TIDEMARK_KILL_PROGRESS");
    REQUIRE(progress != nullptr);
    int const told = std::atoi(progress);
    ::alarm(seconds); // should the last word never come
    auto app = tidemark::get_or_create(tidemark::checkpoint_directory(where / "checkpoint"), std::move(make));
    app.listen([&](tidemark::streaming_event const& event) {
        if (::write(told, "e", 1) != 1)
            return;
        if (std::holds_alternative<tidemark::batch_completed>(event)
            && std::all_of(results.begin(), results.end(),
                           [&](std::string const& file) { return fs::exists(where / "results" / file); }))
            app.request_stop();
    });
    ::signal(SIGPIPE, SIG_IGN); // nobody may be listening
    app.start();
    app.await_termination();
}

// ---- What it has left

/// What a query gives: texts with a number beside each.
template <typename Database>
[[nodiscard]] tally rows_of(Database database, std::string const& query)
{
    tally all;
    database.each_row(query, [&](auto const& row) { all[row[0]] = std::stoll(row[1]); });
    return all;
}

inline tally read_tally(fs::path const& file)
{
    tally all;
    std::ifstream in(file);
    std::string word;
    std::int64_t number = 0;
    while (in >> word >> number)
        all[word] = number;
    return all;
}

inline tally lines_in(fs::path const& directory)
{
    tally all;
    for (auto const& entry : fs::directory_iterator(directory)) {
        std::ifstream in(entry.path());
        for (std::string line; std::getline(in, line);)
            ++all[line];
    }
    return all;
}

/// What differs, for a message of a bearable length.
inline std::string difference(tally const& expected, tally const& found)
{
    std::string text;
    std::size_t differing = 0;
    auto const note = [&](std::string const& what, std::int64_t wanted, std::int64_t got) {
        if (wanted != got && ++differing <= 5)
            text += what + ": expected " + std::to_string(wanted) + ", found " + std::to_string(got) + "\n";
    };
    for (auto const& [what, wanted] : expected)
        note(what, wanted, found.contains(what) ? found.at(what) : 0);
    for (auto const& [what, got] : found)
        if (!expected.contains(what))
            note(what, 0, got);
    return differing == 0 ? "" : std::to_string(differing) + " differ:\n" + text;
}

} // namespace tidemark_test
