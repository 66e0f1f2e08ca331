// SPDX-License-Identifier: BSL-1.0

#include <tidemark/storage/local_directory.hpp>

#include <storage/storages.hpp>
#include <support/catch.hpp>

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

namespace fs = std::filesystem;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using storages::bytes;
using storages::content;
using storages::error_of;
using storages::temporary_directory;
using storages::text;
using storages::written;
using tidemark::local_directory;
using tidemark::storage_error;

/// A child that locks `path`, says so, and holds the lock until it is killed.
class lock_holder {
public:
    explicit lock_holder(fs::path const& path)
    {
        int ends[2];
        if (::pipe(ends) != 0) {
            throw std::runtime_error("no pipe");
        }
        child_ = ::fork();
        if (child_ == 0) {
            hold(path, ends[1]);
        }
        ::close(ends[1]);
        char answer = 'n';
        locked_ = ::read(ends[0], &answer, 1) == 1 && answer == 'y';
        ::close(ends[0]);
    }
    lock_holder(lock_holder const&) = delete;
    lock_holder& operator=(lock_holder const&) = delete;
    ~lock_holder() { kill(); }

    [[nodiscard]] bool locked() const { return locked_; }
    [[nodiscard]] ::pid_t process() const { return child_; }

    void kill()
    {
        if (child_ > 0) {
            ::kill(child_, SIGKILL);
            ::waitpid(child_, nullptr, 0);
            child_ = 0;
        }
    }

private:
    [[noreturn]] static void hold(fs::path const& path, int say)
    {
        char answer = 'n';
        std::optional<tidemark::storage_lock> held;
        try {
            held = local_directory(path).lock("the other process");
            answer = 'y';
        } catch (...) { // NOLINT(bugprone-empty-catch): the answer is no
        }
        [[maybe_unused]] auto const said = ::write(say, &answer, 1);
        while (answer == 'y') {
            ::pause();
        }
        ::_exit(0);
    }

    ::pid_t child_ = 0;
    bool locked_ = false;
};

// ---- Past the page cache

/// A new directory on each of two file systems: one of disks, as a rule, and one in memory.
class two_places {
public:
    two_places()
    {
        std::string pattern = "/dev/shm/tidemark-storage-XXXXXX";
        if (::mkdtemp(pattern.data()) != nullptr)
            in_memory_ = pattern;
        else
            std::puts("there is no /dev/shm: direct writes are tried in the temporary directory only");
    }
    two_places(two_places const&) = delete;
    two_places& operator=(two_places const&) = delete;
    ~two_places()
    {
        std::error_code ignored;
        if (!in_memory_.empty())
            fs::remove_all(in_memory_, ignored);
    }

    [[nodiscard]] std::vector<local_directory> all() const
    {
        std::vector<local_directory> places{local_directory(on_disk_.path())};
        if (!in_memory_.empty())
            places.emplace_back(in_memory_);
        return places;
    }

private:
    temporary_directory on_disk_;
    fs::path in_memory_;
};

/// Another text for each length and number.
std::string text_of(std::size_t length, std::size_t number)
{
    std::string text(length, ' ');
    for (std::size_t i = 0; i < length; ++i)
        text[i] = static_cast<char>('a' + (i / 7 + i + number) % 26);
    return text;
}

/// Not as a comparison that a test would show: these texts are long.
bool holds(local_directory const& storage, std::string const& name, std::string const& expected)
{
    auto const content = storage.read(name);
    auto const wanted = std::as_bytes(std::span(expected));
    return std::equal(content.begin(), content.end(), wanted.begin(), wanted.end());
}

