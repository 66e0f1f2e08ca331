// SPDX-License-Identifier: BSL-1.0
//
// restart.test: which batches a restart runs, with what input, and which checkpoints it refuses.

#include <tidemark/operators.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/storage/faulty_storage.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/driver.hpp>
#include <tidemark/time/literals.hpp>

#include <support/catch.hpp>
#include <support/running.hpp>

#include <cstddef>
#include <cstdint>
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
using tidemark::catch_up;
using tidemark::checkpoint_directory;
using tidemark::checkpoint_every;
using tidemark::foreach_rdd;
using tidemark::incompatible_checkpoint;
using tidemark::map;
using tidemark::memory_storage;
using tidemark::testing::driver;

using numbers = std::vector<std::int64_t>;

constexpr auto under_one_key = [](int number) { return std::pair(std::string("all"), number); };
constexpr auto add = [](std::string const&, std::optional<int> value, tidemark::state<int>& state) {
    state.update(state.get_option().value_or(0) + *value);
    return state.get();
};
constexpr auto sum = [](std::vector<int> const& values, std::optional<int> before) -> std::optional<int> {
    int total = before.value_or(0);
    for (int const value : values)
        total += value;
    return total;
};
constexpr auto ignore = [](auto const&) {};

/// What a program saw: the batch and the running totals in it.
using seen = std::vector<std::pair<std::int64_t, std::vector<int>>>;

struct world {
    memory_storage disk;
    std::shared_ptr<script> source = std::make_shared<script>();
    std::shared_ptr<seen> out = std::make_shared<seen>();
    tidemark::settings settings{.partitions = 2, .threads = 1};

    [[nodiscard]] auto context(any_storage const& where) const
    {
        return tidemark::streaming_context(1_s, checkpoint_directory(where), settings);
    }

    /// Running totals of the numbers, committed every third second.
    [[nodiscard]] tidemark::application program(any_storage const& where) const
    {
        auto const ssc = context(where);
        return ssc.application(ssc.source_stream<"numbers">(counting_source(source)) | map(under_one_key)
                               | tidemark::map_with_state<"sum">(tidemark::state_spec(add), checkpoint_every(3_s))
                               | foreach_rdd<"out">([to = out](auto const& rdd, batch_time time) {
                                     to->emplace_back(time.count() / 1000, rdd | tidemark::collect());
                                 }));
    }

    /// The batches up to that number, ended by a kill, or cleanly.
    void run(std::int64_t last, bool cleanly = false)
    {
        driver run(program(any_storage(disk)));
        run.start();
        run.run_to(batch_time(1000 * last));
        if (cleanly)
            run.stop();
        disk = disk.kill();
        out->clear();
        source->calls.clear();
    }
};

/// All that is on a disk.
std::map<std::string, std::vector<std::byte>> files_of(memory_storage const& disk)
{
    std::map<std::string, std::vector<std::byte>> all;
    for (auto const& name : disk.list())
        all.emplace(name, disk.read(name));
    return all;
}

numbers in_seconds(std::vector<batch_time> const& times)
{
    numbers all;
    for (auto const time : times)
        all.push_back(time.count() / 1000);
    return all;
}

} // namespace

TEST_CASE("a restart on stale listings, or where files appear late, goes on or is refused, and a later one goes on",
          "[runtime][restart]")
{
    for (auto const set_late : {&tidemark::fault_plan::list_late, &tidemark::fault_plan::appear_late}) {
        std::size_t failed = 0;
        std::size_t went_on = 0;
        for (std::uint64_t late = 1; late < 400; late += 7) {
            world at;
            tidemark::fault_plan const plan;
            (plan.*set_late)(late);
            auto const run = [&](std::int64_t last) {
                driver one(at.program(tidemark::faulty_storage(at.disk, plan)));
                one.start();
                one.run_to(batch_time(1000 * last));
            };
            INFO("late by " << late);
            auto const first = words_of<tidemark::error>([&] { run(4); });
            auto const words = first + words_of<tidemark::error>([&] { run(5); });
            INFO(words);
            if (set_late == &tidemark::fault_plan::list_late) {
                CHECK(first.empty());
                CHECK((words.empty() || contains(words, "although there were some") || contains(words, "File exists")));
            }
            if (words.empty()) {
                CHECK(at.out->back() == seen::value_type{5, {15}}); // 1 + 2 + 3 + 4 + 5
                ++went_on;
            } else {
                ++failed;
            }
            (plan.*set_late)(0);
            run(6);
            CHECK(at.out->back() == seen::value_type{6, {21}});
        }
        CHECK(went_on > 0);
        CHECK(failed > 0);
    }
}

