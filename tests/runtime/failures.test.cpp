// SPDX-License-Identifier: BSL-1.0
//
// failures.test: what throws, and what becomes of its output, of the others, of the next batches, and of a restart.

#include <tidemark/checkpoint/input_archive.hpp>
#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/operators.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/sources/streams.hpp>
#include <tidemark/storage/fault_plan.hpp>
#include <tidemark/storage/faulty_storage.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/batch_source.hpp>
#include <tidemark/testing/driver.hpp>
#include <tidemark/time/literals.hpp>

#include <support/catch.hpp>
#include <support/running.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace tidemark::literals;
using namespace tidemark_test;
using tidemark::any_storage;
using tidemark::batch_time;
using tidemark::checkpoint_directory;
using tidemark::checkpoint_every;
using tidemark::fault_plan;
using tidemark::foreach_rdd;
using tidemark::map;
using tidemark::memory_storage;
using tidemark::storage_operation;
using tidemark::testing::driver;

/// What outputs did: "name number-of-the-batch: sum of the records".
using calls = std::vector<std::string>;

/// The world of a test: what goes wrong in which batch, and what happened.
struct world {
    std::map<std::string, std::int64_t>
        broken; ///< Output or step, and the number of the batch or the record at which it throws.
    calls done;
    std::shared_ptr<script> source = std::make_shared<script>();
    std::shared_ptr<script> other = std::make_shared<script>();
    tidemark::settings settings{.partitions = 2, .threads = 1, .max_uncommitted = 100};

    void maybe_throw(std::string const& who, std::int64_t number) const
    {
        if (auto const found = broken.find(who); found != broken.end() && found->second == number)
            throw std::runtime_error(who + " is broken");
    }
};

/// Writes the batch's sum to the world, or throws.
struct note {
    world* in;
    std::string who;

    template <typename Rdd>
    void operator()(Rdd const& rdd, batch_time time) const
    {
        auto const records = rdd | tidemark::collect();
        auto const number = time.count() / 1000;
        in->maybe_throw(who, number);
        in->done.push_back(who + std::to_string(number) + ": "
                           + std::to_string(std::accumulate(records.begin(), records.end(), 0)));
    }
};

/// A step that throws at one record.
struct risky {
    world* in;
    std::string who;

    int operator()(int number) const
    {
        in->maybe_throw(who, number);
        return number;
    }
};

/// Running total; throws at one record, after it has changed the state.
struct total {
    world* in;

    int operator()(std::string const&, std::optional<int> value, tidemark::state<int>& state) const
    {
        state.update(state.get_option().value_or(0) + *value);
        in->maybe_throw("state", *value);
        return state.get();
    }
};

constexpr auto under_one_key = [](int number) { return std::pair(std::string("all"), number); };

/// Outputs "a" (over a risky step) and "b" of one source, "t" of its running total, "c" of another source; a commit in every batch.
tidemark::application program(world& in, any_storage const& disk)
{
    auto const ssc = tidemark::streaming_context(1_s, checkpoint_directory(disk), in.settings);
    auto const numbers = ssc.source_stream<"numbers">(counting_source(in.source));
    auto const others = ssc.source_stream<"others">(counting_source(in.other));
    auto const totals = numbers | map(risky{&in, "before"}) | map(under_one_key)
                        | tidemark::map_with_state<"total">(tidemark::state_spec(total{&in}), checkpoint_every(1_s));
    return ssc.application(numbers | map(risky{&in, "step"}) | foreach_rdd<"a">(note{&in, "a"}),
                           numbers | foreach_rdd<"b">(note{&in, "b"}), totals | foreach_rdd<"t">(note{&in, "t"}),
                           others | foreach_rdd<"c">(note{&in, "c"}));
}

driver started(world& in, any_storage const& disk)
{
    in.done.clear();
    in.source->calls.clear();
    driver run(program(in, disk));
    run.start();
    return run;
}

