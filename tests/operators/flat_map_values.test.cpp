// SPDX-License-Identifier: BSL-1.0
//
// flat_map_values.test: several values for each pair, the key staying.

#include <tidemark/operators/flat_map_values.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/rdd_context.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>

#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flat_map_values_test {

using tidemark::collect;
using tidemark::flat_map_values;
using tidemark::rdd_context;

using count = std::pair<std::string, int>;
using counts = std::vector<count>;

constexpr auto with_ten_more = [](int x) { return std::vector{x, x + 10}; };
constexpr auto half = [](int x) { return x % 2 == 0 ? std::optional(x / 2) : std::nullopt; };

// ---- What it accepts, at compile time
using flat_map_values_fn = decltype(tidemark::flat_map_values);
static_assert(std::invocable<flat_map_values_fn, tidemark_test::rdd_of<count>, decltype(with_ten_more)>);
static_assert(std::invocable<flat_map_values_fn, tidemark_test::stream_of<count>, decltype(half)>);
static_assert(!tidemark::value_expansion<decltype(half), tidemark_test::rdd_of<int>>, "records are not pairs");
static_assert(!tidemark::value_expansion<std::negate<>, tidemark_test::rdd_of<count>>, "gives one value");
static_assert(!std::invocable<flat_map_values_fn>);

TEST_CASE("flat_map_values gives the key with each element", "[operators][flat_map_values]")
{
    auto const pairs = rdd_context(2).parallelize(counts{{"a", 1}, {"b", 2}, {"a", 4}}, 2);
    CHECK((pairs | flat_map_values(with_ten_more) | collect())
          == counts{{"a", 1}, {"a", 11}, {"b", 2}, {"b", 12}, {"a", 4}, {"a", 14}});
    CHECK((pairs | flat_map_values(half) | collect()) == counts{{"b", 1}, {"a", 2}});
    CHECK((pairs | flat_map_values([](int) { return std::vector<int>(); }) | collect()).empty());
    CHECK((flat_map_values(pairs, half) | tidemark::take(1)) == counts{{"b", 1}});
}

TEST_CASE("views into a value are taken within the stage", "[operators][flat_map_values]")
{
    using text = std::pair<int, std::string>;
    auto const first_letters = [](std::string const& value) {
        return std::vector{std::string_view(value).substr(0, 1), std::string_view(value).substr(1)};
    };
    auto const pairs = rdd_context().parallelize(std::vector<text>{{1, "ab"}, {2, "cde"}}, 1);
    CHECK((pairs | flat_map_values(first_letters) | tidemark::map([](std::pair<int, std::string_view> const& pair) {
               return text(pair.first, std::string(pair.second));
           })
           | collect())
          == std::vector<text>{{1, "a"}, {1, "b"}, {2, "c"}, {2, "de"}});
}

} // namespace flat_map_values_test
