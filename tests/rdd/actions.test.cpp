// SPDX-License-Identifier: BSL-1.0
//
// actions.test: collect, count_records and take.

#include <tidemark/operators/count.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/operators/map_partitions.hpp>
#include <tidemark/operators/reduce_by_key.hpp>
#include <tidemark/operators/union_.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/rdd_context.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>
#include <support/tracked.hpp>

#include <atomic>
#include <concepts>
#include <cstdint>
#include <functional>
#include <numeric>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using tidemark::collect;
using tidemark::count_records;
using tidemark::map;
using tidemark::rdd_context;
using tidemark::take;
using tidemark_test::tracked;

using numbers_t = tidemark_test::rdd_of<int>;
using ticks_t = tidemark_test::stream_of<int>;

// ---- Actions end rdds, not streams
static_assert(std::invocable<decltype(collect), numbers_t>);
static_assert(!std::invocable<decltype(collect), ticks_t>);
static_assert(!std::invocable<decltype(count_records), ticks_t>);
static_assert(!std::invocable<decltype(take), ticks_t, std::size_t>);
static_assert(!std::invocable<decltype(take)>);
static_assert(std::same_as<std::invoke_result_t<decltype(collect), tidemark_test::rdd_of<std::string>>,
                           std::vector<std::string>>);
static_assert(std::same_as<std::invoke_result_t<decltype(collect), tidemark_test::rdd_of<bool>>, std::vector<bool>>);
static_assert(std::same_as<std::invoke_result_t<decltype(count_records), numbers_t>, std::int64_t>);

std::vector<int> counted(int to)
{
    std::vector<int> numbers(static_cast<std::size_t>(to));
    std::iota(numbers.begin(), numbers.end(), 0);
    return numbers;
}

} // namespace

TEST_CASE("collect gives all records in the order of the partitions", "[rdd][actions]")
{
    for (std::size_t const threads : {1U, 2U, 4U})
        for (std::size_t const partitions : {1U, 3U, 16U}) {
            INFO(threads << " threads, " << partitions << " partitions");
            CHECK((rdd_context(threads).parallelize(counted(5000), partitions) | collect()) == counted(5000));
        }
    CHECK((rdd_context().parallelize(std::vector<int>{}, 4) | collect()).empty());
}

TEST_CASE("collect copies what the rdd keeps, once, and moves what was made for it", "[rdd][actions]")
{
    std::vector<tracked> some;
    for (int number = 0; number < 10; ++number)
        some.emplace_back(number);
    auto const expected = some;
    auto const records = rdd_context().parallelize(std::move(some), 3);
    tracked::reset();
    CHECK((records | collect()) == expected);
    CHECK(tracked::copies() == 10);

    auto const made = rdd_context().parallelize(counted(10), 3) | map([](int x) { return tracked(x); });
    tracked::reset();
    CHECK((made | collect()) == expected);
    CHECK(tracked::copies() == 0);
}

