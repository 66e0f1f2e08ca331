// SPDX-License-Identifier: BSL-1.0

#include <tidemark/checkpoint/file_names.hpp>
#include <tidemark/checkpoint/locked_checkpoint.hpp>
#include <tidemark/checkpoint/manifest.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/storage/local_directory.hpp>
#include <tidemark/storage/memory_storage.hpp>

#include <checkpoint/journal_cases.hpp>
#include <support/catch.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <system_error>
#include <vector>

namespace {

using namespace journal_cases;
using tidemark::any_storage;
using tidemark::batch_time;
using tidemark::journal;

any_storage new_storage() { return any_storage(tidemark::memory_storage()); }

/// A new directory; it and its neighbours of the same beginning vanish at the end.
struct temporary_directory {
    std::filesystem::path path = std::filesystem::temp_directory_path()
                                 / ("tidemark-journal-" + std::to_string(std::random_device()()) + "-"
                                    + std::to_string(std::chrono::steady_clock::now().time_since_epoch().count()));

    temporary_directory() { std::filesystem::create_directories(path); }
    temporary_directory(temporary_directory const&) = delete;
    temporary_directory& operator=(temporary_directory const&) = delete;
    ~temporary_directory()
    {
        std::error_code ignored;
        for (auto const& entry : std::filesystem::directory_iterator(path.parent_path(), ignored)) {
            if (entry.path().filename().string().starts_with(path.filename().string())) {
                std::filesystem::remove_all(entry.path(), ignored);
            }
        }
    }
};

/// Commits the batches `from` to `to`, one after the other.
void commit_batches(journal& log, std::int64_t from, std::int64_t to)
{
    for (std::int64_t n = from; n <= to; ++n) {
        auto const report = log.commit(commit_of(n));
        CHECK(report.notes.empty());
    }
}

tidemark::manifest manifest_of(any_storage const& storage)
{
    return tidemark::decode_manifest(storage.read("manifest"));
}

} // namespace

// ---- What is written comes back

TEST_CASE("a new checkpoint holds nothing", "[checkpoint][journal]")
{
    auto const opened = journal::open(new_storage(), options());
    CHECK_FALSE(opened.state.commit);
    CHECK(opened.state.plans.empty());
    CHECK(opened.state.dones.empty());
    CHECK(opened.state.notes.empty());
    CHECK(opened.state.generation == 1);
    CHECK(opened.log.generation() == 1);
}

TEST_CASE("the newest commit comes back with what was planned and published after it", "[checkpoint][journal]")
{
    auto const storage = new_storage();
    {
        auto opened = journal::open(storage, options());
        for (std::int64_t n = 1; n <= 4; ++n) {
            opened.log.plan(plan_of(n), n % 2 == 0);
        }
        opened.log.done(done_of(1), true);
        opened.log.done(done_of(2), false);
        opened.log.done(done_of(3, "b"), false);
        opened.log.done(done_of(3, "a"), true);
        commit_batches(opened.log, 1, 2);
    }
    auto const opened = journal::open(storage, options());
    REQUIRE(opened.state.commit);
    CHECK(*opened.state.commit == commit_of(2));
    CHECK(opened.state.plans == std::vector{plan_of(3), plan_of(4)});
    CHECK(opened.state.dones == std::vector{done_of(3, "a"), done_of(3, "b")});
    CHECK(opened.state.notes.empty());
    CHECK(opened.state.generation == 2);
}

TEST_CASE("plans and dones come back before the first commit too", "[checkpoint][journal]")
{
    auto const storage = new_storage();
    {
        auto opened = journal::open(storage, options());
        opened.log.plan(plan_of(1), true);
        opened.log.done(done_of(1), true);
    }
    for (std::uint64_t start = 2; start <= 4; ++start) {
        auto const opened = journal::open(storage, options());
        CHECK_FALSE(opened.state.commit);
        CHECK(opened.state.plans == std::vector{plan_of(1)});
        CHECK(opened.state.dones == std::vector{done_of(1)});
        CHECK(opened.state.generation == start);
    }
}

TEST_CASE("the last plan for a batch and the last done for an output count", "[checkpoint][journal]")
{
    auto const storage = new_storage();
    auto changed_plan = plan_of(1);
    changed_plan.inputs.front().input = repeated(99, 1);
    auto changed_done = done_of(1);
    changed_done.contributions.clear();
    {
        auto opened = journal::open(storage, options());
        opened.log.plan(plan_of(1), false);
        opened.log.done(done_of(1), false);
        opened.log.plan(changed_plan, true);
        opened.log.done(changed_done, true);
    }
    auto const opened = journal::open(storage, options());
    CHECK(opened.state.plans == std::vector{changed_plan});
    CHECK(opened.state.dones == std::vector{changed_done});
}

