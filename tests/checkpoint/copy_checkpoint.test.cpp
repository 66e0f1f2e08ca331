// SPDX-License-Identifier: BSL-1.0
//
// copy_checkpoint.test: a new checkpoint from a savepoint or a commit, or from a part of it; the old one stays as it is.

#include <tidemark/checkpoint/copy_checkpoint.hpp>
#include <tidemark/checkpoint/locked_checkpoint.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/storage/fault_plan.hpp>
#include <tidemark/storage/faulty_storage.hpp>
#include <tidemark/storage/memory_storage.hpp>

#include <checkpoint/journal_cases.hpp>
#include <support/catch.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace {

using namespace journal_cases;
using Catch::Matchers::Contains;
using tidemark::copied_part;
using tidemark::copy_checkpoint;
using tidemark::fault_plan;
using tidemark::faulty_storage;
using tidemark::journal;
using tidemark::memory_storage;

/// A plan that takes blocks of a disk for itself, so that a crash may lose it alone.
tidemark::plan_record large_plan_of(std::int64_t n)
{
    auto plan = plan_of(n);
    plan.inputs.front().input = repeated(n, 6000);
    return plan;
}

/// Savepoint `before` of batch 1, commits to batch 3; batches 4 and 5 are planned, 4 is done.
memory_storage some_checkpoint()
{
    memory_storage files;
    auto log = journal::open(files, options(1)).log;
    log.commit(commit_of(1));
    (void)log.save("before");
    log.commit(commit_of(2));
    log.commit(commit_of(3));
    log.plan(large_plan_of(4), true);
    log.done(done_of(4), true);
    log.plan(large_plan_of(5), true);
    return files;
}

std::map<std::string, bytes> contents(memory_storage const& files)
{
    std::map<std::string, bytes> all;
    for (auto const& name : files.list())
        all.emplace(name, files.read(name));
    return all;
}

tidemark::commit_record without_positions(tidemark::commit_record commit)
{
    commit.positions.clear();
    return commit;
}

tidemark::commit_record without_states(tidemark::commit_record commit)
{
    commit.stages.clear();
    commit.accumulators.clear();
    return commit;
}

/// As a copy of a savepoint has it.
tidemark::commit_record of_savepoint(tidemark::commit_record commit, std::string const& name)
{
    commit.settings.emplace("savepoint", tidemark::to_bytes(name));
    return commit;
}

} // namespace

TEST_CASE("a copy of a savepoint is a checkpoint of its own, and goes on", "[checkpoint][copy]")
{
    auto const from = some_checkpoint();
    auto const before = contents(from);
    memory_storage const to("copy");
    auto const report = copy_checkpoint(from, to, {.savepoint = "before"});
    CHECK(report.application == "test");
    CHECK(report.time == tidemark::batch_time(1));
    CHECK(report.plans == 0);
    CHECK(contents(from) == before);
    CHECK(tidemark::decode_manifest(to.read("manifest")).store_id
          != tidemark::decode_manifest(from.read("manifest")).store_id);
    {
        auto opened = journal::open(to.crash(1), options());
        CHECK(opened.state.commit == of_savepoint(commit_of(1), "before"));
        CHECK(opened.state.plans.empty());
        CHECK(opened.state.notes.empty());
        opened.log.commit(commit_of(2));
    }
    CHECK(tidemark::read_checkpoint(from, "test").commit == commit_of(3));
}

TEST_CASE("a copy of the newest commit has what was planned and done after it", "[checkpoint][copy]")
{
    auto const from = some_checkpoint();
    memory_storage const to("copy");
    CHECK(copy_checkpoint(from, to).plans == 2);
    auto const opened = journal::open(to.crash(1), options());
    CHECK(opened.state.commit == commit_of(3));
    CHECK(opened.state.plans == std::vector{large_plan_of(4), large_plan_of(5)});
    CHECK(opened.state.dones == std::vector{done_of(4)});
    CHECK(opened.state.notes.empty());
}

TEST_CASE("a copy may leave out the positions or the states", "[checkpoint][copy]")
{
    auto const from = some_checkpoint();
    memory_storage const states("states");
    (void)copy_checkpoint(from, states, {.part = copied_part::states});
    auto found = journal::open(states, options()).state;
    CHECK(found.commit == without_positions(commit_of(3)));
    CHECK(found.plans.empty());
    CHECK(found.dones.empty());

    memory_storage const positions("positions");
    (void)copy_checkpoint(from, positions, {.part = copied_part::positions});
    found = journal::open(positions, options()).state;
    CHECK(found.commit == without_states(commit_of(3)));
    CHECK(found.plans == std::vector{large_plan_of(4), large_plan_of(5)});
    REQUIRE(found.dones.size() == 1);
    CHECK(found.dones.front().output == done_of(4).output);
    CHECK(found.dones.front().contributions.empty());

    memory_storage const saved("saved");
    (void)copy_checkpoint(from, saved, {.savepoint = "before", .part = copied_part::states});
    CHECK(journal::open(saved, options()).state.commit == of_savepoint(without_positions(commit_of(1)), "before"));
}

