// SPDX-License-Identifier: BSL-1.0
//
// savepoints.test: an application is asked for a savepoint, and programs start from what is copied of it.

#include <tidemark/checkpoint/copy_checkpoint.hpp>
#include <tidemark/checkpoint/inspection.hpp>
#include <tidemark/operators.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/runtime.hpp>
#include <tidemark/sources.hpp>
#include <tidemark/storage/fault_plan.hpp>
#include <tidemark/storage/faulty_storage.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/batch_source.hpp>
#include <tidemark/testing/driver.hpp>
#include <tidemark/time/literals.hpp>

#include <support/catch.hpp>
#include <support/running.hpp>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace tidemark::literals;
using namespace tidemark_test;
using tidemark::any_storage;
using tidemark::batch_time;
using tidemark::checkpoint_error;
using tidemark::copied_part;
using tidemark::copy_checkpoint;
using tidemark::memory_storage;
using tidemark::usage_error;
using tidemark::testing::driver;

/// A stream of the numbers 1, 2, 3 ..., one a second, whose sum is the state; commits every 10 s, and keeps one.
struct world {
    std::shared_ptr<script> source = std::make_shared<script>();
    std::shared_ptr<std::map<std::int64_t, std::string>> out = std::make_shared<std::map<std::int64_t, std::string>>();
    std::int64_t fails_at = -1; ///< The output of this batch.

    [[nodiscard]] tidemark::application program(any_storage disk) const
    {
        return program(std::move(disk), tidemark::checkpoint_every(10_s));
    }

    template <typename Every>
    [[nodiscard]] tidemark::application program(any_storage disk, Every every) const
    {
        auto const ssc = tidemark::streaming_context(
            1_s, tidemark::checkpoint_directory(std::move(disk)),
            tidemark::settings{.partitions = 2, .key_groups = 4, .threads = 1, .retained_commits = 1});
        auto const seen = ssc.accumulator<"seen">(std::int64_t{0});
        return ssc.application(
            ssc.source_stream<"numbers">(counting_source(source)) | tidemark::map([seen](int number) {
                seen += number;
                return std::pair(std::string("all"), number);
            })
            | tidemark::update_state_by_key<"sum">(
                [](std::vector<int> const& values, std::optional<int> before) -> std::optional<int> {
                    int total = before.value_or(0);
                    for (int const value : values)
                        total += value;
                    return total;
                },
                every)
            | tidemark::foreach_rdd<"out">([to = out, at = fails_at, seen](auto const& rdd, batch_time time) {
                  if (time.count() == at)
                      throw std::runtime_error("told to fail");
                  for (auto const& [key, sum] : rdd | tidemark::collect())
                      (*to)[time.count() / 1000] = std::to_string(sum) + " seen " + std::to_string(seen.value());
              }));
    }
};

/// Waits for the clock's next batch, and lets it begin.
void tick(tidemark::manual_clock& clock, std::int64_t second)
{
    clock.wait_for_waiter(batch_time(1000 * second));
    clock.set(batch_time(1000 * second));
}

} // namespace

