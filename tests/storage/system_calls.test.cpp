// SPDX-License-Identifier: BSL-1.0
//
// What reaches the system, and what is made of its answers. The calls below take the place of the C library's own in
// this program; they pass everything on, unless a test asks for something else.

#include <tidemark/storage/detail/directory_lock.hpp>
#include <tidemark/storage/local_directory.hpp>
#include <tidemark/storage/local_file.hpp>

#include <storage/storages.hpp>
#include <support/catch.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <deque>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

/// What the next calls of one kind answer: an error number, or at most so many bytes.
struct answer {
    int error = 0;
    std::size_t at_most = 0;
};

/// How the calls of this thread are to behave while it lives.
struct script {
    script() { current = this; }
    script(script const&) = delete;
    script& operator=(script const&) = delete;
    ~script() { current = nullptr; }

    std::vector<std::string> synced; // each sync: "data" or "all", and the file
    std::deque<int> sync_errors;
    std::deque<answer> writes;
    std::deque<answer> reads;
    std::function<void()> before_lock;

    static inline thread_local script* current = nullptr;
};

int sync(char const* what, long call, int fd)
{
    int error = 0;
    if (auto* const now = script::current) {
        auto const file = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd));
        now->synced.push_back(what + (" " + file.string()));
        if (!now->sync_errors.empty()) {
            error = now->sync_errors.front();
            now->sync_errors.pop_front();
        }
    }
    if (error != 0) {
        errno = error;
        return -1;
    }
    return static_cast<int>(::syscall(call, fd));
}

/// How many bytes may be passed on; nothing, with `errno` set, when the call is to fail.
bool allowed(std::deque<answer>& answers, std::size_t& count)
{
    if (answers.empty()) {
        return true;
    }
    auto const next = answers.front();
    answers.pop_front();
    errno = next.error;
    count = std::min(count, next.at_most);
    return next.error == 0;
}

} // namespace

extern "C" {

int fsync(int fd) { return sync("all", SYS_fsync, fd); }
int fdatasync(int fd) { return sync("data", SYS_fdatasync, fd); }

ssize_t write(int fd, void const* bytes, size_t count)
{
    bool const goes_on = script::current == nullptr || allowed(script::current->writes, count);
    return goes_on ? ::syscall(SYS_write, fd, bytes, count) : -1;
}

ssize_t pread(int fd, void* bytes, size_t count, off_t offset)
{
    bool const goes_on = script::current == nullptr || allowed(script::current->reads, count);
    return goes_on ? ::syscall(SYS_pread64, fd, bytes, count, offset) : -1;
}

int flock(int fd, int operation) noexcept
{
    if (script::current != nullptr && script::current->before_lock) {
        std::exchange(script::current->before_lock, nullptr)();
    }
    return static_cast<int>(::syscall(SYS_flock, fd, operation));
}

} // extern "C"

