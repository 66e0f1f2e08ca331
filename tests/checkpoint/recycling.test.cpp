// SPDX-License-Identifier: BSL-1.0
//
// State files that take the space of older ones: nothing that was there before passes for what is there now.

#include <tidemark/checkpoint/copy_checkpoint.hpp>
#include <tidemark/checkpoint/detail/spare_files.hpp>
#include <tidemark/checkpoint/detail/state_file.hpp>
#include <tidemark/checkpoint/detail/state_log.hpp>
#include <tidemark/checkpoint/detail/state_table.hpp>
#include <tidemark/checkpoint/inspection.hpp>
#include <tidemark/checkpoint/locked_checkpoint.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/storage/fault_plan.hpp>
#include <tidemark/storage/faulty_storage.hpp>
#include <tidemark/storage/local_directory.hpp>
#include <tidemark/storage/memory_file.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/storage/storage.hpp>
#include <tidemark/storage/storage_file.hpp>

#include <checkpoint/delta_cases.hpp>
#include <checkpoint/journal_cases.hpp>
#include <checkpoint/run_through_crashes.hpp>
#include <support/catch.hpp>

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <stdlib.h>
#include <sys/resource.h>

namespace {

using namespace delta_cases;
using journal_cases::names;
using journal_cases::put;
using journal_cases::run_through_crashes;
using tidemark::any_storage;
using tidemark::journal;
using tidemark::storage_operation;

constexpr std::uint64_t segment_bytes = 500; // a state file for every few batches

tidemark::journal_options options()
{
    auto made = journal_cases::options(2);
    made.segment_bytes = 4000;
    made.state_segment_bytes = segment_bytes;
    return made;
}

/// Runs an application from where the checkpoint stands to batch `last`, committing every other one, and calls `after`
/// behind each.
template <typename After>
void run_recycling(any_storage const& storage, progress& done, std::int64_t last, int retries, After const& after)
{
    auto opened = journal::open(storage, options());
    go_on_from(opened.state, done);
    auto state = state_after(done.committed);
    for (auto n = done.committed + 1; n <= last; ++n) {
        write_batch(opened.log, state, n);
        if (n % 2 != 0)
            continue;
        done.committing = n;
        for (int left = retries;; --left) {
            try {
                opened.log.commit(commit_after(n));
                break;
            } catch (tidemark::checkpoint_error const&) {
                if (left == 0)
                    throw;
            }
        }
        done.committed = n;
        after(opened.log, n);
    }
}

void run_recycling(any_storage const& storage, progress& done, std::int64_t last, int retries = 0)
{
    run_recycling(storage, done, last, retries, [](journal&, std::int64_t) {});
}

constexpr std::int64_t last_batch = 30;

/// How many operations, or changes, a run without faults makes.
tidemark::fault_plan plan_of_a_whole_run()
{
    tidemark::fault_plan plan;
    progress done;
    run_recycling(any_storage(tidemark::faulty_storage(tidemark::memory_storage(), plan)), done, last_batch);
    return plan;
}

} // namespace

TEST_CASE("a state file that is needed no more gives its space to the next one", "[checkpoint][recycling]")
{
    tidemark::memory_storage const disk;
    tidemark::fault_plan const plan;
    progress done;
    std::size_t most_spares = 0;
    std::size_t most_files = 0;
    run_recycling(any_storage(tidemark::faulty_storage(disk, plan)), done, 200, 0, [&](journal&, std::int64_t n) {
        auto const spares = names(disk, "spare-");
        most_spares = std::max(most_spares, spares.size());
        most_files = std::max(most_files, spares.size() + names(disk, "state-").size());
        for (auto const& spare : spares)
            CHECK(disk.size(spare) <= 2 * segment_bytes);
        if (n % 10 == 0)
            CHECK(problem_after(tidemark::read_checkpoint(disk, "test"), done) == "");
    });
    auto const recycled = plan.operations(storage_operation::overwrite);
    CHECK(recycled > 50);
    CHECK(most_spares == 2);
    CHECK(most_files < 20);
}

