// SPDX-License-Identifier: BSL-1.0

#include <tidemark/operators/filter.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/operators/reduce_by_key.hpp>
#include <tidemark/operators/union_.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/persist.hpp>
#include <tidemark/rdd/rdd_context.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/testing/lose_partition.hpp>

#include <support/catch.hpp>
#include <support/tracked.hpp>

#include <atomic>
#include <concepts>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace tidemark;
using tidemark::testing::lose_partition;
using tidemark_test::tracked;

using numbers_t = rdd_leaf<int, false>;
static_assert(expression<decltype(std::declval<numbers_t>() | cache())>);
static_assert(keeps_results_v<decltype(std::declval<numbers_t>() | cache())>);
static_assert(!keeps_results_v<decltype(std::declval<numbers_t>() | persist(storage_level::none))>);
static_assert(name_of(decltype(storage_level::memory_and_disk_ser)::value) == "memory_and_disk_ser");

std::vector<int> one_to(int last)
{
    std::vector<int> all(static_cast<std::size_t>(last));
    std::iota(all.begin(), all.end(), 1);
    return all;
}

/// Counts its calls, in all threads.
struct counting {
    std::shared_ptr<std::atomic<int>> calls = std::make_shared<std::atomic<int>>(0);

    int operator()(int x) const
    {
        ++*calls;
        return 10 * x;
    }
    /// The calls since the last time.
    [[nodiscard]] int take() const { return calls->exchange(0); }
};

/// A record that is not default constructible and cannot be saved.
struct opaque {
    explicit opaque(int number)
        : value(std::make_shared<int const>(number))
    {}
    std::shared_ptr<int const> value;
};
static_assert(!serializable<opaque>);

template <typename Level>
void check_level(Level level, std::size_t in_memory, std::size_t on_disk)
{
    for (auto const threads : {std::size_t{1}, std::size_t{3}}) {
        memory_storage const scratch;
        rdd_context const rc(threads, rdd_settings{.scratch = scratch});
        counting const times10;
        auto const kept = rc.parallelize(one_to(10), 5) | map(times10) | persist(level);
        auto const expected = rc.parallelize(one_to(10), 5) | map([](int x) { return 10 * x; }) | collect();
        INFO(name_of(Level::value) << " " << threads);
        CHECK(cached_info(kept).kept.partitions() == 0);
        CHECK((kept | take(1)) == std::vector{10});
        CHECK(times10.take() == 2);
        CHECK(cached_info(kept).kept.partitions() == 1);
        CHECK((kept | collect()) == expected);
        CHECK(times10.take() == 8);
        CHECK((kept | collect()) == expected);
        CHECK((kept | map([](int x) { return x; }) | collect()) == expected);
        CHECK(times10.take() == 0);
        auto const info = cached_info(kept);
        CHECK(info.level == Level::value);
        CHECK(info.partitions == 5);
        CHECK(info.kept.in_memory == in_memory);
        CHECK(info.kept.on_disk == on_disk);
        CHECK(scratch.list().size() == on_disk);
        unpersist(kept);
        CHECK(cached_info(kept).kept == kept_blocks{});
        CHECK(scratch.list().empty());
        CHECK((kept | collect()) == expected);
        CHECK((kept | collect()) == expected);
        CHECK(times10.take() == 20);
    }
}

} // namespace

TEST_CASE("each partition is computed once, when it is first asked for, at every level", "[rdd][persist]")
{
    check_level(storage_level::memory_only, 5, 0);
    check_level(storage_level::memory_only_ser, 5, 0);
    check_level(storage_level::memory_and_disk, 5, 0);
    check_level(storage_level::memory_and_disk_ser, 5, 0);
    check_level(storage_level::disk_only, 0, 5);
}

