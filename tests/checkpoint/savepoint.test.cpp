// SPDX-License-Identifier: BSL-1.0
//
// savepoint.test: a commit under a name outlives all others, until it is dropped; a crash leaves it whole or absent.

#include <tidemark/checkpoint/drop_savepoint.hpp>
#include <tidemark/checkpoint/inspection.hpp>
#include <tidemark/checkpoint/locked_checkpoint.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/storage/fault_plan.hpp>
#include <tidemark/storage/faulty_storage.hpp>
#include <tidemark/storage/memory_storage.hpp>

#include <checkpoint/journal_cases.hpp>
#include <support/catch.hpp>
#include <support/words_of.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace journal_cases;
using Catch::Matchers::Contains;
using tidemark::any_storage;
using tidemark::fault_effect;
using tidemark::fault_plan;
using tidemark::faulty_storage;
using tidemark::journal;
using tidemark::memory_storage;
using tidemark::usage_error;
using tidemark_test::words_of;

/// What is wrong with a savepoint that must be of batch `n`, if it must be there; empty when nothing is.
template <typename Storage>
std::string problem_with(Storage const& files, std::string const& name, std::int64_t n)
{
    for (auto const& savepoint : tidemark::inspect_checkpoint(files).savepoints)
        if (savepoint.name == name)
            return !savepoint.problem.empty()          ? savepoint.problem
                   : *savepoint.record != commit_of(n) ? "another commit"
                                                       : "";
    return "it is not there";
}

/// A checkpoint with commits of batches 1 to `last`, and savepoint `before` of batch 1.
memory_storage saved_and_gone_on(std::int64_t last, std::size_t retain = 1)
{
    memory_storage files;
    auto log = journal::open(files, options(retain)).log;
    log.commit(commit_of(1));
    (void)log.save("before");
    for (std::int64_t n = 2; n <= last; ++n)
        log.commit(commit_of(n));
    return files;
}

} // namespace

TEST_CASE("a savepoint and its files outlive all later commits, until it is dropped", "[checkpoint][savepoint]")
{
    memory_storage const files;
    auto settings = options(1);
    settings.segment_bytes = 1; // a new segment after each commit
    auto log = journal::open(files, settings).log;
    log.commit(commit_of(1));
    CHECK(log.save("before") == tidemark::batch_time(1));
    auto const pinned = names(files, "state-");
    REQUIRE(pinned.size() == 1);
    for (std::int64_t n = 2; n <= 20; ++n)
        log.commit(commit_of(n));
    CHECK(names(files, "state-").size() == 2);
    CHECK(files.exists(pinned.front()));
    CHECK(names(files, "log-").size() <= 2); // the record's segment is not needed
    CHECK(problem_with(files, "before", 1) == "");

    log.drop_savepoint("before");
    CHECK_FALSE(files.exists(pinned.front()));
    CHECK(names(files, "savepoint-").empty());
    CHECK(names(files, "state-").size() == 1);
    CHECK(*tidemark::read_checkpoint(files, "test").commit == commit_of(20));
}

TEST_CASE("dropping a savepoint of the newest commit leaves the commit", "[checkpoint][savepoint]")
{
    memory_storage const files;
    auto log = journal::open(files, options(1)).log;
    log.commit(commit_of(1));
    (void)log.save("one");
    (void)log.save("other");
    log.drop_savepoint("one");
    CHECK(problem_with(files, "other", 1) == "");
    log.drop_savepoint("other");
    CHECK(*tidemark::read_checkpoint(files, "test").commit == commit_of(1));
}

TEST_CASE("later starts go on keeping a savepoint, and may make one of the commit that they found",
          "[checkpoint][savepoint]")
{
    auto const files = saved_and_gone_on(2);
    for (std::int64_t n = 3; n <= 8; ++n) {
        auto opened = journal::open(files, options(1));
        CHECK(text_of(opened.state.notes).find("state-0000000001-0000000001") == std::string::npos);
        if (n == 5)
            CHECK(opened.log.save("found") == tidemark::batch_time(4));
        opened.log.commit(commit_of(n));
        CHECK(problem_with(files, "before", 1) == "");
    }
    CHECK(problem_with(files, "found", 4) == "");
    CHECK(names(files, "state-").size() == 3);

    tidemark::drop_savepoint(files, "before");
    CHECK(names(files, "state-").size() == 3);
    auto const opened = journal::open(files, options(1));
    CHECK_THAT(text_of(opened.state.notes),
               Contains("tidied up, as usual: removed state-0000000001-0000000001, which no commit needs"));
    CHECK(names(files, "state-").size() == 2);
    CHECK(problem_with(files, "found", 4) == "");
}