/// Batch 1 is planned and not done, and "others" cannot give it again.
void plan_what_cannot_be_replayed(world& in, memory_storage const& disk)
{
    in.broken = {{"c", 1}};
    (void)started(in, any_storage(disk)).next();
    in.broken.clear();
    in.other->fail_replay = {1};
}

} // namespace

TEST_CASE("without failures every batch runs all outputs and is committed", "[runtime][failures]")
{
    world in;
    memory_storage const disk;
    {
        auto run = started(in, any_storage(disk));
        run.run_to(batch_time(2000));
        CHECK(in.done == calls{"a1: 1", "b1: 1", "t1: 1", "c1: 1", "a2: 2", "b2: 2", "t2: 3", "c2: 2"});
        CHECK(commits_of(run) == std::vector<std::int64_t>{0, 1000, 2000});
    }
    auto run = started(in, any_storage(disk));
    CHECK(run.to_repeat().empty());
    run.run_to(batch_time(3000));
    CHECK(in.done == calls{"a3: 3", "b3: 3", "t3: 6", "c3: 3"});
}

TEST_CASE("an output that throws fails alone, and only it runs again after a restart", "[runtime][failures]")
{
    world in;
    in.broken = {{"b", 2}};
    memory_storage const disk;
    {
        auto run = started(in, any_storage(disk));
        CHECK(!run.next().failure);
        auto const second = run.next();
        CHECK(what(second.failure) == "b is broken");
        CHECK(!second.fatal);
        CHECK(!run.next().failure);
        CHECK(in.done
              == calls{"a1: 1", "b1: 1", "t1: 1", "c1: 1", "a2: 2", "t2: 3", "c2: 2", "a3: 3", "b3: 3", "t3: 6",
                       "c3: 3"});
        CHECK(commits_of(run) == std::vector<std::int64_t>{0, 1000}); // none past the batch that is not done
        run.stop();
        CHECK(commits_of(run) == std::vector<std::int64_t>{0, 1000});
    }
    in.broken.clear();
    auto run = started(in, any_storage(disk));
    CHECK(run.to_repeat() == std::vector{batch_time(2000), batch_time(3000)});
    CHECK(in.done == calls{"b2: 2"});
    CHECK(commits_of(run) == std::vector<std::int64_t>{2000, 3000});
    run.run_to(batch_time(4000));
    CHECK(in.done == calls{"b2: 2", "a4: 4", "b4: 4", "t4: 10", "c4: 4"}); // the state took each number once
}

TEST_CASE("a step without a state below it fails its output, and others go on", "[runtime][failures]")
{
    world in;
    in.broken = {{"step", 2}};
    memory_storage const disk;
    {
        auto run = started(in, any_storage(disk));
        CHECK(!run.next().failure);
        auto const second = run.next();
        CHECK(what(second.failure) == "step is broken");
        CHECK(!second.fatal);
        CHECK(!run.next().failure);
        CHECK(in.done
              == calls{"a1: 1", "b1: 1", "t1: 1", "c1: 1", "b2: 2", "t2: 3", "c2: 2", "a3: 3", "b3: 3", "t3: 6",
                       "c3: 3"});
    }
    in.broken.clear();
    auto const run = started(in, any_storage(disk.kill()));
    CHECK(in.done == calls{"a2: 2"});
    CHECK(commits_of(run) == std::vector<std::int64_t>{2000, 3000});
}