TEST_CASE("what is written past the cache is read back, whatever its length, where the file system takes it or not",
          "[storage][local_directory][direct]")
{
    two_places const places;
    for (auto const& storage : places.all()) {
        std::size_t number = 0;
        for (auto const first :
             std::initializer_list<std::size_t>{0, 1, 4095, 4096, 4097, 100'000, 4 << 20, (4 << 20) + 1, (8 << 20) - 1,
                                                8 << 20, (8 << 20) + 1, (12 << 20) + 4095, (21 << 20) + 4096})
            for (auto const second : std::initializer_list<std::size_t>{0, 1, 4096, 5000, 9 << 20}) {
                INFO(storage.describe() << ", " << first << " and " << second << " bytes");
                auto const name = "f" + std::to_string(++number);
                auto file = storage.create(name);
                auto const page = file.write_direct();
                CHECK((page == 0 || page == 4096));
                if (number == 1)
                    std::puts((storage.describe()
                               + (page != 0 ? " is written past the cache" : " refuses direct writes, and is buffered"))
                                  .c_str());
                auto expected = text_of(first, number);
                file.append(bytes(expected));
                if (page != 0 && first % page != 0)
                    CHECK(storage.size(name) < first); // the last page is not whole
                if (page == 0)
                    CHECK(storage.size(name) == first);
                file.sync();
                CHECK(holds(storage, name, expected));
                auto const more = text_of(second, number + 1);
                expected += more;
                file.append(bytes(more).first(second / 2));
                file.append(bytes(more).subspan(second / 2));
                CHECK(file.size() == expected.size());
                file.sync();
                CHECK(holds(storage, name, expected));
                storage.remove(name);
            }
    }
}

