// SPDX-License-Identifier: BSL-1.0
//
// for_each.test: functions called with records and with partitions.

#include <tidemark/operators/filter.hpp>
#include <tidemark/rdd/for_each.hpp>
#include <tidemark/rdd/rdd_context.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>

#include <algorithm>
#include <atomic>
#include <concepts>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using tidemark::for_each;
using tidemark::for_each_partition;
using tidemark::rdd_context;

constexpr auto nothing = [](auto const&) {};
constexpr auto counting = [calls = 0](int) mutable { return ++calls; };

using numbers_t = tidemark_test::rdd_of<int>;
static_assert(std::invocable<decltype(tidemark::for_each), numbers_t, decltype(nothing)>);
static_assert(std::invocable<decltype(tidemark::for_each), decltype(nothing)>, "waits for the pipe");
static_assert(!std::invocable<decltype(tidemark::for_each), tidemark_test::stream_of<int>, decltype(nothing)>);
static_assert(!tidemark::record_action<std::remove_const_t<decltype(counting)>, numbers_t>,
              "several threads call it at once");
static_assert(!std::invocable<decltype(tidemark::for_each)>);

} // namespace

TEST_CASE("for_each calls the function with each record once", "[rdd][for_each]")
{
    std::vector<int> numbers;
    for (int i = 1; i <= 1000; ++i)
        numbers.push_back(i);
    std::atomic<int> sum{0};
    rdd_context(3).parallelize(numbers, 5) | for_each([&sum](int x) { sum += x; });
    CHECK(sum == 500'500);
    for_each(rdd_context().parallelize(std::vector<int>{}, 2), [&sum](int) { sum = 0; });
    CHECK(sum == 500'500);
    std::vector<int> seen;
    rdd_context().parallelize(std::vector{3, 1, 2}, 1) | for_each([&seen](int x) { seen.push_back(x); });
    CHECK(seen == std::vector{3, 1, 2});
}

TEST_CASE("for_each_partition calls the function with each partition once, empty ones included", "[rdd][for_each]")
{
    auto const few =
        rdd_context(2).parallelize(std::vector{1, 2, 3, 4}, 2) | tidemark::filter([](int x) { return x > 2; });
    std::mutex mutex;
    std::vector<std::vector<int>> seen;
    few | for_each_partition([&](tidemark::partition_view<int> part) {
        std::scoped_lock const lock(mutex);
        seen.emplace_back(part.begin(), part.end());
    });
    std::sort(seen.begin(), seen.end());
    CHECK(seen == std::vector<std::vector<int>>{{}, {3, 4}});
}

TEST_CASE("what the function throws comes out, that of the lowest partition, when all have ended", "[rdd][for_each]")
{
    auto const numbers = rdd_context(2).parallelize(std::vector{1, 2, 3}, 3);
    std::atomic<int> calls{0};
    CHECK_THROWS_WITH(numbers | for_each([&calls](int x) {
                          ++calls;
                          throw std::runtime_error("record " + std::to_string(x));
                      }),
                      "record 1");
    CHECK(calls == 3);
    CHECK_THROWS_WITH(numbers | for_each_partition([](auto part) {
                          throw std::runtime_error("size " + std::to_string(part.size()));
                      }),
                      "size 1");
}
