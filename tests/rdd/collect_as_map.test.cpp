// SPDX-License-Identifier: BSL-1.0
//
// collect_as_map.test: pairs as a map.

#include <tidemark/rdd/collect_as_map.hpp>
#include <tidemark/rdd/rdd_context.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>

#include <concepts>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace {

using tidemark::collect_as_map;
using tidemark::rdd_context;

struct plain {};

static_assert(std::invocable<decltype(tidemark::collect_as_map), tidemark_test::rdd_of<std::pair<int, plain>>>);
static_assert(!tidemark::mappable_expression<tidemark_test::rdd_of<int>>, "no pairs");
static_assert(!tidemark::mappable_expression<tidemark_test::rdd_of<std::pair<plain, int>>>, "keys without an order");
static_assert(!tidemark::mappable_expression<tidemark_test::stream_of<std::pair<int, int>>>, "for rdds alone");

} // namespace

TEST_CASE("collect_as_map keeps the last value of each key", "[rdd][collect_as_map]")
{
    std::vector<std::pair<std::string, int>> const pairs{{"b", 1}, {"a", 2}, {"b", 3}, {"c", 4}, {"a", 5}};
    for (std::size_t const partitions : {1U, 2U, 9U})
        CHECK((rdd_context(2).parallelize(pairs, partitions) | collect_as_map())
              == std::map<std::string, int>{{"a", 5}, {"b", 3}, {"c", 4}});
    CHECK(collect_as_map(rdd_context().parallelize(std::vector<std::pair<int, int>>{}, 2)).empty());
}