TEST_CASE("a start that has to go back to an older commit counts the newer ones", "[runtime][restart]")
{
    world in;
    in.run(9);                                              // commits after 3, 6 and 9
    for (std::size_t damaged = 0; damaged < 2; ++damaged) { // the second time, there are two copies of the newest one
        INFO(damaged << " of the commits damaged");
        if (damaged != 0) { // what batch 9 has changed
            auto const states = files_of(in.disk);
            auto const last = std::prev(states.lower_bound("state."));
            auto bytes = last->second;
            bytes.back() ^= std::byte{1};
            in.disk.put(last->first, bytes);
        }
        driver run(in.program(any_storage(in.disk)), batch_time(9000));
        run.restore();
        auto const& started = std::get<tidemark::streaming_started>(run.events().at(0));
        CHECK(started.unusable_commits == damaged);
        CHECK(started.restored_commit == (damaged == 0 ? 9000 : 6000));
        REQUIRE(started.notes.empty() == (damaged == 0));
        CHECK((damaged == 0 || contains(started.notes.front(), "cannot be used")));
        in.disk = in.disk.kill();
    }
}

TEST_CASE("a restart runs planned batches, then those of the down time, and then goes on", "[runtime][restart]")
{
    struct {
        std::int64_t last; ///< Number of the last batch before the kill; commits after 3 and 6.
        bool cleanly;
        std::int64_t now_ms; ///< When the restart comes.
        catch_up rule;
        numbers repeat;
        std::int64_t next;
    } const table[] = {
        {3, false, 3000, catch_up::each, {}, 4},  // committed: its own batch is not run again
        {4, false, 4000, catch_up::each, {4}, 5}, // planned after the commit
        {5, false, 5999, catch_up::each, {4, 5}, 6},
        {3, false, 7500, catch_up::each, {4, 5, 6, 7}, 8}, // slept through
        {4, false, 7500, catch_up::each, {4, 5, 6, 7}, 8}, // planned, then slept through
        {4, false, 7000, catch_up::each, {4, 5, 6, 7}, 8}, // the batch of now is due
        {4, false, 7500, catch_up::merged, {4, 7}, 8},     // planned ones always run
        {3, false, 7500, catch_up::merged, {7}, 8},
        {4, false, 5500, catch_up::merged, {4, 5}, 6},
        {4, false, 7500, catch_up::skip, {4}, 8},
        {3, false, 7500, catch_up::skip, {}, 8},
        {5, true, 5500, catch_up::each, {}, 6}, // a clean stop repeats nothing
        {5, true, 7500, catch_up::each, {6, 7}, 8},
        {5, false, 1000, catch_up::each, {4, 5}, 6}, // the clock was set back
    };
    for (auto const& row : table) {
        INFO("batches up to " << row.last << ", restart at " << row.now_ms << ", rule " << static_cast<int>(row.rule));
        world in;
        in.settings.down_time = row.rule;
        in.run(row.last, row.cleanly);
        driver again(in.program(any_storage(in.disk)), batch_time(row.now_ms));
        again.restore();
        CHECK(in_seconds(again.to_repeat()) == row.repeat);
        CHECK(again.next_time() == batch_time(1000 * row.next));
        again.repeat();
        again.run_to(batch_time(1000 * row.next));
        REQUIRE_FALSE(in.out->empty());
        auto const& [number, totals] = in.out->back();
        CHECK(number == row.next);
        CHECK(totals.back() == row.next * (row.next + 1) / 2); // every number once
    }
}

TEST_CASE("a planned batch gets exactly the input that was planned", "[runtime][restart]")
{
    world in;
    in.run(5);
    driver run(in.program(any_storage(in.disk)), batch_time(6500));
    run.start();
    run.run_to(batch_time(7000));
    CHECK(in.source->calls == std::vector<std::string>{"replay 4", "replay 5", "plan 6", "plan 7"});
    // The outputs of 4 and 5 were done before; the state took their numbers again all the same.
    CHECK(*in.out == seen{{6, {21}}, {7, {28}}});
}

