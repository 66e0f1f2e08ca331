// SPDX-License-Identifier: BSL-1.0

#include <tidemark/storage/memory_storage.hpp>

#include <storage/storages.hpp>
#include <support/catch.hpp>

#include <cstdint>
#include <set>
#include <string>

namespace {

using storages::bytes;
using storages::content;
using storages::written;
using tidemark::memory_storage;

/// What can be found after a loss of power: each content that any of many seeds gives.
std::set<std::string> outcomes(memory_storage const& storage, std::uint64_t seeds = 2000)
{
    std::set<std::string> found;
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        found.insert(content(storage.crash(seed)));
    }
    return found;
}

/// `text` with a zero byte for each dash.
std::string with_zeros(std::string text)
{
    for (char& letter : text) {
        letter = letter == '-' ? '\0' : letter;
    }
    return text;
}

TEST_CASE("what is synced survives a loss of power", "[storage][memory_storage]")
{
    memory_storage const storage;
    written(storage, "a", "12").sync();
    storage.sync_directory();
    CHECK(outcomes(storage) == std::set<std::string>{"a=12"});
}

TEST_CASE("bytes that are not synced are lost in any pieces, and zeros are left between what is kept",
          "[storage][memory_storage]")
{
    memory_storage const storage;
    auto file = written(storage, "a", "xy");
    file.sync();
    file.append(bytes("12"));
    storage.sync_directory();
    std::set<std::string> expected;
    for (auto const* const row : {"a=xy", "a=xy1", "a=xy-", "a=xy12", "a=xy1-", "a=xy-2", "a=xy--"}) {
        expected.insert(with_zeros(row));
    }
    CHECK(outcomes(storage) == expected);
}

TEST_CASE("a synced directory does not make bytes durable", "[storage][memory_storage]")
{
    memory_storage const storage;
    written(storage, "a", "1");
    storage.sync_directory();
    CHECK(outcomes(storage) == std::set<std::string>{"a=", "a=1", with_zeros("a=-")});
}

TEST_CASE("a synced file does not make its name durable", "[storage][memory_storage]")
{
    memory_storage const storage;
    written(storage, "a", "1").sync();
    CHECK(outcomes(storage) == std::set<std::string>{"", "a=1"});
}

TEST_CASE("a file that is replaced is found with the old content or the new one, never without any",
          "[storage][memory_storage]")
{
    memory_storage const storage;
    written(storage, "a", "old").sync();
    storage.sync_directory();
    written(storage, "b", "new").sync();
    storage.rename("b", "a");
    // The creation of b is lost or kept, and so is the renaming, by itself: a lost renaming leaves b.
    CHECK(outcomes(storage) == std::set<std::string>{"a=old", "a=old b=new", "a=new"});
    storage.sync_directory();
    CHECK(outcomes(storage) == std::set<std::string>{"a=new"});
}

TEST_CASE("a renaming does not make bytes durable", "[storage][memory_storage]")
{
    memory_storage const storage;
    written(storage, "a", "old").sync();
    storage.sync_directory();
    written(storage, "b", "n");
    storage.rename("b", "a");
    storage.sync_directory();
    CHECK(outcomes(storage) == std::set<std::string>{"a=", "a=n", with_zeros("a=-")});
}

TEST_CASE("a removal that is not synced may be undone by a loss of power", "[storage][memory_storage]")
{
    memory_storage const storage;
    written(storage, "a", "1").sync();
    written(storage, "b", "2").sync();
    storage.sync_directory();
    storage.remove("a");
    storage.remove("b");
    CHECK(outcomes(storage) == std::set<std::string>{"", "a=1", "b=2", "a=1 b=2"});
    storage.sync_directory();
    CHECK(outcomes(storage) == std::set<std::string>{""});
}

