// SPDX-License-Identifier: BSL-1.0
//
// inspection.test: an inspection finds what a start would find, says what is wrong with the rest, and touches nothing.

#include <tidemark/checkpoint/inspection.hpp>
#include <tidemark/checkpoint/locked_checkpoint.hpp>
#include <tidemark/storage/fault_plan.hpp>
#include <tidemark/storage/faulty_storage.hpp>
#include <tidemark/storage/memory_storage.hpp>

#include <checkpoint/journal_cases.hpp>
#include <storage/storages.hpp>
#include <support/catch.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace tidemark;
using Catch::Matchers::Contains;
using journal_cases::commit_of;
using journal_cases::done_of;
using journal_cases::options;
using journal_cases::plan_of;

/// Commits of batches 1 to 3; batch 4 is planned, and its output is done.
memory_storage some_checkpoint()
{
    memory_storage files;
    auto log = journal::open(files, options()).log;
    for (std::int64_t batch = 1; batch <= 3; ++batch) {
        log.plan(plan_of(batch), false);
        log.done(done_of(batch), false);
        (void)log.commit(commit_of(batch));
    }
    log.plan(plan_of(4), false);
    log.done(done_of(4), true);
    return files;
}

} // namespace

TEST_CASE("an inspection tells all commits, and which one a start would use", "[checkpoint][inspection]")
{
    auto const files = some_checkpoint();
    auto const found = inspect_checkpoint(files);
    CHECK(found.application == "test");
    CHECK(found.generation == 1);
    REQUIRE(found.commits.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
        auto const& commit = found.commits[i];
        CHECK(commit.problem.empty());
        REQUIRE(commit.record);
        CHECK(*commit.record == commit_of(static_cast<std::int64_t>(i) + 1));
        CHECK(commit.files.size() == 1);
    }
    CHECK(found.chosen == std::size_t{2});
    CHECK(found.planned == std::vector{batch_time(4)});
    CHECK(found.done == std::vector{std::pair(batch_time(4), std::string("print"))});
    for (auto const& file : found.files)
        CHECK(file.needed);
    CHECK(found.notes.empty());
}

TEST_CASE("an inspection changes nothing and needs no lock", "[checkpoint][inspection]")
{
    memory_storage const files;
    auto const writing = journal::open(files, options()).log;
    fault_plan const plan;
    (void)inspect_checkpoint(faulty_storage(files, plan));
    CHECK(plan.changes() == 0);
    CHECK(plan.operations(storage_operation::lock) == 0);
}

TEST_CASE("a commit that cannot be used says why, and a start and an inspection agree", "[checkpoint][inspection]")
{
    auto const whole = some_checkpoint();
    for (auto const& name : whole.list()) {
        auto bytes = whole.read(name);
        for (std::size_t at = 0; at < bytes.size(); at += 7) {
            INFO(name << ", byte " << at);
            auto const files = whole.kill();
            auto damaged = bytes;
            damaged[at] ^= std::byte{1};
            files.put(name, damaged);
            auto const found = inspect_checkpoint(files);
            std::string chosen = found.chosen ? to_string(found.commits[*found.chosen].time) : "none";
            std::string started = "none";
            try {
                if (auto const state = read_checkpoint(files, "test"); state.commit)
                    started = to_string(state.commit->time);
            } catch (corrupt_checkpoint const&) {
            }
            CHECK(chosen == started);
            for (std::size_t i = found.chosen.value_or(0); i < found.commits.size(); ++i)
                CHECK(found.commits[i].problem.empty() == (found.chosen == i));
        }
    }
}

TEST_CASE("files that nothing needs, and those that are missing, are told", "[checkpoint][inspection]")
{
    auto const files = some_checkpoint();
    files.put("state-0000000009-0000000001", storages::bytes("left over"));
    auto const newest = inspect_checkpoint(files).commits.back().files.front();
    files.remove(newest);
    auto const found = inspect_checkpoint(files);
    CHECK(found.chosen == std::size_t{1});
    CHECK_THAT(found.commits.back().problem, Contains(newest) && Contains("no file"));
    CHECK_THAT(journal_cases::text_of(found.notes), Contains(newest + " is missing"));
    for (auto const& file : found.files)
        CHECK(file.needed == (file.name != "state-0000000009-0000000001"));
}

TEST_CASE("commits behind those that are kept are no damage, and lost files of kept ones are",
          "[checkpoint][inspection]")
{
    memory_storage const files;
    {
        auto log = journal::open(files, options(2)).log;
        for (std::int64_t batch = 1; batch <= 5; ++batch)
            (void)log.commit(commit_of(batch));
    }
    auto const swept = [&](std::size_t retained) {
        std::vector<bool> which;
        for (auto const& commit : inspect_checkpoint(files, retained).commits) {
            CHECK((!commit.swept || !commit.problem.empty()));
            which.push_back(commit.swept);
        }
        return which;
    };
    auto const sound = inspect_checkpoint(files, 2);
    REQUIRE(sound.commits.size() == 5);
    CHECK(swept(2) == std::vector{true, true, true, false, false});
    CHECK(sound.notes.empty());
    CHECK(swept(3) == std::vector{true, true, false, false, false}); // the program is said to keep one more
    CHECK_THAT(journal_cases::text_of(inspect_checkpoint(files).notes), Contains("is missing"));

    files.remove(sound.commits[3].files.front());
    CHECK(swept(2) == std::vector{true, true, true, false, false});
    CHECK_THAT(inspect_checkpoint(files, 2).commits[3].problem, Contains("no file"));
    CHECK(swept(1) == std::vector{true, true, true, true, false});

    files.remove(sound.commits[4].files.front()); // nothing is left to go on from
    CHECK(swept(1) == std::vector<bool>(5));
}

TEST_CASE("the commit that a start writes once more is one of those that are kept", "[checkpoint][inspection]")
{
    memory_storage const files;
    for (std::int64_t const first : {1, 5}) {
        auto log = journal::open(files, options(2)).log;
        for (std::int64_t batch = first; batch < first + 4; ++batch)
            (void)log.commit(commit_of(batch));
    }
    {
        auto log = journal::open(files, options(2)).log;
        (void)log.commit(commit_of(9));
    }
    auto const found = inspect_checkpoint(files, 2);
    REQUIRE(found.commits.size() >= 3);
    for (auto const& commit : found.commits) {
        INFO(to_string(commit.time));
        CHECK(commit.swept == (commit.time < batch_time(8)));
        CHECK(commit.problem.empty() == !commit.swept);
    }
    for (auto const& commit : inspect_checkpoint(files, 3).commits)
        CHECK(commit.swept == (commit.time < batch_time(7)));
}

TEST_CASE("a commit without its files behind one that has them is damaged", "[checkpoint][inspection]")
{
    memory_storage const files;
    {
        auto log = journal::open(files, options(5)).log;
        for (std::int64_t batch = 1; batch <= 5; ++batch)
            (void)log.commit(commit_of(batch));
    }
    files.remove(inspect_checkpoint(files).commits[1].files.front());
    for (auto const& commit : inspect_checkpoint(files, 1).commits)
        CHECK_FALSE(commit.swept);
}

TEST_CASE("an empty directory has nothing to tell", "[checkpoint][inspection]")
{
    auto const found = inspect_checkpoint(memory_storage());
    CHECK(found.commits.empty());
    CHECK(found.application.empty());
    CHECK_FALSE(found.chosen);
}