TEST_CASE("a stage with a state is rolled back when something in or before it throws, and nothing comes after",
          "[runtime][failures]")
{
    for (std::string const where : {"before", "state"}) {
        INFO(where);
        world in;
        in.broken = {{where, 2}};
        memory_storage const disk;
        {
            auto run = started(in, any_storage(disk));
            CHECK(!run.next().failure);
            auto const& stage = *run.engine().graph().advancing.at(0);
            auto const states = [&] {
                std::vector<tidemark::group_image> all; // and whether it has begun
                for (std::uint32_t group = 0; group <= run.engine().graph().layout.groups; ++group)
                    all.push_back(stage.base(group));
                return all;
            };
            auto const before = states();
            auto const second = run.next();
            CHECK(what(second.failure) == where + " is broken");
            CHECK(second.fatal);
            CHECK(in.done
                  == calls{"a1: 1", "b1: 1", "t1: 1", "c1: 1", "a2: 2", "b2: 2", "c2: 2"}); // those not above it run
            CHECK(states() == before);
            CHECK(commits_of(run) == std::vector<std::int64_t>{0, 1000});
        }
        in.broken.clear();
        auto run = started(in, any_storage(disk.kill()));
        CHECK(in.done == calls{"t2: 3"});
        run.run_to(batch_time(3000));
        CHECK(in.done == calls{"t2: 3", "a3: 3", "b3: 3", "t3: 6", "c3: 3"});
    }
}

TEST_CASE("what a failing batch had changed before it failed is taken back", "[runtime][failures]")
{
    using count = std::pair<std::string, int>;
    using some = std::vector<count>;
    auto const change = [](std::string const& key, std::optional<int> value, tidemark::state<int>& state) {
        if (*value == 99)
            throw std::runtime_error("no 99");
        if (*value < 0)
            state.remove();
        else
            state.update(*value);
        return key;
    };
    memory_storage const disk;
    auto const ssc =
        tidemark::streaming_context(1_s, checkpoint_directory(disk), {.partitions = 1, .key_groups = 1, .threads = 1});
    tidemark::testing::batch_source<count> const source({
        some{{"updated", 1}, {"removed", 2}, {"back", 3}, {"left", 4}},
        some{{"updated", 5},
             {"updated", 6},
             {"made", 7},
             {"removed", -1},
             {"back", -1},
             {"back", 8},
             {"gone", 9},
             {"gone", -1},
             {"left", 99}},
    });
    driver run(ssc.application(ssc.source_stream(source)
                               | tidemark::map_with_state<"s">(tidemark::state_spec<int>(change))
                               | foreach_rdd([](auto const&) {})));
    run.start();
    (void)run.next();
    auto const states = [&] {
        std::map<std::string, std::pair<int, std::int64_t>> all; // with the time of the last update
        auto const group = run.engine().graph().advancing.at(0)->base(0);
        tidemark::input_archive in(group.bytes);
        for (std::uint64_t i = 0; i < group.records; ++i) {
            auto const key = tidemark::load<std::string>(in);
            auto const value = tidemark::load<int>(in);
            all[key] = {value, tidemark::load<std::int64_t>(in)};
        }
        return all;
    };
    decltype(states())
        const expected{{"updated", {1, 1000}}, {"removed", {2, 1000}}, {"back", {3, 1000}}, {"left", {4, 1000}}};
    CHECK(states() == expected);
    CHECK(run.next().fatal);
    CHECK(states() == expected);
}

TEST_CASE("a failure in one state leaves outputs over other states alone", "[runtime][failures]")
{
    world in;
    in.broken = {{"state", 1}};
    int calls_below = 0;
    auto const count_calls = [&calls_below](std::string const&, std::optional<int>, tidemark::state<int>&) {
        return ++calls_below;
    };
    auto const ssc = tidemark::streaming_context(1_s, checkpoint_directory(memory_storage()), in.settings);
    auto const pairs = ssc.source_stream<"numbers">(counting_source(in.source)) | map(under_one_key);
    auto const bad = pairs | tidemark::map_with_state<"bad">(tidemark::state_spec(total{&in}));
    auto const below_bad = pairs | tidemark::union_(bad | map(under_one_key)) | tidemark::window(2_s)
                           | tidemark::map_with_state<"below">(tidemark::state_spec<int>(count_calls));
    world fine;
    auto const good = pairs | tidemark::map_with_state<"good">(tidemark::state_spec(total{&fine}));
    driver run(ssc.application(below_bad | foreach_rdd<"b">(note{&in, "b"}), bad | foreach_rdd<"a">(note{&in, "a"}),
                               good | foreach_rdd<"g">(note{&in, "g"})));
    run.start();
    auto const outcome = run.next();
    CHECK(outcome.fatal);
    CHECK(what(outcome.failure) == "state is broken");
    CHECK(in.done == calls{"g1: 1"});
    CHECK(calls_below == 0);
}

