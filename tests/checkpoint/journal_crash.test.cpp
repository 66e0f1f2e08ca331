// SPDX-License-Identifier: BSL-1.0

#include <tidemark/checkpoint/locked_checkpoint.hpp>
#include <tidemark/checkpoint/manifest.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/storage/fault_plan.hpp>
#include <tidemark/storage/faulty_storage.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/storage/storage.hpp>

#include <checkpoint/journal_cases.hpp>
#include <checkpoint/run_through_crashes.hpp>
#include <support/catch.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace journal_cases;
using tidemark::any_storage;
using tidemark::journal;

/// What a run was told is durable, and what it began.
struct progress {
    std::int64_t committed = 0;
    std::int64_t committing = 0;
    std::int64_t planned = 0;
    std::int64_t planning = 0;
    std::int64_t published = 0;
    std::int64_t publishing = 0;
};

/// What is wrong with what a start found, after runs that got as far as `done`; empty when nothing is.
std::string problem_with(tidemark::recovered const& state, progress const& done)
{
    std::int64_t const time = state.commit ? state.commit->time.count() : 0;
    if (time < done.committed || time > done.committing) {
        return "found commit " + std::to_string(time) + " instead of " + std::to_string(done.committed);
    }
    if (state.commit && *state.commit != commit_of(time)) {
        return "half a commit";
    }
    for (auto const& note : state.notes) {
        // A record may be half there after a crash; a segment that the manifest lists may not.
        if (note.find("header") != std::string::npos || note.find("cannot read") != std::string::npos) {
            return "listed what was not durable: " + note;
        }
    }
    std::int64_t next = time + 1;
    for (auto const& plan : state.plans) {
        if (plan != plan_of(next++)) {
            return "a wrong plan";
        }
    }
    if (next <= done.planned || next > std::max(done.planning, time) + 1) {
        return "plans up to " + std::to_string(next - 1) + " instead of " + std::to_string(done.planned);
    }
    next = time + 1;
    for (auto const& published : state.dones) {
        if (published != done_of(next++)) {
            return "a wrong done";
        }
    }
    return next <= done.published || next > std::max(done.publishing, time) + 1 ? "a done is missing" : "";
}

/// Calls `write` once more when it throws; whatever it wrote the first time must not be in the way.
template <typename Write>
void with_retries(int retries, Write const& write)
{
    for (;; --retries) {
        try {
            return write();
        } catch (tidemark::checkpoint_error const&) {
            if (retries == 0) {
                throw;
            }
        }
    }
}

/// Runs an application from where the checkpoint stands to batch `last`, committing every other batch.
void run(any_storage const& storage, progress& done, std::int64_t last, int retries = 0, std::uint64_t room = 0)
{
    auto settings = options(2);
    settings.segment_bytes = 1500; // every few batches
    settings.log_room_bytes = room;
    auto opened = journal::open(storage, settings);
    if (auto const problem = problem_with(opened.state, done); !problem.empty()) {
        throw std::logic_error(problem);
    }
    // From now on what was found must stay.
    auto& found = opened.state;
    done.committed = done.committing = found.commit ? found.commit->time.count() : 0;
    done.planned = done.planning = found.plans.empty() ? done.committed : found.plans.back().time.count();
    done.published = done.publishing = found.dones.empty() ? done.committed : found.dones.back().time.count();
    for (std::int64_t n = done.committed + 1; n <= last; ++n) {
        if (n > done.planned) {
            done.planning = n;
            with_retries(retries, [&] { opened.log.plan(plan_of(n), true); });
            done.planned = n;
        }
        if (n > done.published) {
            done.publishing = n;
            with_retries(retries, [&] { opened.log.done(done_of(n), true); });
            done.published = n;
        }
        if (n % 2 == 0) {
            done.committing = n;
            with_retries(retries, [&] { opened.log.commit(commit_of(n)); });
            done.committed = n;
        }
    }
}

/// How many operations, or changes, a run without faults makes.
tidemark::fault_plan plan_of_a_whole_run(std::uint64_t room)
{
    tidemark::fault_plan plan;
    progress done;
    run(any_storage(tidemark::faulty_storage(tidemark::memory_storage(), plan)), done, 8, 0, room);
    return plan;
}