TEST_CASE("the level none keeps nothing", "[rdd][persist]")
{
    rdd_context const rc;
    counting const times10;
    auto const e = rc.parallelize(one_to(4), 2) | map(times10) | persist(storage_level::none);
    (void)collect(e);
    (void)collect(e);
    CHECK(times10.take() == 8);
}

TEST_CASE("copies, and the rdd<T> made of them, share what is kept, and two nodes do not", "[rdd][persist]")
{
    rdd_context const rc;
    counting const times10;
    auto const source = rc.parallelize(one_to(4), 2) | map(times10);
    auto const kept = source | cache();
    auto const again = kept | persist(storage_level::memory_only); // harmless
    rdd<int> const erased = again;
    (void)collect(kept);
    (void)collect(again);
    (void)collect(erased);
    (void)collect(erased | union_(rdd<int>(kept)));
    CHECK(times10.take() == 4);
    CHECK(cached_info(erased).kept.partitions() == 2);
    auto const other = source | persist(storage_level::disk_only);
    (void)collect(other);
    CHECK(times10.take() == 4);
    unpersist(erased);
    (void)collect(kept);
    CHECK(times10.take() == 4);
}

TEST_CASE("a partition that is lost is computed again, and only that one", "[rdd][persist]")
{
    rdd_context const rc(2);
    counting const times10;
    auto const kept = rc.parallelize(one_to(10), 5) | map(times10) | persist();
    auto const all = kept | collect();
    CHECK(times10.take() == 10);
    lose_partition(kept, 3);
    CHECK(cached_info(kept).kept.partitions() == 4);
    CHECK((kept | collect()) == all);
    CHECK(times10.take() == 2);
    CHECK_THROWS_AS(lose_partition(kept, 5), usage_error);
}

TEST_CASE("behind a wide dependency a lost partition takes what it needs: all that was before, or what is kept of it",
          "[rdd][persist]")
{
    rdd_context const rc(2, rdd_settings{.partitions = 4});
    counting const times10;
    counting const below;
    auto const source = rc.parallelize(one_to(12), 3) | map(below);
    auto const pairs = [&](auto const& e) {
        return e | map(times10) | map([](int x) { return std::pair(x % 7, x); })
               | reduce_by_key([](int a, int b) { return a + b; });
    };
    auto const sums = pairs(source);
    auto const all = sums | collect();
    (void)collect(sums);
    CHECK(times10.take() == 12);
    lose_partition(sums, 1);
    CHECK((sums | collect()) == all);
    CHECK(times10.take() == 12);
    CHECK(below.take() == 24);

    auto const shielded = pairs(source | persist());
    CHECK((shielded | collect()) == all);
    CHECK(below.take() == 12);
    lose_partition(shielded, 1);
    CHECK((shielded | collect()) == all);
    CHECK(times10.take() == 24);
    CHECK(below.take() == 0);
}

TEST_CASE("what finds no room in memory is computed again, or is read from disk", "[rdd][persist]")
{
    memory_storage const scratch;
    rdd_context const rc(1, rdd_settings{.storage_bytes = 3 * 2 * sizeof(int), .scratch = scratch});
    counting const times10;
    auto const source = rc.parallelize(one_to(10), 5) | map(times10);
    auto const in_memory = source | persist();
    auto const all = in_memory | collect();
    CHECK(times10.take() == 10);
    CHECK(cached_info(in_memory).kept.partitions() == 3);
    CHECK((in_memory | collect()) == all);
    CHECK(times10.take() == 4);

    auto const anywhere = source | persist(storage_level::memory_and_disk);
    CHECK((anywhere | collect()) == all);
    CHECK((anywhere | collect()) == all);
    CHECK(times10.take() == 10);
    CHECK(cached_info(anywhere).kept.in_memory == 3);
    CHECK(cached_info(anywhere).kept.on_disk == 2);
    CHECK(cached_info(in_memory).kept.partitions() == 0); // the room was needed
    CHECK(rc.storage_status().evicted == 3);
}

