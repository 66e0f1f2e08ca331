// SPDX-License-Identifier: BSL-1.0
//
// What every storage does: one table, run over each of them, and over each through the handle of any type.

#include <tidemark/storage.hpp>
#include <tidemark/storage/fault_plan.hpp>
#include <tidemark/storage/fault_verdict.hpp>
#include <tidemark/storage/faulty_storage.hpp>
#include <tidemark/storage/memory_storage.hpp>

#include <storage/storages.hpp>
#include <support/catch.hpp>

#include <concepts>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <unistd.h>

namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using storages::bytes;
using storages::content;
using storages::error_of;
using storages::text;
using storages::written;
using tidemark::any_storage;
using tidemark::storage_error;

// ---- What they are, at compile time

static_assert(tidemark::storage<tidemark::local_directory>);
static_assert(tidemark::storage<tidemark::memory_storage>);
static_assert(tidemark::storage<tidemark::faulty_storage>);
static_assert(tidemark::storage<any_storage>);
static_assert(!tidemark::storage<tidemark::storage_lock>);
static_assert(tidemark::recycling_storage<tidemark::local_directory>);
static_assert(tidemark::recycling_storage<tidemark::memory_storage>);
static_assert(tidemark::recycling_storage<tidemark::faulty_storage>);
static_assert(tidemark::recycling_storage<any_storage>);
static_assert(tidemark::writable_file<tidemark::storage_file>);
static_assert(!std::copyable<tidemark::storage_file>, "two writers of one file");
static_assert(!std::copyable<tidemark::storage_lock>, "two holders of one lock");
static_assert(!std::derived_from<tidemark::simulated_crash, std::exception>);
static_assert(std::convertible_to<tidemark::local_directory, any_storage>);

// ---- What they do

struct on_disk {
    storages::temporary_directory parent;
    tidemark::local_directory storage{parent.path() / "deep" / "er" / "state"};

    [[nodiscard]] any_storage opened(std::string const& place) const { return tidemark::local_directory(place); }
};

struct in_memory {
    tidemark::memory_storage storage;

    [[nodiscard]] any_storage opened(std::string const& place) const { return storage.opened(place); }
};

struct without_faults {
    tidemark::memory_storage memory;
    tidemark::faulty_storage storage{memory, tidemark::fault_plan()};

    [[nodiscard]] any_storage opened(std::string const& place) const { return memory.opened(place); }
};

struct of_any_type {
    on_disk directory;
    any_storage storage{directory.storage};

    [[nodiscard]] any_storage opened(std::string const& place) const { return directory.opened(place); }
};

#define FOR_EACH_STORAGE(sentence)                                                                                     \
    TEMPLATE_TEST_CASE(sentence, "[storage]", on_disk, in_memory, without_faults, of_any_type)

FOR_EACH_STORAGE("a directory that does not exist yet is empty")
{
    TestType const place;
    CHECK(place.storage.list().empty());
    CHECK_FALSE(place.storage.exists("a"));
    CHECK_THROWS_AS(place.storage.read("a"), storage_error);
}

FOR_EACH_STORAGE("what is appended is read back, as a whole and in part")
{
    TestType const place;
    auto file = place.storage.create("a");
    CHECK(file.size() == 0);
    file.append(bytes("0123"));
    file.append(bytes(""));
    file.append(bytes("456789"));
    CHECK(file.size() == 10);
    file.sync();
    place.storage.sync_directory();

    CHECK(place.storage.exists("a"));
    CHECK(place.storage.size("a") == 10);
    CHECK(text(place.storage.read("a")) == "0123456789");
    struct {
        std::uint64_t offset;
        std::uint64_t length;
        std::string expected;
    } const rows[] = {{0, 10, "0123456789"}, {0, 3, "012"}, {3, 4, "3456"}, {8, 5, "89"},
                      {10, 1, ""},           {99, 1, ""},   {4, 0, ""},     {1, UINT64_MAX, "123456789"},
                      {UINT64_MAX, 1, ""}};
    for (auto const& row : rows) {
        INFO(row.length << " from " << row.offset);
        CHECK(text(place.storage.read("a", row.offset, row.length)) == row.expected);
    }
}

