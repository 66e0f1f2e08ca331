// SPDX-License-Identifier: BSL-1.0
//
// duration.test: lengths of time as values and as types.

#include <tidemark/time/duration.hpp>

#include <support/catch.hpp>

#include <chrono>
#include <compare>
#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>

namespace {

using tidemark::duration;
using tidemark::static_duration;

constexpr auto smallest = std::numeric_limits<std::int64_t>::min();

struct multiple_row {
    std::int64_t whole;
    std::int64_t part;
    bool expected;
};

constexpr multiple_row multiple_rows[] = {
    {10, 5, true},  {10, 3, false},  {5, 10, false}, {0, 7, true}, {-10, 5, true},
    {10, -5, true}, {-10, 3, false}, {10, 0, false}, {0, 0, true}, {smallest, -1, true},
};

constexpr bool multiples_hold()
{
    for (auto const& row : multiple_rows)
        if (tidemark::is_multiple_of(duration(row.whole), duration(row.part)) != row.expected)
            return false;
    return true;
}

constexpr bool static_durations_compare_and_add()
{
    constexpr static_duration<2000> two_seconds;
    constexpr static_duration<500> half_a_second;
    duration const converted = two_seconds;
    return converted == std::chrono::seconds(2) && two_seconds == two_seconds && two_seconds != half_a_second
           && half_a_second < two_seconds && two_seconds >= half_a_second && two_seconds == duration(2000)
           && duration(2000) == two_seconds && two_seconds > duration(1999) && duration(1999) < two_seconds
           && half_a_second == std::chrono::milliseconds(500) && half_a_second < std::chrono::seconds(1);
}

static_assert(multiples_hold());
static_assert(static_durations_compare_and_add());
static_assert(static_duration<2000>::count == 2000);
static_assert(std::same_as<decltype(static_duration<2000>() + static_duration<500>()), static_duration<2500>>);
static_assert(std::same_as<decltype(static_duration<2000>() - static_duration<500>()), static_duration<1500>>);
static_assert(std::convertible_to<static_duration<1>, duration>);
static_assert(!std::convertible_to<duration, static_duration<1>>, "a value cannot become a type");
static_assert(!std::convertible_to<static_duration<1>, std::int64_t>, "the unit must not get lost");
static_assert(std::is_empty_v<static_duration<1>>);
static_assert(tidemark::ratio(duration(1500), duration(1000)) == 1.5);

TEST_CASE("a duration is a multiple of what divides it, and zero of everything", "[time][duration]")
{
    for (auto const& row : multiple_rows) {
        CAPTURE(row.whole, row.part);
        CHECK(tidemark::is_multiple_of(duration(row.whole), duration(row.part)) == row.expected);
    }
}

TEST_CASE("durations that are types compare with each other and with values", "[time][duration]")
{
    CHECK(static_durations_compare_and_add());
}

TEST_CASE("the ratio of two durations keeps its fraction", "[time][duration]")
{
    CHECK(tidemark::ratio(duration(500), duration(2000)) == 0.25);
    CHECK(tidemark::ratio(duration(-3000), duration(2000)) == -1.5);
}

TEST_CASE("a duration prints in seconds when they are whole, else in milliseconds", "[time][duration]")
{
    struct {
        std::int64_t ms;
        std::string expected;
    } const rows[] = {{7000, "7 s"}, {500, "500 ms"}, {1500, "1500 ms"}, {120'000, "120 s"},
                      {0, "0 s"},    {1, "1 ms"},     {-2000, "-2 s"},   {-1, "-1 ms"}};
    for (auto const& row : rows)
        CHECK(tidemark::to_string(duration(row.ms)) == row.expected);
    CHECK(to_string(static_duration<10'000>()) == "10 s");
}

} // namespace