TEST_CASE("another plan for a batch leaves nothing of what was done by the one before, an equal one all",
          "[checkpoint][journal]")
{
    auto const storage = new_storage();
    auto changed_plan = plan_of(1);
    changed_plan.inputs.front().input = repeated(99, 1);
    {
        auto opened = journal::open(storage, options());
        opened.log.plan(plan_of(1), false);
        opened.log.done(done_of(1), false);
        opened.log.plan(plan_of(2), false);
        opened.log.done(done_of(2), false);
        opened.log.plan(changed_plan, true);
        opened.log.plan(plan_of(2), true);
    }
    auto const opened = journal::open(storage, options());
    CHECK(opened.state.plans == std::vector{changed_plan, plan_of(2)});
    CHECK(opened.state.dones == std::vector{done_of(2)});
}

TEST_CASE("empty and odd records come back as they were", "[checkpoint][journal]")
{
    auto const storage = new_storage();
    tidemark::commit_record empty;
    empty.time = batch_time(-5);
    empty.zero = batch_time(-1000);
    tidemark::plan_record const no_inputs{batch_time(INT64_MAX), {}};
    tidemark::done_record const nameless{batch_time(0), "", {{"", {}}, {"", repeated(1, 1)}}};
    {
        auto opened = journal::open(storage, options());
        auto const report = opened.log.commit(empty);
        CHECK(report.files == 0);
        opened.log.plan(no_inputs, false);
        opened.log.done(nameless, true);
    }
    auto const opened = journal::open(storage, options());
    REQUIRE(opened.state.commit);
    CHECK(*opened.state.commit == empty);
    CHECK(opened.state.plans == std::vector{no_inputs});
    CHECK(opened.state.dones == std::vector{nameless});
    CHECK(names(storage, "state-").empty());
}

TEST_CASE("groups of any size come back, also those longer than the writer's buffer", "[checkpoint][journal]")
{
    auto const storage = new_storage();
    auto record = commit_of(1);
    record.stages.front().groups = {{0, 1, repeated(1, 10)},
                                    {1, 1, repeated(2, (std::size_t{1} << 18U) - 1)},
                                    {2, 1, repeated(3, std::size_t{1} << 18U)},
                                    {3, 1, repeated(4, 1)},
                                    {4, 1, repeated(5, (std::size_t{1} << 19U) + 1)}};
    {
        auto opened = journal::open(storage, options());
        opened.log.commit(record);
    }
    auto const state = tidemark::read_checkpoint(storage, "test");
    REQUIRE(state.commit);
    CHECK((*state.commit == record));
}

TEST_CASE("a commit reports what it wrote", "[checkpoint][journal]")
{
    auto const storage = new_storage();
    auto opened = journal::open(storage, options());
    auto const log_name = names(storage, "log-").front();
    auto const log_before = storage.size(log_name);
    auto const report = opened.log.commit(commit_of(7));
    auto const state_files = names(storage, "state-");
    REQUIRE(state_files.size() == 1);
    CHECK(report.time == batch_time(7));
    CHECK(report.files == 1);
    CHECK(report.bytes == storage.size(state_files.front()) + storage.size(log_name) - log_before);
    CHECK(report.duration.count() > 0);
}

TEST_CASE("commits go forward in time", "[checkpoint][journal]")
{
    auto const storage = new_storage();
    {
        auto opened = journal::open(storage, options());
        opened.log.commit(commit_of(5));
        CHECK_THROWS_AS(opened.log.commit(commit_of(5)), tidemark::usage_error);
        CHECK_THROWS_AS(opened.log.commit(commit_of(4)), tidemark::usage_error);
        opened.log.commit(commit_of(6));
    }
    auto opened = journal::open(storage, options());
    CHECK_THROWS_AS(opened.log.commit(commit_of(6)), tidemark::usage_error);
    opened.log.commit(commit_of(7));
}

TEST_CASE("settings of the journal that cannot work are refused", "[checkpoint][journal]")
{
    CHECK_THROWS_AS(journal::open(new_storage(), options(0)), tidemark::config_error);
    auto long_name = options();
    long_name.application = std::string(1025, 'x');
    CHECK_THROWS_AS(journal::open(new_storage(), long_name), tidemark::config_error);
    long_name.application.pop_back();
    auto const storage = new_storage();
    (void)journal::open(storage, long_name);
    CHECK(journal::open(storage, long_name).state.generation == 2);
}

// ---- What is kept