TEST_CASE("a damaged file of a kept partition is computed again, and told", "[rdd][persist]")
{
    memory_storage const scratch;
    rdd_context const rc(1, rdd_settings{.scratch = scratch});
    counting const times10;
    auto const kept = rc.parallelize(one_to(10), 5) | map(times10) | persist(storage_level::disk_only);
    auto const all = kept | collect();
    (void)times10.take();
    auto const size = scratch.size(scratch.list()[2]);
    for (std::size_t bit = 0; bit < 8 * size; ++bit) {
        auto const name = scratch.list()[2];
        auto bytes = scratch.read(name);
        bytes[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
        scratch.put(name, bytes);
        REQUIRE((kept | collect()) == all);
        REQUIRE(times10.take() == 2);
        REQUIRE(rc.storage_status().lost == bit + 1);
    }
}

TEST_CASE("records that cannot be saved, and those that are expensive to copy, are kept as they are", "[rdd][persist]")
{
    rdd_context const rc;
    auto const kept = rc.parallelize(one_to(3), 2) | map([](int x) { return opaque(x); }) | persist();
    auto const first = kept | collect();
    auto const second = kept | collect();
    for (std::size_t i = 0; i < 3; ++i)
        CHECK(first[i].value == second[i].value);

    auto const texts = rc.parallelize(one_to(3), 2) | map([](int x) { return tracked(x); }) | persist();
    tracked::reset();
    CHECK((texts | count_records()) == 3);
    CHECK(tracked::copies() == 0);
}

TEST_CASE("sizes in memory count what records own", "[rdd][persist]")
{
    rdd_context const rc;
    auto const texts = rc.parallelize(std::vector<std::string>{std::string(1000, 'a')}, 1) | persist();
    (void)collect(texts);
    CHECK(cached_info(texts).kept.memory_bytes >= 1000);
}

TEST_CASE("a function that throws leaves nothing kept of its partition, and all of the others", "[rdd][persist]")
{
    rdd_context const rc(2);
    auto const fails = std::make_shared<std::atomic<bool>>(true);
    auto const kept = rc.parallelize(one_to(6), 3) | map([fails](int x) {
                          if (x == 4 && fails->load())
                              throw std::runtime_error("four");
                          return x;
                      })
                      | persist();
    CHECK_THROWS_AS(collect(kept), std::runtime_error);
    CHECK(cached_info(kept).kept.partitions() == 2);
    fails->store(false);
    CHECK((kept | collect()) == one_to(6));
}

TEST_CASE("threads that ask for one partition at once compute it once", "[rdd][persist]")
{
    rdd_context const rc(2);
    counting const times10;
    auto const kept = rc.parallelize(one_to(1000), 4) | map(times10) | persist(storage_level::memory_only_ser);
    std::vector<std::thread> threads;
    std::atomic<int> wrong{0};
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] { wrong += (kept | collect()).size() == 1000 ? 0 : 1; });
    for (auto& one : threads)
        one.join();
    CHECK(wrong == 0);
    CHECK(times10.take() == 1000);
}

TEST_CASE("what is kept goes with the last handle", "[rdd][persist]")
{
    rdd_context const rc;
    {
        auto const kept = rc.parallelize(one_to(4), 2) | persist();
        (void)collect(kept);
        CHECK(rc.storage_status().in_memory == 2);
    }
    CHECK(rc.storage_status().in_memory == 0);
}

TEST_CASE("a long row of persisted rdds needs no checkpoint between them", "[rdd][persist]")
{
    rdd_context const rc;
    rdd<int> all = rc.parallelize(one_to(4), 2);
    for (int i = 0; i < 20'000; ++i)
        all = i % 200 == 199 ? rdd<int>(all | map([](int x) { return x + 1; }) | persist())
                             : rdd<int>(all | map([](int x) { return x + 1; }));
    CHECK((all | collect()) == std::vector{20'001, 20'002, 20'003, 20'004});
}