TEST_CASE("a source that cannot plan fails those who need it, and the batch runs again", "[runtime][failures]")
{
    world in;
    in.other->fail_plan = {2};
    memory_storage const disk;
    {
        auto run = started(in, any_storage(disk));
        CHECK(!run.next().failure);
        auto const second = run.next();
        CHECK(what(second.failure) == "no plan for 2");
        CHECK(!second.fatal);
        CHECK(in.done == calls{"a1: 1", "b1: 1", "t1: 1", "c1: 1", "a2: 2", "b2: 2", "t2: 3"});
        SECTION("at once, with what had arrived for it")
        {
            in.other->fail_plan.clear();
            auto const again = started(in, any_storage(disk.kill()));
            CHECK(in.done == calls{"c2: 2"});
            CHECK(commits_of(again) == std::vector<std::int64_t>{2000});
        }
        SECTION("empty, when later batches took what had arrived for it")
        {
            CHECK(!run.next().failure);
            CHECK(in.done.back() == "c3: 5");
            CHECK(commits_of(run) == std::vector<std::int64_t>{0, 1000});
            in.other->fail_plan.clear();
            auto again = started(in, any_storage(disk.kill()));
            CHECK(in.done == calls{"c2: 0"});
            again.run_to(batch_time(4000));
            CHECK(in.done.back() == "c4: 4"); // 1, 2 and 3, and 4: each number once
            CHECK(commits_of(again) == std::vector<std::int64_t>{2000, 3000, 4000});
        }
    }
}

TEST_CASE("a state without the input of a batch stands still until a restart", "[runtime][failures]")
{
    world in;
    in.source->fail_plan = {2};
    memory_storage const disk;
    {
        auto run = started(in, any_storage(disk));
        CHECK(!run.next().failure);
        CHECK(what(run.next().failure) == "no plan for 2");
        auto const third = run.next();
        CHECK(!third.fatal);
        CHECK(what(third.failure)
              == "the stage \"total\" stands still since batch 2000 ms, whose input could not be made: no plan for 2; "
                 "mend that and start again, from that batch on");
        CHECK(in.done == calls{"a1: 1", "b1: 1", "t1: 1", "c1: 1", "c2: 2", "a3: 5", "b3: 5", "c3: 3"});
        CHECK(commits_of(run) == std::vector<std::int64_t>{0, 1000});
        run.stop();
    }
    in.source->fail_plan.clear();
    auto run = started(in, any_storage(disk));
    CHECK(in.done == calls{"a2: 0", "b2: 0", "t2: 0", "t3: 9"}); // 1 + 2, 1 + 2 + 3: one record for each call
    run.run_to(batch_time(4000));
    CHECK(in.done.back() == "c4: 4");
    CHECK(in.done[in.done.size() - 2] == "t4: 10");
    CHECK(commits_of(run) == std::vector<std::int64_t>{2000, 3000, 4000});
}

TEST_CASE("a planned batch whose source cannot give it again fails, and stays planned", "[runtime][failures]")
{
    world in;
    memory_storage const disk;
    plan_what_cannot_be_replayed(in, disk);
    {
        driver run(program(in, any_storage(disk.kill())));
        CHECK(words_of<std::runtime_error>([&] { run.start(); }) == "no replay for 1");
    }
    in.other->fail_replay.clear();
    auto run = started(in, any_storage(disk.kill()));
    CHECK(in.source->calls == std::vector<std::string>{"replay 1"});
    CHECK(in.done == calls{"c1: 1"});
}

