// SPDX-License-Identifier: BSL-1.0
//
// all_sources.test: what every source of the library keeps, one table of them, alone and in running applications.

#include <tidemark/checkpoint/checkpoint_directory.hpp>
#include <tidemark/core/events.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/sources.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/driver.hpp>
#include <tidemark/time/literals.hpp>

#include <sources/reading.hpp>
#include <support/catch.hpp>
#include <support/running.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <ranges>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

namespace {

using namespace tidemark::literals;
using reading::environment;
using reading::records_of;
using tidemark::batch_time;
using tidemark::testing::driver;

constexpr std::int64_t batches = 4;

/// A directory with a file of `n` records of 2 bytes, lines or not, for each batch n.
void fill(reading::directory const& files)
{
    for (std::int64_t number = 1; number <= batches; ++number) {
        std::string text;
        for (std::int64_t i = 0; i < number; ++i)
            text += std::to_string(number) + "\n";
        files.write("file-" + std::to_string(number), text, number * 1000 - 500);
    }
}

/// Calls `check(name, source, records)` for each source that can be read again: how many records the batches have, in
/// order, nothing where there is no dataset.
template <typename Check>
void for_each_replayable(Check check)
{
    using counts = std::vector<std::optional<std::size_t>>;
    reading::directory const files;
    fill(files);
    check("text_file", tidemark::text_file_source(files.path()), counts{1, 2, 3, 4});
    check("binary_records", tidemark::binary_records_source(files.path(), 2), counts{1, 2, 3, 4});
    check("rate", tidemark::rate_source(3), counts{3, 3, 3, 3});
    check("range", tidemark::range_source(std::views::iota(0, 5), 2), counts{2, 2, 1, 0});
    using list = std::vector<std::optional<std::vector<int>>>;
    check("queue", tidemark::queue_source(list{std::vector{1, 2}, std::nullopt, std::vector<int>()}),
          counts{2, std::nullopt, 0, 0});
    tidemark::record_queue<int> queue;
    queue.push({1, 2});
    queue.push_missing();
    queue.push({});
    check("record_queue", tidemark::record_queue_source(queue), counts{2, std::nullopt, 0, 0});
}

tidemark::source_environment checkpointed()
{
    auto changed = environment();
    changed.checkpointed = true;
    return changed;
}

template <typename Record>
std::optional<std::size_t> size_of(tidemark::batch_input<Record> const& input)
{
    auto const records = records_of(input);
    return records ? std::optional(records->size()) : std::nullopt;
}

/// Plans batch 1 to `last`.
template <typename Reader>
auto plan_all(Reader& reader, std::int64_t last = batches)
{
    std::vector<decltype(reader.plan(batch_time()))> inputs;
    for (std::int64_t number = 1; number <= last; ++number)
        inputs.push_back(reader.plan(batch_time(number * 1000)));
    return inputs;
}

} // namespace

TEST_CASE("no dataset is not an empty dataset, and records are counted, in every source", "[sources][all]")
{
    for_each_replayable([](std::string const& name, auto const& source, auto const& expected) {
        INFO(name);
        auto const reader = source.open(checkpointed());
        auto const inputs = plan_all(*reader);
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            INFO("batch " << i + 1);
            CHECK(size_of(inputs[i]) == expected.at(i));
            CHECK(inputs[i].records() == expected.at(i).value_or(0));
            CHECK(size_of(inputs[i]) == expected.at(i)); // read a second time, for a second output
            CHECK(inputs[i].records() == expected.at(i).value_or(0));
        }
    });
}

TEST_CASE("a second run gives each planned batch again, and goes on behind it, in every source", "[sources][all]")
{
    for_each_replayable([](std::string const& name, auto const& source, auto const& expected) {
        for (std::int64_t cut = 0; cut <= batches; ++cut) {
            if (name == "record_queue" && cut != batches)
                continue; // what was not taken went with the process
            INFO(name << " cut after batch " << cut);
            auto const first = source.open(checkpointed());
            auto const before = first->position();
            auto const planned = plan_all(*first, cut);

            auto const second = source.open(checkpointed());
            second->seek(before);
            for (std::size_t i = 0; i < planned.size(); ++i) {
                auto const again = second->replay(batch_time(static_cast<std::int64_t>(i + 1) * 1000), planned[i].plan);
                CHECK(records_of(again) == records_of(planned[i]));
                CHECK(again.plan == planned[i].plan);
                CHECK(again.records() == expected.at(i).value_or(0));
            }
            CHECK(second->position() == first->position());

            auto const third = source.open(checkpointed()); // from a commit at the cut
            third->seek(first->position());
            for (auto number = cut + 1; number <= batches; ++number) {
                auto const time = batch_time(number * 1000);
                CHECK(size_of(third->plan(time)) == expected.at(static_cast<std::size_t>(number - 1)));
                (void)second->plan(time);
            }
            CHECK(third->position() == second->position());
        }
    });
}