TEST_CASE("a copy of a savepoint needs no log", "[checkpoint][copy]")
{
    auto const from = some_checkpoint();
    for (auto const& name : names(from, "log-"))
        from.remove(name);
    from.remove("manifest");
    memory_storage const to("copy");
    (void)copy_checkpoint(from, to, {.savepoint = "before"});
    CHECK(tidemark::read_checkpoint(to, "test").commit == of_savepoint(commit_of(1), "before"));
}

TEST_CASE("a copy of what is not there, or into what is there, is refused", "[checkpoint][copy]")
{
    auto const from = some_checkpoint();
    memory_storage const to("copy");
    CHECK_THROWS_WITH(copy_checkpoint(from, to, {.savepoint = "none"}),
                      Contains("no savepoint \"none\" in memory; it has before"));
    CHECK_THROWS_AS(copy_checkpoint(from, to, {.savepoint = "a/b"}), tidemark::config_error);
    CHECK_THROWS_WITH(copy_checkpoint(memory_storage("empty"), to), Contains("there is no commit in empty"));
    CHECK(to.list().empty());

    auto const before = contents(from);
    CHECK_THROWS_WITH(copy_checkpoint(from, from), Contains("expected nothing in memory, found log-"));
    CHECK(contents(from) == before);
    memory_storage const folder("folder");
    folder.folder("rdd-1").put("x", bytes{});
    CHECK_THROWS_WITH(copy_checkpoint(from, folder), Contains("found rdd-1"));
}

TEST_CASE("a savepoint that is damaged is not copied", "[checkpoint][copy]")
{
    for (auto const* const name : {"savepoint-before", "state-0000000001-0000000001"}) {
        auto const from = some_checkpoint();
        damage(from, name);
        memory_storage const to("copy");
        CHECK_THROWS_AS(copy_checkpoint(from, to, {.savepoint = "before"}), tidemark::corrupt_checkpoint);
        CHECK_THROWS_WITH(copy_checkpoint(from, to, {.savepoint = "before"}), Contains(name));
        CHECK(to.list().empty());
    }
}

TEST_CASE("a crash at any operation of a copy leaves it whole, or empty, or a start refuses it", "[checkpoint][copy]")
{
    auto const from = some_checkpoint();
    for (auto const part : {copied_part::everything, copied_part::positions}) {
        auto const commit = part == copied_part::everything ? commit_of(3) : without_states(commit_of(3));
        std::size_t whole = 0;
        std::size_t refused = 0;
        for (std::uint64_t at = 0;; ++at) {
            memory_storage const to("copy");
            fault_plan const plan(at);
            plan.crash_after_changes(at);
            bool crashed = false;
            try {
                (void)copy_checkpoint(from, faulty_storage(to, plan), {.part = part});
            } catch (tidemark::simulated_crash const&) {
                crashed = true;
            }
            for (std::uint64_t seed = 0; seed < 300; ++seed) {
                INFO("crash after " << at << " changes, seed " << seed);
                auto const left = seed == 0 ? to.kill() : to.crash(seed);
                if (left.list().empty() && crashed)
                    continue;
                try {
                    auto const state = tidemark::read_checkpoint(left, "test");
                    CHECK(state.commit == commit);
                    CHECK(state.plans == std::vector{large_plan_of(4), large_plan_of(5)});
                    CHECK(state.dones.size() == 1);
                    ++whole;
                } catch (tidemark::corrupt_checkpoint const&) {
                    CHECK(crashed);
                    ++refused;
                }
            }
            if (!crashed)
                break;
        }
        CHECK(whole > 300);
        CHECK(refused > 300);
    }
}

TEST_CASE("a disk that writes something else is noticed by the copy", "[checkpoint][copy]")
{
    auto const from = some_checkpoint();
    for (std::uint64_t at = 0; at < 4; ++at) {
        memory_storage const to("copy");
        fault_plan const plan(at);
        plan.flip_bit(at);
        CHECK_THROWS_AS(copy_checkpoint(from, faulty_storage(to, plan)), tidemark::checkpoint_error);
    }
}