TEST_CASE("a file that is overwritten past the cache keeps what lies behind", "[storage][local_directory][direct]")
{
    two_places const places;
    for (auto const& storage : places.all()) {
        auto const before = text_of(20'000, 1);
        written(storage, "a", before).sync();
        auto file = storage.overwrite("a", "b");
        auto const page = file.write_direct();
        auto const now = text_of(8192, 2);
        file.append(bytes(now));
        file.sync();
        CHECK(holds(storage, "b", now + before.substr(8192)));
        file.append(bytes("end"));
        if (page != 0)
            CHECK(holds(storage, "b", now + before.substr(8192)));
        file.sync();
        CHECK(holds(storage, "b", now + "end" + before.substr(8195)));
    }
}

TEST_CASE("a file is written past the cache from its beginning or never", "[storage][local_directory][direct]")
{
    temporary_directory const parent;
    local_directory const storage(parent.path());
    auto file = storage.create("a");
    file.append(bytes("x"));
    CHECK(file.write_direct() == 0);
    file.append(bytes("y"));
    CHECK(text(storage.read("a")) == "xy");
}

// ---- The directory

TEST_CASE("a local_directory touches nothing before it is locked or written", "[storage][local_directory]")
{
    temporary_directory const parent;
    auto const path = parent.path() / "a" / "b";
    local_directory const storage(path);
    CHECK(storage.list().empty());
    CHECK_FALSE(storage.exists("x"));
    CHECK_THAT(error_of([&] { storage.sync_directory(); }), EndsWith("No such file or directory"));
    CHECK(fs::is_empty(parent.path()));

    auto const held = storage.lock("test");
    CHECK(fs::is_directory(path));
}

TEST_CASE("directories and files are for their owner only", "[storage][local_directory]")
{
    temporary_directory const parent;
    auto const path = parent.path() / "a" / "b";
    written(local_directory(path), "x", "1");
    CHECK(fs::status(parent.path() / "a").permissions() == fs::perms::owner_all);
    CHECK(fs::status(path).permissions() == fs::perms::owner_all);
    CHECK(fs::status(path / "x").permissions() == (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("a local_directory means one place, however its path is written", "[storage][local_directory]")
{
    temporary_directory const parent;
    auto const path = parent.path() / "state";
    CHECK(local_directory(path).describe() == path.string());
    CHECK(local_directory(path.string() + "/").describe() == path.string());
    CHECK(local_directory(parent.path() / "x" / ".." / "." / "state").describe() == path.string());
    CHECK(local_directory("state").describe() == (fs::current_path() / "state").string());
    CHECK(local_directory(".").describe() == fs::current_path().string());
    CHECK_THROWS_AS(local_directory(""), tidemark::config_error);
}

TEST_CASE("only files are listed", "[storage][local_directory]")
{
    temporary_directory const parent;
    local_directory const storage(parent.path());
    auto const held = storage.lock("test");
    written(storage, "file", "");
    fs::create_directory(parent.path() / "directory");
    fs::create_symlink("nowhere", parent.path() / "link");
    CHECK(storage.list() == std::vector<std::string>{"file"});
    CHECK_FALSE(storage.exists("directory"));
}

TEST_CASE("a directory that vanishes is not made again", "[storage][local_directory]")
{
    temporary_directory const parent;
    auto const path = parent.path() / "state";
    local_directory const storage(path);
    auto const held = storage.lock("test");
    fs::remove_all(path);
    CHECK_THAT(error_of([&] { (void)storage.create("x"); }), EndsWith("No such file or directory"));
    CHECK_FALSE(fs::exists(path));
}

TEST_CASE("a file in the place of the directory is an error", "[storage][local_directory]")
{
    temporary_directory const parent;
    auto const path = parent.path() / "state";
    std::ofstream(path) << "a file";
    local_directory const storage(path);
    CHECK_THAT(error_of([&] { (void)storage.lock("test"); }), EndsWith("Not a directory"));
    CHECK_THAT(error_of([&] { (void)storage.create("x"); }), EndsWith("Not a directory"));
    CHECK_THAT(error_of([&] { (void)storage.list(); }), EndsWith("Not a directory"));
    CHECK_THAT(error_of([&] { (void)storage.exists("x"); }), EndsWith("Not a directory"));
}

// ---- Failures of the device

TEST_CASE("an append that does not fit is an error, and the last one to its file", "[storage][local_directory]")
{
    temporary_directory const parent;
    local_directory const storage(parent.path());
    auto file = storage.create("x");
    file.append(bytes("12345"));

    ::rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
    ::rlimit narrow = before;
    narrow.rlim_cur = 8;
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &narrow) == 0); // the system writes 3 bytes of 5, then refuses
    auto const problem = error_of([&] { file.append(bytes("67890")); });
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
    std::signal(SIGXFSZ, handler);

    CHECK(problem == "cannot append to " + storage.describe() + "/x: File too large");
    CHECK(file.size() == 8);
    CHECK(content(storage) == "x=12345678");
    CHECK_THAT(error_of([&] { file.append(bytes("9")); }), Contains("an earlier append to this file failed"));
    CHECK_NOTHROW(file.sync()); // what came before the failure can still be made durable
    CHECK(content(storage) == "x=12345678");
}

TEST_CASE("a full device is an error", "[storage][local_directory]")
{
    tidemark::detail::unique_fd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    REQUIRE(full.get() >= 0);
    tidemark::local_file file(std::move(full), "the/file");
    CHECK(error_of([&] { file.append(bytes("1")); }) == "cannot append to the/file: No space left on device");
    CHECK(file.size() == 0);
}

// ---- The lock

TEST_CASE("no program that is started inherits a file or the lock", "[storage][local_directory]")
{
    temporary_directory const parent;
    local_directory const storage(parent.path());
    auto const held = storage.lock("test");
    auto const file = storage.create("x");
    std::set<std::string> seen;
    for (auto const& entry : fs::directory_iterator("/proc/self/fd")) {
        std::error_code closed_meanwhile;
        auto const target = fs::read_symlink(entry.path(), closed_meanwhile);
        if (target.parent_path() == fs::canonical(parent.path())) {
            seen.insert(target.filename());
            CHECK((::fcntl(std::stoi(entry.path().filename()), F_GETFD) & FD_CLOEXEC) != 0);
        }
    }
    CHECK(seen == std::set<std::string>{"LOCK", "x"});
}

TEST_CASE("another process that holds the lock is named", "[storage][local_directory]")
{
    temporary_directory const parent;
    local_directory const storage(parent.path() / "state");
    lock_holder const other(parent.path() / "state");
    REQUIRE(other.locked());
    auto const problem = error_of([&] { (void)storage.lock("this process"); });
    CHECK_THAT(problem, Contains("process " + std::to_string(other.process()) + " (the other process)"));
    CHECK_THAT(error_of([&] { (void)storage.set_aside(); }), Contains("the other process"));
    CHECK_FALSE(fs::exists(parent.path() / "state.unreadable-1"));
}

TEST_CASE("a killed process gives its lock back, and the file of the lock stays", "[storage][local_directory]")
{
    temporary_directory const parent;
    local_directory const storage(parent.path());
    lock_holder other(parent.path());
    REQUIRE(other.locked());
    other.kill();
    {
        auto const held = storage.lock("this process");
        CHECK_FALSE(lock_holder(parent.path()).locked());
    }
    CHECK(fs::exists(parent.path() / "LOCK"));
    CHECK(lock_holder(parent.path()).locked());
}

TEST_CASE("a long text of an earlier holder leaves nothing behind a short one", "[storage][local_directory]")
{
    temporary_directory const parent;
    local_directory const storage(parent.path());
    {
        auto const held = storage.lock("a much longer text than the next one");
    }
    auto const held = storage.lock("short");
    CHECK_THAT(error_of([&] { (void)storage.lock("next"); }), Contains("(short)"));
}

TEST_CASE("a forked child that ends does not give back the lock of its parent", "[storage][local_directory]")
{
    temporary_directory const parent;
    local_directory const storage(parent.path());
    auto held = std::optional(storage.lock("the parent"));
    ::pid_t const child = ::fork();
    if (child == 0) {
        held.reset();
        ::_exit(0);
    }
    ::waitpid(child, nullptr, 0);
    CHECK_FALSE(lock_holder(parent.path()).locked());
}

TEST_CASE("a directory set aside is locked at its new place, and the new one from its first moment",
          "[storage][local_directory]")
{
    temporary_directory const parent;
    local_directory const storage(parent.path() / "state");
    {
        auto const held = storage.lock("test");
        auto const aside = storage.set_aside();
        CHECK_FALSE(lock_holder(parent.path() / "state").locked());
        CHECK_FALSE(lock_holder(aside).locked()); // someone may have opened its lock file before it was moved
    }
    CHECK(lock_holder(parent.path() / "state").locked());
}

TEST_CASE("a lock file that was replaced meanwhile is no lock", "[storage][local_directory]")
{
    temporary_directory const parent;
    local_directory const storage(parent.path());
    auto const held = storage.lock("the first");
    fs::remove(parent.path() / "LOCK"); // against the rules: the next holder must at least get a file that counts
    auto const next = local_directory(parent.path()).lock("the second");
    CHECK_THAT(error_of([&] { (void)storage.lock("the third"); }), Contains("(the second)"));
}

// ---- Setting aside

TEST_CASE("a link to a directory stays, and what it leads to is set aside", "[storage][local_directory]")
{
    temporary_directory const parent;
    fs::create_directories(parent.path() / "disk" / "real");
    fs::create_directory_symlink(parent.path() / "disk" / "real", parent.path() / "state");
    local_directory const storage(parent.path() / "state");
    written(storage, "a", "1");
    auto const aside = storage.set_aside();
    CHECK(fs::is_symlink(parent.path() / "state"));
    CHECK(aside == (fs::canonical(parent.path()) / "disk" / "real.unreadable-1").string());
    CHECK(storage.list().empty());
    CHECK(content(local_directory(aside)) == "a=1");
}

TEST_CASE("set_aside uses no place that is taken", "[storage][local_directory]")
{
    temporary_directory const parent;
    local_directory const storage(parent.path() / "state");
    written(storage, "a", "1");
    fs::create_directory(parent.path() / "state.unreadable-1");
    std::ofstream(parent.path() / "state.unreadable-2") << "a file";
    CHECK(storage.set_aside() == storage.describe() + ".unreadable-3");
    CHECK(fs::is_empty(parent.path() / "state.unreadable-1"));
}

TEST_CASE("directories are exchanged even where the system cannot do it in one step", "[storage][local_directory]")
{
    temporary_directory const parent;
    auto const one = (parent.path() / "one").string();
    auto const other = (parent.path() / "other").string();
    written(local_directory(one), "a", "1");
    written(local_directory(other), "b", "2");
    tidemark::detail::exchange_directories_in_steps(one, other);
    CHECK(content(local_directory(one)) == "b=2");
    CHECK(content(local_directory(other)) == "a=1");
    CHECK_THAT(error_of([&] { tidemark::detail::exchange_directories_in_steps(one, one + "-none"); }),
               Contains("cannot set aside " + one) && EndsWith("No such file or directory"));
    CHECK(content(local_directory(one)) == "b=2");
}

} // namespace
