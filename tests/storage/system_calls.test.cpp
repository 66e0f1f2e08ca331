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
#include <cstdio>
#include <deque>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <pthread.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

/// What the next calls of one kind answer: an error number, or at most so many bytes.
struct answer {
    int error = 0;
    std::size_t at_most = 0;
};

/// How the calls of this program are to behave while it lives.
struct script {
    script() { set(this); }
    script(script const&) = delete;
    script& operator=(script const&) = delete;
    ~script() { set(nullptr); }

    std::vector<std::string> synced; // each sync: "data" or "all", and the file
    std::deque<int> sync_errors;
    std::deque<answer> writes;
    std::deque<answer> placed_writes; // those at an offset
    std::deque<answer> reads;
    std::function<void()> before_lock;

    static inline script* current = nullptr;
    static inline std::mutex mutex; // of those that a file's own thread calls, too

private:
    static void set(script* now)
    {
        std::lock_guard const guard(mutex);
        current = now;
    }
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
bool allowed(std::deque<answer> script::* which, std::size_t& count)
{
    std::lock_guard const guard(script::mutex);
    if (script::current == nullptr) {
        return true;
    }
    auto& answers = script::current->*which;
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
    return allowed(&script::writes, count) ? ::syscall(SYS_write, fd, bytes, count) : -1;
}

ssize_t pwrite(int fd, void const* bytes, size_t count, off_t offset)
{
    return allowed(&script::placed_writes, count) ? ::syscall(SYS_pwrite64, fd, bytes, count, offset) : -1;
}

ssize_t pread(int fd, void* bytes, size_t count, off_t offset)
{
    return allowed(&script::reads, count) ? ::syscall(SYS_pread64, fd, bytes, count, offset) : -1;
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

// ---- Past the page cache, while more is appended

constexpr std::size_t megabyte = std::size_t{1} << 20U;

/// Other bytes at each place, so that a piece in another's place is seen.
std::vector<std::byte> many_bytes(std::size_t count)
{
    std::vector<std::byte> made(count);
    for (std::size_t i = 0; i < count; ++i)
        made[i] = static_cast<std::byte>(i * 2'654'435'761U >> 24U);
    return made;
}

/// Whether the file has `bytes` from `offset` on. Not as a comparison that a test would show: these are long.
bool has(local_directory const& storage, std::vector<std::byte> const& bytes, std::size_t offset = 0)
{
    return storage.read("x", offset, bytes.size()) == bytes;
}

/// Sends what `file` is given past the page cache. False, and said, where the file system takes no such writes.
bool takes_direct_writes(tidemark::local_file& file)
{
    if (file.write_direct() != 0)
        return true;
    WARN("skipped: this file system takes no writes past the page cache");
    return false;
}

/// Appends `all`, in pieces that are no multiples of a page.
void append_in_pieces(tidemark::local_file& file, std::span<std::byte const> all)
{
    for (; !all.empty(); all = all.subspan(std::min<std::size_t>(all.size(), 300'001)))
        file.append(all.first(std::min<std::size_t>(all.size(), 300'001)));
}

/// A front that says how long the rest is, and what its first and last byte are.
class length_front final : public tidemark::late_front {
public:
    [[nodiscard]] std::size_t size() const override { return bytes_.size(); }
    void see(std::span<std::byte const> piece) override { seen_.insert(seen_.end(), piece.begin(), piece.end()); }
    [[nodiscard]] std::span<std::byte const> bytes() override
    {
        auto const length = std::to_string(seen_.size());
        std::copy_n(storages::bytes(length).begin(), length.size(), bytes_.begin());
        bytes_.back() = seen_.back();
        return bytes_;
    }

private:
    std::vector<std::byte> bytes_ = std::vector<std::byte>(64, std::byte{'.'});
    std::vector<std::byte> seen_;
};

TEST_CASE("what is written while more comes goes on behind short and interrupted writes",
          "[storage][local_directory][direct]")
{
    temporary_directory const parent;
    local_directory const storage(parent.path());
    auto file = storage.create("x");
    bool const is_direct = file.write_direct() != 0;
    auto const all = many_bytes(30 * megabyte + 5);
    script calls;
    calls.writes = {{EINTR, 0}, {0, 8192}, {EINTR, 0}, {0, 65'536}, {0, 4096}};
    append_in_pieces(file, all);
    file.sync();
    CHECK(calls.writes.empty());
    CHECK(file.size() == all.size());
    CHECK(has(storage, all));
    if (!is_direct)
        std::puts("the file system refuses direct writes: only the cache was tried");
}

TEST_CASE("a write that fails while more comes is told by a later append or by the sync, and is the last one",
          "[storage][local_directory][direct]")
{
    auto const all = many_bytes(20 * megabyte);
    for (bool const at_once : {false, true})
        for (auto const good : std::initializer_list<std::size_t>{0, 1, 2, 3})
            for (answer const last : {answer{ENOSPC, 0}, answer{EIO, 0}, answer{0, 0}}) {
                INFO(good << " writes succeed, then error " << last.error << (at_once ? ", one append" : ""));
                temporary_directory const parent;
                local_directory const storage(parent.path());
                auto file = storage.create("x");
                (void)file.write_direct();
                script calls;
                calls.writes.assign(good, answer{0, megabyte});
                calls.writes.push_back(last);
                auto const error = error_of([&] {
                    if (at_once)
                        file.append(all);
                    else
                        append_in_pieces(file, all);
                    file.sync();
                });
                CHECK(error
                      == "cannot append to " + storage.describe()
                             + "/x: " + tidemark::detail::system_message(last.error == 0 ? EIO : last.error));
                CHECK(calls.writes.empty());
                CHECK(calls.synced.empty()); // nothing was called durable
                CHECK(file.size() <= good * megabyte);
                CHECK(file.size() == storage.size("x"));
                CHECK(has(storage, {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(file.size())}));
                CHECK_THAT(error_of([&] { file.append(bytes("4")); }),
                           Contains("an earlier append to this file failed"));
                auto const size = file.size();
                CHECK_NOTHROW(file.sync());
                CHECK(file.size() == size);
                CHECK(storage.size("x") == size);
            }
}

TEST_CASE("a write that fails although there was room to append is told by the sync at the latest",
          "[storage][local_directory][direct]")
{
    temporary_directory const parent;
    local_directory const storage(parent.path());
    auto file = storage.create("x");
    if (!takes_direct_writes(file))
        return;
    script calls;
    calls.writes.assign(5, answer{0, megabyte});
    calls.writes.push_back({ENOSPC, 0});
    auto const error = error_of([&] {
        file.append(many_bytes(6 * megabyte)); // there is room for that
        file.sync();
    });
    CHECK(error == "cannot append to " + storage.describe() + "/x: No space left on device");
    CHECK(calls.synced.empty());
}

TEST_CASE("a file that is given up while it is being written is left as it is", "[storage][local_directory][direct]")
{
    temporary_directory const parent;
    local_directory const storage(parent.path());
    auto const all = many_bytes(20 * megabyte);
    {
        auto file = storage.create("x");
        (void)file.write_direct();
        file.append(all);
    }
    auto const size = static_cast<std::ptrdiff_t>(storage.size("x"));
    CHECK(has(storage, {all.begin(), all.begin() + size}));
    auto file = storage.create("y");
    (void)file.write_direct();
    file.append(all);
    file = storage.create("z");
    CHECK(storage.size("y") <= all.size());
    CHECK(file.size() == 0);
}

TEST_CASE("where the device has longer pages after all, the rest goes through the cache",
          "[storage][local_directory][direct]")
{
    auto const all = many_bytes(20 * megabyte + 77);
    for (auto const good : std::initializer_list<std::size_t>{0, 1, 3}) {
        INFO(good << " writes succeed");
        temporary_directory const parent;
        local_directory const storage(parent.path());
        auto file = storage.create("x");
        if (!takes_direct_writes(file))
            return;
        script calls;
        calls.writes.assign(good, answer{0, megabyte});
        calls.writes.push_back({EINVAL, 0});
        append_in_pieces(file, all);
        file.sync();
        CHECK(calls.writes.empty());
        CHECK(file.size() == all.size());
        CHECK(has(storage, all));
    }
}

TEST_CASE("a front that is made while what follows is written stands before it", "[storage][local_directory][direct]")
{
    auto const rest = many_bytes(20 * megabyte + 1);
    for (auto const before : std::initializer_list<std::size_t>{0, 1, 4000, 4032, 4033, 4095, 4096})
        for (bool const leaves_direct : {false, true}) {
            INFO(before << " bytes before" << (leaves_direct ? ", then longer pages" : ""));
            temporary_directory const parent;
            local_directory const storage(parent.path());
            auto file = storage.create("x");
            if (!takes_direct_writes(file))
                return;
            auto const first = many_bytes(before);
            file.append(first);
            script calls;
            if (leaves_direct)
                calls.writes = {{0, megabyte}, {0, megabyte}, {EINVAL, 0}};
            length_front front;
            REQUIRE(file.append_late(front, rest));
            CHECK(calls.writes.empty());
            CHECK(file.size() == before + 64 + rest.size());
            file.append(bytes("end"));
            file.sync();
            auto expected = first;
            auto const made = front.bytes();
            expected.insert(expected.end(), made.begin(), made.end());
            expected.insert(expected.end(), rest.begin(), rest.end());
            for (char const letter : {'e', 'n', 'd'})
                expected.push_back(static_cast<std::byte>(letter));
            CHECK(file.size() == expected.size());
            CHECK(storage.size("x") == expected.size());
            CHECK(has(storage, expected));
        }
}

TEST_CASE("a front that cannot be written, or whose rest cannot, is an error, and what stands before it stays",
          "[storage][local_directory][direct]")
{
    auto const first = many_bytes(5000);
    auto const rest = many_bytes(20 * megabyte);
    for (bool const is_front : {false, true}) {
        temporary_directory const parent;
        local_directory const storage(parent.path());
        auto file = storage.create("x");
        if (!takes_direct_writes(file))
            return;
        file.append(first);
        script calls;
        if (is_front)
            calls.placed_writes = {{EINTR, 0}, {ENOSPC, 0}};
        else
            calls.writes = {{0, megabyte}, {0, megabyte}, {ENOSPC, 0}};
        length_front front;
        CHECK(error_of([&] { (void)file.append_late(front, rest); })
              == "cannot append to " + storage.describe() + "/x: No space left on device");
        CHECK(calls.writes.empty());
        CHECK(calls.placed_writes.empty());
        CHECK(file.size() == first.size());
        CHECK_THAT(error_of([&] { file.append(bytes("4")); }), Contains("an earlier append to this file failed"));
        CHECK_THAT(error_of([&] { (void)file.append_late(front, rest); }),
                   Contains("an earlier append to this file failed"));
        CHECK(calls.synced.empty());
        CHECK_NOTHROW(file.sync());
        CHECK(file.size() == first.size());
        CHECK(has(storage, first));
    }
}

TEST_CASE("without a thread to be had large amounts are written all the same", "[storage][local_directory][direct]")
{
    ::pthread_attr_t before{};
    REQUIRE(::pthread_getattr_default_np(&before) == 0);
    ::pthread_attr_t wide = before;
    REQUIRE(::pthread_attr_setstacksize(&wide, std::size_t{1} << 46U) == 0); // no machine has room for such a stack
    temporary_directory const parent;
    local_directory const storage(parent.path());
    auto file = storage.create("x");
    (void)file.write_direct();
    auto const all = many_bytes(20 * megabyte + 77);
    REQUIRE(::pthread_setattr_default_np(&wide) == 0);
    append_in_pieces(file, std::span(all).first(megabyte));
    file.append(std::span(all).subspan(megabyte, 9 * megabyte));
    append_in_pieces(file, std::span(all).subspan(10 * megabyte));
    file.sync();
    REQUIRE(::pthread_setattr_default_np(&before) == 0);
    (void)::pthread_attr_destroy(&before);
    CHECK(has(storage, all));
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