TEST_CASE("a source that cannot give a planned batch again plans no other one, which would take its records twice",
          "[runtime][failures]")
{
    world in;
    memory_storage const disk;
    plan_what_cannot_be_replayed(in, disk);
    {
        driver run(program(in, any_storage(disk.kill())));
        run.restore();
        for (auto const time : run.to_repeat())
            CHECK(static_cast<bool>(run.run(time).failure));
        in.other->calls.clear();
        auto const next = run.next(); // while the application is on its way to stop
        CHECK(what(next.failure) == "no replay for 1");
        CHECK(in.other->calls.empty());
    }
    in.other->fail_replay.clear();
    in.done.clear();
    {
        auto run = started(in, any_storage(disk.kill()));
        run.run_to(batch_time(3000));
    }
    calls others;
    for (auto const& call : in.done)
        if (call.front() == 'c')
            others.push_back(call);
    CHECK(others == calls{"c1: 1", "c2: 2", "c3: 3"}); // each number once
}

TEST_CASE("a batch that cannot be computed fails the windows that cover it, and no later ones", "[runtime][failures]")
{
    world in;
    in.broken = {{"step", 2}};
    memory_storage const disk;
    auto const windows = [&](auto const& ssc) {
        auto const recent = ssc.template source_stream<"numbers">(counting_source(in.source)) | map(risky{&in, "step"})
                            | tidemark::window(2_s);
        return ssc.application(recent | foreach_rdd<"w">(note{&in, "w"}),
                               recent | tidemark::window(2_s, 2_s) | foreach_rdd<"v">(note{&in, "v"}));
    };
    auto const four = [](driver& run) {
        std::vector<std::string> failures;
        for (int batch = 1; batch <= 4; ++batch) {
            auto const outcome = run.next();
            CHECK(!outcome.fatal);
            failures.push_back(what(outcome.failure));
        }
        return failures;
    };
    SECTION("without a checkpoint what was missed is lost")
    {
        driver run(windows(tidemark::streaming_context(1_s, in.settings)));
        run.start();
        CHECK(four(run) == std::vector<std::string>{"", "step is broken", "step is broken", "step is broken"});
        CHECK(in.done == calls{"w1: 1", "w4: 7"});
    }
    SECTION("with one nothing is committed until a restart runs the batch again")
    {
        {
            driver run(windows(tidemark::streaming_context(1_s, checkpoint_directory(any_storage(disk)), in.settings)));
            run.start();
            CHECK(four(run) == std::vector<std::string>{"", "step is broken", "step is broken", "step is broken"});
            CHECK(in.done == calls{"w1: 1", "w4: 7"});
            CHECK(commits_of(run) == std::vector<std::int64_t>{0});
        }
        in.done.clear();
        in.broken.clear();
        driver run(
            windows(tidemark::streaming_context(1_s, checkpoint_directory(any_storage(disk.kill())), in.settings)));
        run.start();
        CHECK(in.done == calls{"w2: 3", "v2: 4", "w3: 5", "v4: 12"}); // v: the windows of 1 and 2, and of 3 and 4
    }
}

TEST_CASE("a state over a window that lacks a batch is rolled back, and nothing comes after", "[runtime][failures]")
{
    world in;
    in.broken = {{"step", 2}};
    auto const ssc = tidemark::streaming_context(1_s, checkpoint_directory(memory_storage()), in.settings);
    driver run(ssc.application(ssc.source_stream(counting_source(in.source)) | map(risky{&in, "step"})
                               | tidemark::window(2_s) | map(under_one_key)
                               | tidemark::map_with_state<"total">(tidemark::state_spec(total{&in}))
                               | foreach_rdd<"t">(note{&in, "t"})));
    run.start();
    CHECK(!run.next().failure);
    auto const outcome = run.next();
    CHECK(outcome.fatal);
    CHECK(what(outcome.failure) == "step is broken");
    CHECK(in.done == calls{"t1: 1"});
}

