// SPDX-License-Identifier: BSL-1.0
//
// union_.test: the records of two expressions, one after the other.

#include <tidemark/operators/map.hpp>
#include <tidemark/operators/map_partitions.hpp>
#include <tidemark/operators/reduce_by_key.hpp>
#include <tidemark/operators/union_.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/rdd_context.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>
#include <support/tracked.hpp>

#include <concepts>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace {

using tidemark::collect;
using tidemark::map;
using tidemark::rdd_context;
using tidemark::union_;
using tidemark_test::long_text;

using numbers_t = tidemark_test::rdd_of<int>;
using ticks_t = tidemark_test::stream_of<int>;

constexpr auto twice = [](int x) { return 2 * x; };

// ---- What it accepts, at compile time
using union_fn = decltype(tidemark::union_);
static_assert(std::invocable<union_fn, numbers_t, numbers_t>);
static_assert(std::invocable<union_fn, ticks_t, ticks_t>);
static_assert(std::invocable<union_fn, numbers_t>, "waits for the pipe");
static_assert(!tidemark::unitable_with<tidemark_test::rdd_of<long>, numbers_t>, "other records");
static_assert(!tidemark::unitable_with<ticks_t, numbers_t>, "an rdd and a stream");
static_assert(!std::invocable<union_fn, numbers_t, std::vector<int>>, "not an expression");
static_assert(!std::invocable<union_fn>);

auto sizes()
{
    return tidemark::map_partitions([](auto part) { return std::vector{part.size()}; }) | collect();
}

} // namespace

TEST_CASE("union_ gives the records of the first, then those of the second, duplicates included", "[operators][union_]")
{
    rdd_context const rc;
    auto const first = rc.parallelize(std::vector{1, 2, 3}, 2);
    auto const second = rc.parallelize(std::vector{3, 4}, 1);
    CHECK((first | union_(second) | collect()) == std::vector{1, 2, 3, 3, 4});
    CHECK((second | union_(first) | collect()) == std::vector{3, 4, 1, 2, 3});
    CHECK((union_(first, second) | collect()) == std::vector{1, 2, 3, 3, 4});
    CHECK((first | union_(rc.parallelize(std::vector<int>{}, 2)) | collect()) == std::vector{1, 2, 3});
}

TEST_CASE("union_ takes over the partitions of both", "[operators][union_]")
{
    rdd_context const rc;
    auto const first = rc.parallelize(std::vector{1, 2, 3}, 2);
    auto const second = rc.parallelize(std::vector{4}, 3);
    CHECK((first | union_(second) | sizes()) == std::vector<std::size_t>{1, 2, 0, 0, 1});
    CHECK((first | union_(second) | union_(first) | sizes()) == std::vector<std::size_t>{1, 2, 0, 0, 1, 1, 2});
}

TEST_CASE("union_ of an rdd with itself has each record twice", "[operators][union_]")
{
    auto const numbers = rdd_context(2).parallelize(std::vector{1, 2}, 2);
    CHECK((numbers | union_(numbers) | collect()) == std::vector{1, 2, 1, 2});
    auto const texts = numbers | map(long_text);
    CHECK((texts | union_(texts) | collect()) == std::vector{long_text(1), long_text(2), long_text(1), long_text(2)});
    auto const reduced =
        numbers | map([](int x) { return std::pair(x % 1, x); }) | tidemark::reduce_by_key(std::plus<>{});
    CHECK((reduced | union_(reduced) | collect()) == std::vector<std::pair<int, int>>{{0, 3}, {0, 3}});
}

TEST_CASE("the sides of a union_ and what follows it are steps as any other", "[operators][union_]")
{
    auto const numbers = rdd_context(2).parallelize(std::vector{1, 2}, 2);
    auto const both = numbers | map(twice) | union_(numbers | map([](int x) { return -x; })) | map(twice);
    CHECK((both | collect()) == std::vector{4, 8, -2, -4});
    auto const sums = both | map([](int x) { return std::pair(x < 0, x); }) | tidemark::reduce_by_key(std::plus<>{});
    CHECK((sums | union_(sums) | tidemark::count_records()) == 4);
}

TEST_CASE("a deep union of unions is one row of partitions", "[operators][union_]")
{
    auto const one = rdd_context().parallelize(std::vector{1}, 1);
    auto const two = one | union_(one);
    auto const four = two | union_(two);
    auto const eight = four | union_(four);
    CHECK((eight | collect()) == std::vector<int>(8, 1));
    CHECK((eight | map(twice) | tidemark::take(3)) == std::vector{2, 2, 2});
}