TEST_CASE("spare files are nobody's state, and a start sweeps them without a word", "[checkpoint][recycling]")
{
    any_storage const storage{tidemark::memory_storage()};
    progress done;
    run_recycling(storage, done, last_batch);
    REQUIRE_FALSE(names(storage, "spare-").empty());
    for (auto const& file : tidemark::inspect_checkpoint(storage).files)
        CHECK(file.needed != file.name.starts_with("spare-"));
    any_storage const copy{tidemark::memory_storage()};
    tidemark::copy_checkpoint(storage, copy, {});
    CHECK(names(copy, "spare-").empty());
    CHECK(problem_after(tidemark::read_checkpoint(copy, "test"), done) == "");
    auto const again = journal::open(storage, options());
    CHECK(names(storage, "spare-").empty());
    CHECK(journal_cases::text_of(again.state.notes).find("spare-") == std::string::npos);
}

TEST_CASE("a file of an earlier start is removed: its process may still write to it", "[checkpoint][recycling]")
{
    tidemark::memory_storage const disk;
    tidemark::fault_plan const plan;
    any_storage const storage(tidemark::faulty_storage(disk, plan));
    progress done;
    run_recycling(storage, done, last_batch);
    auto const of_the_first = [&disk](char const* prefix) {
        return names(disk, std::string(prefix) + "-0000000001-").size();
    };
    REQUIRE(of_the_first("state") > 1);
    run_recycling(storage, done, 3 * last_batch, 0, [&](journal&, std::int64_t) { CHECK(of_the_first("spare") == 0); });
    CHECK(of_the_first("state") <= 1); // with the base that nothing changes
    CHECK_FALSE(names(disk, "spare-0000000002-").empty());
}

TEST_CASE("what a savepoint needs is not overwritten", "[checkpoint][recycling]")
{
    tidemark::memory_storage const disk;
    tidemark::fault_plan const plan;
    progress done;
    run_recycling(any_storage(tidemark::faulty_storage(disk, plan)), done, 90, 0, [](journal& log, std::int64_t n) {
        if (n == 30)
            log.save("thirty");
    });
    CHECK(plan.operations(storage_operation::overwrite) > 20);
    auto const found = tidemark::inspect_checkpoint(disk);
    REQUIRE(found.savepoints.size() == 1);
    REQUIRE(found.savepoints.front().record);
    CHECK(found.savepoints.front().time == tidemark::batch_time(30));
    CHECK(problem_with(*found.savepoints.front().record) == "");
}

TEST_CASE("only so many files are kept, none that is too long, and none that could not be written",
          "[checkpoint][recycling]")
{
    tidemark::detail::spare_files spares;
    CHECK_FALSE(spares.wants({1, 1}, 1));
    spares.set_most_bytes(100);
    CHECK(spares.wants({1, 1}, 100));
    CHECK_FALSE(spares.wants({1, 1}, 101));
    spares.reject({1, 2});
    CHECK_FALSE(spares.wants({1, 2}, 1));
    CHECK_FALSE(spares.take());
    spares.add({1, 1});
    CHECK(spares.wants({1, 3}, 1));
    spares.add({1, 3});
    CHECK_FALSE(spares.wants({1, 4}, 1));
    CHECK(spares.take() == tidemark::file_id{1, 1});
    CHECK(spares.wants({1, 4}, 1));
    CHECK(spares.take() == tidemark::file_id{1, 3});
    CHECK_FALSE(spares.take());
}

TEST_CASE("a file whose sync failed is not used again", "[checkpoint][recycling]")
{
    tidemark::memory_storage const disk;
    tidemark::fault_plan const plan;
    std::optional<tidemark::file_id> failed;
    progress done;
    run_recycling(any_storage(tidemark::faulty_storage(disk, plan)), done, 3 * last_batch, 1,
                  [&](journal&, std::int64_t n) {
                      if (n == 10) {
                          plan.fail(storage_operation::sync, plan.operations(storage_operation::sync));
                      } else if (n == 12) { // what the file should have had is in the one after it
                          failed = tidemark::parse_state_name(names(disk, "state-").back());
                          --failed->number;
                      }
                      if (failed) {
                          CHECK_FALSE(disk.exists(tidemark::spare_name(*failed)));
                          CHECK_FALSE(disk.exists(tidemark::state_name(*failed)));
                      }
                  });
    CHECK(failed);
    CHECK(plan.operations(storage_operation::overwrite) > 10);
}