TEST_CASE("a savepoint is a commit of a batch that none was due for, and outlives those that follow",
          "[runtime][savepoint]")
{
    world const in;
    memory_storage const disk;
    driver run(in.program(disk));
    run.start();
    CHECK(run.save("beginning") == batch_time(0));
    run.run_to(batch_time(3000));
    CHECK(run.save("three") == batch_time(3000));
    CHECK(run.save("three-too") == batch_time(3000));
    CHECK(commits_of(run) == std::vector<std::int64_t>{0, 3000});
    run.run_to(batch_time(45'000));
    auto const found = tidemark::inspect_checkpoint(disk);
    REQUIRE(found.savepoints.size() == 3);
    for (auto const& savepoint : found.savepoints)
        CHECK(savepoint.problem == "");
    run.drop_savepoint("three");
    CHECK(tidemark::inspect_checkpoint(disk).savepoints.back().problem == "");
    run.drop_savepoint("three-too");
    CHECK(tidemark::inspect_checkpoint(disk).savepoints.size() == 1);
    CHECK(contains(words_of<usage_error>([&] { run.drop_savepoint("three"); }), "no savepoint \"three\""));
    CHECK(contains(words_of<usage_error>([&] { (void)run.save("beginning"); }), "of batch 0 ms"));
    CHECK(contains(words_of<usage_error>([&] { (void)run.save("no good"); }), "expected 1 to 128 letters"));
}

TEST_CASE("a program starts from a copy of a savepoint, and the old directory goes on from its newest commit",
          "[runtime][savepoint]")
{
    world in;
    memory_storage disk;
    {
        driver run(in.program(disk));
        run.start();
        run.run_to(batch_time(3000));
        (void)run.save("three");
        run.run_to(batch_time(20'000));
        run.stop();
    }
    CHECK(in.out->at(20) == "210 seen 190");
    memory_storage const copy("copy");
    CHECK(copy_checkpoint(disk, copy, {.savepoint = "three"}).time == batch_time(3000));
    in.out->clear();
    {
        driver run(in.program(copy), batch_time(3000));
        run.start();
        CHECK(notes_of(run).empty());
        run.run_to(batch_time(5000));
        run.stop();
    }
    CHECK(*in.out == std::map<std::int64_t, std::string>{{4, "10 seen 6"}, {5, "15 seen 10"}});
    in.out->clear();
    driver run(in.program(disk), batch_time(20'000));
    run.start();
    run.run_to(batch_time(21'000));
    CHECK(*in.out == std::map<std::int64_t, std::string>{{21, "231 seen 210"}});
}

/// What the first and the second start from a copy of a savepoint have to say; the old directory has a batch more. A program
/// is started by `started(storage, now)`.
template <typename Start>
auto notes_of_a_copy(Start const& started)
{
    memory_storage const disk;
    {
        driver run = started(disk, 0);
        run.start();
        run.run_to(batch_time(1000));
        (void)run.save("one");
        run.run_to(batch_time(2000));
    }
    memory_storage const copy("copy");
    (void)copy_checkpoint(disk, copy, {.savepoint = "one"});
    driver run = started(copy, 1000);
    run.start();
    auto const first = notes_of(run);
    run.run_to(batch_time(2000));
    run.stop();
    driver again = started(copy, 2000);
    again.start();
    return std::pair(first, notes_of(again));
}

TEST_CASE("a start from a copy of a savepoint names the sources that cannot give again what came after it",
          "[runtime][savepoint]")
{
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> const nothing(std::fopen("/dev/null", "r"), std::fclose);
    auto const program = [&nothing](any_storage disk, auto const& logged) {
        auto const ssc = tidemark::streaming_context(1_s, tidemark::checkpoint_directory(std::move(disk)));
        auto const numbers = ssc.queue_stream<"numbers">(std::vector<std::vector<int>>{{1}, {2}, {3}});
        auto const flags = logged(ssc.source_stream<"flags">(tidemark::line_source(::fileno(nothing.get()))));
        return ssc.application(numbers | tidemark::foreach_rdd<"out">([](auto const&) {}),
                               flags | tidemark::foreach_rdd<"more">([](auto const&) {}));
    };
    auto const logged = GENERATE(true, false);
    auto const started = [&](any_storage const& disk, std::int64_t now) {
        return driver(logged ? program(disk, tidemark::write_ahead_log()) : program(disk, tidemark::at_most_once()),
                      batch_time(now));
    };
    auto const [first, second] = notes_of_a_copy(started);
    REQUIRE_FALSE(first.empty());
    CHECK(contains(first.front(),
                   "this is a copy of the savepoint \"one\", of batch 1000 ms: it does not have what the "
                   "source \"flags\" received later"));
    for (auto const& note : second)
        CHECK_FALSE(contains(note, "copy of the savepoint"));
}

/// Plans what it finds when it is asked, for all that a start knows.
struct finding_source : tidemark::testing::batch_source<int> {
    using batch_source::batch_source;
    static constexpr bool plans_repeat = false;
};

TEST_CASE("a start from a copy of a savepoint names the sources that may give what came after it to other batches",
          "[runtime][savepoint]")
{
    auto const started = [](any_storage disk, std::int64_t now) {
        auto const ssc = tidemark::streaming_context(1_s, tidemark::checkpoint_directory(std::move(disk)));
        auto const numbers = ssc.queue_stream<"numbers">(std::vector<std::vector<int>>{{1}, {2}, {3}});
        auto const found = ssc.source_stream<"found">(finding_source({{{1}}, {{2}}, {{3}}}));
        return driver(ssc.application(numbers | tidemark::foreach_rdd<"out">([](auto const&) {}),
                                      found | tidemark::foreach_rdd<"more">([](auto const&) {})),
                      batch_time(now));
    };
    auto const [first, second] = notes_of_a_copy(started);
    REQUIRE_FALSE(first.empty());
    CHECK(contains(first.front(),
                   "this is a copy of the savepoint \"one\", of batch 1000 ms: what the source \"found\" gave to "
                   "later batches may come in others now"));
    CHECK(contains(first.front(), "give each output behind that source a new name and a new place"));
    for (auto const& note : first)
        CHECK_FALSE(contains(note, "numbers"));
    for (auto const& note : second)
        CHECK_FALSE(contains(note, "copy of the savepoint"));
}

TEST_CASE("a copy without positions keeps the states, and its sources begin anew", "[runtime][savepoint]")
{
    world const in;
    memory_storage const disk;
    driver run(in.program(disk));
    run.start();
    run.run_to(batch_time(3000));
    (void)run.save("three");
    memory_storage const copy("copy");
    (void)copy_checkpoint(disk, copy, {.savepoint = "three", .part = copied_part::states});
    driver again(in.program(copy), batch_time(3000));
    again.start();
    REQUIRE(notes_of(again).size() == 1);
    CHECK(contains(notes_of(again).front(), "the source \"numbers\" is not in the checkpoint and begins anew"));
    again.run_to(batch_time(4000));
    CHECK(in.out->at(4) == "16 seen 6"); // 6, and 1 to 4 once more
}

TEST_CASE("a copy without states keeps the positions, and its states begin empty", "[runtime][savepoint]")
{
    world const in;
    memory_storage const disk;
    driver run(in.program(disk));
    run.start();
    run.run_to(batch_time(3000));
    (void)run.save("three");
    memory_storage const copy("copy");
    (void)copy_checkpoint(disk, copy, {.savepoint = "three", .part = copied_part::positions});
    driver again(in.program(copy), batch_time(3000));
    again.start();
    again.run_to(batch_time(5000));
    CHECK(in.out->at(4) == "4 seen 0");
    CHECK(in.out->at(5) == "9 seen 4");
}

TEST_CASE("a copy of the newest commit without states repeats what was planned", "[runtime][savepoint]")
{
    world const in;
    memory_storage disk;
    {
        driver run(in.program(disk));
        run.start();
        run.run_to(batch_time(12'000)); // killed; a commit of 10
    }
    disk = disk.kill();
    memory_storage const copy("copy");
    CHECK(copy_checkpoint(disk, copy, {.part = copied_part::positions}).plans == 2);
    in.source->calls.clear();
    driver again(in.program(copy), batch_time(12'000));
    again.start();
    again.run_to(batch_time(13'000));
    CHECK(in.source->calls == std::vector<std::string>{"replay 11", "replay 12", "plan 13"});
    CHECK(in.out->at(13) == "36 seen 23");
}

TEST_CASE("any thread asks a running application, and waits for the commit of the next batch", "[runtime][savepoint]")
{
    world const in;
    memory_storage const disk;
    tidemark::manual_clock clock;
    auto app = in.program(disk, tidemark::checkpoint_every(3600_s));
    CHECK(contains(words_of<usage_error>([&] { (void)app.save("early"); }), "was not started; call start() first"));
    CHECK(contains(words_of<usage_error>([&] { app.drop_savepoint("early"); }), "was not started; call start() first"));
    app.start(tidemark::any_clock(clock));
    tick(clock, 1);
    auto one = std::async(std::launch::async, [&] { return app.save("one"); });
    auto two = std::async(std::launch::async, [&] { return app.save("two"); });
    CHECK(contains(words_of<usage_error>([&] { (void)app.save("no good"); }), "expected 1 to 128 letters"));
    std::int64_t second = 1;
    while (one.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready
           || two.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready)
        tick(clock, ++second);
    CHECK(one.get() >= batch_time(1000));
    CHECK(two.get() <= batch_time(1000 * second));
    CHECK(second < 3600); // no commit is due before
    CHECK(contains(words_of<usage_error>([&] { (void)app.save("one"); }), "a savepoint \"one\" already"));
    auto const found = tidemark::inspect_checkpoint(disk);
    REQUIRE(found.savepoints.size() == 2);
    for (auto const& savepoint : found.savepoints)
        CHECK(savepoint.problem == "");
    app.drop_savepoint("one");
    CHECK(tidemark::inspect_checkpoint(disk).savepoints.size() == 1);
    app.stop();
    CHECK(contains(words_of<usage_error>([&] { (void)app.save("late"); }), "does not run"));
    CHECK(contains(words_of<usage_error>([&] { app.drop_savepoint("two"); }), "does not run"));
}

TEST_CASE("who waits for a savepoint when the application ends gets the last commit, or is told",
          "[runtime][savepoint]")
{
    for (bool const graceful : {true, false}) {
        world const in;
        memory_storage const disk;
        tidemark::manual_clock clock;
        auto app = in.program(disk);
        app.start(tidemark::any_clock(clock));
        tick(clock, 1);
        clock.wait_for_waiter(batch_time(2000));
        auto asked = std::async(std::launch::async, [&] { return app.save("end"); });
        CHECK(asked.wait_for(std::chrono::milliseconds(200)) == std::future_status::timeout);
        app.stop(graceful);
        if (graceful)
            CHECK(asked.get() == batch_time(1000));
        else
            CHECK(contains(words_of<usage_error>([&] { (void)asked.get(); }), "ended before there was a commit"));
        CHECK(tidemark::inspect_checkpoint(disk).savepoints.size() == (graceful ? 1 : 0));
    }
}

TEST_CASE("an output that asks for a savepoint is told that it would wait for itself", "[runtime][savepoint]")
{
    memory_storage const disk;
    tidemark::manual_clock clock;
    auto const ssc =
        tidemark::streaming_context(1_s, tidemark::checkpoint_directory(disk), tidemark::settings{.threads = 1});
    std::string words;
    auto app = ssc.application(ssc.source_stream(counting_source(std::make_shared<script>()))
                               | tidemark::foreach_rdd([&words](auto const&) {
                                     words = words_of<usage_error>([] { (void)tidemark::get_active()->save("me"); });
                                 }));
    app.start(tidemark::any_clock(clock));
    tick(clock, 1);
    clock.wait_for_waiter(batch_time(2000));
    app.stop();
    CHECK(contains(words, "it would wait for itself; call it from another thread"));
}

TEST_CASE("behind a batch that is not done there is no savepoint", "[runtime][savepoint]")
{
    world in;
    in.fails_at = 2000;
    memory_storage const disk;
    driver run(in.program(disk));
    run.start();
    CHECK_FALSE(run.next().failure);
    CHECK(run.next().failure);
    CHECK(contains(words_of<checkpoint_error>([&] { (void)run.save("x"); }),
                   "batch 2000 ms cannot be committed, as it or one before it is not done"));
    CHECK(tidemark::inspect_checkpoint(disk).savepoints.empty());

    world other;
    other.fails_at = 2000;
    memory_storage const files;
    tidemark::manual_clock clock;
    auto app = other.program(files);
    app.start(tidemark::any_clock(clock));
    tick(clock, 1);
    clock.wait_for_waiter(batch_time(2000));
    auto asked = std::async(std::launch::async, [&] { return app.save("x"); });
    CHECK(asked.wait_for(std::chrono::milliseconds(200)) == std::future_status::timeout);
    tick(clock, 2);
    auto const words = words_of<checkpoint_error>([&] { (void)asked.get(); });
    CHECK(contains(words, "the savepoint \"x\" was not made: batch 2000 ms or one before it is not done"));
    CHECK(contains(words, "told to fail"));
    app.stop(false);
}

TEST_CASE("a commit that fails is told to who asked for the savepoint, and a later one is made", "[runtime][savepoint]")
{
    world const in;
    memory_storage const disk;
    tidemark::fault_plan const plan;
    tidemark::manual_clock clock;
    auto app = in.program(any_storage(tidemark::faulty_storage(disk, plan)));
    app.start(tidemark::any_clock(clock));
    tick(clock, 1);
    clock.wait_for_waiter(batch_time(2000));
    auto asked = std::async(std::launch::async, [&] { return app.save("x"); });
    CHECK(asked.wait_for(std::chrono::milliseconds(200)) == std::future_status::timeout);
    plan.fail(tidemark::storage_operation::sync, plan.operations(tidemark::storage_operation::sync)); // of the state
    std::int64_t second = 1;
    auto const tick_until_answered = [&] {
        while (asked.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready)
            tick(clock, ++second);
    };
    tick_until_answered();
    CHECK(contains(words_of<checkpoint_error>([&] { (void)asked.get(); }), "the commit of batch 2000 ms failed"));
    asked = std::async(std::launch::async, [&] { return app.save("x"); });
    tick_until_answered();
    CHECK(asked.get() > batch_time(2000));
    app.stop(false);
}

TEST_CASE("an application without a checkpoint directory makes no savepoints", "[runtime][savepoint]")
{
    auto const ssc = tidemark::streaming_context(1_s, tidemark::settings{.threads = 1});
    driver run(ssc.application(ssc.source_stream(counting_source(std::make_shared<script>()))
                               | tidemark::foreach_rdd([](auto const&) {})));
    run.start();
    CHECK(contains(words_of<usage_error>([&] { (void)run.save("x"); }),
                   "keeps no checkpoints; pass a checkpoint_directory"));
    CHECK(contains(words_of<usage_error>([&] { run.drop_savepoint("x"); }), "keeps no checkpoints"));
}