TEST_CASE("a savepoint has a name of letters, digits, '-', '_' and '.'", "[checkpoint][savepoint]")
{
    memory_storage const files;
    auto log = journal::open(files, options()).log;
    CHECK_THAT(words_of<usage_error>([&] { (void)log.save("early"); }), Contains("there is no commit yet"));
    log.commit(commit_of(1));
    for (std::string const name : {"", "a b", "a/b", "../a", "ä", "a\n", "a:b", "*"}) {
        CAPTURE(name);
        CHECK_THAT(words_of<usage_error>([&] { (void)log.save(name); }),
                   Contains("found") && Contains("expected 1 to 128 letters, digits, '-', '_' and '.'")
                       && Contains("give the savepoint"));
        CHECK_THROWS_AS(tidemark::drop_savepoint(files, name), tidemark::config_error);
    }
    CHECK_THROWS_AS(log.save(std::string(129, 'a')), usage_error);
    CHECK(names(files, "savepoint").empty());
    for (auto const& name : std::vector<std::string>{"a", "A-1_b.c", ".", "..", "new", "-", std::string(128, 'a')}) {
        CAPTURE(name);
        CHECK(log.save(name) == tidemark::batch_time(1));
        CHECK(problem_with(files, name, 1) == "");
    }
}

TEST_CASE("a name is given once, and dropped once", "[checkpoint][savepoint]")
{
    memory_storage const files;
    {
        auto log = journal::open(files, options()).log;
        log.commit(commit_of(7));
        (void)log.save("a");
        (void)log.save("b");
        CHECK_THAT(words_of<usage_error>([&] { (void)log.save("a"); }),
                   Contains("a savepoint \"a\" already, of batch 7 ms; drop it first"));
        log.drop_savepoint("a");
        CHECK_THAT(words_of<usage_error>([&] { log.drop_savepoint("a"); }),
                   Contains("no savepoint \"a\"") && Contains("it has b"));
        log.commit(commit_of(8));
        CHECK(log.save("a") == tidemark::batch_time(8));
        CHECK_THAT(words_of<tidemark::storage_error>([&] { tidemark::drop_savepoint(files, "a"); }), Contains("lock"));
    }
    auto log = journal::open(files, options()).log;
    CHECK_THAT(words_of<usage_error>([&] { (void)log.save("a"); }), Contains("of batch 8 ms"));
    CHECK(problem_with(files, "a", 8) == "");
    log = journal::open(memory_storage(), options()).log; // lets go of the lock
    tidemark::drop_savepoint(files, "a");
    CHECK_THAT(words_of<usage_error>([&] { tidemark::drop_savepoint(files, "a"); }), Contains("it has b"));
    tidemark::drop_savepoint(files, "b");
    CHECK_THAT(words_of<usage_error>([&] { tidemark::drop_savepoint(files, "b"); }), Contains("it has none"));
}

TEST_CASE("a drop while nothing runs survives a loss of power, and takes nothing else", "[checkpoint][savepoint]")
{
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        auto const files = saved_and_gone_on(3).kill();
        tidemark::drop_savepoint(files, "before");
        auto const left = files.crash(seed);
        CHECK(names(left, "savepoint-").empty());
        CHECK(*tidemark::read_checkpoint(left, "test").commit == commit_of(3));
    }
}

TEST_CASE("a process whose directory another has taken over makes and drops no savepoint", "[checkpoint][savepoint]")
{
    memory_storage const files;
    auto log = journal::open(files, options()).log;
    log.commit(commit_of(1));
    (void)log.save("mine");
    auto newer = tidemark::decode_manifest(files.read("manifest"));
    newer.generation += 1;
    put(files, "manifest", tidemark::encode_manifest(newer));
    SECTION("makes none")
    {
        CHECK_THAT(words_of<tidemark::checkpoint_error>([&] { (void)log.save("late"); }),
                   Contains("has taken it over"));
    }
    SECTION("drops none")
    {
        CHECK_THAT(words_of<tidemark::checkpoint_error>([&] { log.drop_savepoint("mine"); }),
                   Contains("has taken it over"));
    }
    CHECK(names(files, "savepoint-") == std::vector<std::string>{"savepoint-mine"});
}

