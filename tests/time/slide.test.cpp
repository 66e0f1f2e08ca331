// SPDX-License-Identifier: BSL-1.0
//
// slide.test: slides as types and as values.

#include <tidemark/time/literals.hpp>
#include <tidemark/time/slide.hpp>

#include <support/catch.hpp>

#include <chrono>
#include <concepts>
#include <type_traits>

namespace {

using namespace tidemark::literals;
using tidemark::dynamic_slide;
using tidemark::slide_of;
using tidemark::static_slide;

// ---- What it accepts, at compile time
static_assert(tidemark::slide<static_slide<1000>>);
static_assert(tidemark::slide<dynamic_slide>);
static_assert(!tidemark::slide<tidemark::duration>, "a duration does not say whether the compiler knows it");
static_assert(!tidemark::slide<tidemark::static_duration<1000>>);

// ---- What it makes of durations
static_assert(std::same_as<decltype(slide_of(10_s)), static_slide<10'000>>);
static_assert(std::same_as<decltype(slide_of(tidemark::duration(1))), dynamic_slide>);
static_assert(std::same_as<decltype(slide_of(std::chrono::seconds(1))), dynamic_slide>);
static_assert(static_slide<1000>::is_static && !dynamic_slide::is_static);
static_assert(std::is_empty_v<static_slide<1000>>, "a slide in the type costs nothing in the value");

constexpr bool values_are_kept()
{
    return slide_of(10_s).value() == std::chrono::seconds(10) && slide_of(10_s) == static_slide<10'000>()
           && slide_of(std::chrono::minutes(2)).value() == tidemark::duration(120'000)
           && slide_of(tidemark::duration(5)) != slide_of(tidemark::duration(6));
}
static_assert(values_are_kept());

TEST_CASE("a slide keeps the duration it was made of", "[time][slide]") { CHECK(values_are_kept()); }

} // namespace