TEST_CASE("the last k commits are kept, with one state file each", "[checkpoint][journal][retention]")
{
    for (std::size_t const retain : {1U, 2U, 3U, 5U}) {
        auto const storage = new_storage();
        auto opened = journal::open(storage, options(retain));
        for (std::int64_t n = 1; n <= 8; ++n) {
            opened.log.commit(commit_of(n));
            CHECK(names(storage, "state-").size() == std::min<std::size_t>(static_cast<std::size_t>(n), retain));
        }
        // Each of them can be read when the newer ones cannot.
        auto files = names(storage, "state-");
        for (std::int64_t n = 8; !files.empty(); --n, files.pop_back()) {
            auto const state = tidemark::read_checkpoint(storage, "test");
            REQUIRE(state.commit);
            CHECK(*state.commit == commit_of(n));
            storage.remove(files.back());
        }
        CHECK_THROWS_AS(tidemark::read_checkpoint(storage, "test"), tidemark::corrupt_checkpoint);
    }
}

TEST_CASE("the log starts new segments and lets go of old ones", "[checkpoint][journal][retention]")
{
    auto const storage = new_storage();
    auto small = options(2);
    small.segment_bytes = 1; // a new segment after each commit
    auto opened = journal::open(storage, small);
    for (std::int64_t n = 1; n <= 20; ++n) {
        opened.log.plan(plan_of(n), false);
        commit_batches(opened.log, n, n);
        CHECK(names(storage, "log-").size() <= 4);
        CHECK(manifest_of(storage).segments.size() == names(storage, "log-").size());
    }
    auto const state = tidemark::read_checkpoint(storage, "test");
    REQUIRE(state.commit);
    CHECK(*state.commit == commit_of(20));
    CHECK(state.notes.empty());
}

TEST_CASE("a plan stays as long as a kept commit is older", "[checkpoint][journal][retention]")
{
    auto const storage = new_storage();
    auto small = options(2);
    small.segment_bytes = 1;
    {
        auto opened = journal::open(storage, small);
        opened.log.plan(plan_of(7), true);
        opened.log.done(done_of(8), true);
        commit_batches(opened.log, 1, 6);
    }
    auto const early = tidemark::read_checkpoint(storage, "test");
    CHECK(early.plans == std::vector{plan_of(7)});
    CHECK(early.dones == std::vector{done_of(8)});
    {
        auto opened = journal::open(storage, small);
        commit_batches(opened.log, 7, 7);
        // The older one of the two kept commits still needs the plan.
        damage(storage, names(storage, "state-").back());
        auto const older = tidemark::read_checkpoint(storage, "test");
        REQUIRE(older.commit);
        CHECK(*older.commit == commit_of(6));
        CHECK(older.plans == std::vector{plan_of(7)});
        commit_batches(opened.log, 8, 12);
    }
    CHECK(names(storage, "log-").size() <= 4);
}

TEST_CASE("starts that never commit do not pile up segments", "[checkpoint][journal][retention]")
{
    auto const storage = new_storage();
    {
        auto opened = journal::open(storage, options());
        opened.log.commit(commit_of(1));
    }
    for (std::int64_t start = 2; start <= 30; ++start) {
        auto opened = journal::open(storage, options());
        opened.log.plan(plan_of(start), true);
        CHECK(names(storage, "log-").size() <= 3);
    }
    auto const state = tidemark::read_checkpoint(storage, "test");
    REQUIRE(state.commit);
    CHECK(*state.commit == commit_of(1));
    CHECK(state.plans.size() == 29);
}

TEST_CASE("leftovers of earlier runs are swept, and other people's files are left alone",
          "[checkpoint][journal][sweep]")
{
    auto const storage = new_storage();
    {
        auto opened = journal::open(storage, options());
        commit_batches(opened.log, 1, 2);
    }
    put(storage, "state-0000000001-0000000099", repeated(1, 100));
    put(storage, "log-0000000001-0000000077", repeated(2, 100));
    put(storage, "manifest.new", repeated(3, 100));
    put(storage, "notes.txt", repeated(4, 100));
    put(storage, "state-1-1", repeated(5, 100));

    auto const opened = journal::open(storage, options());
    CHECK_FALSE(storage.exists("state-0000000001-0000000099"));
    CHECK_FALSE(storage.exists("log-0000000001-0000000077"));
    CHECK_FALSE(storage.exists("manifest.new"));
    CHECK(storage.exists("notes.txt"));
    CHECK(storage.exists("state-1-1"));
    CHECK(names(storage, "state-0").size() == 2);
    auto const notes = text_of(opened.state.notes);
    CHECK(notes.find("state-0000000001-0000000099") != std::string::npos);
    CHECK(notes.find("log-0000000001-0000000077") != std::string::npos);
}

// ---- One writer

TEST_CASE("a directory has one writer at a time", "[checkpoint][journal][lock]")
{
    auto const storage = new_storage();
    {
        auto first = journal::open(storage, options());
        CHECK_THROWS_AS(journal::open(storage, options()), tidemark::error);
        first.log.commit(commit_of(1));
    }
    CHECK(journal::open(storage, options()).state.commit == commit_of(1));
}