// ---- Damage

TEST_CASE("every flipped bit and every other length of a savepoint is noticed and told", "[checkpoint][savepoint]")
{
    auto const whole = saved_and_gone_on(3);
    auto const file = std::string("savepoint-before");
    auto const content = whole.read(file);
    std::vector<bytes> cases;
    for (std::size_t bit = 0; bit < content.size() * 8; ++bit)
        cases.push_back(flipped(content, bit));
    for (std::size_t length = 0; length < content.size(); ++length)
        cases.emplace_back(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(length));
    cases.push_back(content);
    cases.back().push_back(std::byte{0});
    for (std::size_t i = 0; i < cases.size(); ++i) {
        auto const files = whole.kill();
        files.put(file, cases[i]);
        INFO("case " << i);
        auto const found = tidemark::inspect_checkpoint(files);
        REQUIRE(found.savepoints.size() == 1);
        CHECK_THAT(found.savepoints.front().problem, Contains(file));
        CHECK_FALSE(found.savepoints.front().record);
        auto const state = tidemark::read_checkpoint(files, "test");
        CHECK(*state.commit == commit_of(3));
        CHECK_THAT(text_of(state.notes), Contains("the savepoint \"before\" cannot be used") && Contains(file));
    }
}

TEST_CASE("a damaged savepoint keeps its files and its name until it is dropped", "[checkpoint][savepoint]")
{
    auto const files = saved_and_gone_on(3);
    auto const sound = files.read("savepoint-before");
    damage(files, "savepoint-before");
    {
        auto log = journal::open(files, options(1)).log;
        log.commit(commit_of(4));
        CHECK(files.exists("state-0000000001-0000000001"));
        CHECK_THAT(words_of<usage_error>([&] { (void)log.save("before"); }), Contains("which is damaged; drop it"));
        log.commit(commit_of(5));
    }
    files.put("savepoint-before", sound); // from a copy
    CHECK(problem_with(files, "before", 1) == "");
    damage(files, "savepoint-before");
    auto log = journal::open(files, options(1)).log;
    log.drop_savepoint("before");
    CHECK_FALSE(files.exists("savepoint-before"));
    CHECK(names(files, "state-").size() == 1);
}

TEST_CASE("a savepoint whose state is damaged or missing is told", "[checkpoint][savepoint]")
{
    auto const files = saved_and_gone_on(3);
    auto const state = std::string("state-0000000001-0000000001");
    damage(files, state);
    CHECK_THAT(problem_with(files, "before", 1), Contains(state));
    files.remove(state);
    auto const found = tidemark::inspect_checkpoint(files);
    CHECK_THAT(found.savepoints.front().problem, Contains(state));
    CHECK_THAT(text_of(found.notes), Contains(state + " is missing"));
}

TEST_CASE("a savepoint under another name, or of another checkpoint, is none", "[checkpoint][savepoint]")
{
    auto const files = saved_and_gone_on(3);
    files.put("savepoint-after", files.read("savepoint-before"));
    CHECK_THAT(problem_with(files, "after", 1), Contains("expected the savepoint \"after\", found \"before\""));
    files.put("savepoint-before", saved_and_gone_on(1).read("savepoint-before"));
    CHECK_THAT(problem_with(files, "before", 1), Contains("expected a savepoint of store"));
}

TEST_CASE("an inspection tells what savepoints keep", "[checkpoint][savepoint]")
{
    auto const files = saved_and_gone_on(3);
    auto const found = tidemark::inspect_checkpoint(files);
    REQUIRE(found.savepoints.size() == 1);
    auto const& savepoint = found.savepoints.front();
    CHECK(savepoint.time == tidemark::batch_time(1));
    CHECK(savepoint.sequence == 1);
    CHECK(savepoint.files == std::vector<std::string>{"state-0000000001-0000000001"});
    CHECK(savepoint.bytes == files.size("savepoint-before") + files.size("state-0000000001-0000000001"));
    for (auto const& file : found.files)
        CHECK(file.needed);
}

