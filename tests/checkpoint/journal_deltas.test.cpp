// SPDX-License-Identifier: BSL-1.0

#include <tidemark/checkpoint/copy_checkpoint.hpp>
#include <tidemark/checkpoint/detail/state_files.hpp>
#include <tidemark/checkpoint/inspection.hpp>
#include <tidemark/checkpoint/locked_checkpoint.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/storage/fault_plan.hpp>
#include <tidemark/storage/faulty_storage.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/storage/storage.hpp>

#include <checkpoint/delta_cases.hpp>
#include <checkpoint/journal_cases.hpp>
#include <checkpoint/run_through_crashes.hpp>
#include <support/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace delta_cases;
using journal_cases::names;
using journal_cases::put;
using journal_cases::run_through_crashes;
using tidemark::any_storage;
using tidemark::batch_time;
using tidemark::journal;

constexpr std::int64_t last_batch = 18;

/// Commits of the batches 3, 6 ... up to `last`.
any_storage checkpoint_up_to(std::int64_t last)
{
    any_storage storage{tidemark::memory_storage()};
    progress done;
    run(storage, done, last);
    return storage;
}

std::size_t runs_in(tidemark::commit_record const& record)
{
    std::size_t runs = 0;
    for (auto const& group : record.stages.front().groups)
        runs += group.runs.size();
    return runs;
}

} // namespace

TEST_CASE("a start finds each base with the changes behind it", "[checkpoint][journal][deltas]")
{
    for (std::int64_t last = 3; last <= 30; last += 3) {
        auto const found = tidemark::read_checkpoint(checkpoint_up_to(last), "test");
        REQUIRE(found.commit);
        CHECK(problem_with(*found.commit) == "");
        CHECK(found.notes.empty());
    }
    CHECK(runs_in(*tidemark::read_checkpoint(checkpoint_up_to(9), "test").commit) > 4);
}

TEST_CASE("changes of batches without a commit count with the next one, and with none before it",
          "[checkpoint][journal][deltas]")
{
    any_storage const storage{tidemark::memory_storage()};
    auto opened = journal::open(storage, small_files());
    state_model state;
    write_batch(opened.log, state, 1);
    opened.log.commit(commit_after(1));
    write_batch(opened.log, state, 2);
    write_batch(opened.log, state, 3);
    CHECK(problem_with(*tidemark::read_checkpoint(storage, "test").commit) == "");
    CHECK(tidemark::read_checkpoint(storage, "test").commit->time == batch_time(1));
    opened.log.commit(commit_after(3));
    CHECK(problem_with(*tidemark::read_checkpoint(storage, "test").commit) == "");
    CHECK(tidemark::read_checkpoint(storage, "test").commit->time == batch_time(3));
}

