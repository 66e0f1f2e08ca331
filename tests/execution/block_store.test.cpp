// SPDX-License-Identifier: BSL-1.0

#include <tidemark/execution/block_store.hpp>
#include <tidemark/storage/fault_plan.hpp>
#include <tidemark/storage/faulty_storage.hpp>
#include <tidemark/storage/memory_storage.hpp>

#include <support/catch.hpp>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace {

using Catch::Matchers::Contains;
using tidemark::block_id;
using tidemark::block_level;
using tidemark::block_store;
using tidemark::memory_storage;
using tidemark::new_block;
using bytes = std::vector<std::byte>;

constexpr block_level memory{true, false, true};
constexpr block_level both{true, true, true};
constexpr block_level disk{false, true, true};

new_block block(block_level level, std::size_t size, int fill = 1)
{
    new_block made;
    made.content.bytes = std::make_shared<bytes const>(size, static_cast<std::byte>(fill));
    made.size = size;
    made.level = level;
    return made;
}

/// What the store has of these, as `0:1` for partition 0 with bytes of value 1.
std::string held(block_store& store, std::uint64_t dataset, std::size_t partitions)
{
    std::string all;
    for (std::size_t i = 0; i < partitions; ++i)
        if (auto const found = store.get({dataset, i}))
            all += std::to_string(i) + ":" + std::to_string(std::to_integer<int>(found->bytes->front())) + " ";
    return all;
}

void spoil(memory_storage const& scratch, std::string const& name)
{
    auto content = scratch.read(name);
    content.back() ^= std::byte{1};
    scratch.put(name, content);
}

} // namespace

TEST_CASE("the memory holds what fits, and what was not used for longest leaves it", "[execution][block_store]")
{
    block_store store(100);
    auto const a = store.new_dataset();
    auto const b = store.new_dataset();
    store.put({a, 0}, block(memory, 40, 1));
    store.put({a, 1}, block(memory, 40, 2));
    CHECK(held(store, a, 1) == "0:1 "); // used after partition 1
    store.put({b, 0}, block(memory, 50, 3));
    CHECK(held(store, a, 2) == "0:1 ");
    CHECK(held(store, b, 1) == "0:3 ");
    CHECK(store.status().evicted == 1);
    CHECK(store.status().memory_bytes == 90);
}

TEST_CASE("partitions of one collection do not drive each other out", "[execution][block_store]")
{
    block_store store(100);
    auto const a = store.new_dataset();
    for (std::size_t i = 0; i < 4; ++i)
        store.put({a, i}, block(memory, 40, 1));
    CHECK(held(store, a, 4) == "0:1 1:1 ");
    CHECK(store.kept_of(a).partitions() == 2);
    CHECK(store.status().evicted == 0);
}

TEST_CASE("what is larger than the memory drives nobody out", "[execution][block_store]")
{
    block_store store(100);
    auto const a = store.new_dataset();
    auto const b = store.new_dataset();
    store.put({a, 0}, block(memory, 60));
    store.put({b, 0}, block(memory, 101));
    store.put({b, 1}, block(both, 101, 2));
    CHECK(held(store, a, 1) == "0:1 ");
    CHECK(held(store, b, 2) == "1:2 ");
    CHECK(store.kept_of(b).on_disk == 1);
}

TEST_CASE("partitions go to disk and come back, and their files go with them", "[execution][block_store]")
{
    memory_storage const scratch;
    {
        block_store store(100, scratch);
        auto const a = store.new_dataset();
        auto const b = store.new_dataset();
        store.put({a, 0}, block(both, 60, 1));
        store.put({a, 1}, block(disk, 60, 2));
        CHECK(scratch.list().size() == 1);
        store.put({b, 0}, block(both, 90, 3));
        CHECK(held(store, a, 2) == "0:1 1:2 ");
        CHECK(store.kept_of(a) == tidemark::kept_blocks{0, 2, 0, 120});
        CHECK(store.kept_of(b) == tidemark::kept_blocks{1, 0, 90, 0});
        store.drop({a, 0});
        CHECK(held(store, a, 2) == "1:2 ");
        CHECK(scratch.list().size() == 1);
        store.put({a, 1}, block(disk, 10, 4));
        CHECK(held(store, a, 2) == "1:4 ");
        CHECK(scratch.list().size() == 1);
        store.drop_all(a);
        CHECK(scratch.list().empty());
        store.put({a, 2}, block(disk, 10));
    }
    CHECK(scratch.list().empty());
}

TEST_CASE("a damaged or vanished file is a partition that is lost, and that is told", "[execution][block_store]")
{
    memory_storage const scratch;
    block_store store(100, scratch);
    auto const a = store.new_dataset();
    store.put({a, 0}, block(disk, 10, 1));
    spoil(scratch, scratch.list().front());
    CHECK(held(store, a, 1).empty());
    CHECK_FALSE(store.has({a, 0}));
    REQUIRE(store.status().notes.size() == 1);
    CHECK_THAT(store.status().notes.front(), Contains("damaged"));
    CHECK(scratch.list().empty());

    store.put({a, 0}, block(disk, 10, 1));
    scratch.remove(scratch.list().front());
    CHECK(held(store, a, 1).empty());
    CHECK_THAT(store.status().notes.back(), Contains("No such file"));
    CHECK(store.status().lost == 2);
}

TEST_CASE("a full disk loses a copy, but never the only one", "[execution][block_store]")
{
    memory_storage const files;
    tidemark::fault_plan const plan;
    plan.limit_space(30);
    block_store store(100, tidemark::faulty_storage(files, plan));
    auto const a = store.new_dataset();
    auto const b = store.new_dataset();
    CHECK_THROWS_AS(store.put({a, 0}, block(disk, 60)), tidemark::storage_error);
    CHECK_FALSE(store.has({a, 0}));
    CHECK(files.list().empty());

    store.put({a, 0}, block(both, 60, 1));
    auto only = block(both, 40, 2);
    only.only_copy = true;
    store.put({a, 1}, std::move(only));
    store.put({b, 0}, block(memory, 90, 3));
    CHECK(held(store, a, 2) == "1:2 ");
    CHECK(held(store, b, 1) == "0:3 ");
    CHECK(store.status().memory_bytes == 130); // more than allowed, for there is no other place
    CHECK(store.status().lost == 2);
    CHECK(files.list().empty());
}

TEST_CASE("without a place for them, files lie in a temporary directory that ends with the store",
          "[execution][block_store]")
{
    auto const directories = [] {
        std::size_t number = 0;
        for (auto const& one : std::filesystem::directory_iterator(std::filesystem::temp_directory_path()))
            if (one.path().filename().string().starts_with("tidemark-")
                && one.path().filename().string().size() == std::string("tidemark-XXXXXX").size())
                ++number;
        return number;
    };
    std::string where;
    {
        tidemark::scratch_directory const scratch;
        where = scratch.storage().describe();
        CHECK(std::filesystem::is_directory(where));
        block_store store(0);
        auto const a = store.new_dataset();
        store.put({a, 0}, block(both, 10, 5));
        CHECK(held(store, a, 1) == "0:5 ");
        CHECK(directories() >= 2);
    }
    CHECK_FALSE(std::filesystem::exists(where));
}