TEST_CASE("count_records counts", "[rdd][actions]")
{
    CHECK((rdd_context(2).parallelize(counted(10'000), 7) | count_records()) == 10'000);
    CHECK((rdd_context().parallelize(std::vector<std::string>{}, 7) | count_records()) == 0);
}

TEST_CASE("take gives the first records, or all when there are fewer", "[rdd][actions]")
{
    auto const numbers = rdd_context(2).parallelize(std::vector{4, 5, 6, 7}, 3);
    CHECK((numbers | take(0)).empty());
    CHECK((numbers | take(1)) == std::vector{4});
    CHECK((numbers | take(3)) == std::vector{4, 5, 6});
    CHECK((numbers | take(100)) == std::vector{4, 5, 6, 7});
    CHECK(take(numbers, 2) == std::vector{4, 5});
    CHECK((numbers | map([](int x) { return std::to_string(x); }) | take(3))
          == std::vector<std::string>{"4", "5", "6"});
}

TEST_CASE("take computes the partitions and records that it needs and no more", "[rdd][actions]")
{
    // Slices of 3: 0 1 2 | 3 4 5 | 6 7 8 | 9 10 11.
    std::atomic<int> calls{0};
    std::atomic<int> partitions{0};
    auto const numbers = rdd_context(2).parallelize(counted(12), 4) | map([&calls](int x) { return ++calls, x; });
    auto const by_partition =
        numbers | tidemark::map_partitions([&partitions](auto part) { return ++partitions, part; });

    CHECK((numbers | take(0)).empty());
    CHECK(calls == 0);
    CHECK((numbers | take(1)) == std::vector{0});
    CHECK(calls == 1);
    CHECK((numbers | take(4)) == std::vector{0, 1, 2, 3});
    CHECK(calls == 1 + 4);
    CHECK((by_partition | take(3)) == std::vector{0, 1, 2});
    CHECK(partitions == 1);
    CHECK((by_partition | take(4)) == std::vector{0, 1, 2, 3});
    CHECK(partitions == 1 + 2);
    CHECK((numbers | tidemark::union_(numbers) | take(15)).back() == 2);
    CHECK(calls == 1 + 4 + 3 + 6 + 15);
}

TEST_CASE("what an expression does is not done before an action, and is done again by each", "[rdd][actions]")
{
    std::atomic<int> calls{0};
    auto const numbers = rdd_context().parallelize(counted(5), 2) | map([&calls](int x) { return ++calls, x; });
    CHECK(calls == 0);
    static_cast<void>(numbers | collect());
    CHECK(calls == 5);
    static_cast<void>(numbers | count_records());
    CHECK(calls == 10);
}

TEST_CASE("what crosses a wide dependency is computed once and kept while its node lives", "[rdd][actions]")
{
    std::atomic<int> calls{0};
    auto const pairs =
        rdd_context(2).parallelize(counted(10), 3) | map([&calls](int x) { return ++calls, std::pair(x % 2, x); });
    {
        auto const sums = pairs | tidemark::reduce_by_key(std::plus<>{});
        CHECK((sums | count_records()) == 2);
        CHECK(calls == 10);
        auto const copy = sums;
        CHECK((copy | map([](std::pair<int, int> const& sum) { return sum.second; }) | tidemark::count() | collect())
              == std::vector<std::int64_t>{2});
        CHECK((copy | tidemark::union_(sums) | count_records()) == 4);
        CHECK(calls == 10);
    }
    CHECK((pairs | tidemark::reduce_by_key(std::plus<>{}) | count_records()) == 2);
    CHECK(calls == 20);
}

TEST_CASE("several threads may ask one rdd at once", "[rdd][actions]")
{
    std::atomic<int> calls{0};
    auto const sums = rdd_context(2).parallelize(counted(1000), 4)
                      | map([&calls](int x) { return ++calls, std::pair(x % 10, x); })
                      | tidemark::reduce_by_key(std::plus<>{});
    std::vector<std::vector<std::pair<int, int>>> seen(4);
    {
        std::vector<std::jthread> threads;
        for (auto& mine : seen)
            threads.emplace_back([&mine, &sums] { mine = sums | collect(); });
    }
    CHECK(seen.front().size() == 10);
    for (auto const& one : seen)
        CHECK(one == seen.front());
    CHECK(calls == 1000);
}

TEST_CASE("an action may be called by a function of another action", "[rdd][actions]")
{
    rdd_context const rc(3);
    auto const small = rc.parallelize(counted(4), 2);
    auto const sums = rc.parallelize(counted(20), 5) | map([small](int x) {
                          std::int64_t total = x;
                          for (int each : small | map([x](int y) { return x * y; }) | collect())
                              total += each;
                          return total;
                      })
                      | collect();
    REQUIRE(sums.size() == 20);
    CHECK(sums[19] == 19 + 19 * (0 + 1 + 2 + 3));
}
