// SPDX-License-Identifier: BSL-1.0
//
// self_contained.test: who may wait in a chunk after the record it was made of has gone.

#include <tidemark/expression/self_contained.hpp>

#include <support/catch.hpp>

#include <boost/hana/adapt_struct.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>

namespace self_contained_test {

struct point {
    double x, y;
};
struct view_inside {
    int number;
    std::string_view text;
};
struct unknown {
    char const* text;
};
enum class colour { red };

} // namespace self_contained_test

BOOST_HANA_ADAPT_STRUCT(self_contained_test::point, x, y);
BOOST_HANA_ADAPT_STRUCT(self_contained_test::view_inside, number, text);

namespace self_contained_test {

using tidemark::self_contained;

static_assert(self_contained<int> && self_contained<bool> && self_contained<double> && self_contained<colour>);
static_assert(self_contained<std::pair<std::int64_t, std::int32_t>>, "padding does not matter");
static_assert(self_contained<std::tuple<int, std::pair<char, float>>>);
static_assert(self_contained<std::array<std::int64_t, 8>>);
static_assert(self_contained<std::optional<int>>);
static_assert(self_contained<point>, "all its members are known");
static_assert(!self_contained<std::string_view>);
static_assert(!self_contained<std::span<int const>>);
static_assert(!self_contained<int const*>);
static_assert(!self_contained<std::pair<int, std::string_view>>);
static_assert(!self_contained<view_inside>);
static_assert(!self_contained<unknown>, "nobody knows what is inside");

} // namespace self_contained_test

TEST_CASE("numbers are self-contained, views are not", "[expression][self_contained]")
{
    CHECK(tidemark::self_contained<std::pair<int, double>>);
    CHECK_FALSE(tidemark::self_contained<std::pair<int, std::string_view>>);
}