TEST_CASE("bytes of an overwritten file that are not synced show what was there before, in any pieces",
          "[storage][memory_storage]")
{
    memory_storage const storage;
    written(storage, "a", "abcd").sync();
    storage.sync_directory();
    auto file = storage.overwrite("a", "b");
    storage.sync_directory();
    file.append(bytes("12"));
    CHECK(outcomes(storage) == std::set<std::string>{"b=abcd", "b=1bcd", "b=12cd", "b=a2cd"});
    file.sync();
    CHECK(outcomes(storage) == std::set<std::string>{"b=12cd"});
    file.append(bytes("345"));
    std::set<std::string> expected{"b=12cd"};
    for (auto const* const row : {"b=123d", "b=12c4", "b=1234"})
        for (auto const* const end : {"", "-", "5"})
            expected.insert(with_zeros(std::string(row) + end));
    expected.insert({with_zeros("b=12cd-"), "b=12cd5"});
    CHECK(outcomes(storage) == expected);
}

TEST_CASE("a file that is overwritten may be found under either name, or both", "[storage][memory_storage]")
{
    memory_storage const storage;
    written(storage, "a", "ab").sync();
    storage.sync_directory();
    storage.rename("a", "spare");
    storage.overwrite("spare", "b").append(bytes("1"));
    CHECK(outcomes(storage)
          == std::set<std::string>{"a=ab", "a=1b", "spare=ab", "spare=1b", "b=ab", "b=1b", "a=ab b=ab", "a=1b b=1b"});
}

TEST_CASE("renaming a file never loses it, whatever takes its old name", "[storage][memory_storage]")
{
    memory_storage const storage;
    written(storage, "a", "1").sync();
    storage.sync_directory();
    storage.rename("a", "b");
    written(storage, "a", "2").sync();
    storage.rename("a", "c");
    // Of "a to b", "2 as a" and "a to c" each is kept or lost, but 2 finds no place as long as 1 is still called a.
    CHECK(outcomes(storage) == std::set<std::string>{"a=1", "b=1", "a=2 b=1", "a=1 c=2", "b=1 c=2"});
}

TEST_CASE("the same seed loses the same, and what a crash left is durable", "[storage][memory_storage]")
{
    memory_storage const storage;
    for (auto const* const name : {"a", "b", "c"}) {
        written(storage, name, std::string(10'000, 'x'));
    }
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        auto const once = storage.crash(seed);
        CHECK(content(storage.crash(seed)) == content(once));
        CHECK(outcomes(once, 5) == std::set<std::string>{content(once)});
    }
}

TEST_CASE("a killed process loses nothing, and makes nothing durable", "[storage][memory_storage]")
{
    memory_storage const storage;
    auto file = written(storage, "a", "1");
    auto const next = storage.kill();
    CHECK(content(next) == "a=1");
    CHECK(outcomes(next) == std::set<std::string>{"", "a=", "a=1", with_zeros("a=-")});

    file.append(bytes("2"));
    storage.remove("a");
    CHECK(content(next) == "a=1");
    next.sync_directory();
    CHECK(outcomes(next) == std::set<std::string>{"a=", "a=1", with_zeros("a=-")});
}

TEST_CASE("a crashed or killed process gives its lock back", "[storage][memory_storage]")
{
    memory_storage const storage;
    auto const held = storage.lock("the first");
    CHECK(storage.crash(0).lock("the next").holds());
    CHECK(storage.kill().lock("the next").holds());
    CHECK_THROWS_AS(storage.lock("the next"), tidemark::storage_error);
}

TEST_CASE("a file put by hand is there for good", "[storage][memory_storage]")
{
    memory_storage const storage;
    written(storage, "a", "1");
    storage.put("a", bytes("other"));
    storage.put("b", bytes("new"));
    CHECK(outcomes(storage) == std::set<std::string>{"a=other b=new"});
}

TEST_CASE("only what was set aside can be opened", "[storage][memory_storage]")
{
    memory_storage const storage("disk");
    CHECK_THROWS_AS(storage.opened("disk.unreadable-1"), tidemark::storage_error);
    CHECK(storage.describe() == "disk");
}

} // namespace
