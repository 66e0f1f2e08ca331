// SPDX-License-Identifier: BSL-1.0
//
// reduce.test: all records joined into one, or none.

#include <tidemark/operators/filter.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/operators/reduce.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/rdd_context.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>
#include <support/tracked.hpp>

#include <algorithm>
#include <atomic>
#include <concepts>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using tidemark::collect;
using tidemark::rdd_context;
using tidemark::reduce;
using tidemark_test::tracked;

// ---- What it accepts, at compile time
using fn = decltype(tidemark::reduce);
using numbers_t = tidemark_test::rdd_of<int>;
constexpr auto to_text = [](int, int) { return std::string(); };
static_assert(std::invocable<fn, numbers_t, std::plus<>>);
static_assert(std::invocable<fn, tidemark_test::stream_of<int>, std::plus<>>);
static_assert(std::invocable<fn, std::plus<>>, "waits for the pipe");
static_assert(!tidemark::record_reduction<decltype(to_text), numbers_t>, "gives something else");
static_assert(!tidemark::record_reduction<std::negate<>, numbers_t>, "of one record");
static_assert(!std::invocable<fn>);
static_assert(tidemark::record_reduction<decltype([](tracked const& x, tracked const&) { return x; }),
                                         tidemark_test::rdd_of<tracked>>,
              "records that cannot be made from nothing");

constexpr auto joined = [](std::string const& left, std::string const& right) { return "(" + left + right + ")"; };

} // namespace

TEST_CASE("reduce gives one record, and none where there are none", "[operators][reduce]")
{
    for (std::size_t const partitions : {1U, 2U, 7U}) {
        INFO(partitions << " partitions");
        auto const numbers = rdd_context(2).parallelize(std::vector{1, 2, 3, 4}, partitions);
        CHECK((numbers | reduce(std::plus<>{}) | collect()) == std::vector{10});
        CHECK((reduce(numbers, std::plus<>{}) | collect()) == std::vector{10});
        auto const none = numbers | tidemark::filter([](int) { return false; });
        CHECK((none | reduce(std::plus<>{}) | collect()).empty());
        CHECK((none | reduce(std::plus<>{}) | tidemark::count_records()) == 0);
    }
}

TEST_CASE("reduce joins from left to right within the partitions, then the partitions in their order",
          "[operators][reduce]")
{
    std::vector<std::string> const words{"a", "b", "c", "d", "e"};
    CHECK((rdd_context().parallelize(words, 1) | reduce(joined) | collect()).front() == "((((ab)c)d)e)");
    CHECK((rdd_context(3).parallelize(words, 2) | reduce(joined) | collect()).front() == "((ab)((cd)e))");
    CHECK((rdd_context(3).parallelize(words, 5) | reduce(joined) | collect()).front() == "((((ab)c)d)e)");
    CHECK((rdd_context(3).parallelize(words, 9) | reduce(joined) | collect()).front() == "((((ab)c)d)e)");
}

TEST_CASE("a single record never meets the function of reduce", "[operators][reduce]")
{
    auto const never = [](int, int) -> int { throw std::runtime_error("called"); };
    CHECK((rdd_context().parallelize(std::vector{7}, 4) | reduce(never) | collect()) == std::vector{7});
    auto const two = rdd_context().parallelize(std::vector{7, 8}, 1) | reduce(never);
    CHECK_THROWS_WITH(two | collect(), "called");
    CHECK_THROWS_WITH(two | collect(), "called");
}

TEST_CASE("reduce is computed once for all that read it", "[operators][reduce]")
{
    std::atomic<int> calls{0};
    auto const total = rdd_context().parallelize(std::vector{1, 2, 3}, 1) | reduce([&calls](int a, int b) {
                           ++calls;
                           return a + b;
                       });
    CHECK((total | tidemark::map([](int x) { return 2 * x; }) | collect()) == std::vector{12});
    CHECK((total | collect()) == std::vector{6});
    CHECK(calls == 2);
}

TEST_CASE("reduce copies no record but the one that it keeps", "[operators][reduce]")
{
    std::vector<tracked> some;
    for (int number = 0; number < 10; ++number)
        some.emplace_back(number);
    auto const records = rdd_context().parallelize(std::move(some), 1);
    auto const larger = [](tracked sum, tracked const& next) {
        sum.number = std::max(sum.number, next.number);
        return sum;
    };
    auto const total = records | reduce(larger);
    tracked::reset();
    CHECK((total | tidemark::map([](tracked const& each) { return each.number; }) | collect()) == std::vector{9});
    CHECK(tracked::copies() == 1); // the first one, which the source keeps

    auto const made = rdd_context().parallelize(std::vector{4, 5, 6}, 2)
                      | tidemark::map([](int x) { return tracked(x); }) | reduce(larger);
    tracked::reset();
    CHECK((made | tidemark::map([](tracked const& each) { return each.number; }) | collect()) == std::vector{6});
    CHECK(tracked::copies() == 0);
}