TEST_CASE("merged down time is one batch with all that has arrived", "[runtime][restart]")
{
    world in;
    in.settings.down_time = catch_up::merged;
    in.run(3);
    driver run(in.program(any_storage(in.disk)), batch_time(6000));
    run.start();
    CHECK(*in.out == seen{{6, {10, 15, 21}}});
}

TEST_CASE("skipped down time leaves what has arrived to the next batch", "[runtime][restart]")
{
    world in;
    in.settings.down_time = catch_up::skip;
    in.run(3);
    driver run(in.program(any_storage(in.disk)), batch_time(6000));
    run.start();
    CHECK(in.out->empty());
    run.run_to(batch_time(7000));
    CHECK(*in.out == seen{{7, {10, 15, 21, 28}}});
}

TEST_CASE("a restart that is killed while it repeats starts over", "[runtime][restart]")
{
    world in;
    in.run(5);
    {
        driver run(in.program(any_storage(in.disk)));
        run.restore();
        (void)run.run(run.to_repeat().front());
    }
    in.source->calls.clear();
    driver run(in.program(any_storage(in.disk.kill())));
    run.start();
    run.run_to(batch_time(6000));
    CHECK(in.source->calls == std::vector<std::string>{"replay 4", "replay 5", "plan 6"});
    CHECK(*in.out == seen{{6, {21}}});
}

TEST_CASE("a start says that the clock is behind the batches of an earlier run", "[runtime][restart]")
{
    world in;
    in.run(5);
    auto const started_at = [&in](std::int64_t now) {
        driver run(in.program(any_storage(in.disk.kill())), batch_time(now));
        run.restore();
        return notes_of(run);
    };
    CHECK(started_at(5000).empty());
    CHECK(started_at(9000).empty());
    CHECK(
        started_at(3500)
        == std::vector<std::string>{
            "the next batch, that of 6000 ms, is 2500 ms ahead of the clock, which shows 3500 ms and was at 5000 ms in "
            "an earlier run; no new batch runs until it has caught up: set it right, or wait"});
}

TEST_CASE("the zero time is that of the first start", "[runtime][restart]")
{
    world in;
    {
        driver run(in.program(any_storage(in.disk)), batch_time(2500));
        run.start();
        CHECK(run.next_time() == batch_time(3000)); // zero time 2 s
        run.run_to(batch_time(4000));
        CHECK(commits_of(run) == numbers{2000});
    }
    driver run(in.program(any_storage(in.disk.kill())), batch_time(4500));
    run.start();
    run.run_to(batch_time(8000));
    CHECK(commits_of(run) == numbers{5000, 8000}); // every 3 s from the zero time
}

TEST_CASE("a restart may add states, outputs and sources, and take outputs away", "[runtime][restart]")
{
    world in;
    in.run(3);
    auto const ssc = in.context(any_storage(in.disk));
    auto const more = std::make_shared<script>();
    auto const others = ssc.source_stream<"more">(counting_source(more)) | map(under_one_key);
    auto const sums = ssc.source_stream<"numbers">(counting_source(in.source)) | map(under_one_key)
                      | tidemark::map_with_state<"sum">(tidemark::state_spec(add), checkpoint_every(3_s));
    std::vector<int> totals;
    std::vector<int> fresh;
    driver run(ssc.application(
        others | tidemark::update_state_by_key<"new">(sum) | map([](auto const& pair) { return pair.second; })
            | foreach_rdd<"fresh">([&fresh](auto const& rdd) { fresh = rdd | tidemark::collect(); }),
        sums | foreach_rdd<"renamed">([&totals](auto const& rdd) { totals = rdd | tidemark::collect(); })));
    run.start();
    run.run_to(batch_time(4000));
    CHECK(totals == std::vector{10});
    CHECK(fresh == std::vector{10}); // 1 to 4 had arrived
}