/// For so many bytes there is room in a segment: for none, for some of its records, for all.
constexpr std::array<std::uint64_t, 3> rooms{0, 700, 4000};

} // namespace

TEST_CASE("a start after a crash at any operation finds the commit before or the new one",
          "[checkpoint][journal][crash]")
{
    std::uint64_t crashes = 0;
    for (std::uint64_t seed = 0; seed < 80; ++seed) { // below 3: only processes die, the system never
        auto const room = rooms[seed % rooms.size()];
        auto const changes = plan_of_a_whole_run(room).changes();
        for (std::uint64_t at = 0; at <= changes; ++at) {
            progress done;
            auto const disk = run_through_crashes(seed < rooms.size() ? 0 : seed, at, 23, crashes,
                                                  [&](any_storage const& storage) { run(storage, done, 8, 0, room); });
            CHECK(done.committed == 8);
            auto const state = tidemark::read_checkpoint(disk.crash(seed), "test");
            CHECK(problem_with(state, done) == "");
        }
    }
    CHECK(crashes > 10000);
}

TEST_CASE("one failed operation costs one call or one start, and no data", "[checkpoint][journal][crash]")
{
    for (auto const& [effect, room] :
         {std::pair(tidemark::fault_effect::none, rooms[0]), std::pair(tidemark::fault_effect::all, rooms[0]),
          std::pair(tidemark::fault_effect::none, rooms[1]), std::pair(tidemark::fault_effect::all, rooms[1])}) {
        auto const operations = plan_of_a_whole_run(room).operations();
        for (std::uint64_t at = 0; at < operations; ++at) {
            INFO("room " << room << ", operation " << at << " fails, though it "
                         << (effect == tidemark::fault_effect::all ? "happens" : "does not"));
            tidemark::memory_storage const disk;
            tidemark::fault_plan const plan;
            plan.fail(at, effect);
            progress done;
            for (int start = 0; done.committed < 8; ++start) {
                REQUIRE(start < 2);
                try {
                    run(any_storage(tidemark::faulty_storage(disk, plan)), done, 8, 1, room);
                } catch (tidemark::error const&) {
                }
            }
            auto state = tidemark::read_checkpoint(disk.crash(at), "test");
            state.notes.clear(); // an old segment may lack its end, of which a later start made a copy in time
            CHECK(problem_with(state, done) == "");
        }
    }
}

TEST_CASE("a torn append costs one call, and no data", "[checkpoint][journal][crash]")
{
    for (std::uint64_t at = 0;; ++at) {
        tidemark::memory_storage const disk;
        tidemark::fault_plan const plan(at);
        plan.tear(at);
        progress done;
        for (int start = 0; done.committed < 8; ++start) {
            REQUIRE(start < 2);
            try {
                run(any_storage(tidemark::faulty_storage(disk, plan)), done, 8, 1, rooms[at % rooms.size()]);
            } catch (tidemark::error const&) {
            }
        }
        CHECK(problem_with(tidemark::read_checkpoint(disk.crash(at), "test"), done) == "");
        if (plan.operations(tidemark::storage_operation::append) <= at) {
            break;
        }
    }
}

TEST_CASE("a full disk loses no commit, and commits go on once there is space", "[checkpoint][journal][crash]")
{
    for (std::uint64_t space = 0; space < 6000; space += 61) {
        auto const room = rooms[space % rooms.size()];
        tidemark::memory_storage const disk;
        tidemark::fault_plan const plan;
        plan.limit_space(space);
        any_storage const storage(tidemark::faulty_storage(disk, plan));
        progress done;
        try {
            run(storage, done, 8, 0, room);
        } catch (tidemark::error const&) {
        }
        plan.limit_space(1'000'000);
        run(storage, done, 8, 0, room);
        CHECK(done.committed == 8);
    }
}