TEST_CASE("a process whose directory was taken over can neither commit nor plan durably",
          "[checkpoint][journal][fence]")
{
    auto const storage = new_storage();
    auto opened = journal::open(storage, options());
    opened.log.commit(commit_of(1));
    auto const original = manifest_of(storage);

    auto newer = original;
    newer.generation += 1;
    auto other_store = original;
    other_store.store_id += 1;
    SECTION("by a newer start") { put(storage, "manifest", tidemark::encode_manifest(newer)); }
    SECTION("by another checkpoint") { put(storage, "manifest", tidemark::encode_manifest(other_store)); }
    SECTION("by somebody who emptied it") { storage.remove("manifest"); }

    auto const log_name = names(storage, "log-").front();
    auto const log_before = storage.read(log_name);
    CHECK_THROWS_AS(opened.log.commit(commit_of(2)), tidemark::checkpoint_error);
    CHECK(storage.read(log_name) == log_before);
    CHECK_THROWS_AS(opened.log.plan(plan_of(3), true), tidemark::checkpoint_error);

    put(storage, "manifest", tidemark::encode_manifest(original)); // being fenced is final
    CHECK_THROWS_AS(opened.log.commit(commit_of(3)), tidemark::checkpoint_error);
    CHECK(storage.read(log_name) == log_before);
}

TEST_CASE("a durable plan is refused when the directory was taken over meanwhile", "[checkpoint][journal][fence]")
{
    auto const storage = new_storage();
    auto opened = journal::open(storage, options());
    auto newer = manifest_of(storage);
    newer.generation += 1;
    put(storage, "manifest", tidemark::encode_manifest(newer));
    CHECK_THROWS_AS(opened.log.plan(plan_of(1), true), tidemark::checkpoint_error);
}

TEST_CASE("what a process wrote after another one had taken over does not count", "[checkpoint][journal][fence]")
{
    auto const stale_storage = new_storage();
    auto stale = journal::open(stale_storage, options());
    stale.log.commit(commit_of(1));

    // The directory is copied, the copy taken over; then the late writes of the first process arrive there.
    auto const storage = copy_of(stale_storage);
    {
        auto opened = journal::open(storage, options());
        opened.log.plan(plan_of(2), true);
    }
    stale.log.plan(plan_of(5), true);
    stale.log.commit(commit_of(9));
    for (auto const& name : stale_storage.list()) {
        if (name.starts_with("log-") || name.starts_with("state-")) {
            put(storage, name, stale_storage.read(name));
        }
    }
    auto const opened = journal::open(storage, options());
    REQUIRE(opened.state.commit);
    CHECK(*opened.state.commit == commit_of(1));
    CHECK(times_of(opened.state.plans) == std::vector<std::int64_t>{2});
    CHECK_FALSE(opened.state.notes.empty());
}

TEST_CASE("a journal lives in a directory as it does in memory", "[checkpoint][journal]")
{
    temporary_directory const where;
    any_storage const storage{tidemark::local_directory(where.path)};
    {
        auto opened = journal::open(storage, options());
        commit_batches(opened.log, 1, 5);
        opened.log.plan(plan_of(6), true);
        CHECK_THROWS_AS(journal::open(storage, options()), tidemark::storage_error);
    }
    {
        auto opened = journal::open(any_storage(tidemark::local_directory(where.path)), options());
        CHECK(opened.state.commit == commit_of(5));
        CHECK(opened.state.plans == std::vector{plan_of(6)});
        CHECK(opened.state.notes.empty());
        std::filesystem::path const elsewhere(where.path.string() + "-moved");
        std::filesystem::rename(where.path, elsewhere);
        CHECK_THROWS_AS(opened.log.commit(commit_of(6)), tidemark::error);
        std::filesystem::rename(elsewhere, where.path);
    }
    for (auto const& name : names(storage, "state-")) {
        damage(storage, name);
    }
    auto fresh = options();
    fresh.unreadable = tidemark::on_unreadable::start_fresh;
    auto opened = journal::open(storage, fresh);
    CHECK_FALSE(opened.state.commit);
    commit_batches(opened.log, 1, 1);
    CHECK_THROWS_AS(journal::open(storage, options()), tidemark::storage_error);
}

// ---- What is refused

TEST_CASE("another application's checkpoint is refused by both names", "[checkpoint][journal]")
{
    auto const storage = new_storage();
    (void)journal::open(storage, options());
    auto other = options();
    other.application = "billing";
    other.unreadable = tidemark::on_unreadable::start_fresh;
    SECTION("with a manifest") {}
    SECTION("without a manifest") { storage.remove("manifest"); }
    try {
        (void)journal::open(storage, other);
        FAIL("it was taken");
    } catch (tidemark::incompatible_checkpoint const& problem) {
        std::string const words = problem.what();
        CHECK(words.find("'test'") != std::string::npos);
        CHECK(words.find("'billing'") != std::string::npos);
    }
}