TEST_CASE("a commit that fails is tried again with the next batch", "[runtime][failures]")
{
    world in;
    memory_storage const disk;
    fault_plan const faults;
    {
        auto run = started(in, any_storage(tidemark::faulty_storage(disk, faults)));
        CHECK(!run.next().failure);
        auto const [what_fails, after] = GENERATE(std::pair(storage_operation::sync, 0),  // the state
                                                  std::pair(storage_operation::sync, 1)); // the log
        faults.fail(what_fails, faults.operations(what_fails) + static_cast<std::uint64_t>(after));
        auto const second = run.next();
        CHECK(contains(what(second.failure), "planned fault"));
        CHECK(!second.fatal);
        CHECK(std::holds_alternative<tidemark::commit_failed>(run.events().back()));
        CHECK(commits_of(run) == std::vector<std::int64_t>{0, 1000});
        CHECK(!run.next().failure);
        CHECK(commits_of(run) == std::vector<std::int64_t>{0, 1000, 3000});
    }
    auto run = started(in, any_storage(disk.kill()));
    CHECK(run.to_repeat().empty());
    run.run_to(batch_time(4000));
    CHECK(in.done[2] == "t4: 10");
}

namespace {

/// Cannot be saved while the world says so.
struct fragile {
    int total = 0;
    inline static bool breaks = false;

    template <typename Archive>
    void serialize(Archive& archive, unsigned)
    {
        if (breaks)
            throw std::runtime_error("does not want to be saved");
        archive & total;
    }
};

} // namespace

TEST_CASE("a state that throws when it is saved fails the commit, and the next one is tried", "[runtime][failures]")
{
    world in;
    memory_storage const disk;
    auto const ssc = tidemark::streaming_context(1_s, checkpoint_directory(disk), in.settings);
    auto const keep = [](std::string const&, std::optional<int> value, tidemark::state<fragile>& state) {
        state.update({*value});
        return *value;
    };
    auto const under_own_key = [](int number) { return std::pair(std::to_string(number), number); };
    driver run(ssc.application(ssc.source_stream(counting_source(in.source)) | map(under_own_key)
                               | tidemark::map_with_state<"s">(tidemark::state_spec(keep), checkpoint_every(1_s))
                               | foreach_rdd<"out">(note{&in, "out"})));
    run.start();
    CHECK(!run.next().failure);
    fragile::breaks = true;
    auto const outcome = run.next();
    CHECK(what(outcome.failure) == "does not want to be saved");
    CHECK(!outcome.fatal);
    REQUIRE(std::holds_alternative<tidemark::commit_failed>(run.events().back()));
    CHECK(std::get<tidemark::commit_failed>(run.events().back()).reason == "does not want to be saved");
    fragile::breaks = false;
    CHECK(!run.next().failure);
    CHECK(commits_of(run) == std::vector<std::int64_t>{0, 1000, 3000});
    auto const found = tidemark::read_checkpoint(disk, run.engine().graph().application_name);
    auto const& stage = *run.engine().graph().advancing.at(0);
    std::uint64_t states = 0;
    for (auto const& group : found.commit->stages.at(0).groups) {
        CHECK(group == stage.base(group.group));
        states += group.group < run.engine().graph().layout.groups ? group.records : 0;
    }
    CHECK(states == 3); // that of the batch which could not be saved, too
}