TEST_CASE("a checkpoint of which only a savepoint is left is no new one", "[checkpoint][savepoint]")
{
    auto const files = saved_and_gone_on(3);
    for (auto const& name : files.list())
        if (name != "savepoint-before")
            files.remove(name);
    auto const words = words_of<tidemark::corrupt_checkpoint>([&] { (void)journal::open(files, options()); });
    CHECK_THAT(words, Contains("copy_checkpoint from a savepoint (before)"));
}

// ---- Crashes and failures

namespace {

/// What a run has been told of its savepoints, and what it has begun.
struct promises {
    std::map<std::string, std::int64_t> kept; ///< the batch of each that must be there
    std::set<std::string> open;               ///< may be there or not
    std::int64_t committed = 0;

    void expect_kept_by(memory_storage const& files) const
    {
        for (auto const& savepoint : tidemark::inspect_checkpoint(files).savepoints) {
            auto const must = kept.find(savepoint.name);
            INFO(savepoint.name);
            CHECK((must != kept.end() || open.contains(savepoint.name)));
            CHECK(savepoint.problem == "");
            if (savepoint.record) {
                CHECK(*savepoint.record == commit_of(savepoint.time.count()));
                CHECK((must == kept.end() || open.contains(savepoint.name) || must->second == savepoint.time.count()));
            }
        }
        for (auto const& [name, batch] : kept)
            CHECK((open.contains(name) || problem_with(files, name, batch) == ""));
    }
};

/// Commits with savepoints made and dropped among them: first, second, first once more; second goes.
void run_with_savepoints(any_storage const& storage, promises& told)
{
    auto settings = options(1);
    settings.segment_bytes = 600; // every second commit
    auto opened = journal::open(storage, settings);
    auto& log = opened.log;
    auto next = opened.state.commit ? opened.state.commit->time.count() + 1 : 1;
    told.open.clear(); // what a start finds is decided
    for (auto const& savepoint : tidemark::inspect_checkpoint(storage).savepoints)
        told.kept.insert_or_assign(savepoint.name, savepoint.time.count());
    std::erase_if(told.kept, [&](auto const& one) { return !storage.exists("savepoint-" + one.first); });
    auto const commit = [&] {
        log.commit(commit_of(next));
        told.committed = next++;
    };
    auto const drop = [&](std::string const& name) {
        if (!told.kept.contains(name))
            return;
        told.open.insert(name);
        log.drop_savepoint(name);
        told.open.erase(name);
        told.kept.erase(name);
    };
    auto const save = [&](std::string const& name) {
        drop(name);
        told.open.insert(name);
        auto const time = log.save(name);
        told.open.erase(name);
        told.kept.insert_or_assign(name, time.count());
    };
    commit();
    save("first");
    commit();
    commit();
    save("second");
    commit();
    save("first");
    commit();
    drop("second");
    commit();
}

std::uint64_t changes_of_a_run()
{
    fault_plan plan;
    promises told;
    run_with_savepoints(any_storage(faulty_storage(memory_storage(), plan)), told);
    REQUIRE(told.kept == std::map<std::string, std::int64_t>{{"first", 4}});
    return plan.changes();
}

} // namespace

TEST_CASE("a crash at any operation leaves each savepoint whole or absent, as promised", "[checkpoint][savepoint]")
{
    auto const changes = changes_of_a_run();
    REQUIRE(changes > 50);
    for (std::uint64_t seed = 0; seed < 12; ++seed) { // 0: the process dies, the system does not
        for (std::uint64_t at = 0; at <= changes; ++at) {
            memory_storage disk;
            promises told;
            bool crashed = true;
            for (std::uint64_t start = 0; crashed; ++start) {
                INFO("seed " << seed << ", crash after " << at << " changes, start " << start);
                fault_plan const plan(seed);
                if (start == 0)
                    plan.crash_after_changes(at);
                else if (start == 1)
                    plan.crash_after_changes((at * 5 + seed) % 29); // and once more
                crashed = false;
                try {
                    run_with_savepoints(any_storage(faulty_storage(disk, plan)), told);
                } catch (tidemark::simulated_crash const&) {
                    crashed = true;
                }
                disk = seed == 0 ? disk.kill() : disk.crash(seed * 101 + start);
                told.expect_kept_by(disk);
            }
        }
    }
}