TEST_CASE("a stage that begins anew, a group that is dropped and a stage that is gone leave nothing",
          "[checkpoint][journal][deltas]")
{
    any_storage const storage{tidemark::memory_storage()};
    auto opened = journal::open(storage, small_files());
    auto record = commit_after(1);
    auto const stage = record.stages.front().name;
    auto const groups = [&](std::int64_t n) {
        record.time = batch_time(n);
        opened.log.commit(record);
        return tidemark::read_checkpoint(storage, "test").commit->stages.front().groups;
    };
    using images = std::vector<tidemark::group_image>;
    tidemark::group_run const late{batch_time(3), 1, 0, bytes(2)};
    opened.log.change(batch_time(1), stage, {false, {{0, 1, bytes(2)}, {1, 1, bytes(2)}}, {}, {}});
    CHECK(groups(1) == images{{0, 1, bytes(2)}, {1, 1, bytes(2)}});
    opened.log.change(batch_time(2), stage, {false, {}, {}, {0}});
    CHECK(groups(2) == images{{1, 1, bytes(2)}});
    opened.log.change(batch_time(3), stage, {false, {}, {{1, late}}, {}});
    CHECK(groups(3) == images{{1, 1, bytes(2), {late}}});

    SECTION("anew")
    {
        opened.log.change(batch_time(4), stage, {true, {{7, 2, bytes(4)}}, {}, {}});
        CHECK(groups(4) == images{{7, 2, bytes(4)}});
    }
    SECTION("a base as of the same batch covers what it has changed")
    {
        opened.log.change(batch_time(4), stage, {false, {{1, 3, bytes(6)}}, {}, {}});
        CHECK(groups(4) == images{{1, 3, bytes(6)}});
    }
    SECTION("a base covers changes that stay in the checkpoint for another group")
    {
        tidemark::group_run const other{batch_time(4), 1, 0, bytes(2)};
        opened.log.change(batch_time(4), stage, {false, {{1, 3, bytes(6)}}, {{2, other}}, {}});
        CHECK(groups(4) == images{{1, 3, bytes(6)}, {2, 0, {}, {other}}});
    }
    SECTION("gone")
    {
        auto const other = record.stages.front();
        record.stages.front().name = "other";
        CHECK(groups(4).empty());
        record.stages.front() = other;
        CHECK(groups(5).empty());
    }
    SECTION("renamed and dropped")
    {
        record.stages.front().name = "renamed";
        opened.log.rename_stages([&](std::string const& name) {
            return name == stage ? std::optional<std::string>("renamed") : std::nullopt;
        });
        CHECK(groups(4) == images{{1, 1, bytes(2), {late}}});
        opened.log.rename_stages([](std::string const&) { return std::optional<std::string>(); });
        CHECK(groups(5).empty());
    }
}

TEST_CASE("a group that is dropped gives its number to one that is new", "[checkpoint][journal][deltas]")
{
    any_storage const storage{tidemark::memory_storage()};
    auto opened = journal::open(storage, small_files());
    auto record = commit_after(1);
    auto const stage = record.stages.front().name;
    opened.log.change(batch_time(1), stage, {false, {{0, 1, bytes(2)}}, {}, {}});
    opened.log.change(batch_time(1), stage, {false, {{0, 1, bytes(3)}}, {}, {0}});
    opened.log.commit(record);
    auto const found = tidemark::read_checkpoint(storage, "test").commit->stages.front().groups;
    CHECK(found == std::vector<tidemark::group_image>{{0, 1, bytes(3)}});
}

TEST_CASE("a commit of another start without a change keeps those of the one before", "[checkpoint][journal][deltas]")
{
    any_storage const storage{tidemark::memory_storage()};
    auto record = commit_after(1);
    auto const stage = record.stages.front().name;
    tidemark::group_run const run{batch_time(1), 1, 0, bytes(2)};
    {
        auto opened = journal::open(storage, small_files());
        opened.log.change(batch_time(1), stage, {false, {}, {{3, run}}, {}});
        opened.log.commit(record);
    }
    auto opened = journal::open(storage, small_files());
    record.time = batch_time(2);
    opened.log.commit(record);
    auto const found = tidemark::read_checkpoint(storage, "test");
    CHECK(found.commit->stages.front().groups == std::vector<tidemark::group_image>{{3, 0, {}, {run}}});
}

// ---- What is kept does not grow