FOR_EACH_STORAGE("a large file comes back whole")
{
    TestType const place;
    std::string const large = std::string(3'000'000, 'x') + "end";
    written(place.storage, "large", large);
    CHECK(text(place.storage.read("large")) == large);
}

FOR_EACH_STORAGE("names are listed in order")
{
    TestType const place;
    for (auto const* const name : {"b", "a10", "a9", "c", "B"}) {
        written(place.storage, name, "");
    }
    CHECK(place.storage.list() == std::vector<std::string>{"B", "a10", "a9", "b", "c"});
}

FOR_EACH_STORAGE("a file is created once")
{
    TestType const place;
    written(place.storage, "a", "first");
    CHECK_THAT(error_of([&] { (void)place.storage.create("a"); }),
               Contains("cannot create") && Contains(place.storage.describe() + "/a") && EndsWith("File exists"));
    CHECK(content(place.storage) == "a=first");
}

FOR_EACH_STORAGE("rename replaces the file that has the name")
{
    TestType const place;
    written(place.storage, "a", "new");
    written(place.storage, "b", "old");
    place.storage.rename("a", "b");
    CHECK(content(place.storage) == "b=new");
    place.storage.rename("b", "c");
    CHECK(content(place.storage) == "c=new");
    place.storage.rename("c", "c");
    CHECK(content(place.storage) == "c=new");
}

FOR_EACH_STORAGE(
    "a file that is overwritten has another name, what is appended at its beginning, and the rest of before")
{
    TestType const place;
    CHECK(tidemark::detail::recycles(place.storage));
    written(place.storage, "a", "0123456789").sync();
    auto file = place.storage.overwrite("a", "b");
    CHECK(file.size() == 0);
    CHECK(content(place.storage) == "b=0123456789");
    file.append(bytes("abc"));
    file.append(bytes("d"));
    CHECK(file.size() == 4);
    file.sync();
    place.storage.sync_directory();
    CHECK(content(place.storage) == "b=abcd456789");
    file.append(bytes("efghijklm"));
    CHECK(content(place.storage) == "b=abcdefghijklm");
}

FOR_EACH_STORAGE("a file is overwritten only under a name that is free")
{
    TestType const place;
    written(place.storage, "a", "first");
    written(place.storage, "b", "second");
    CHECK_THAT(error_of([&] { (void)place.storage.overwrite("a", "b"); }), EndsWith("File exists"));
    CHECK_THAT(error_of([&] { (void)place.storage.overwrite("none", "c"); }),
               Contains("cannot overwrite") && Contains("none"));
    CHECK_THROWS_AS(place.storage.overwrite("a", "../c"), storage_error);
    CHECK(content(place.storage) == "a=first b=second");
}

/// A storage of before there was `overwrite`.
struct plain_storage : tidemark::memory_storage {
    plain_storage() = default;
    explicit plain_storage(tidemark::memory_storage const& some)
        : memory_storage(some)
    {}
    [[nodiscard]] plain_storage folder(std::string const& name) const
    {
        return plain_storage(memory_storage::folder(name));
    }
    void overwrite() const = delete;
};
static_assert(tidemark::storage<plain_storage> && !tidemark::recycling_storage<plain_storage>);

TEST_CASE("a storage that cannot overwrite a file makes a new one", "[storage]")
{
    any_storage const storage{plain_storage()};
    CHECK_FALSE(storage.recycles());
    CHECK_FALSE(tidemark::faulty_storage(storage, tidemark::fault_plan()).recycles());
    written(storage, "a", "0123456789").sync();
    auto file = storage.overwrite("a", "b");
    file.append(bytes("abc"));
    CHECK(content(storage) == "b=abc");
}