TEST_CASE("a window is known by its name, and without one by what it stands on", "[runtime][restart]")
{
    world in;
    std::vector<int> last;
    auto const two_batches_of = [&](auto const& build) {
        auto const ssc = in.context(any_storage(in.disk));
        driver run(ssc.application(build(ssc.source_stream<"numbers">(counting_source(in.source)))
                                   | checkpoint_every(1_s)
                                   | foreach_rdd([&last](auto const& rdd) { last = rdd | tidemark::collect(); })));
        run.start();
        (void)run.next();
        (void)run.next();
        in.disk = in.disk.kill();
    };
    auto const twice = map([](int number) { return number + number; });
    auto const unnamed = [](auto numbers) { return numbers | tidemark::window(3_s); };
    auto const named = [](auto numbers) { return numbers | tidemark::window<"recent">(3_s); };

    SECTION("the same program goes on")
    {
        two_batches_of(unnamed);
        two_batches_of(unnamed);
        CHECK(last == std::vector{2, 3, 4});
    }
    SECTION("one that has got another step before it does not take what was kept")
    {
        two_batches_of(unnamed);
        auto const words = words_of<incompatible_checkpoint>(
            [&] { two_batches_of([&](auto numbers) { return unnamed(numbers | twice); }); });
        CHECK(contains(words, "\"window(3 s, 1 s) < "));
        CHECK(contains(words, "which this program does not have; a stage without a name of its own is called by the "
                              "steps before it, which have changed; give a stage that name"));
    }
    SECTION("unless it has a name")
    {
        two_batches_of(named);
        two_batches_of([&](auto numbers) { return named(numbers | twice); });
        CHECK(last == std::vector{2, 6, 8});
    }
}

TEST_CASE("a checkpoint that the program cannot take over is refused, with words that say why", "[runtime][restart]")
{
    world in;
    in.run(4);
    auto const refusal = [&](tidemark::application app) {
        driver run(std::move(app));
        return words_of<incompatible_checkpoint>([&] { run.start(); });
    };
    auto const where = any_storage(in.disk);
    auto const source = counting_source(in.source);

    SECTION("other batches")
    {
        auto const ssc = tidemark::streaming_context(500_ms, checkpoint_directory(where), in.settings);
        CHECK(
            refusal(ssc.application(ssc.source_stream<"numbers">(source) | foreach_rdd(ignore)))
            == "the checkpoint was made with batches of 1 s, and this program has batches of 500 ms; batch 4000 ms of "
               "the old ones is planned and not committed; run it with the old batch duration to a clean stop first, "
               "or with an empty checkpoint directory");
    }
    SECTION("other key-groups")
    {
        in.settings.key_groups = 1024;
        CHECK(refusal(in.program(where))
              == "the checkpoint has 256 key-groups, and this program asks for 1024; set settings::key_groups to 256");
    }
    SECTION("a state that is gone")
    {
        auto const ssc = in.context(where);
        CHECK(refusal(ssc.application(ssc.source_stream<"numbers">(source) | foreach_rdd(ignore)))
              == "the checkpoint holds the state of stage \"sum\" (map_with_state), which this program does not have; "
                 "give a stage that name, say with streaming_context::renamed what it is called now or with "
                 "streaming_context::dropping that it is gone, or begin with an empty checkpoint directory");
    }
    SECTION("another kind of state")
    {
        auto const ssc = in.context(where);
        CHECK(refusal(ssc.application(ssc.source_stream<"numbers">(source) | map(under_one_key)
                                      | tidemark::update_state_by_key<"sum">(sum) | foreach_rdd(ignore)))
              == "the checkpoint holds stage \"sum\" as map_with_state, and in this program it is update_state_by_key; "
                 "keep the old stage and give the new one another name, or begin with an empty checkpoint directory");
    }
    SECTION("another type of state")
    {
        auto const ssc = in.context(where);
        auto const text = [](std::string const&, std::optional<int>, tidemark::state<std::string>& state) {
            state.update("x");
            return 1;
        };
        auto const words = refusal(ssc.application(ssc.source_stream<"numbers">(source) | map(under_one_key)
                                                   | tidemark::map_with_state<"sum">(tidemark::state_spec(text))
                                                   | foreach_rdd(ignore)));
        CHECK(contains(words, "stage \"sum\": the checkpoint holds states of "));
        CHECK(contains(words, ", and this program expects "));
        CHECK(contains(words, "; say with streaming_context::migrated how to make the one of the other, run the "
                              "program that wrote it, or begin with an empty checkpoint directory"));
    }
    SECTION("another type of key")
    {
        auto const ssc = in.context(where);
        auto const by_number = [](int number) { return std::pair(number, number); };
        auto const count = [](int, std::optional<int>, tidemark::state<int>& state) {
            state.update(1);
            return 1;
        };
        auto const words = refusal(ssc.application(ssc.source_stream<"numbers">(source) | map(by_number)
                                                   | tidemark::map_with_state<"sum">(tidemark::state_spec(count))
                                                   | foreach_rdd(ignore)));
        CHECK(contains(words, "stage \"sum\": the checkpoint holds keys of "));
        CHECK(contains(words,
                       "; give the stage another name, drop this one with streaming_context::dropping, and bring "
                       "states over, if they are needed, by for_each_state and initial_state, run the program "
                       "that wrote it, or begin with an empty checkpoint directory"));
        CHECK_FALSE(contains(words, "migrated"));
    }
    SECTION("a source whose planned input is not done")
    {
        auto const ssc = in.context(where);
        CHECK(
            refusal(ssc.application(ssc.source_stream<"numbers 2">(source) | map(under_one_key)
                                    | tidemark::map_with_state<"sum">(tidemark::state_spec(add)) | foreach_rdd(ignore)))
            == "the checkpoint holds input of source \"numbers\" for batch 4000 ms, which is not done, and this "
               "program has no such "
               "source; give a source that name, say with streaming_context::renamed what it is called now, or run the "
               "program that wrote it to a clean stop first");
    }
    // Nothing was overwritten: the right program goes on.
    in.settings.key_groups = 256;
    driver run(in.program(any_storage(in.disk.kill())));
    run.start();
    run.run_to(batch_time(5000));
    CHECK(in.out->back() == seen::value_type{5, {15}});
}

