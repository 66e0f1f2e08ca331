// SPDX-License-Identifier: BSL-1.0
//
// fixed_string: names as template arguments.

#include <tidemark/core/fixed_string.hpp>

#include <support/catch.hpp>

#include <string_view>
#include <type_traits>

namespace fixed_string_test {

using tidemark::fixed_string;

template <fixed_string Name>
struct named {
    static constexpr std::string_view name = Name.view();
};

static_assert(named<"video-hits">::name == "video-hits");
static_assert(named<"">::name.empty());
static_assert(std::is_same_v<named<"a">, named<"a">>);
static_assert(!std::is_same_v<named<"a">, named<"b">>);
static_assert(!std::is_same_v<named<"a">, named<"a\0b">>, "a zero within is a character like others");
static_assert(fixed_string("hits") == fixed_string("hits"));
static_assert(fixed_string("hits") != fixed_string("hit"));
static_assert(fixed_string("hits") != fixed_string("hats"));
static_assert(fixed_string("hits").size() == 4);

} // namespace fixed_string_test

TEST_CASE("a fixed string gives back its characters", "[core][fixed_string]")
{
    constexpr tidemark::fixed_string name = "video-hits";
    CHECK(name.view() == "video-hits");
    CHECK(name.view().data()[name.size()] == '\0');
    CHECK(tidemark::fixed_string("a\0b").view() == std::string_view("a\0b", 3));
}