TEST_CASE("bases are written as fast as changes are, so that as much of these counts as of the state",
          "[checkpoint][journal][deltas]")
{
    auto const most_runs_with = [](tidemark::spare_time spare) {
        any_storage const storage{tidemark::memory_storage()};
        auto opened = journal::open(storage, small_files(4000));
        state_model state;
        std::size_t most_runs = 0;
        std::uint64_t most_bytes = 0;
        for (std::int64_t n = 1; n <= 2000; ++n) {
            write_batch(opened.log, state, n, spare);
            if (n % 5 != 0)
                continue;
            opened.log.commit(commit_after(n));
            std::uint64_t bytes_now = 0;
            for (auto const& name : names(storage, "state-"))
                bytes_now += storage.size(name);
            most_bytes = std::max(most_bytes, bytes_now);
            auto const found = tidemark::read_checkpoint(storage, "test");
            REQUIRE(problem_with(*found.commit) == "");
            most_runs = std::max(most_runs, runs_in(*found.commit));
        }
        CHECK(most_bytes < 20'000);
        return most_runs;
    };
    // Four groups of 264 bytes, deltas of up to 190: it is each group's turn after six batches, or after twice as many.
    auto const in_spare_time = most_runs_with(tidemark::spare_time::some);
    auto const in_batches = most_runs_with(tidemark::spare_time::none);
    CHECK(in_spare_time <= 4 * 7);
    CHECK(in_batches <= 4 * 14);
    CHECK(2 * in_batches > 3 * in_spare_time); // no batch waits for a base before it must
}

TEST_CASE("starts that end before a base is due leave no more changes than one long run",
          "[checkpoint][journal][deltas]")
{
    any_storage const storage{tidemark::memory_storage()};
    state_model state;
    std::size_t most_runs = 0;
    for (std::int64_t n = 1; n <= 600; n += 3) {
        auto opened = journal::open(storage, small_files(4000));
        for (auto const batch : {n, n + 1, n + 2})
            write_batch(opened.log, state, batch, tidemark::spare_time::none);
        opened.log.commit(commit_after(n + 2));
        auto const found = tidemark::read_checkpoint(storage, "test");
        REQUIRE(problem_with(*found.commit) == "");
        most_runs = std::max(most_runs, runs_in(*found.commit));
    }
    CHECK(most_runs <= 4 * 14); // as above
}

TEST_CASE("bases that nothing changes do not keep their files for good", "[checkpoint][journal][deltas]")
{
    any_storage const storage{tidemark::memory_storage()};
    auto opened = journal::open(storage, small_files(std::uint64_t{1} << 20U));
    auto record = commit_after(1);
    auto const stage = record.stages.front().name;
    auto const still = [](std::uint32_t group) { return tidemark::group_image{group, 1, bytes(100)}; };
    for (std::uint32_t n = 1; n <= 80; ++n) {
        std::vector<tidemark::group_image> made{{0, 1, bytes(std::size_t{1} << 19U)}};
        if (n <= 40)
            made.push_back(still(n));
        opened.log.change(batch_time(n), stage, {n == 1, std::move(made), {}, {}});
        while (auto const due = opened.log.base_due(tidemark::spare_time::some)) {
            REQUIRE(due->group != 0);
            opened.log.put_due_base(batch_time(n), due->stage, still(due->group));
        }
        record.time = batch_time(n);
        opened.log.commit(record);
    }
    std::uint64_t kept = 0;
    for (auto const& name : names(storage, "state-"))
        kept += storage.size(name);
    CHECK(kept < std::uint64_t{8} << 20U); // and not 20, in files with an old base each
    auto const found = tidemark::read_checkpoint(storage, "test");
    auto const& groups = found.commit->stages.front().groups;
    REQUIRE(groups.size() == 41);
    for (std::uint32_t n = 1; n <= 40; ++n)
        CHECK(groups[n] == still(n));
}

TEST_CASE("however small the changes are, only so many follow a base", "[checkpoint][journal][deltas]")
{
    any_storage const storage{tidemark::memory_storage()};
    auto opened = journal::open(storage, small_files(std::uint64_t{1} << 20U));
    auto record = commit_after(1);
    auto const stage = record.stages.front().name;
    auto const large = [](std::uint32_t group) { return tidemark::group_image{group, 1, bytes(200'000)}; };
    opened.log.change(batch_time(1), stage, {true, {large(0), large(1)}, {}, {}});
    for (std::int64_t n = 2; n <= 2000; ++n) {
        tidemark::group_run const run{batch_time(n), 1, 0, bytes(2)};
        opened.log.change(batch_time(n), stage, {false, {}, {{0, run}, {1, run}}, {}});
        while (auto const due = opened.log.base_due(tidemark::spare_time::some))
            opened.log.put_due_base(batch_time(n), due->stage, large(due->group));
    }
    record.time = batch_time(2000);
    opened.log.commit(record);
    auto const found = tidemark::read_checkpoint(storage, "test");
    auto const& groups = found.commit->stages.front().groups;
    REQUIRE(groups.size() == 2);
    for (auto const& group : groups)
        CHECK(group.runs.size() <= 520);
}

// ---- Damage

TEST_CASE("every flipped bit of a state with changes is noticed, and the commit before is used",
          "[checkpoint][journal][deltas][damage]")
{
    auto const storage = checkpoint_up_to(12);
    REQUIRE(runs_in(*tidemark::read_checkpoint(storage, "test").commit) > 0);
    std::size_t fallbacks = 0;
    for (auto const& name : names(storage, "")) {
        if (!name.starts_with("log-") && !name.starts_with("state-"))
            continue;
        auto const whole = storage.read(name);
        for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
            put(storage, name, journal_cases::flipped(whole, bit));
            INFO(name << ", byte " << bit / 8 << ", bit " << bit % 8);
            try {
                auto const found = tidemark::read_checkpoint(storage, "test");
                REQUIRE(found.commit);
                REQUIRE(problem_with(*found.commit) == "");
                if (found.commit->time != batch_time(12)) {
                    REQUIRE_FALSE(found.notes.empty());
                    ++fallbacks;
                }
            } catch (tidemark::corrupt_checkpoint const&) { // what both commits need
            }
        }
        put(storage, name, whole);
    }
    CHECK(fallbacks > 1000);
}

TEST_CASE("after a fallback the batches run again on what the older commit had",
          "[checkpoint][journal][deltas][damage]")
{
    auto const original = checkpoint_up_to(12);
    auto const newest = names(original, "state-").back();
    auto const size = original.size(newest);
    for (std::uint64_t byte = 0; byte < size; ++byte) {
        auto const storage = journal_cases::copy_of(original);
        put(storage, newest, journal_cases::flipped(storage.read(newest), static_cast<std::size_t>(byte) * 8));
        progress done;
        try {
            auto const found = tidemark::read_checkpoint(storage, "test");
            done.committed = done.committing = found.commit->time.count();
        } catch (tidemark::corrupt_checkpoint const&) {
            continue;
        }
        run(storage, done, 21);
        auto const again = tidemark::read_checkpoint(storage, "test");
        REQUIRE(again.commit->time == batch_time(21));
        REQUIRE(problem_with(*again.commit) == "");
    }
}

TEST_CASE("a state file of any shorter length gives the commit before, or is refused",
          "[checkpoint][journal][deltas][damage]")
{
    auto const storage = checkpoint_up_to(12);
    for (auto const& name : names(storage, "state-")) {
        auto const whole = storage.read(name);
        for (std::size_t length = 0; length < whole.size(); ++length) {
            put(storage, name, bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)));
            try {
                auto const found = tidemark::read_checkpoint(storage, "test");
                REQUIRE(problem_with(*found.commit) == "");
                bool const is_whole = found.commit->time == batch_time(12);
                REQUIRE((is_whole || !found.notes.empty()));
            } catch (tidemark::corrupt_checkpoint const&) {
            }
        }
        put(storage, name, whole);
    }
}

// ---- Crashes and disks that fail

TEST_CASE("a start after a crash at any operation finds all changes of a commit or none",
          "[checkpoint][journal][deltas][crash]")
{
    std::uint64_t crashes = 0;
    auto const changes = plan_of_a_whole_run(last_batch, std::identity{}).changes();
    for (std::uint64_t seed = 0; seed < 10; ++seed) // 0: only processes die, the system never
        for (std::uint64_t at = 0; at <= changes; ++at) {
            progress done;
            auto const disk = run_through_crashes(seed, at, 29, crashes,
                                                  [&](any_storage const& storage) { run(storage, done, last_batch); });
            CHECK(done.committed == last_batch);
            CHECK(problem_after(tidemark::read_checkpoint(disk.crash(seed), "test"), done) == "");
        }
    CHECK(crashes > 1000);
}

TEST_CASE("one failed operation costs one call or one start, and no change", "[checkpoint][journal][deltas][crash]")
{
    auto const operations = plan_of_a_whole_run(last_batch, std::identity{}).operations();
    for (auto const effect : {tidemark::fault_effect::none, tidemark::fault_effect::all})
        for (std::uint64_t at = 0; at < operations; ++at) {
            INFO("operation " << at);
            tidemark::memory_storage const disk;
            tidemark::fault_plan const plan;
            plan.fail(at, effect);
            progress done;
            for (int start = 0; done.committed < last_batch; ++start) {
                REQUIRE(start < 2);
                try {
                    run(any_storage(tidemark::faulty_storage(disk, plan)), done, last_batch, 1);
                } catch (tidemark::error const&) {
                }
            }
            CHECK(problem_after(tidemark::read_checkpoint(disk.crash(at), "test"), done) == "");
        }
}

TEST_CASE("a torn append costs one call, and no change", "[checkpoint][journal][deltas][crash]")
{
    for (std::uint64_t at = 0;; ++at) {
        tidemark::memory_storage const disk;
        tidemark::fault_plan const plan(at);
        plan.tear(at);
        progress done;
        for (int start = 0; done.committed < last_batch; ++start) {
            REQUIRE(start < 2);
            try {
                run(any_storage(tidemark::faulty_storage(disk, plan)), done, last_batch, 1);
            } catch (tidemark::error const&) {
            }
        }
        CHECK(problem_after(tidemark::read_checkpoint(disk.crash(at), "test"), done) == "");
        if (plan.operations(tidemark::storage_operation::append) <= at)
            break;
    }
}

TEST_CASE("a full disk loses no commit, and changes that found no room go with a later one",
          "[checkpoint][journal][deltas][crash]")
{
    for (std::uint64_t space = 0; space < 9000; space += 83) {
        INFO("room for " << space << " bytes");
        tidemark::memory_storage const disk;
        tidemark::fault_plan const plan;
        plan.limit_space(space);
        any_storage const storage(tidemark::faulty_storage(disk, plan));
        progress done;
        std::optional<tidemark::opened_journal> opened;
        try {
            opened.emplace(journal::open(storage, small_files()));
        } catch (tidemark::error const&) {
            continue; // no room for a log
        }
        state_model state;
        for (std::int64_t n = 1; n <= 24; ++n) {
            if (n == 15)
                plan.limit_space(1'000'000);
            write_batch(opened->log, state, n);
            if (n % 3 != 0)
                continue;
            done.committing = n;
            try {
                opened->log.commit(commit_after(n));
                done.committed = n;
            } catch (tidemark::checkpoint_error const&) {
                REQUIRE(n < 15);
            }
            CHECK(problem_after(tidemark::read_checkpoint(disk.crash(space), "test"), done) == "");
        }
        CHECK(done.committed == 24);
    }
}

TEST_CASE("changes whose sync failed are written again elsewhere", "[checkpoint][journal][deltas][crash]")
{
    tidemark::memory_storage const disk;
    tidemark::fault_plan const plan;
    auto opened = journal::open(tidemark::faulty_storage(disk, plan), small_files(100'000));
    state_model state;
    write_batch(opened.log, state, 1);
    opened.log.commit(commit_after(1));
    write_batch(opened.log, state, 2);
    write_batch(opened.log, state, 3);
    plan.fail(tidemark::storage_operation::sync, plan.operations(tidemark::storage_operation::sync));
    CHECK_THROWS_AS(opened.log.commit(commit_after(3)), tidemark::checkpoint_error);
    CHECK(names(any_storage(disk), "state-").size() == 1);
    write_batch(opened.log, state, 4);
    opened.log.commit(commit_after(4));
    CHECK(names(any_storage(disk), "state-").size() == 2);
    for (std::uint64_t seed = 0; seed < 20; ++seed)
        CHECK(problem_with(*tidemark::read_checkpoint(disk.crash(seed), "test").commit) == "");
}

TEST_CASE("a savepoint that is dropped takes nothing with it that the next commit needs",
          "[checkpoint][journal][deltas][savepoint]")
{
    tidemark::memory_storage const disk;
    tidemark::fault_plan const plan;
    auto settings = small_files(1); // a state file for each batch that is synced
    settings.retain = 1;
    auto opened = journal::open(tidemark::faulty_storage(disk, plan), settings);
    auto const fail_sync = [&plan](std::uint64_t later) {
        plan.fail(tidemark::storage_operation::sync, plan.operations(tidemark::storage_operation::sync) + later);
    };
    state_model state;
    write_batch(opened.log, state, 1);
    opened.log.commit(commit_after(1));
    opened.log.save("first");
    write_batch(opened.log, state, 2, tidemark::spare_time::none);
    fail_sync(1); // of the log: the state is durable by then
    CHECK_THROWS_AS(opened.log.commit(commit_after(2)), tidemark::checkpoint_error);
    write_batch(opened.log, state, 3, tidemark::spare_time::none);
    fail_sync(3); // after a segment, its manifest and the state
    CHECK_THROWS_AS(opened.log.commit(commit_after(3)), tidemark::checkpoint_error);
    opened.log.drop_savepoint("first");
    write_batch(opened.log, state, 4, tidemark::spare_time::none);
    opened.log.commit(commit_after(4));
    auto const found = tidemark::read_checkpoint(disk, "test");
    REQUIRE(found.commit);
    CHECK(found.commit->time == batch_time(4));
    CHECK(problem_with(*found.commit) == "");
}

TEST_CASE("a commit names no change that was never written", "[checkpoint][journal][deltas]")
{
    auto const written = std::make_shared<tidemark::detail::state_block>();
    written->file = {1, 1};
    auto const lost = std::make_shared<tidemark::detail::state_block>();
    lost->time = tidemark::batch_time(7000);
    tidemark::detail::state_files files;
    CHECK(files.references({{written}}).files.size() == 1);
    CHECK_THROWS_WITH(files.references({{written, lost}}), Catch::Matchers::Contains("batch 7000 ms was lost"));
}

TEST_CASE("a disk that takes no changes is not given bases", "[checkpoint][journal][deltas]")
{
    using tidemark::spare_time;
    tidemark::memory_storage const disk;
    tidemark::fault_plan const plan;
    auto opened = journal::open(tidemark::faulty_storage(disk, plan), small_files(100'000));
    opened.log.change(batch_time(1), "counts", runs_of(1));
    opened.log.commit(commit_after(1));
    CHECK(opened.log.base_due(spare_time::some));
    opened.log.change(batch_time(2), "counts", runs_of(2));
    plan.fail(tidemark::storage_operation::sync, plan.operations(tidemark::storage_operation::sync));
    CHECK_THROWS_AS(opened.log.commit(commit_after(2)), tidemark::checkpoint_error);
    CHECK_FALSE(opened.log.base_due(spare_time::some));
    CHECK_FALSE(opened.log.base_due(spare_time::none));
    opened.log.commit(commit_after(2));
    CHECK(opened.log.base_due(spare_time::some));
}

// ---- Savepoints and copies

TEST_CASE("a savepoint and a copy keep the changes too", "[checkpoint][journal][deltas]")
{
    any_storage const storage{tidemark::memory_storage()};
    auto opened = journal::open(storage, small_files());
    state_model state;
    for (std::int64_t n = 1; n <= 60; ++n) {
        write_batch(opened.log, state, n);
        opened.log.commit(commit_after(n));
        if (n == 7)
            opened.log.save("seventh");
    }
    auto const found = tidemark::inspect_checkpoint(storage);
    REQUIRE(found.savepoints.size() == 1);
    REQUIRE(found.savepoints.front().record);
    CHECK(problem_with(*found.savepoints.front().record) == "");
    CHECK(runs_in(*found.savepoints.front().record) > 0);
    for (auto const& from : {std::optional<std::string>("seventh"), std::optional<std::string>()}) {
        any_storage const copy{tidemark::memory_storage()};
        tidemark::copy_checkpoint(storage, copy, {.savepoint = from});
        auto again = journal::open(copy, small_files());
        auto const time = again.state.commit->time.count();
        CHECK(time == (from ? 7 : 60));
        CHECK(problem_with(*again.state.commit) == "");
        auto going_on = state_after(time);
        for (auto n = time + 1; n < time + 10; ++n) {
            write_batch(again.log, going_on, n);
            again.log.commit(commit_after(n));
        }
        CHECK(problem_with(*tidemark::read_checkpoint(copy, "test").commit) == "");
    }
}
