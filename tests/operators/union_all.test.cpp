// SPDX-License-Identifier: BSL-1.0
//
// union_all.test: the records of a list of expressions.

#include <tidemark/operators/glom.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/operators/union_all.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/rdd_context.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>

#include <concepts>
#include <vector>

namespace {

using tidemark::collect;
using tidemark::rdd;
using tidemark::rdd_context;
using tidemark::union_all;

// ---- What it accepts, at compile time
using fn = decltype(tidemark::union_all);
static_assert(std::invocable<fn, std::vector<tidemark_test::rdd_of<int>>>);
static_assert(std::invocable<fn, std::vector<tidemark_test::stream_of<int>>>);
static_assert(!std::invocable<fn, std::vector<int>>, "not expressions");
static_assert(!std::invocable<fn>);

} // namespace

TEST_CASE("union_all gives the records of all in a row, and takes over their partitions", "[operators][union_all]")
{
    rdd_context const rc(2);
    auto const one = rc.parallelize(std::vector{1, 2}, 2);
    auto const two = rc.parallelize(std::vector{3}, 1);
    CHECK((union_all(std::vector{one, two, one}) | collect()) == std::vector{1, 2, 3, 1, 2});
    CHECK((rc.union_(std::vector{two}) | collect()) == std::vector{3});
    CHECK((rc.union_(std::vector{one, two}) | tidemark::glom() | collect())
          == std::vector<std::vector<int>>{{1}, {2}, {3}});
}

TEST_CASE("any rdds of one record type are in a list as rdd<T>", "[operators][union_all]")
{
    rdd_context const rc(2);
    auto const numbers = rc.parallelize(std::vector{1, 2}, 2);
    std::vector<rdd<int>> list;
    for (int i = 0; i < 50; ++i)
        list.emplace_back(numbers | tidemark::map([i](int x) { return 100 * i + x; }));
    auto const all = rc.union_(list) | collect();
    CHECK(all.size() == 100);
    CHECK(all[99] == 4902);
}

TEST_CASE("an empty list has nothing to unite", "[operators][union_all]")
{
    CHECK_THROWS_WITH(rdd_context().union_(std::vector<rdd<int>>()),
                      "tidemark::union_all: an empty list; give at least one expression");
}