TEST_CASE("every source begins one batch behind zero time, and tells its records by its own name", "[sources][all]")
{
    reading::directory const files;
    fill(files);
    auto const ssc = tidemark::streaming_context(1_s, tidemark::settings{.partitions = 2, .threads = 1});
    tidemark::record_queue<int> queue;
    queue.push({1});
    std::map<std::string, std::vector<std::int64_t>> times;
    auto const note = [&times](std::string const& name) {
        return tidemark::foreach_rdd([&times, name](auto const& rdd, batch_time time) {
            (void)(rdd | tidemark::collect());
            times[name].push_back(time.count());
        });
    };
    driver run(ssc.application(ssc.text_file_stream<"lines">(files.path()) | note("lines"),
                               ssc.binary_records_stream<"records">(files.path(), 2) | note("records"),
                               ssc.rate_stream<"ticks">(5) | note("ticks"),
                               ssc.from_range<"numbers">(std::views::iota(0, 3), 2) | note("numbers"),
                               ssc.queue_stream<"list">(std::vector<std::vector<int>>{{1, 2, 3}}) | note("list"),
                               ssc.queue_stream<"pushed">(queue, tidemark::queue_options<int>{true, std::nullopt})
                                   | note("pushed")));
    run.start();
    run.run_to(batch_time(2000));

    for (auto const* const name : {"lines", "records", "ticks", "numbers", "list"})
        CHECK(times[name] == std::vector<std::int64_t>{1000, 2000});
    CHECK(times["pushed"] == std::vector<std::int64_t>{1000}); // no dataset, no job
    std::vector<std::map<std::string, std::uint64_t>> told;
    for (auto const& event : run.events())
        if (auto const* const done = std::get_if<tidemark::batch_completed>(&event))
            for (auto& of_batch = told.emplace_back(); auto const& input : done->batch.inputs)
                of_batch[input.source] = input.records;
    using records = std::map<std::string, std::uint64_t>;
    REQUIRE(told.size() == 2);
    CHECK(told[0] == records{{"lines", 1}, {"records", 1}, {"ticks", 5}, {"numbers", 2}, {"list", 3}, {"pushed", 1}});
    CHECK(told[1] == records{{"lines", 2}, {"records", 2}, {"ticks", 5}, {"numbers", 1}, {"list", 0}, {"pushed", 0}});
}

TEST_CASE("of the options of a queue one can be said, whatever the queue is", "[sources][queue]")
{
    auto const ssc = tidemark::streaming_context(1_s, tidemark::settings{.threads = 1});
    tidemark::record_queue<int> pushed;
    pushed.push({1});
    pushed.push({2});
    std::map<std::string, std::vector<int>> first;
    auto const note = [&first](std::string const& name) {
        return tidemark::foreach_rdd([&first, name](auto const& rdd) { first[name] = rdd | tidemark::collect(); });
    };
    using list = std::vector<std::optional<std::vector<int>>>;
    driver run(ssc.application(
        ssc.queue_stream<"lists">(std::vector<std::vector<int>>{{1}, {2}}, {.one_at_a_time = false}) | note("lists"),
        ssc.queue_stream(list{std::vector{1}, std::vector{2}}, {.one_at_a_time = false}) | note("optional"),
        ssc.queue_stream(list(), {.when_empty = std::vector{1, 2}}) | note("empty"),
        ssc.queue_stream(pushed, {.one_at_a_time = false}) | note("pushed")));
    run.start();
    run.run_to(batch_time(1000));
    std::vector<int> const both{1, 2};
    CHECK(first
          == std::map<std::string, std::vector<int>>{
              {"lists", both}, {"optional", both}, {"empty", both}, {"pushed", both}});
}