TEST_CASE("a file that a commit needs and whose sync then fails is not used again", "[checkpoint][recycling]")
{
    std::size_t needed = 0;
    for (std::uint64_t which = 0; which < 12; ++which) {
        INFO("sync " << which << " of those behind batch 10");
        tidemark::memory_storage const disk;
        tidemark::fault_plan const plan;
        auto opened = journal::open(any_storage(tidemark::faulty_storage(disk, plan)), options());
        state_model state;
        std::string failed; // the number in the file's names
        for (std::int64_t n = 1; n <= 60; ++n) {
            write_batch(opened.log, state, n);
            try {
                opened.log.commit(commit_after(n));
            } catch (tidemark::checkpoint_error const& problem) {
                std::string const words = problem.what();
                if (auto const at = words.find("state-"); at != std::string::npos) {
                    failed = words.substr(at + 6, tidemark::state_name({1, 1}).size() - 6);
                    needed += disk.exists("state-" + failed) ? 1U : 0U;
                }
                opened.log.commit(commit_after(n));
            }
            if (n == 10)
                plan.fail(storage_operation::sync, plan.operations(storage_operation::sync) + which);
            CHECK((failed.empty() || !disk.exists("spare-" + failed)));
        }
        CHECK(plan.operations(storage_operation::overwrite) > 10);
    }
    CHECK(needed > 0);
}

// ---- What was there before

TEST_CASE("a block of the file before does not pass, not even an equal one at the same place",
          "[checkpoint][recycling][damage]")
{
    namespace detail = tidemark::detail;
    tidemark::memory_storage const disk;
    detail::file_header header;
    header.store_id = 7;
    header.generation = 1;
    header.application = "test";
    detail::state_log<tidemark::memory_storage> log(disk, header, 1);
    std::vector<detail::state_block_ptr> blocks;
    for (int i = 0; i < 2; ++i) {
        blocks.push_back(detail::base_block(tidemark::batch_time(5), {3, 1, bytes(40)}));
        log.add(blocks.back());
        log.sync();
    }
    auto const& block = *blocks.back();
    REQUIRE(block.offset == blocks.front()->offset);
    auto const name = tidemark::state_name(block.file);
    auto const now = disk.read(name);
    auto const before = disk.read(tidemark::state_name(blocks.front()->file));
    REQUIRE(now.size() == before.size());
    auto const read = [&](bytes const& content) {
        disk.put(name, content);
        detail::state_file_reader<tidemark::memory_storage> const reader(disk, {block.file, block.end()}, 7);
        return reader.read({block.kind, block.group, 0, block.offset, block.length, block.records,
                            block.payload_checksum, block.time});
    };
    CHECK(read(now) == bytes(40));
    CHECK_THROWS_AS(read(before), tidemark::corrupt_checkpoint);
    auto mixed = now;
    std::copy(before.begin() + static_cast<std::ptrdiff_t>(block.offset), before.end(),
              mixed.begin() + static_cast<std::ptrdiff_t>(block.offset));
    CHECK_THROWS_AS(read(mixed), tidemark::corrupt_checkpoint);
}

TEST_CASE("whatever piece of a file was not overwritten, that is noticed", "[checkpoint][recycling][damage]")
{
    tidemark::memory_storage const disk;
    std::map<std::string, bytes> spares; // what was in them
    std::map<std::string, bytes> before; // what was in the file that took the space
    progress done;
    run_recycling(disk, done, last_batch, 0, [&](journal&, std::int64_t) {
        for (auto const& name : names(disk, "state-")) {
            auto const content = disk.read(name);
            for (auto const& [spare, old] : spares)
                if (!disk.exists(spare) && !before.contains(name) && content.size() >= old.size()
                    && std::equal(old.end() - 8, old.end(),
                                  content.begin() + static_cast<std::ptrdiff_t>(old.size()) - 8))
                    before.emplace(name, old);
        }
        for (auto const& name : names(disk, "spare-"))
            spares[name] = disk.read(name);
    });
    std::size_t noticed = 0;
    std::size_t tried = 0;
    for (auto const& each : before) {
        auto const& name = each.first;
        auto const& old = each.second;
        if (!disk.exists(name))
            continue;
        ++tried;
        auto const now = disk.read(name);
        auto const try_with = [&](bytes const& content) {
            disk.put(name, content);
            try {
                auto const found = tidemark::read_checkpoint(disk, "test");
                REQUIRE(found.commit);
                REQUIRE(problem_with(*found.commit) == "");
                if (found.commit->time.count() != last_batch) {
                    REQUIRE_FALSE(found.notes.empty());
                    ++noticed;
                }
            } catch (tidemark::corrupt_checkpoint const&) { // what both commits need
                ++noticed;
            }
        };
        auto const common = std::min(now.size(), old.size());
        for (std::size_t at = 0; at < common; ++at) {
            auto front = now;
            std::copy_n(old.begin(), at, front.begin());
            try_with(front);
            auto back = now;
            std::copy_n(old.begin() + static_cast<std::ptrdiff_t>(at), common - at,
                        back.begin() + static_cast<std::ptrdiff_t>(at));
            try_with(back);
        }
        disk.put(name, now);
    }
    CHECK(tried > 0);
    CHECK(noticed > 500);
}

