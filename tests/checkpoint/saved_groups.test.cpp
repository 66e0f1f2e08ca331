// SPDX-License-Identifier: BSL-1.0
//
// A checkpoint whose groups are read by several threads and given out one by one.

#include <tidemark/checkpoint/locked_checkpoint.hpp>
#include <tidemark/execution/executor_with.hpp>
#include <tidemark/storage/memory_storage.hpp>

#include <checkpoint/delta_cases.hpp>
#include <checkpoint/journal_cases.hpp>
#include <support/catch.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace {

using namespace delta_cases;

using tidemark::locked_checkpoint;
using tidemark::spare_time;

/// Commits after each of the batches, with bases only where they cannot wait.
void write_up_to(tidemark::any_storage storage, std::int64_t last)
{
    auto opened = tidemark::journal::open(std::move(storage), journal_cases::options());
    state_model state;
    for (std::int64_t n = 1; n <= last; ++n) {
        write_batch(opened.log, state, n, spare_time::none);
        opened.log.commit(commit_after(n));
    }
}

locked_checkpoint locked_by_groups(tidemark::any_storage const& storage, std::size_t threads)
{
    return {storage, journal_cases::options(), tidemark::executor_with(threads)};
}

/// The commit with all that its groups give.
tidemark::commit_record taken(tidemark::recovered const& found)
{
    auto record = found.commit.value();
    for (std::size_t stage = 0; stage < record.stages.size(); ++stage) {
        REQUIRE(record.stages[stage].groups.empty());
        for (std::size_t number = 0; number < found.groups->size(stage); ++number)
            record.stages[stage].groups.push_back(found.groups->take(stage, number));
    }
    return record;
}

/// The state file that was begun last.
std::string newest_state(tidemark::any_storage const& storage)
{
    return journal_cases::names(storage, "state-").back();
}

} // namespace

TEST_CASE("groups that are given out one by one are those that are read at once", "[checkpoint][saved_groups]")
{
    tidemark::memory_storage const disk;
    write_up_to(disk, 12);
    auto const at_once = locked_checkpoint(disk, journal_cases::options()).state().commit.value();
    REQUIRE(problem_with(at_once).empty());
    REQUIRE_FALSE(at_once.stages.front().groups.front().runs.empty());
    for (std::size_t const threads : {1U, 2U, 3U}) {
        auto const locked = locked_by_groups(disk, threads);
        REQUIRE(locked.state().commit->time.count() == 12);
        CHECK(taken(locked.state()) == at_once);
    }
}

TEST_CASE("a checkpoint whose groups were given out goes on as any other", "[checkpoint][saved_groups]")
{
    tidemark::memory_storage const disk;
    write_up_to(disk, 7);
    {
        auto locked = locked_by_groups(disk, 2);
        (void)taken(locked.state()); // as an application does before it begins
        auto opened = std::move(locked).begin();
        auto state = state_after(7);
        std::size_t bases = 0;
        for (std::int64_t n = 8; n <= 20; ++n) {
            apply_batch(state, n);
            opened.log.change(tidemark::batch_time(n), "counts", runs_of(n));
            for (; auto const due = opened.log.base_due(spare_time::some); ++bases)
                opened.log.put_due_base(tidemark::batch_time(n), due->stage, base_of(state, due->group));
            opened.log.commit(commit_after(n));
        }
        CHECK(bases != 0); // it knows which groups are behind their bases
    }
    auto const found = locked_checkpoint(disk, journal_cases::options());
    REQUIRE(found.state().commit->time.count() == 20);
    CHECK(problem_with(*found.state().commit).empty());
}

TEST_CASE("damage in a base or a delta gives a commit up, however many threads read it",
          "[checkpoint][saved_groups][damage]")
{
    for (std::size_t const threads : {1U, 2U}) {
        tidemark::memory_storage const disk;
        write_up_to(disk, 12);
        journal_cases::damage(disk, newest_state(disk));
        auto const locked = locked_by_groups(disk, threads);
        REQUIRE(locked.state().commit->time.count() < 12);
        CHECK(problem_with(taken(locked.state())).empty());
        CHECK(locked.state().notes.size() == 1);
    }
}

TEST_CASE("a base that has changed since it was verified is not given out", "[checkpoint][saved_groups][damage]")
{
    tidemark::memory_storage const disk;
    tidemark::journal::open(disk, journal_cases::options()).log.commit(journal_cases::commit_of(1));
    auto const locked = locked_by_groups(disk, 2);
    REQUIRE(locked.state().commit);
    SECTION("damaged")
    {
        journal_cases::damage(disk, newest_state(disk));
        CHECK_THROWS_AS(taken(locked.state()), tidemark::corrupt_checkpoint);
    }
    SECTION("as it was") { CHECK(taken(locked.state()) == journal_cases::commit_of(1)); }
}
