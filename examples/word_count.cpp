// SPDX-License-Identifier: BSL-1.0
//
// word_count: counts the words of files, of the standard input or of a TCP connection, across restarts.

#include "support/command_line.hpp"
#include "support/words.hpp"

#include <tidemark/tidemark.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tide = tidemark;

namespace {

using word_and_count = std::pair<std::string, std::int64_t>;

constexpr std::array options{
    support::option{"--checkpoint", "<directory>", "where the counts are kept; default ./word_count.checkpoint"},
    support::option{"--interval", "<time>", "the batch interval, as in 500ms or 10s; default 1s"},
    support::option{"--commit-every", "<time>", "a multiple of the interval; default: the first from 10s on"},
    support::option{"--threads", "<n>", "default 0: one per core"},
    support::option{"--top", "<n>", "how many words to show; default 10"},
    support::option{"--lower", "", "ignore case: count The as the"},
    support::option{"--stop-words", "<file>",
                    "leave out the words in it; read at the first start, kept in the checkpoint"},
    support::option{"--existing", "", "at the first start, read existing files as well"},
    support::option{"--once", "", "end when the existing files have been counted; implies --existing"},
    support::option{"--socket", "<host> <port>", "read from a server, as tcp://host:port does"},
    support::option{"--help", "", "this text"},
};

constexpr std::string_view usage = R"(word_count [options] <directory>          the files in a directory, as they appear
word_count [options] -                    the standard input, to its end
word_count [options] tcp://<host>:<port>  the lines that a server sends

Counts words. For each batch it shows the time, the number of records and their
size, and the most frequent words when these have changed. A word is a run of
letters and digits. Ctrl-C ends the program cleanly. Started again with the same
checkpoint directory it goes on from the counts that it had.

)";

constexpr std::string_view notes = R"(
Files must appear complete: write them elsewhere on the same file system, then
rename them. Only files modified after the start count, unless --existing is
given; those that appear while word_count is down are read when it is started
again.

What a crash loses: nothing of files, whose lines are read again. The standard
input and a TCP server cannot be read twice: what was read since the last commit
(see --commit-every) is lost, and the counts are those of that commit. A clean
end loses nothing.

Exits with 0, with 2 when the command line is wrong, with 1 when something failed.
)";

std::string help() { return std::string(usage) + support::help_of(options) + std::string(notes); }

struct address {
    std::string host;
    int port = 0;
};

int parse_port(std::string_view text) { return static_cast<int>(support::parse_number("port", text, 1, 65535)); }

/// `tcp://host:port`, with an IPv6 address in brackets.
address parse_address(std::string_view text)
{
    auto const rest = text.substr(std::string_view("tcp://").size());
    auto const colon = rest.rfind(':');
    if (colon == std::string_view::npos || colon == 0)
        throw support::usage_problem("bad address \"" + std::string(text) + "\"; expected tcp://host:port");
    auto host = rest.substr(0, colon);
    if (host.front() == '[' && host.back() == ']')
        host = host.substr(1, host.size() - 2);
    return {std::string(host), parse_port(rest.substr(colon + 1))};
}

struct settings {
    std::string input;
    std::optional<address> server;
    std::string checkpoint;
    tide::duration interval;
    tide::duration commit_every;
    std::size_t threads;
    std::size_t top;
    bool lower;
    std::string stop_words;
    bool existing;
    bool once;
};