// ---- Whole pages

namespace {

constexpr std::size_t page = 4096;

/// A file that is written in pages, and says when one would be written twice.
class paged_file {
public:
    explicit paged_file(tidemark::memory_file file)
        : file_(std::move(file))
    {}

    [[nodiscard]] std::size_t write_direct() { return page; }
    void append(std::span<std::byte const> some) { file_.append(some); }
    void sync()
    {
        if (file_.size() % page != 0)
            throw std::logic_error("a page is written twice");
        file_.sync();
    }
    [[nodiscard]] std::uint64_t size() const { return file_.size(); }

private:
    tidemark::memory_file file_;
};

/// Writes state files in pages.
struct paged_storage : tidemark::memory_storage {
    paged_storage() = default;
    explicit paged_storage(tidemark::memory_storage const& some)
        : memory_storage(some)
    {}
    [[nodiscard]] tidemark::storage_file create(std::string const& name) const
    {
        return of(name, memory_storage::create(name));
    }
    [[nodiscard]] tidemark::storage_file overwrite(std::string const& from, std::string const& name) const
    {
        return of(name, memory_storage::overwrite(from, name));
    }
    [[nodiscard]] paged_storage folder(std::string const& name) const
    {
        return paged_storage(memory_storage::folder(name));
    }

private:
    static tidemark::storage_file of(std::string const& name, tidemark::memory_file file)
    {
        return name.starts_with("state-") ? tidemark::storage_file(paged_file(std::move(file)))
                                          : tidemark::storage_file(std::move(file));
    }
};

} // namespace

TEST_CASE("where a file is written in pages, each sync ends one, and the next block begins another",
          "[checkpoint][recycling][direct]")
{
    paged_storage const disk;
    tidemark::fault_plan const plan;
    progress done;
    run_recycling(any_storage(tidemark::faulty_storage(disk, plan)), done, 100, 0, [&](journal&, std::int64_t) {
        for (std::uint64_t seed = 0; seed < 3; ++seed)
            CHECK(problem_after(tidemark::read_checkpoint(disk.crash(seed), "test"), done) == "");
    });
    CHECK(plan.operations(storage_operation::overwrite) == 0); // a page is more than twice a segment here
    for (auto const& name : names(disk, "state-"))
        CHECK(disk.size(name) % page == 0);
    run_recycling(disk, done, 110);
    CHECK(done.committed == 110);
}

TEST_CASE("a commit in a directory is the same whether its file system takes direct writes or not",
          "[checkpoint][recycling][direct]")
{
    auto const of_pages = [](std::uint64_t size) { return size % page == 0; };
    for (auto const& parent : {std::filesystem::temp_directory_path(), std::filesystem::path("/dev/shm")}) {
        auto pattern = (parent / "tidemark-recycling-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) {
            std::puts(("no directory can be made in " + parent.string() + ": not tried there").c_str());
            continue;
        }
        {
            any_storage const storage{tidemark::local_directory(pattern)};
            auto settings = options();
            settings.state_segment_bytes = 3 * page;
            auto opened = journal::open(storage, settings);
            state_model state;
            std::size_t spares = 0;
            for (std::int64_t n = 1; n <= 100; ++n) {
                write_batch(opened.log, state, n);
                opened.log.commit(commit_after(n));
                CHECK(problem_with(*tidemark::read_checkpoint(storage, "test").commit) == "");
                spares = std::max(spares, names(storage, "spare-").size());
            }
            auto const states = names(storage, "state-");
            bool const is_direct = std::all_of(states.begin(), states.end(),
                                               [&](auto const& name) { return of_pages(storage.size(name)); });
            std::puts((parent.string() + (is_direct ? ": in whole pages" : ": through the cache")).c_str());
            CHECK(spares > 0);
        }
        std::error_code ignored;
        std::filesystem::remove_all(pattern, ignored);
    }
}

