// SPDX-License-Identifier: BSL-1.0
//
// interval.test: spans of time and their order.

#include <tidemark/core/error.hpp>
#include <tidemark/time/interval.hpp>
#include <tidemark/time/literals.hpp>

#include <support/catch.hpp>

#include <cstdint>

namespace {

using namespace tidemark::literals;
using tidemark::batch_time;
using tidemark::interval;

constexpr interval between(std::int64_t begin, std::int64_t end) { return {batch_time(begin), batch_time(end)}; }

constexpr bool both_ends_belong()
{
    auto const span = between(1000, 2000);
    return !span.contains(batch_time(999)) && span.contains(batch_time(1000)) && span.contains(batch_time(1500))
           && span.contains(batch_time(2000)) && !span.contains(batch_time(2001)) && span.length() == 1_s;
}

constexpr bool shifts_move_both_ends()
{
    return between(1000, 2000) + 500_ms == between(1500, 2500) && between(1000, 2000) - 2_s == between(-1000, 0);
}

constexpr bool equal_lengths_have_an_order()
{
    return between(0, 1000) < between(1000, 2000) && between(1000, 2000) > between(999, 1999)
           && between(0, 1000) <= between(0, 1000) && between(0, 1000) >= between(0, 1000)
           && between(0, 1000) != between(0, 2000);
}

static_assert(both_ends_belong());
static_assert(shifts_move_both_ends());
static_assert(equal_lengths_have_an_order());

TEST_CASE("both ends of an interval belong to it", "[time][interval]") { CHECK(both_ends_belong()); }

TEST_CASE("an interval is shifted by a duration", "[time][interval]") { CHECK(shifts_move_both_ends()); }

TEST_CASE("only intervals of equal length have an order", "[time][interval]")
{
    CHECK(equal_lengths_have_an_order());
    CHECK_THROWS_AS(between(0, 1000) < between(0, 2000), tidemark::usage_error);
    CHECK_THROWS_WITH(between(0, 1000) >= between(5000, 6500),
                      "tidemark::interval: [0 ms, 1000 ms] lasts 1 s and [5000 ms, 6500 ms] lasts 1500 ms; "
                      "only intervals of equal length have an order, so compare their begin or their end");
}

TEST_CASE("an interval prints both ends", "[time][interval]")
{
    CHECK(to_string(between(1000, 2000)) == "[1000 ms, 2000 ms]");
}

} // namespace
