// SPDX-License-Identifier: BSL-1.0
//
// batch_time.test: points in time, their arithmetic and floor.

#include <tidemark/core/error.hpp>
#include <tidemark/time/batch_time.hpp>
#include <tidemark/time/literals.hpp>

#include <support/catch.hpp>

#include <concepts>
#include <cstdint>
#include <iomanip>
#include <sstream>
#include <type_traits>

namespace {

using namespace tidemark::literals;
using tidemark::batch_time;
using tidemark::duration;

struct floor_row {
    std::int64_t time;
    std::int64_t step;
    std::int64_t zero;
    std::int64_t expected;
};

// The first seven rows are the vectors `time/arithmetic`.
constexpr floor_row floor_rows[] = {
    {1350, 200, 0, 1200},   {1200, 200, 0, 1200},   {199, 200, 0, 0},
    {1, 1, 0, 1},           {1350, 200, 50, 1250},  {1350, 200, 150, 1350},
    {1350, 200, 200, 1200}, {-1350, 200, 0, -1200}, // division truncates: up, before the zero time
    {-199, 200, 0, 0},      {100, 200, 250, 250},   {-350, 200, 250, -350},
    {-351, 200, 250, -350},
};

struct multiple_row {
    std::int64_t time;
    std::int64_t step;
    bool expected;
};

// The first three rows are the vectors `time/arithmetic`.
constexpr multiple_row multiple_rows[] = {
    {1000, 5, true}, {1000, 1000, true}, {1000, 6, false}, {0, 1000, true}, {-2000, 1000, true}, {1, 1000, false},
};

constexpr std::int64_t floor_of(floor_row const& row)
{
    return floor(batch_time(row.time), duration(row.step), batch_time(row.zero)).count();
}

constexpr bool floors_hold()
{
    for (auto const& row : floor_rows)
        if (floor_of(row) != row.expected)
            return false;
    return true;
}

constexpr bool floors_of_the_epoch_agree()
{
    for (auto const& row : floor_rows)
        if (floor(batch_time(row.time), duration(row.step))
            != floor(batch_time(row.time), duration(row.step), batch_time(0)))
            return false;
    return floor(batch_time(1350), 200_ms) == batch_time(1200);
}

constexpr bool multiples_hold()
{
    for (auto const& row : multiple_rows)
        if (is_multiple_of(batch_time(row.time), duration(row.step)) != row.expected)
            return false;
    return true;
}

constexpr bool arithmetic_holds()
{
    batch_time moved(1000);
    moved += 500_ms;
    moved -= 2_s;
    return moved == batch_time(-500) && batch_time(1000) + 1_s == batch_time(2000)
           && 1_s + batch_time(1000) == batch_time(2000) && batch_time(1000) - 1_s == batch_time(0)
           && batch_time(3000) - batch_time(1000) == duration(2000)
           && batch_time(1000) - batch_time(3000) == duration(-2000)
           && batch_time(1000) + duration(1) == batch_time(1001);
}

constexpr bool order_holds()
{
    return batch_time(1) < batch_time(2) && batch_time(2) > batch_time(1) && batch_time(2) <= batch_time(2)
           && batch_time(-1) < batch_time() && batch_time() == batch_time(0) && batch_time(1) != batch_time(2);
}

static_assert(floors_hold());
static_assert(floors_of_the_epoch_agree());
static_assert(multiples_hold());
static_assert(arithmetic_holds());
static_assert(order_holds());
static_assert(std::regular<batch_time> && std::totally_ordered<batch_time>);
static_assert(std::is_trivially_copyable_v<batch_time> && sizeof(batch_time) == sizeof(std::int64_t));
static_assert(!std::convertible_to<std::int64_t, batch_time>, "a number is no time until it is called one");
static_assert(!std::convertible_to<duration, batch_time>, "a length is no point in time");

TEST_CASE("floor moves a time onto the grid, towards the zero time", "[time][batch_time]")
{
    for (auto const& row : floor_rows) {
        CAPTURE(row.time, row.step, row.zero);
        CHECK(floor_of(row) == row.expected);
    }
}

TEST_CASE("floor without a zero time counts from the epoch", "[time][batch_time]")
{
    CHECK(floors_of_the_epoch_agree());
}

TEST_CASE("floor refuses a step that is not positive", "[time][batch_time]")
{
    CHECK_THROWS_AS(floor(batch_time(1000), duration(0)), tidemark::usage_error);
    CHECK_THROWS_WITH(floor(batch_time(1000), duration(-2000), batch_time(0)),
                      "tidemark::floor: the step is -2 s, which is not positive; pass at least 1 ms");
}

TEST_CASE("a time is a multiple of what divides its count", "[time][batch_time]")
{
    for (auto const& row : multiple_rows) {
        CAPTURE(row.time, row.step);
        CHECK(is_multiple_of(batch_time(row.time), duration(row.step)) == row.expected);
    }
}

TEST_CASE("the difference of times is a duration, and may be negative", "[time][batch_time]")
{
    CHECK(arithmetic_holds());
    CHECK(order_holds());
}

TEST_CASE("a time prints its count and unit", "[time][batch_time]")
{
    CHECK(to_string(batch_time(1000)) == "1000 ms");
    CHECK(to_string(batch_time(0)) == "0 ms");
    CHECK(to_string(batch_time(-5)) == "-5 ms");
}

TEST_CASE("a time goes to a stream as it prints", "[time][batch_time]")
{
    std::ostringstream out;
    out << batch_time(1000) << ", " << std::setw(7) << batch_time(-5);
    CHECK(out.str() == "1000 ms,   -5 ms");
}

} // namespace