namespace {

namespace fs = std::filesystem;
using Catch::Matchers::Contains;
using storages::bytes;
using storages::content;
using storages::error_of;
using storages::temporary_directory;
using storages::text;
using storages::written;
using tidemark::local_directory;

using strings = std::vector<std::string>;

// ---- Durability

TEST_CASE("a sync of a file syncs its bytes, and of a directory its names", "[storage][local_directory]")
{
    temporary_directory const parent;
    auto const path = fs::canonical(parent.path()).string();
    local_directory const storage(path);
    auto file = written(storage, "x", "1");
    script calls;
    file.sync();
    CHECK(calls.synced == strings{"data " + path + "/x"});
    calls.synced.clear();
    storage.sync_directory();
    CHECK(calls.synced == strings{"all " + path});
}

TEST_CASE("each new directory is durable in the one above it before the next one is made", "[storage][local_directory]")
{
    temporary_directory const parent;
    auto const path = fs::canonical(parent.path()).string();
    auto const above = fs::canonical(parent.path()).parent_path().string();
    local_directory const storage(path + "/a/b/state");
    script calls;
    auto const held = storage.lock("test");
    CHECK(calls.synced == strings{"all " + above, "all " + path, "all " + path + "/a", "all " + path + "/a/b"});
    calls.synced.clear();
    (void)storage.create("x");
    CHECK(calls.synced.empty());
}

TEST_CASE("a directory that a killed process made is made durable", "[storage][local_directory]")
{
    temporary_directory const parent;
    auto const path = fs::canonical(parent.path()).string();
    fs::create_directory(path + "/state");
    script calls;
    auto const held = local_directory(path + "/state").lock("test");
    CHECK(calls.synced == strings{"all " + path});
}

TEST_CASE("a new directory that cannot be made durable is an error, and is synced the next time",
          "[storage][local_directory]")
{
    temporary_directory const parent;
    auto const path = fs::canonical(parent.path()).string();
    local_directory const storage(path + "/state");
    script calls;
    calls.sync_errors = {0, EIO}; // of the directory above `path`, and of `path`
    CHECK(error_of([&] { (void)storage.lock("test"); }) == "cannot sync " + path + ": Input/output error");
    calls.synced.clear();
    CHECK(storage.lock("test").holds());
    CHECK(calls.synced == strings{"all " + path});
}

TEST_CASE("setting aside is durable", "[storage][local_directory]")
{
    temporary_directory const parent;
    auto const path = fs::canonical(parent.path()).string();
    local_directory const storage(path + "/state");
    written(storage, "x", "1");
    script calls;
    (void)storage.set_aside();
    CHECK(calls.synced == strings{"all " + path});
}

TEST_CASE("a sync that fails is never tried again, not even when it was interrupted", "[storage][local_directory]")
{
    for (int const error : {EIO, ENOSPC, EINTR}) {
        temporary_directory const parent;
        local_directory const storage(parent.path());
        auto file = written(storage, "x", "12");
        script calls;
        calls.sync_errors = {error};
        CHECK(error_of([&] { file.sync(); })
              == "cannot sync " + storage.describe() + "/x: " + tidemark::detail::system_message(error));
        CHECK_THAT(error_of([&] { file.sync(); }), Contains("/x: an earlier sync of this file failed"));
        CHECK_THAT(error_of([&] { file.append(bytes("3")); }), Contains("/x: an earlier sync of this file failed"));
        CHECK(calls.synced.size() == 1);
        CHECK(content(storage) == "x=12");
        CHECK_NOTHROW(written(storage, "y", "3").sync());
    }
}

TEST_CASE("a directory that cannot be synced is an error", "[storage][local_directory]")
{
    temporary_directory const parent;
    local_directory const storage(parent.path());
    script calls;
    calls.sync_errors = {EIO};
    CHECK(error_of([&] { storage.sync_directory(); }) == "cannot sync " + storage.describe() + ": Input/output error");
}

// ---- Short and interrupted calls

TEST_CASE("a short or interrupted write goes on where it stopped", "[storage][local_directory]")
{
    temporary_directory const parent;
    local_directory const storage(parent.path());
    auto file = storage.create("x");
    script calls;
    calls.writes = {{EINTR, 0}, {0, 3}, {EINTR, 0}, {EINTR, 0}, {0, 1}};
    file.append(bytes("0123456789"));
    CHECK(calls.writes.empty());
    CHECK(file.size() == 10);
    CHECK(content(storage) == "x=0123456789");
}

TEST_CASE("a write that fails after a short one is an error, and the file tells how far it came",
          "[storage][local_directory]")
{
    temporary_directory const parent;
    local_directory const storage(parent.path());
    struct {
        answer last;
        std::string words;
    } const rows[] = {
        {{ENOSPC, 0}, "No space left on device"}, {{EIO, 0}, "Input/output error"}, {{0, 0}, "Input/output error"}};
    for (auto const& row : rows) {
        auto file = storage.create("x");
        script calls;
        calls.writes = {{0, 4}, row.last};
        CHECK(error_of([&] { file.append(bytes("0123456789")); })
              == "cannot append to " + storage.describe() + "/x: " + row.words);
        CHECK(file.size() == 4);
        CHECK(content(storage) == "x=0123");
        CHECK_THAT(error_of([&] { file.append(bytes("4")); }), Contains("an earlier append to this file failed"));
        CHECK_NOTHROW(file.sync());
        storage.remove("x");
    }
}

TEST_CASE("a short or interrupted read goes on where it stopped, and one that fails is an error",
          "[storage][local_directory]")
{
    temporary_directory const parent;
    local_directory const storage(parent.path());
    written(storage, "x", "0123456789");
    script calls;
    calls.reads = {{EINTR, 0}, {0, 3}, {EINTR, 0}, {0, 1}};
    CHECK(text(storage.read("x", 1, 8)) == "12345678");
    CHECK(calls.reads.empty());
    calls.reads = {{0, 3}, {EIO, 0}};
    CHECK(error_of([&] { (void)storage.read("x"); }) == "cannot read " + storage.describe() + "/x: Input/output error");
}

// ---- The lock

TEST_CASE("a directory set aside between opening its lock and taking it is locked at its old place",
          "[storage][local_directory]")
{
    for (bool const was_locked_before : {false, true}) {
        temporary_directory const parent;
        auto const path = parent.path() / "state";
        auto const elsewhere = parent.path() / "elsewhere";
        local_directory const storage(path);
        written(storage, "x", "1");
        script calls;
        calls.before_lock = [&] {
            fs::rename(path, elsewhere);
            fs::create_directory(path);
            if (was_locked_before) {
                (void)local_directory(path).lock("another");
            }
        };
        auto const held = storage.lock("the first");
        CHECK_THAT(error_of([&] { (void)local_directory(path).lock("the second"); }), Contains("(the first)"));
        CHECK(local_directory(elsewhere).lock("the third").holds());
    }
}

TEST_CASE("a lock file that leads elsewhere is refused", "[storage][local_directory]")
{
    temporary_directory const parent;
    fs::create_symlink("nowhere", parent.path() / "LOCK");
    CHECK_THAT(error_of([&] { (void)local_directory(parent.path()).lock("test"); }),
               Contains("cannot lock") && Contains("/LOCK: Too many levels of symbolic links"));
}

} // namespace