TEST_CASE("a savepoint that could not be written can be asked for again, and is never without its state",
          "[checkpoint][savepoint]")
{
    bool failed = true;
    for (std::uint64_t at = 0; failed; ++at) {
        for (auto const effect : {fault_effect::none, fault_effect::all}) {
            INFO("operation " << at << " fails, though it " << (effect == fault_effect::all ? "happens" : "does not"));
            memory_storage const disk;
            fault_plan const plan;
            auto log = journal::open(faulty_storage(disk, plan), options(1)).log;
            log.commit(commit_of(1));
            plan.fail(plan.operations() + at, effect);
            failed = false;
            std::int64_t saved = 1;
            try {
                (void)log.save("a");
            } catch (tidemark::checkpoint_error const&) {
                failed = true;
                log.commit(commit_of(2)); // takes nothing away from one that may be there after all
                for (auto const& savepoint : tidemark::inspect_checkpoint(disk).savepoints)
                    CHECK(savepoint.problem == "");
                CHECK(log.save("a") == tidemark::batch_time(2));
                saved = 2;
            }
            CHECK(problem_with(disk.crash(at), "a", saved) == "");
            if (!failed)
                break; // what comes would meet the failure
            log.commit(commit_of(3));
            log.commit(commit_of(4));
            CHECK(problem_with(disk.crash(at), "a", saved) == "");
            CHECK(names(disk, "state-").size() == 2);
        }
    }
}

TEST_CASE("a savepoint that is there although its call failed keeps its files when the next call fails, too",
          "[checkpoint][savepoint]")
{
    memory_storage const disk;
    fault_plan const plan;
    auto log = journal::open(faulty_storage(disk, plan), options(1)).log;
    auto const fail_next = [&plan](tidemark::storage_operation kind, fault_effect effect) {
        plan.fail(kind, plan.operations(kind), effect);
    };
    log.commit(commit_of(1));
    fail_next(tidemark::storage_operation::rename, fault_effect::all);
    CHECK_THROWS_AS(log.save("a"), tidemark::checkpoint_error);
    log.commit(commit_of(2));
    fail_next(tidemark::storage_operation::create, fault_effect::none);
    CHECK_THROWS_AS(log.save("a"), tidemark::checkpoint_error);
    log.commit(commit_of(3));
    CHECK(problem_with(disk, "a", 1) == "");
    CHECK(log.save("a") == tidemark::batch_time(3));
    log.commit(commit_of(4));
    CHECK(problem_with(disk, "a", 3) == "");
    CHECK(names(disk, "state-").size() == 2);
}

TEST_CASE("a savepoint that could not be dropped can be dropped again, and is never without its state",
          "[checkpoint][savepoint]")
{
    bool failed = true;
    for (std::uint64_t at = 0; failed; ++at) {
        for (auto const effect : {fault_effect::none, fault_effect::all}) {
            memory_storage const disk;
            fault_plan const plan;
            auto log = journal::open(faulty_storage(disk, plan), options(1)).log;
            log.commit(commit_of(1));
            (void)log.save("a");
            log.commit(commit_of(2));
            plan.fail(plan.operations() + at, effect);
            failed = false;
            try {
                log.drop_savepoint("a");
            } catch (tidemark::checkpoint_error const&) {
                failed = true;
                for (std::uint64_t seed = 0; seed < 8; ++seed)
                    for (auto const& savepoint : tidemark::inspect_checkpoint(disk.crash(seed)).savepoints)
                        CHECK(savepoint.problem == "");
                try {
                    log.drop_savepoint("a");
                } catch (usage_error const&) { // it was dropped, and only its state was not removed
                }
            }
            CHECK(tidemark::inspect_checkpoint(disk.crash(at)).savepoints.empty());
            if (!failed)
                break;
            log.commit(commit_of(3));
            CHECK(names(disk, "state-").size() == 1);
        }
    }
}