TEST_CASE("a checkpoint that is refused stays as it was", "[runtime][restart]")
{
    world in;
    in.run(4);
    auto const before = files_of(in.disk);
    REQUIRE(before.size() > 1);
    auto const ssc = in.context(any_storage(in.disk));
    auto const source = counting_source(in.source);
    for (int attempt = 0; attempt < 2; ++attempt) {
        driver run(ssc.application(ssc.source_stream<"numbers">(source) | foreach_rdd(ignore)));
        CHECK_THROWS_AS(run.start(), incompatible_checkpoint);
        CHECK(files_of(in.disk) == before);
    }
}

TEST_CASE("a first start that fails for want of a source leaves nothing, and the next one is the first",
          "[runtime][restart]")
{
    world in;
    in.source->fail_start = true;
    {
        driver run(in.program(any_storage(in.disk)), batch_time(2500));
        CHECK_THROWS_AS(run.start(), tidemark::source_error);
        CHECK(run.events().empty());
    }
    CHECK(files_of(in.disk).empty());
    in.source->fail_start = false;
    driver run(in.program(any_storage(in.disk.kill())), batch_time(600'500));
    run.start();
    CHECK(run.to_repeat().empty()); // no batch was missed since 2.5 s
    CHECK(run.next_time() == batch_time(601'000));
    CHECK(commits_of(run) == numbers{600'000});
}

TEST_CASE("a restart that fails for want of a source leaves the checkpoint as it was", "[runtime][restart]")
{
    world in;
    in.run(4);
    auto const before = files_of(in.disk);
    in.source->fail_start = true;
    {
        driver run(in.program(any_storage(in.disk)), batch_time(4500));
        CHECK_THROWS_AS(run.start(), tidemark::source_error);
    }
    CHECK(files_of(in.disk) == before);
    in.source->fail_start = false;
    driver run(in.program(any_storage(in.disk)), batch_time(4500));
    run.start();
    CHECK(run.to_repeat() == std::vector{batch_time(4000)}); // committed at 3 s, planned and done at 4 s
    (void)run.next();
    CHECK(*in.out == seen{{5, {15}}});
}

TEST_CASE("a start that fails stops the sources that it has started", "[runtime][restart]")
{
    for (bool const full_disk : {false, true}) {
        world in;
        auto const second = std::make_shared<script>();
        second->fail_start = !full_disk;
        tidemark::fault_plan const faults;
        auto const ssc = in.context(any_storage(tidemark::faulty_storage(in.disk, faults)));
        auto const both = ssc.source_stream(counting_source(in.source))
                          | tidemark::union_(ssc.source_stream(counting_source(second)));
        driver run(ssc.application(both | foreach_rdd(ignore)));
        if (full_disk)
            faults.limit_space(0);
        CHECK_THROWS(run.start());
        CHECK(in.source->stopped);
        CHECK(second->stopped == full_disk);
    }
}

TEST_CASE("a start says which sources the checkpoint or the program does not know", "[runtime][restart]")
{
    world in;
    in.run(3);
    auto const ssc = in.context(any_storage(in.disk));
    driver run(ssc.application(ssc.source_stream<"figures">(counting_source(in.source)) | map(under_one_key)
                               | tidemark::map_with_state<"sum">(tidemark::state_spec(add), checkpoint_every(3_s))
                               | foreach_rdd(ignore)),
               batch_time(3000));
    run.restore();
    auto const& started = std::get<tidemark::streaming_started>(run.events().at(0));
    REQUIRE(started.notes.size() == 2);
    CHECK(contains(started.notes[0], "the source \"figures\" is not in the checkpoint and begins anew"));
    CHECK(contains(started.notes[1], "the source \"numbers\" of the checkpoint is not in this program"));
}

namespace {

struct one_member {
    std::int64_t count = 0;

    template <typename Archive>
    void serialize(Archive& archive, unsigned)
    {
        archive & count;
    }
};
struct two_members {
    std::int64_t count = 0;
    std::int64_t sum = 0;

    template <typename Archive>
    void serialize(Archive& archive, unsigned)
    {
        archive & count & sum;
    }
};
/// Does not like what it reads, as headers of Boost do not.
struct fastidious {
    std::int64_t count = 0;

    template <typename Archive>
    void serialize(Archive& archive, unsigned)
    {
        archive & count;
        if (Archive::is_loading::value)
            throw std::invalid_argument("what a count");
    }
};

template <typename State>
constexpr auto counting = [](std::string const&, std::optional<int>, tidemark::state<State>& state) {
    state.update(state.get_option().value_or(State{}));
    return 0;
};

} // namespace

TEST_CASE("a state whose serialize has changed under the same version is refused by its stage", "[runtime][restart]")
{
    world in;
    auto const run_with = [&](auto const& function) {
        auto const ssc = in.context(any_storage(in.disk));
        driver run(
            ssc.application(ssc.source_stream<"numbers">(counting_source(in.source)) | map(under_one_key)
                            | tidemark::map_with_state<"counts">(tidemark::state_spec(function), checkpoint_every(1_s))
                            | foreach_rdd(ignore)));
        run.start();
        (void)run.next();
        in.disk = in.disk.kill();
    };
    auto const expect_refusal = [&](auto const& function) {
        auto const words = words_of<incompatible_checkpoint>([&] { run_with(function); });
        CHECK(contains(words, "stage \"counts\", key-group "));
        CHECK(contains(words, "raise its BOOST_CLASS_VERSION"));
    };
    SECTION("with more than was saved")
    {
        run_with(counting<one_member>);
        expect_refusal(counting<two_members>);
    }
    SECTION("with less than was saved")
    {
        run_with(counting<two_members>);
        expect_refusal(counting<one_member>);
    }
    SECTION("with what serialize itself throws at")
    {
        run_with(counting<one_member>);
        expect_refusal(counting<fastidious>);
    }
}

TEST_CASE("a clean stop lets a source go", "[runtime][restart]")
{
    world in;
    in.run(4, true);
    auto const ssc = in.context(any_storage(in.disk));
    driver run(ssc.application(ssc.source_stream<"others">(counting_source(in.source)) | map(under_one_key)
                               | tidemark::map_with_state<"sum">(tidemark::state_spec(add)) | foreach_rdd(ignore)));
    CHECK_NOTHROW(run.start());
}

TEST_CASE("another number of partitions takes the same checkpoint", "[runtime][restart]")
{
    world in;
    in.run(4);
    in.settings.partitions = 7;
    in.settings.threads = 3;
    driver run(in.program(any_storage(in.disk)));
    run.start();
    run.run_to(batch_time(5000));
    CHECK(in.out->back() == seen::value_type{5, {15}});
}

TEST_CASE("a program of another name does not get the checkpoint", "[runtime][restart]")
{
    world in;
    in.run(1);
    auto const ssc = in.context(any_storage(in.disk)).named("other");
    driver run(ssc.application(ssc.source_stream<"numbers">(counting_source(in.source)) | foreach_rdd(ignore)));
    CHECK_THROWS_AS(run.start(), incompatible_checkpoint);
}
