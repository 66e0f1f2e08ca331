// SPDX-License-Identifier: BSL-1.0
//
// take_ordered.test: the first records in an order.

#include <tidemark/operators/map.hpp>
#include <tidemark/rdd/rdd_context.hpp>
#include <tidemark/rdd/take_ordered.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>
#include <support/seed.hpp>

#include <algorithm>
#include <atomic>
#include <concepts>
#include <functional>
#include <limits>
#include <random>
#include <utility>
#include <vector>

namespace {

using tidemark::rdd_context;
using tidemark::take_ordered;

struct plain {};

using fn = decltype(tidemark::take_ordered);
static_assert(std::invocable<fn, tidemark_test::rdd_of<int>, std::size_t>);
static_assert(std::invocable<fn, std::size_t, std::greater<>>, "waits for the pipe");
static_assert(!std::invocable<fn, tidemark_test::stream_of<int>, std::size_t>, "for rdds alone");
static_assert(!tidemark::record_order<std::less<>, tidemark_test::rdd_of<plain>>);
static_assert(!std::invocable<fn>);

constexpr auto by_key = [](auto const& left, auto const& right) { return left.first < right.first; };

} // namespace

TEST_CASE("take_ordered takes NaN for larger than every number, wherever it stands", "[rdd][take_ordered]")
{
    constexpr float nan = std::numeric_limits<float>::quiet_NaN();
    std::vector<float> numbers{nan, 3, 9, 1, 7, nan};
    for (std::size_t turn = 0; turn < numbers.size(); ++turn) {
        std::rotate(numbers.begin(), numbers.begin() + 1, numbers.end());
        for (std::size_t const partitions : {1U, 2U, 3U, 6U}) {
            INFO(partitions << " partitions, turned " << turn);
            auto const rdd = rdd_context(2).parallelize(numbers, partitions);
            CHECK((rdd | take_ordered(4)) == std::vector<float>{1, 3, 7, 9});
            auto const all = rdd | take_ordered(5);
            CHECK((all.size() == 5 && all[3] == 9 && all[4] != all[4]));
        }
    }
}

TEST_CASE("take_ordered gives the smallest, smallest first", "[rdd][take_ordered]")
{
    for (std::size_t const partitions : {1U, 2U, 9U}) {
        INFO(partitions << " partitions");
        auto const numbers = rdd_context(2).parallelize(std::vector{3, 9, 1, 7, 9, 2}, partitions);
        CHECK((numbers | take_ordered(3)) == std::vector{1, 2, 3});
        CHECK(take_ordered(numbers, 100) == std::vector{1, 2, 3, 7, 9, 9});
        CHECK((numbers | take_ordered(3, std::greater<>{})) == std::vector{9, 9, 7});
        CHECK((numbers | take_ordered(0)).empty());
    }
    CHECK((rdd_context().parallelize(std::vector<int>{}, 2) | take_ordered(2)).empty());
}

TEST_CASE("take_ordered is the beginning of a stable sort", "[rdd][take_ordered]")
{
    auto const seed = tidemark_test::random_seed();
    INFO("TIDEMARK_SEED=" << seed);
    std::mt19937 random(seed);
    std::vector<std::pair<int, int>> pairs;
    for (int i = 0; i < 10'000; ++i)
        pairs.emplace_back(static_cast<int>(random() % 50), i);
    auto sorted = pairs;
    std::stable_sort(sorted.begin(), sorted.end(), by_key);
    for (std::size_t const limit : {1U, 10U, 500U, 9999U}) {
        INFO("the first " << limit);
        auto const least = rdd_context(2).parallelize(pairs, 7) | take_ordered(limit, by_key);
        bool const same = least.size() == limit && std::equal(least.begin(), least.end(), sorted.begin());
        CHECK(same);
    }
}