TEST_CASE("what was pushed and taken is there after a kill, and a rate goes on without a gap", "[sources][all]")
{
    tidemark::memory_storage const disk;
    std::map<std::int64_t, std::vector<int>> pushed;
    std::map<std::int64_t, std::vector<std::int64_t>> ticks;
    tidemark::record_queue<int> queue;
    bool fail = true;
    auto const build = [&](tidemark::memory_storage const& where) {
        auto const ssc =
            tidemark::streaming_context(1_s, tidemark::checkpoint_directory(where), tidemark::settings{.threads = 1});
        return ssc.application(
            ssc.queue_stream<"pushed">(queue) | tidemark::foreach_rdd<"pushed">([&](auto const& rdd, batch_time time) {
                if (fail && time == batch_time(2000))
                    throw std::runtime_error("not yet");
                pushed[time.count()] = rdd | tidemark::collect();
            }),
            ssc.rate_stream<"rate">(2) | tidemark::foreach_rdd<"ticks">([&](auto const& rdd, batch_time time) {
                for (auto const& [of_batch, number] : rdd | tidemark::collect()) {
                    CHECK(of_batch == time);
                    ticks[time.count()].push_back(number);
                }
            }));
    };
    {
        driver first(build(disk));
        first.start();
        for (int number = 1; number <= 3; ++number) {
            queue.push({number, 10 * number});
            (void)first.next();
        }
    }
    CHECK(pushed == std::map<std::int64_t, std::vector<int>>{{1000, {1, 10}}, {3000, {3, 30}}});
    fail = false;
    queue = {}; // the queue of another process
    queue.push({4});
    driver second(build(disk.kill()), batch_time(3000));
    second.start();
    second.run_to(batch_time(4000));
    CHECK(pushed
          == std::map<std::int64_t, std::vector<int>>{{1000, {1, 10}}, {2000, {2, 20}}, {3000, {3, 30}}, {4000, {4}}});
    CHECK(ticks
          == std::map<std::int64_t, std::vector<std::int64_t>>{
              {1000, {0, 1}}, {2000, {2, 3}}, {3000, {4, 5}}, {4000, {6, 7}}});
}

TEST_CASE("what is wrong with a source is said in the words of the program that made it", "[sources]")
{
    auto const ssc = tidemark::streaming_context(1_s, {.partitions = 1, .threads = 1});
    auto const words = [&](auto const& stream) {
        driver run(ssc.application(stream | tidemark::foreach_rdd([](auto const&) {})));
        try {
            run.start();
        } catch (std::exception const& problem) {
            return std::string(problem.what());
        }
        return std::string();
    };
    using Catch::Matchers::EndsWith;
    using Catch::Matchers::StartsWith;
    CHECK_THAT(words(ssc.text_file_stream("")), StartsWith("tidemark::text_file_stream: "));
    CHECK_THAT(words(ssc.text_file_stream("", {})), StartsWith("tidemark::text_file_stream: "));
    CHECK_THAT(words(ssc.text_file_stream("not/there")), EndsWith("correct the name given to text_file_stream"));
    CHECK_THAT(words(ssc.binary_records_stream("", 1)), StartsWith("tidemark::binary_records_stream: "));
    CHECK_THAT(words(ssc.binary_records_stream("", 1, {})), StartsWith("tidemark::binary_records_stream: "));
    CHECK_THAT(words(ssc.socket_text_stream("", 1)), StartsWith("tidemark::socket_text_stream: "));
    CHECK_THAT(words(ssc.socket_text_stream("", 1, {})), StartsWith("tidemark::socket_text_stream: "));
    CHECK_THAT(words(ssc.from_range(std::vector{1}, 0)), StartsWith("tidemark::from_range: "));
    CHECK_THAT(words(ssc.rate_stream(0)), StartsWith("tidemark::rate_stream: "));
    CHECK_THAT(words(ssc.source_stream(tidemark::standard_input({.buffer_bytes = 0}))),
               StartsWith("tidemark::standard_input: "));

    CHECK_THAT(words(ssc.source_stream(tidemark::text_file_source(""))), StartsWith("tidemark::text_file_source: "));
    CHECK_THAT(words(ssc.source_stream(tidemark::text_file_source("not/there"))),
               EndsWith("correct the name given to text_file_source"));
    CHECK_THAT(words(ssc.source_stream(tidemark::binary_records_source("", 1))),
               StartsWith("tidemark::binary_records_source: "));
    CHECK_THAT(words(ssc.source_stream(tidemark::socket_text_source("", 1))),
               StartsWith("tidemark::socket_text_source: "));
    CHECK_THAT(words(ssc.source_stream(tidemark::range_source(std::vector{1}, 0))),
               StartsWith("tidemark::range_source: "));
    CHECK_THAT(words(ssc.source_stream(tidemark::rate_source(0))), StartsWith("tidemark::rate_source: "));
    CHECK_THAT(words(ssc.source_stream(tidemark::line_source(0, {.buffer_bytes = 0}))),
               StartsWith("tidemark::line_source: "));
}