FOR_EACH_STORAGE("a file that is renamed or removed while it is written takes what is appended with it")
{
    TestType const place;
    auto file = written(place.storage, "a", "1");
    place.storage.rename("a", "b");
    file.append(bytes("2"));
    CHECK(content(place.storage) == "b=12");
    place.storage.remove("b");
    file.append(bytes("3"));
    file.sync();
    CHECK(file.size() == 3);
    CHECK(content(place.storage).empty());
}

FOR_EACH_STORAGE("what is not there is an error that names the operation, the file and the reason")
{
    TestType const place;
    written(place.storage, "other", "");
    std::string const file = place.storage.describe() + "/none";
    struct {
        std::string words;
        std::string found;
    } const rows[] = {
        {"cannot read", error_of([&] { (void)place.storage.read("none"); })},
        {"cannot read", error_of([&] { (void)place.storage.read("none", 0, 1); })},
        {"cannot get the size of", error_of([&] { (void)place.storage.size("none"); })},
        {"cannot rename", error_of([&] { place.storage.rename("none", "b"); })},
        {"cannot remove", error_of([&] { place.storage.remove("none"); })},
    };
    for (auto const& row : rows) {
        CHECK_THAT(row.found, Contains(row.words) && Contains(file) && EndsWith("No such file or directory"));
    }
    CHECK(content(place.storage) == "other=");
}

FOR_EACH_STORAGE("a name that is none is refused by every operation")
{
    TestType const place;
    written(place.storage, "a", "");
    for (auto const& name : {std::string(""), std::string("."), std::string(".."), std::string("LOCK"),
                             std::string("../a"), std::string("a/b"), std::string("a\0b", 3)}) {
        INFO(name);
        CHECK_THROWS_AS(place.storage.create(name), storage_error);
        CHECK_THROWS_AS(place.storage.read(name), storage_error);
        CHECK_THROWS_AS(place.storage.size(name), storage_error);
        CHECK_THROWS_AS(place.storage.exists(name), storage_error);
        CHECK_THROWS_AS(place.storage.rename(name, "b"), storage_error);
        CHECK_THROWS_AS(place.storage.rename("a", name), storage_error);
        CHECK_THROWS_AS(place.storage.remove(name), storage_error);
    }
}