settings settings_of(support::command_line const& line)
{
    auto const& arguments = line.arguments();
    settings wanted{};
    if (line.has("--socket")) {
        if (arguments.size() != 1)
            throw support::usage_problem("--socket takes a host and a port, and no other input goes with it");
        wanted.server = address{line.text("--socket", ""), parse_port(arguments.front())};
    } else if (arguments.size() != 1) {
        throw support::usage_problem("found " + std::to_string(arguments.size())
                                     + " inputs; expected one: a directory, - or tcp://host:port");
    } else if (arguments.front().starts_with("tcp://")) {
        wanted.server = parse_address(arguments.front());
    } else {
        wanted.input = arguments.front();
    }
    wanted.checkpoint = line.text("--checkpoint", "word_count.checkpoint");
    wanted.interval = line.duration("--interval", tide::duration(1000));
    auto const batches = (tide::duration(10'000) + wanted.interval - tide::duration(1)) / wanted.interval;
    wanted.commit_every = line.duration("--commit-every", wanted.interval * batches);
    wanted.threads = static_cast<std::size_t>(line.number("--threads", 0, 0, 1024));
    wanted.top = static_cast<std::size_t>(line.number("--top", 10, 1, 1'000'000));
    wanted.lower = line.has("--lower");
    wanted.stop_words = line.text("--stop-words", "");
    wanted.once = line.has("--once");
    wanted.existing = line.has("--existing") || wanted.once;
    if (wanted.once && wanted.server)
        throw support::usage_problem("--once and a server do not go together, its lines have no end");
    if (!wanted.server && wanted.input != "-" && !tide::is_pattern(wanted.input)
        && !std::filesystem::is_directory(wanted.input))
        throw support::usage_problem("there is no directory \"" + wanted.input + "\"; expected one to read files from");
    if (!wanted.stop_words.empty() && !std::filesystem::is_regular_file(wanted.stop_words))
        throw support::usage_problem("there is no file \"" + wanted.stop_words + "\"; expected one with stop words");
    return wanted;
}

struct split_words {
    support::word_range operator()(std::string const& line) const { return support::word_range(line); }
};

/// The word is copied out of the line here, because it outlives the line.
struct one_of_each {
    bool lower;

    word_and_count operator()(std::string_view word) const
    {
        word_and_count one(word, 1);
        if (lower)
            std::transform(one.first.begin(), one.first.end(), one.first.begin(), support::to_lower);
        return one;
    }
};

using word_set = std::set<std::string>;

/// The words of a file, in lower case where all words are.
word_set words_of_file(std::string const& name, bool lower)
{
    std::ifstream file(name);
    word_set words;
    for (std::string line; std::getline(file, line);)
        for (auto const word : support::word_range(line))
            words.insert(one_of_each{lower}(word).first);
    return words;
}

/// Leaves out stop words, and counts them. The list is a broadcast value, which a batch that runs again sees as it did;
/// the number an accumulator, to which such a batch adds nothing a second time.
struct without_stop_words {
    tide::broadcast<word_set> stop;
    tide::accumulator<std::int64_t> left_out;

    bool operator()(word_and_count const& one) const
    {
        if (!stop.value().contains(one.first))
            return true;
        left_out += 1;
        return false;
    }
};

/// Called once for each word of a batch, with how often it occurs there.
std::int64_t add_up(std::string const&, std::optional<std::int64_t> more, tide::state<std::int64_t>& count)
{
    auto const sum = count.get_option().value_or(0) + more.value_or(0);
    count.update(sum);
    return sum;
}

/// Shows the most frequent words when they have changed.
struct print_top {
    std::size_t limit;
    std::vector<word_and_count> before{};

    template <typename Rdd>
    void operator()(Rdd const& counts)
    {
        auto now = counts | tide::top(limit, &word_and_count::second);
        if (now == before)
            return;
        for (auto const& [word, count] : now)
            std::cout << "  " << word << " " << count << "\n";
        std::cout << std::flush;
        before = std::move(now);
    }
};

/// Stops the application when every file that was there at the start has been counted: with the first batch after the
/// start.
struct stop_when_all_is_read {
    std::optional<std::int64_t> started{};

    void on(tide::streaming_started const& event) { started = event.time; }
    void on(tide::batch_completed const& event) const
    {
        if (started && event.batch.batch_time >= *started)
            if (auto app = tide::get_active())
                app->request_stop();
    }
};

/// `reduce_by_key` joins the words of a batch, so the state is updated once for each distinct word. `map_with_state`
/// touches only the words of the batch, where `update_state_by_key` would go over every known word in every batch;
/// `state_snapshots` reads the counts of the others in place.
template <typename Context, typename Lines>
tide::application word_counts(Context const& ssc, Lines lines, settings const& wanted,
                              std::optional<tide::accumulator<std::int64_t>>& left_out)
{
    left_out = ssc.template accumulator<"left-out">();
    auto const stop = ssc.template broadcast<"stop-words">([name = wanted.stop_words, lower = wanted.lower] {
        return name.empty() ? word_set() : words_of_file(name, lower);
    });
    auto const counted =
        std::move(lines) | tide::flat_map(split_words{}) | tide::map(one_of_each{wanted.lower})
        | tide::filter(without_stop_words{stop, *left_out}) | tide::reduce_by_key(std::plus<>{})
        | tide::map_with_state<"words">(tide::state_spec(add_up), tide::checkpoint_every(wanted.commit_every));
    return ssc.application(counted | tide::state_snapshots() | tide::foreach_rdd<"top">(print_top{wanted.top}));
}

tide::application describe(settings const& wanted, tide::line_source const& input,
                           std::optional<tide::accumulator<std::int64_t>>& left_out, tide::checkpoint_directory where)
{
    // What arrived while the program was down becomes one batch: nobody needs the counts of each second of a night.
    auto const ssc =
        tide::streaming_context(wanted.interval, std::move(where),
                                tide::settings{.threads = wanted.threads, .down_time = tide::catch_up::merged})
            .named("word_count");
    if (wanted.server)
        return word_counts(ssc, ssc.template socket_text_stream<"socket">(wanted.server->host, wanted.server->port),
                           wanted, left_out);
    if (wanted.input == "-")
        return word_counts(ssc, ssc.template source_stream<"stdin">(input), wanted, left_out);
    tide::text_file_options how;
    how.existing = wanted.existing ? tide::read_existing::all : tide::read_existing::none;
    auto const directory = std::filesystem::absolute(wanted.input).lexically_normal().string();
    return word_counts(ssc, ssc.template text_file_stream<"files">(directory, how), wanted, left_out);
}

int count_words(settings const& wanted)
{
    auto const input = tide::standard_input();
    std::optional<tide::accumulator<std::int64_t>> left_out;
    tide::stop_on_signals signals;
    auto app = tide::get_or_create(
        tide::checkpoint_directory(std::filesystem::path(wanted.checkpoint)),
        [&](tide::checkpoint_directory where) { return describe(wanted, input, left_out, std::move(where)); });
    app.listen(tide::listening(
        std::make_shared<tide::batch_report>([](std::string_view line) { std::cout << line << std::flush; })));
    if (wanted.once && wanted.input != "-")
        app.listen(tide::listening(std::make_shared<stop_when_all_is_read>()));
    app.start();
    signals.watch(app);
    if (wanted.input == "-" && input.wait_until_ended())
        app.request_stop();
    app.await_termination();
    if (!wanted.stop_words.empty())
        std::cerr << left_out->value() << " stop words left out so far\n";
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    return support::run_main("word_count", argc, argv, [](auto words) {
        support::command_line const line(words, options);
        if (line.has("--help")) {
            std::cout << help();
            return 0;
        }
        return count_words(settings_of(line));
    });
}
