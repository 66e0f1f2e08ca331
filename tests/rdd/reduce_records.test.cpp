// SPDX-License-Identifier: BSL-1.0
//
// reduce_records.test: values made of all records of an rdd.

#include <tidemark/operators/map.hpp>
#include <tidemark/rdd/rdd_context.hpp>
#include <tidemark/rdd/reduce_records.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>
#include <support/tracked.hpp>

#include <concepts>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using tidemark::aggregate_records;
using tidemark::fold_records;
using tidemark::rdd_context;
using tidemark::reduce_records;

using numbers_t = tidemark_test::rdd_of<int>;

// ---- What they accept, at compile time
using fn = decltype(tidemark::reduce_records);
static_assert(std::invocable<fn, numbers_t, std::plus<>>);
static_assert(std::invocable<fn, std::plus<>>, "waits for the pipe");
static_assert(!std::invocable<fn, tidemark_test::stream_of<int>, std::plus<>>, "an action, for rdds alone");
static_assert(!std::invocable<fn>);
static_assert(!tidemark::record_accumulation<std::negate<>, int, numbers_t>);
static_assert(!tidemark::value_merge<std::negate<>, int>);

constexpr auto joined = [](std::string const& left, std::string const& right) { return "(" + left + right + ")"; };

} // namespace

TEST_CASE("reduce_records joins all records in their order, or gives nothing", "[rdd][reduce_records]")
{
    std::vector<std::string> const words{"a", "b", "c", "d"};
    CHECK((rdd_context(2).parallelize(words, 2) | reduce_records(joined)) == "((ab)(cd))");
    CHECK(reduce_records(rdd_context().parallelize(words, 1), joined) == "(((ab)c)d)");
    CHECK((rdd_context().parallelize(std::vector<int>{}, 3) | reduce_records(std::plus<>{})) == std::nullopt);
    CHECK((rdd_context().parallelize(std::vector{7}, 3) | reduce_records(std::plus<>{})) == 7);
}

TEST_CASE("fold_records takes its first value once, however many partitions there are", "[rdd][fold_records]")
{
    for (std::size_t const partitions : {1U, 2U, 9U}) {
        INFO(partitions << " partitions");
        auto const numbers = rdd_context(2).parallelize(std::vector{1, 2, 3}, partitions);
        CHECK((numbers | fold_records(100, std::plus<>{})) == 106);
        CHECK(fold_records(numbers, 0, std::plus<>{}) == 6);
        CHECK((rdd_context().parallelize(std::vector<int>{}, partitions) | fold_records(5, std::plus<>{})) == 5);
    }
    auto const words = rdd_context(2).parallelize(std::vector<std::string>{"a", "b"}, 2);
    CHECK((words | fold_records("0", joined)) == "(0(ab))");
}

TEST_CASE("aggregate_records makes a value of another type, partition by partition", "[rdd][aggregate_records]")
{
    auto const add = [](std::pair<int, double> sum, int x) { return std::pair(sum.first + 1, sum.second + x); };
    auto const merge = [](std::pair<int, double> const& a, std::pair<int, double> const& b) {
        return std::pair(a.first + b.first, a.second + b.second);
    };
    for (std::size_t const partitions : {1U, 2U, 9U}) {
        INFO(partitions << " partitions");
        auto const numbers = rdd_context(2).parallelize(std::vector{1, 2, 6}, partitions);
        CHECK((numbers | aggregate_records(std::pair(0, 0.0), add, merge)) == std::pair(3, 9.0));
    }
    auto const texts = aggregate_records(
        rdd_context(3).parallelize(std::vector{1, 2, 3, 4}, 2), std::string(),
        [](std::string text, int x) { return std::move(text) + std::to_string(x); },
        [](std::string left, std::string const& right) { return std::move(left) + "|" + right; });
    CHECK(texts == "|12|34");
}

TEST_CASE("what a function throws comes out of the action, that of the lowest partition", "[rdd][reduce_records]")
{
    auto const numbers = rdd_context(2).parallelize(std::vector{1, 2, 3, 4}, 2);
    auto const failing = [](int a, int) -> int { throw std::runtime_error("at " + std::to_string(a)); };
    CHECK_THROWS_WITH(numbers | reduce_records(failing), "at 1");
    CHECK_THROWS_WITH(numbers | fold_records(0, failing), "at 1");
    CHECK_THROWS_WITH(numbers | aggregate_records(0, failing, std::plus<>{}), "at 0");
}