TEST_CASE("a stage keeps what a batch has changed in it when the state of another one cannot be saved",
          "[runtime][failures]")
{
    memory_storage const disk;
    auto const ssc = tidemark::streaming_context(1_s, checkpoint_directory(disk), {.partitions = 1, .threads = 1});
    auto const input =
        ssc.queue_stream<"input">(std::vector<std::vector<std::pair<int, int>>>{{{1, 10}}, {{2, 20}}, {{3, 30}}});
    auto const break_some = [](int, std::optional<int> value, tidemark::state<fragile>& state) {
        state.update({*value});
        return *value;
    };
    auto const keep = [](int, std::optional<int> value, tidemark::state<int>& state) {
        state.update(*value);
        return *value;
    };
    driver run(ssc.application(
        input | tidemark::map_with_state<"first">(tidemark::state_spec(break_some), checkpoint_every(1_s))
            | foreach_rdd([](auto const&) {}),
        input | tidemark::map_with_state<"second">(tidemark::state_spec(keep), checkpoint_every(1_s))
            | foreach_rdd([](auto const&) {})));
    run.start();
    CHECK(!run.next().failure);
    fragile::breaks = true;
    CHECK(what(run.next().failure) == "does not want to be saved");
    fragile::breaks = false;
    CHECK(!run.next().failure);
    auto const found = tidemark::read_checkpoint(disk, run.engine().graph().application_name);
    REQUIRE(found.commit->time == batch_time(3000));
    for (auto const& stage : found.commit->stages) {
        std::set<std::uint32_t> groups; // each of the keys has one of its own
        for (auto const& group : stage.groups)
            if (group.group < run.engine().graph().layout.groups)
                groups.insert(group.group);
        CHECK(groups.size() == 3);
    }
}

namespace {

/// The unlucky one cannot be saved while the world says so.
struct partly_fragile {
    int total = 0;
    inline static bool breaks = false;

    template <typename Archive>
    void serialize(Archive& archive, unsigned)
    {
        if (breaks && total == 13)
            throw std::runtime_error("does not want to be saved");
        archive & total;
    }
};

} // namespace

TEST_CASE("a base that cannot be saved fails no commit: what the batch has changed is saved", "[runtime][failures]")
{
    memory_storage const disk;
    auto const ssc =
        tidemark::streaming_context(1_s, checkpoint_directory(disk), {.partitions = 1, .key_groups = 1, .threads = 1});
    std::vector<std::vector<std::pair<int, int>>> const given{{{1, 13}, {2, 20}}, {{2, 21}}, {{2, 22}}, {{2, 23}}};
    auto const keep = [](int, std::optional<int> value, tidemark::state<partly_fragile>& state) {
        state.update({*value});
        return *value;
    };
    driver run(ssc.application(ssc.queue_stream<"input">(given)
                               | tidemark::map_with_state<"s">(tidemark::state_spec(keep), checkpoint_every(1_s))
                               | foreach_rdd([](auto const&) {})));
    run.start();
    CHECK(!run.next().failure);
    partly_fragile::breaks = true;
    int failed = 0;
    for (int batch = 2; batch <= 4; ++batch) {
        auto const outcome = run.next();
        failed += what(outcome.failure) == "does not want to be saved" ? 1 : 0;
        CHECK(!outcome.fatal);
    }
    partly_fragile::breaks = false;
    CHECK(failed != 0); // it is told
    CHECK(commits_of(run) == std::vector<std::int64_t>{0, 1000, 2000, 3000, 4000});
    auto const found = tidemark::read_checkpoint(disk, run.engine().graph().application_name);
    REQUIRE(found.commit->time == batch_time(4000));
    CHECK(found.commit->stages.front().groups.front().runs.size() == 3);
}

TEST_CASE("a source that throws when it hears of a commit has a problem, and the commit stands", "[runtime][failures]")
{
    world in;
    in.source->fail_committed = {2, 4};
    memory_storage const disk;
    auto run = started(in, any_storage(disk));
    for (int batch = 1; batch <= 4; ++batch)
        CHECK(!run.next().failure);
    CHECK(commits_of(run) == std::vector<std::int64_t>{0, 1000, 2000, 3000, 4000});
    std::vector<std::int64_t> told;
    for (auto const& event : run.events()) {
        CHECK_FALSE(std::holds_alternative<tidemark::commit_failed>(event));
        if (auto const* const problem = std::get_if<tidemark::source_problem>(&event)) {
            CHECK(problem->reason == "cannot forget");
            told.push_back(problem->batch_time);
        }
    }
    CHECK(told == std::vector<std::int64_t>{2000, 4000});
}

