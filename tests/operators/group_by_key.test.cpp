// SPDX-License-Identifier: BSL-1.0
//
// group_by_key.test: all values of each key, in their order.

#include <tidemark/operators/group_by_key.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/rdd_context.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>
#include <support/tracked.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace group_by_key_test {

using tidemark::collect;
using tidemark::group_by_key;
using tidemark::rdd_context;
using tidemark_test::tracked;

// ---- What it accepts, at compile time
using group_by_key_fn = decltype(tidemark::group_by_key);
using counts_t = tidemark_test::rdd_of<std::pair<std::string, int>>;
static_assert(std::invocable<group_by_key_fn, counts_t>);
static_assert(std::invocable<group_by_key_fn, counts_t, int>);
static_assert(std::invocable<group_by_key_fn, tidemark_test::stream_of<std::pair<int, int>>>);
static_assert(std::same_as<tidemark::record_t<std::invoke_result_t<group_by_key_fn, counts_t>>,
                           std::pair<std::string, std::vector<int>>>);

TEST_CASE("group_by_key gives each key once, with its values in the order of the input", "[operators][group_by_key]")
{
    std::vector<std::pair<int, int>> pairs;
    std::map<int, std::vector<int>> expected;
    for (int i = 0; i < 1000; ++i) {
        pairs.emplace_back(i * 13 % 37, i);
        expected[i * 13 % 37].push_back(i);
    }
    for (std::size_t const threads : {1U, 3U})
        for (std::size_t const sources : {1U, 2U, 7U}) {
            INFO(threads << " threads, " << sources << " source partitions");
            auto const groups = rdd_context(threads).parallelize(pairs, sources) | group_by_key() | collect();
            CHECK(groups.size() == expected.size());
            CHECK(std::map(groups.begin(), groups.end()) == expected);
        }
    CHECK((rdd_context().parallelize(std::vector<std::pair<int, int>>{}, 2) | group_by_key() | collect()).empty());
}

TEST_CASE("group_by_key moves its values", "[operators][group_by_key]")
{
    auto const pairs = rdd_context().parallelize(std::vector{1, 2, 3, 4, 5, 6}, 2)
                       | tidemark::map([](int x) { return std::pair(x % 3, tracked(x)); });
    tracked::reset();
    CHECK((pairs | group_by_key() | tidemark::count_records()) == 3);
    CHECK(tracked::copies() == 0);
}

TEST_CASE("group_by_key takes flags as values", "[operators][group_by_key]")
{
    auto const flags =
        rdd_context().parallelize(std::vector<std::pair<std::string, bool>>{{"", true}, {"", false}, {"", true}}, 1);
    CHECK((flags | group_by_key() | collect())
          == std::vector<std::pair<std::string, std::vector<bool>>>{{"", {true, false, true}}});
}

} // namespace group_by_key_test