/// Lets no file of the process become longer than so many bytes.
class file_limit {
public:
    explicit file_limit(std::uint64_t bytes)
        : handler_(std::signal(SIGXFSZ, SIG_IGN))
    {
        if (::getrlimit(RLIMIT_FSIZE, &before_) != 0)
            throw std::runtime_error("the limit of files cannot be read");
        auto narrow = before_;
        narrow.rlim_cur = bytes;
        if (::setrlimit(RLIMIT_FSIZE, &narrow) != 0)
            throw std::runtime_error("files cannot be limited");
    }
    file_limit(file_limit const&) = delete;
    file_limit& operator=(file_limit const&) = delete;
    ~file_limit()
    {
        (void)::setrlimit(RLIMIT_FSIZE, &before_);
        (void)std::signal(SIGXFSZ, handler_);
    }

private:
    ::rlimit before_{};
    void (*handler_)(int);
};

TEST_CASE("bases of many megabytes are as they were, and go into the next file when one cannot be written",
          "[checkpoint][recycling][direct]")
{
    auto const group_of = [](std::int64_t n, std::size_t length) {
        std::vector<std::byte> made(length);
        for (std::size_t i = 0; i < length; ++i)
            made[i] = static_cast<std::byte>((i + static_cast<std::size_t>(n)) * 2'654'435'761U >> 24U);
        return made;
    };
    auto const record_of = [&](std::int64_t n) {
        auto record = journal_cases::commit_of(n);
        record.stages.front().groups = {{0, 1, group_of(n, 5000)},
                                        {1, 1, group_of(n, std::size_t{8} << 20U)},
                                        {2, 1, group_of(n, 3)},
                                        {3, 1, group_of(n, 20'000'001)}};
        return record;
    };
    auto pattern = (std::filesystem::temp_directory_path() / "tidemark-recycling-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    {
        any_storage const storage{tidemark::local_directory(pattern)};
        auto settings = options();
        settings.state_segment_bytes = 0;
        auto opened = journal::open(storage, settings);
        for (std::int64_t n = 1; n <= 6; ++n) {
            INFO("commit " << n);
            auto const record = record_of(n);
            if (n % 2 == 0) {
                file_limit const limit(std::uint64_t{14} << 20U);
                CHECK_THROWS_AS(opened.log.commit(record), tidemark::checkpoint_error);
            }
            opened.log.commit(record);
            CHECK((*tidemark::read_checkpoint(storage, "test").commit == record));
        }
    }
    std::error_code ignored;
    std::filesystem::remove_all(pattern, ignored);
}

// ---- Crashes and disks that fail

TEST_CASE("a start after a crash finds a whole commit, whatever of overwritten files reached the disk",
          "[checkpoint][recycling][crash]")
{
    std::uint64_t crashes = 0;
    std::uint64_t recycled = 0;
    auto const changes = plan_of_a_whole_run().changes();
    for (std::uint64_t seed = 0; seed < 10; ++seed) // 0: only processes die, the system never
        for (std::uint64_t at = 0; at <= changes; ++at) {
            progress done;
            auto const disk = run_through_crashes(
                seed, at, 71, crashes, [&](any_storage const& storage) { run_recycling(storage, done, last_batch); },
                [&](tidemark::fault_plan const& plan) { recycled += plan.operations(storage_operation::overwrite); });
            CHECK(done.committed == last_batch);
            CHECK(problem_after(tidemark::read_checkpoint(disk.crash(seed), "test"), done) == "");
        }
    CHECK(crashes > 1000);
    CHECK(recycled > 5000);
}

TEST_CASE("one failed operation costs one call or one start, also where files are overwritten",
          "[checkpoint][recycling][crash]")
{
    auto const operations = plan_of_a_whole_run().operations();
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
                    run_recycling(any_storage(tidemark::faulty_storage(disk, plan)), done, last_batch, 1);
                } catch (tidemark::error const&) {
                }
            }
            CHECK(problem_after(tidemark::read_checkpoint(disk.crash(at), "test"), done) == "");
        }
}