TEST_CASE("after a torn append the same journal goes on in a new segment", "[checkpoint][journal][crash]")
{
    tidemark::memory_storage const disk;
    tidemark::fault_plan const plan(7);
    auto opened = journal::open(tidemark::faulty_storage(disk, plan), options());
    opened.log.commit(commit_of(1));
    opened.log.plan(plan_of(2), false);
    plan.tear(plan.operations(tidemark::storage_operation::append));
    CHECK_THROWS_AS(opened.log.plan(plan_of(3), true), tidemark::checkpoint_error);

    SECTION("and loses nothing, not even what was not yet durable before it")
    {
        opened.log.plan(plan_of(3), true);
        CHECK(names(disk, "log-").size() == 2);
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            auto const state = tidemark::read_checkpoint(disk.crash(seed), "test");
            CHECK(state.commit == commit_of(1));
            CHECK(state.plans == std::vector{plan_of(2), plan_of(3)});
            CHECK(state.records_dropped == 0);
        }
    }
    SECTION("but not when another process has taken the directory over meanwhile")
    {
        auto newer = tidemark::decode_manifest(disk.read("manifest"));
        newer.generation += 1;
        put(disk, "manifest", tidemark::encode_manifest(newer));
        CHECK_THROWS_AS(opened.log.plan(plan_of(3), false), tidemark::checkpoint_error);
        CHECK(tidemark::decode_manifest(disk.read("manifest")) == newer);
    }
}

TEST_CASE("no record is lost when the list of segments could not be replaced", "[checkpoint][journal][crash]")
{
    for (auto const effect : {tidemark::fault_effect::none, tidemark::fault_effect::all}) {
        tidemark::memory_storage const disk;
        tidemark::fault_plan const plan;
        auto settings = options();
        settings.segment_bytes = 1; // a new segment after each commit
        auto opened = journal::open(tidemark::faulty_storage(disk, plan), settings);
        opened.log.commit(commit_of(1));
        plan.fail(tidemark::storage_operation::rename, plan.operations(tidemark::storage_operation::rename), effect);
        auto const report = opened.log.commit(commit_of(2));
        CHECK(report.notes.size() == 1);
        opened.log.plan(plan_of(3), true);
        auto const state = tidemark::read_checkpoint(disk.crash(3), "test");
        CHECK(state.commit == commit_of(2));
        CHECK(state.plans == std::vector{plan_of(3)});
    }
}

TEST_CASE("after a failed sync the log goes on in a new segment, and what was not durable is written again",
          "[checkpoint][journal][crash]")
{
    tidemark::memory_storage const disk;
    tidemark::fault_plan const plan;
    any_storage const storage(tidemark::faulty_storage(disk, plan));
    auto const fail_next_sync = [&plan] {
        plan.fail(tidemark::storage_operation::sync, plan.operations(tidemark::storage_operation::sync));
    };
    auto opened = journal::open(storage, options());
    opened.log.commit(commit_of(1));
    opened.log.plan(plan_of(2), false);
    fail_next_sync();
    CHECK_THROWS_AS(opened.log.done(done_of(2), true), tidemark::checkpoint_error);
    CHECK(names(disk, "log-").size() == 1);

    SECTION("at the next call")
    {
        opened.log.plan(plan_of(3), true);
        CHECK(names(disk, "log-").size() == 2);
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            auto const state = tidemark::read_checkpoint(disk.crash(seed), "test");
            CHECK(state.commit == commit_of(1));
            CHECK(state.plans == std::vector{plan_of(2), plan_of(3)});
            CHECK(state.dones == std::vector{done_of(2)});
            CHECK(state.records_dropped == 0);
        }
    }
    SECTION("and in a third one when the new one cannot be begun or written")
    {
        fail_next_sync();
        CHECK_THROWS_AS(opened.log.plan(plan_of(3), false), tidemark::checkpoint_error);
        plan.fail(tidemark::storage_operation::append,
                  plan.operations(tidemark::storage_operation::append) + 2); // the done, after the header and the plan
        CHECK_THROWS_AS(opened.log.plan(plan_of(3), false), tidemark::checkpoint_error);
        opened.log.plan(plan_of(3), true);
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            auto const state = tidemark::read_checkpoint(disk.crash(seed), "test");
            CHECK(state.commit == commit_of(1));
            CHECK(state.plans == std::vector{plan_of(2), plan_of(3)});
            CHECK(state.dones == std::vector{done_of(2)});
        }
    }
    SECTION("and a commit whose record could not be synced is made again")
    {
        plan.fail(tidemark::storage_operation::sync,
                  plan.operations(tidemark::storage_operation::sync)
                      + 3); // a segment, its manifest, a state file, the log
        CHECK_THROWS_AS(opened.log.commit(commit_of(2)), tidemark::checkpoint_error);
        opened.log.commit(commit_of(2));
        for (std::uint64_t seed = 0; seed < 20; ++seed)
            CHECK(*tidemark::read_checkpoint(disk.crash(seed), "test").commit == commit_of(2));
        auto const again = journal::open(disk.crash(0), options());
        CHECK(*again.state.commit == commit_of(2));
        CHECK(again.state.records_dropped == 0);
    }
}