FOR_EACH_STORAGE("several threads work at once, each on its own files")
{
    TestType const place;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&place, prefix = std::to_string(thread)] {
            for (int i = 0; i < 20; ++i) {
                written(place.storage, prefix + ".new", prefix).sync();
                place.storage.rename(prefix + ".new", prefix);
                place.storage.sync_directory();
                (void)place.storage.list();
                (void)place.storage.read(prefix);
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    CHECK(content(place.storage) == "0=0 1=1 2=2 3=3");
}

FOR_EACH_STORAGE("copies of a handle mean the same directory")
{
    TestType const place;
    auto const copy = place.storage;
    written(place.storage, "a", "1");
    CHECK(content(copy) == "a=1");
    CHECK(copy.describe() == place.storage.describe());
}

FOR_EACH_STORAGE("one holds the lock, and the next learns who")
{
    TestType const place;
    auto held = std::optional(place.storage.lock("the first"));
    CHECK(held->holds());
    CHECK_THAT(error_of([&] { (void)place.storage.lock("the second"); }),
               Contains("cannot lock " + place.storage.describe()) && Contains(std::to_string(::getpid()))
                   && Contains("the first"));
    CHECK(place.storage.list().empty());

    auto moved = std::optional(std::move(*held));
    held.reset();
    CHECK_THROWS_AS(place.storage.lock("the second"), storage_error);
    moved.reset();
    CHECK(place.storage.lock("the second").holds());
    CHECK(place.storage.lock("the third").holds());
}

FOR_EACH_STORAGE("what is set aside is whole elsewhere, and the directory is empty")
{
    TestType const place;
    written(place.storage, "a", "1");
    written(place.storage, "b", "2");
    auto const first = place.storage.set_aside();
    CHECK(first == place.storage.describe() + ".unreadable-1");
    CHECK(place.storage.list().empty());
    CHECK(content(place.opened(first)) == "a=1 b=2");

    written(place.storage, "a", "3");
    auto const second = place.storage.set_aside();
    CHECK(second == place.storage.describe() + ".unreadable-2");
    CHECK(place.storage.list().empty());
    CHECK(content(place.opened(first)) == "a=1 b=2");
    CHECK(content(place.opened(second)) == "a=3");
}

FOR_EACH_STORAGE("who sets a directory aside keeps its lock, and gives it back later")
{
    TestType const place;
    {
        auto const held = place.storage.lock("the first");
        (void)place.storage.set_aside();
        CHECK_THAT(error_of([&] { (void)place.storage.lock("the second"); }), Contains("the first"));
        written(place.storage, "a", "1");
        CHECK(content(place.storage) == "a=1");
    }
    CHECK(place.storage.lock("the second").holds());
}

FOR_EACH_STORAGE("a folder is a storage of its own")
{
    TestType const place;
    auto const folder = place.storage.folder("f");
    CHECK(folder.describe() == place.storage.describe() + "/f");
    CHECK(place.storage.folders().empty());
    CHECK(folder.list().empty());

    written(place.storage, "a", "1");
    written(folder, "a", "2").sync();
    written(folder.folder("g"), "b", "3");
    folder.sync_directory();
    CHECK(content(place.storage) == "a=1");
    CHECK(content(folder) == "a=2");
    CHECK(content(place.storage.folder("f").folder("g")) == "b=3");
    CHECK(place.storage.folders() == std::vector<std::string>{"f"});
    CHECK(folder.folders() == std::vector<std::string>{"g"});
    CHECK_FALSE(place.storage.exists("f"));

    folder.rename("a", "c");
    CHECK(content(folder) == "c=2");
    CHECK_THROWS_AS(place.storage.read("c"), storage_error);
}

FOR_EACH_STORAGE("a folder is removed with all that is in it, and nothing else")
{
    TestType const place;
    for (auto const* const name : {"e", "f", "ff"}) {
        written(place.storage.folder(name), "a", name);
    }
    written(place.storage.folder("f").folder("g"), "a", "deep");
    {
        auto const held = place.storage.folder("f").lock("it leaves a file behind");
    }
    place.storage.remove_folder("f");
    place.storage.sync_directory();
    CHECK(place.storage.folders() == std::vector<std::string>{"e", "ff"});
    CHECK(place.storage.folder("f").list().empty());
    CHECK(content(place.storage.folder("ff")) == "a=ff");
    CHECK_THAT(error_of([&] { place.storage.remove_folder("f"); }),
               Contains("cannot remove " + place.storage.describe() + "/f") && EndsWith("No such file or directory"));
    written(place.storage, "file", "stays");
    CHECK_THROWS_AS(place.storage.remove_folder("file"), storage_error);
    CHECK(content(place.storage) == "file=stays");
}

FOR_EACH_STORAGE("folders have locks of their own, and go aside with what is above them")
{
    TestType const place;
    auto const folder = place.storage.folder("f");
    written(folder, "a", "1");
    {
        auto const above = place.storage.lock("above");
        auto const inside = folder.lock("inside");
        CHECK_THAT(error_of([&] { (void)folder.lock("another"); }), Contains("inside"));
    }
    auto const aside = place.storage.set_aside();
    CHECK(place.storage.folders().empty());
    CHECK(folder.list().empty());
    CHECK(content(place.opened(aside).folder("f")) == "a=1");
}

FOR_EACH_STORAGE("a name that is none is no folder either")
{
    TestType const place;
    for (auto const& name : {std::string(""), std::string("."), std::string(".."), std::string("LOCK"),
                             std::string("a/b"), std::string("a\0b", 3)}) {
        INFO(name);
        CHECK_THROWS_AS(place.storage.folder(name), storage_error);
        CHECK_THROWS_AS(place.storage.remove_folder(name), storage_error);
    }
}

} // namespace