TEST_CASE("too many batches without a commit are fatal", "[runtime][failures]")
{
    world in;
    in.settings.max_uncommitted = 3;
    fault_plan const faults;
    auto run = started(in, any_storage(tidemark::faulty_storage(memory_storage(), faults)));
    CHECK(!run.next().failure);
    for (std::uint64_t i = 0; i < 20; ++i)
        faults.fail(storage_operation::sync, faults.operations(storage_operation::sync) + i);
    for (int batch = 2; batch <= 4; ++batch) {
        auto const outcome = run.next();
        CHECK(outcome.failure);
        CHECK(!outcome.fatal);
    }
    auto const outcome = run.next();
    CHECK(outcome.fatal);
    CHECK(contains(what(outcome.failure),
                   "no commit has succeeded in 4 batches up to 5000 ms; settings::max_uncommitted allows 3; "
                   "make the checkpoint directory writable and start again"));
}

TEST_CASE("too many batches after one that is not done are fatal", "[runtime][failures]")
{
    world in;
    in.broken = {{"b", 2}};
    in.settings.max_uncommitted = 3;
    auto run = started(in, any_storage(memory_storage()));
    CHECK(!run.next().failure);
    CHECK(what(run.next().failure) == "b is broken"); // the first of three
    CHECK(!run.next().failure);
    CHECK(!run.next().failure);
    auto const outcome = run.next();
    CHECK(outcome.fatal);
    CHECK(contains(what(outcome.failure),
                   "4 batches, from the oldest one that is not done to batch 5000 ms, cannot be committed; "
                   "settings::max_uncommitted allows 3; mend the output that fails and start again"));
}

TEST_CASE("without a checkpoint nothing is ever behind", "[runtime][failures]")
{
    world in;
    in.broken = {{"w", 2}};
    in.source->fail_plan = {4};
    in.settings.max_uncommitted = 1;
    auto const ssc = tidemark::streaming_context(1_s, in.settings);
    driver run(ssc.application(ssc.source_stream(counting_source(in.source)) | tidemark::window(2_s)
                               | foreach_rdd(note{&in, "w"})));
    run.start();
    for (int batch = 1; batch <= 6; ++batch)
        CHECK(!run.next().fatal);
    CHECK(in.done
          == calls{"w1: 1", "w3: 5", "w5: 9", "w6: 15"}); // 4 + 5 came with batch 5, and batch 4 is in no window
}

TEST_CASE("a plan that cannot be written ends the run without losing the batch", "[runtime][failures]")
{
    world in;
    memory_storage const disk;
    fault_plan const faults;
    auto const seldom = [&](any_storage const& where) {
        auto const ssc = tidemark::streaming_context(1_s, checkpoint_directory(where), in.settings);
        return ssc.application(ssc.source_stream<"numbers">(counting_source(in.source)) | checkpoint_every(5_s)
                               | foreach_rdd<"n">(note{&in, "n"}));
    };
    {
        driver run(seldom(any_storage(tidemark::faulty_storage(disk, faults))));
        run.start();
        CHECK(!run.next().failure);
        faults.fail(storage_operation::append, faults.operations(storage_operation::append));
        CHECK_THROWS_AS(run.next(), tidemark::checkpoint_error);
        run.stop(); // does not commit the position after what was planned and never ran
        CHECK(commits_of(run) == std::vector<std::int64_t>{0});
    }
    driver run(seldom(any_storage(disk)));
    run.start();
    run.run_to(batch_time(3000));
    CHECK(in.done == calls{"n1: 1", "n2: 2", "n3: 3"});
}