TEST_CASE("a commit whose state could not be written is tried again under a new name", "[checkpoint][journal][crash]")
{
    tidemark::memory_storage const disk;
    tidemark::fault_plan const plan;
    any_storage const storage(tidemark::faulty_storage(disk, plan));
    auto opened = journal::open(storage, options(1));
    opened.log.commit(commit_of(1));
    plan.fail(tidemark::storage_operation::sync,
              plan.operations(tidemark::storage_operation::sync)); // of the state file
    CHECK_THROWS_AS(opened.log.commit(commit_of(2)), tidemark::checkpoint_error);
    CHECK(*tidemark::read_checkpoint(disk.crash(1), "test").commit == commit_of(1));
    opened.log.commit(commit_of(2));
    CHECK(*tidemark::read_checkpoint(disk.crash(1), "test").commit == commit_of(2));
    CHECK(names(storage, "state-") == std::vector<std::string>{"state-0000000001-0000000003"});
}

TEST_CASE("a state file that could not be written is removed at once, not one that a commit may need",
          "[checkpoint][journal][crash]")
{
    tidemark::memory_storage const disk;
    tidemark::fault_plan const plan;
    auto settings = options();
    settings.state_segment_bytes = GENERATE(1U, 1'000'000U); // a file for each commit, or one for all
    auto opened = journal::open(tidemark::faulty_storage(disk, plan), settings);
    opened.log.commit(commit_of(1));
    auto const before = names(disk, "state-");
    REQUIRE(before.size() == 1);
    bool const is_full = GENERATE(false, true);
    for (int attempt = 0; attempt < 3; ++attempt) {
        if (is_full)
            plan.limit_space(100);
        else
            plan.fail(tidemark::storage_operation::sync, plan.operations(tidemark::storage_operation::sync));
        CHECK_THROWS_AS(opened.log.commit(commit_of(2)), tidemark::checkpoint_error);
        CHECK(names(disk, "state-") == before);
        for (std::uint64_t seed = 0; seed < 5; ++seed)
            CHECK(tidemark::read_checkpoint(disk.crash(seed), "test").commit == commit_of(1));
    }
    plan.limit_space(1'000'000);
    opened.log.commit(commit_of(2));
    CHECK(names(disk, "state-").size() == 2);
    CHECK(tidemark::read_checkpoint(disk.crash(1), "test").commit == commit_of(2));
}

TEST_CASE("what a start found stays, even if the process before it had not made it durable",
          "[checkpoint][journal][crash]")
{
    tidemark::memory_storage disk;
    {
        tidemark::fault_plan const plan;
        auto opened = journal::open(tidemark::faulty_storage(disk, plan), options());
        opened.log.commit(commit_of(1));
        opened.log.done(done_of(3), false);
        // The process dies between the append of COMMIT 2 and its sync.
        plan.fail(tidemark::storage_operation::sync, plan.operations(tidemark::storage_operation::sync) + 1);
        CHECK_THROWS_AS(opened.log.commit(commit_of(2)), tidemark::checkpoint_error);
    }
    disk = disk.kill();
    {
        auto const opened = journal::open(disk, options());
        REQUIRE(opened.state.commit);
        REQUIRE(*opened.state.commit == commit_of(2));
    }
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        auto const state = tidemark::read_checkpoint(disk.crash(seed), "test");
        REQUIRE(state.commit);
        CHECK(*state.commit == commit_of(2));
        CHECK(state.dones == std::vector{done_of(3)});
    }
}
