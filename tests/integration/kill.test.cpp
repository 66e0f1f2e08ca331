// SPDX-License-Identifier: BSL-1.0
//
// kill.test: a real process on real files, killed with SIGKILL again and again, loses nothing and counts nothing twice.

#include <tidemark/operators.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/sources/streams.hpp>
#include <tidemark/sources/text_file_source.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/time/literals.hpp>

#include <integration/killed_program.hpp>
#include <support/catch.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <numeric>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace tidemark::literals;
using namespace tidemark_test;

constexpr auto child_case = "a process that is going to be killed";

// ---- The program that is killed

std::vector<std::string> words(std::string const& line)
{
    std::vector<std::string> found;
    for (std::size_t at = 0; at < line.size();) {
        auto const end = std::min(line.find(' ', at), line.size());
        found.push_back(line.substr(at, end - at));
        at = end + 1;
    }
    return found;
}

std::int64_t track(std::string const&, std::optional<std::int64_t> value, tidemark::state<std::int64_t>& state)
{
    state.update(state.get_option().value_or(0) + value.value_or(0));
    return state.get();
}

/// The lines of each batch as a file of their own: a batch that runs again writes the same again.
struct keep_lines {
    fs::path where;
    tidemark::accumulator<std::int64_t> written;

    template <typename Rdd>
    void operator()(Rdd const& lines, tidemark::batch_time time) const
    {
        std::string text;
        for (auto const& line : lines | tidemark::collect()) {
            text += line + "\n";
            written += 1;
        }
        if (!text.empty())
            write_file(where / std::to_string(time.count()), text);
    }
};

/// All states, once the last word has come.
struct keep_states {
    fs::path file;

    template <typename Rdd>
    void operator()(Rdd const& rdd) const
    {
        auto const pairs = rdd | tidemark::collect();
        tally const all(pairs.begin(), pairs.end());
        if (!all.contains(std::string(last_word)))
            return;
        std::string text;
        for (auto const& [word, number] : all)
            text += word + " " + std::to_string(number) + "\n";
        write_file(file, text);
    }
};

/// What the application has counted on its way: lines in an output, words in a step before a state.
struct totals {
    tidemark::accumulator<std::int64_t> lines;
    tidemark::accumulator<std::int64_t> words;
};

tidemark::application program(fs::path const& where, tidemark::catch_up down_time,
                              tidemark::checkpoint_directory checkpoint, std::optional<totals>& counted)
{
    auto const ssc = tidemark::streaming_context(
        20_ms, std::move(checkpoint),
        tidemark::settings{
            .partitions = 4, .key_groups = 16, .threads = 2, .retained_commits = 2, .down_time = down_time});
    counted.emplace(
        totals{ssc.accumulator<"lines written">(std::int64_t{0}), ssc.accumulator<"words seen">(std::int64_t{0})});
    auto const lines = ssc.text_file_stream<"lines">(
        (where / "in").string(), tidemark::text_file_options{.existing = tidemark::read_existing::all});
    auto const counts = lines | tidemark::flat_map(words)
                        | tidemark::map([](std::string const& word) { return std::pair(word, std::int64_t{1}); });
    auto const updated = counts | tidemark::filter([seen = counted->words](auto const&) {
                             seen += 1;
                             return true;
                         })
                         | tidemark::reduce_by_key(std::plus<>{})
                         | tidemark::update_state_by_key<"updated">(add, tidemark::checkpoint_every(60_ms));
    auto const tracked =
        counts | tidemark::map_with_state<"tracked">(tidemark::state_spec(track), tidemark::checkpoint_every(100_ms));
    return ssc.application(lines | tidemark::foreach_rdd<"lines">(keep_lines{where / "out", counted->lines}),
                           updated | tidemark::foreach_rdd<"updated">(keep_states{where / "results" / "updated"}),
                           tracked | tidemark::state_snapshots()
                               | tidemark::foreach_rdd<"tracked">(keep_states{where / "results" / "tracked"}));
}

// ---- The one that kills

void check_kills(std::string const& down_time, int kills)
{
    auto const seed = std::random_device()();
    INFO("seed " << seed << ", down-time batches: " << down_time);
    std::mt19937 random(seed);
    auto const below = [&random](int limit) { return std::uniform_int_distribution(0, limit - 1)(random); };

    scratch const place({"in", "out", "results"});
    tally expected_words;
    tally expected_lines;
    int published = 0;
    auto const publish = [&](std::string const& text) {
        write_file(place.path() / "in" / ("file-" + std::to_string(published++)), text);
    };
    auto const publish_some = [&] {
        std::string text;
        for (int i = 0; i < 40; ++i) {
            std::string const line = "w" + std::to_string(below(500)) + " w" + std::to_string(below(50)) + " line"
                                     + std::to_string(published) + "-" + std::to_string(i);
            text += line + "\n";
            ++expected_lines[line];
            for (auto const& word : words(line))
                ++expected_words[word];
        }
        publish(text);
    };

    auto const start = [&] {
        return child(child_case,
                     {{"TIDEMARK_KILL_DIRECTORY", place.path().string()}, {"TIDEMARK_KILL_DOWN_TIME", down_time}},
                     place.path() / "child-output");
    };
    for (int round = 0; round < kills; ++round) {
        publish_some();
        child victim = start();
        victim.wait_for_events(static_cast<std::size_t>(below(40)));
        publish_some();
        std::this_thread::sleep_for(std::chrono::microseconds(below(30'000))); // anywhere in a batch or commit
        victim.kill();
        REQUIRE(victim.wait() == -SIGKILL);
    }
    publish(std::string(last_word) + "\n");
    ++expected_lines[std::string(last_word)];
    ++expected_words[std::string(last_word)];
    child last = start();
    INFO("the last run wrote to " << (place.path() / "child-output"));
    REQUIRE(last.wait() == 0);

    CHECK(difference(expected_words, read_tally(place.path() / "results" / "updated")) == "");
    CHECK(difference(expected_words, read_tally(place.path() / "results" / "tracked")) == "");
    CHECK(difference(expected_lines, lines_in(place.path() / "out")) == "");
    auto const sum = [](tally const& all) {
        return std::accumulate(all.begin(), all.end(), std::int64_t{0},
                               [](auto before, auto const& one) { return before + one.second; });
    };
    tally const counted{{"lines", sum(expected_lines)}, {"words", sum(expected_words)}};
    CHECK(difference(counted, read_tally(place.path() / "results" / "counted")) == "");
}

} // namespace

TEST_CASE("a process killed at any moment loses nothing and counts nothing twice", "[integration][kill]")
{
    check_kills("each", 30);
}

TEST_CASE("a killed process that merges the batches of its down time loses nothing either", "[integration][kill]")
{
    check_kills("merged", 30);
}

TEST_CASE("a process that is going to be killed", "[.][kill-child]")
{
    auto const* const where = std::getenv("TIDEMARK_KILL_DIRECTORY");
    auto const* const down_time = std::getenv("TIDEMARK_KILL_DOWN_TIME");
    if (where == nullptr || down_time == nullptr)
        return;
    auto const rule = std::string_view(down_time) == "merged" ? tidemark::catch_up::merged : tidemark::catch_up::each;
    std::optional<totals> counted;
    run_until_killed(where, 60, {"updated", "tracked"}, [&](tidemark::checkpoint_directory checkpoint) {
        return program(where, rule, std::move(checkpoint), counted);
    });
    write_file(fs::path(where) / "results" / "counted", "lines " + std::to_string(counted->lines.value()) + " words "
                                                            + std::to_string(counted->words.value()) + "\n");
}
