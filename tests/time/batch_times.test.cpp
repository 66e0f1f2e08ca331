// SPDX-License-Identifier: BSL-1.0
//
// batch_times.test: until and to, up to the ends of the representable times.

#include <tidemark/core/error.hpp>
#include <tidemark/time/batch_times.hpp>
#include <tidemark/time/literals.hpp>

#include <support/catch.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <ranges>
#include <vector>

namespace {

using namespace tidemark::literals;
using tidemark::batch_time;
using tidemark::batch_times;
using tidemark::duration;
using counts = std::vector<std::int64_t>;

static_assert(std::forward_iterator<batch_times::iterator>);
static_assert(std::ranges::forward_range<batch_times> && std::ranges::sized_range<batch_times>);
static_assert(std::ranges::common_range<batch_times>);

constexpr counts counts_of(batch_times const& times)
{
    counts result;
    for (auto const time : times)
        result.push_back(time.count());
    return result;
}

constexpr batch_times until_times(std::int64_t begin, std::int64_t end, std::int64_t step)
{
    return until(batch_time(begin), batch_time(end), duration(step));
}

constexpr batch_times to_times(std::int64_t begin, std::int64_t end, std::int64_t step)
{
    return to(batch_time(begin), batch_time(end), duration(step));
}

struct range_row {
    batch_times actual;
    counts expected;
};

// The first six rows are the vectors `time/arithmetic`.
constexpr std::vector<range_row> range_rows()
{
    return {
        {until_times(1000, 1100, 100), {1000}},
        {until_times(1000, 1000, 100), {}},
        {until_times(1000, 1100, 30), {1000, 1030, 1060, 1090}},
        {to_times(1000, 1100, 100), {1000, 1100}},
        {to_times(1000, 1000, 100), {1000}},
        {to_times(1000, 1100, 30), {1000, 1030, 1060, 1090}},
        {until_times(1000, 900, 100), {}},
        {to_times(1000, 900, 100), {}},
        {until_times(1000, 1001, 100), {1000}},
        {to_times(-200, 100, 100), {-200, -100, 0, 100}},
        {until_times(-200, 100, 100), {-200, -100, 0}},
    };
}

constexpr bool ranges_hold()
{
    for (auto const& row : range_rows())
        if (counts_of(row.actual) != row.expected || row.actual.size() != row.expected.size()
            || row.actual.empty() != row.expected.empty())
            return false;
    return true;
}

constexpr bool ends_are_known()
{
    auto const times = to_times(1000, 1100, 30);
    return times.front() == batch_time(1000) && times.back() == batch_time(1090);
}

constexpr bool equality_is_of_elements()
{
    return to_times(1000, 1100, 30) == until_times(1000, 1100, 30) && until_times(5, 5, 1) == batch_times()
           && to_times(5, 5, 1) == to_times(5, 5, 9) && to_times(5, 6, 1) != to_times(5, 7, 2)
           && to_times(5, 6, 1) != to_times(4, 5, 1) && to_times(5, 6, 1) != to_times(5, 7, 1);
}

constexpr auto smallest = std::numeric_limits<std::int64_t>::min();
constexpr auto largest = std::numeric_limits<std::int64_t>::max();

constexpr bool ends_of_the_representable_range_work()
{
    auto const last = to_times(largest - 1, largest, 1);
    auto const all = to_times(smallest, largest, largest); // -2^63, -1 and 2^63 - 2
    return all.back() == batch_time(largest - 1) && counts_of(last) == counts{largest - 1, largest}
           && counts_of(all) == counts{smallest, -1, largest - 1}
           && counts_of(until_times(smallest, smallest, 1)).empty();
}

static_assert(ranges_hold());
static_assert(ends_are_known());
static_assert(equality_is_of_elements());
static_assert(ends_of_the_representable_range_work());

TEST_CASE("until leaves its end out and to includes it", "[time][batch_times]")
{
    for (auto const& row : range_rows()) {
        CAPTURE(row.expected);
        CHECK(counts_of(row.actual) == row.expected);
        CHECK(row.actual.size() == row.expected.size());
    }
}

TEST_CASE("a range of times knows its ends and compares by what it holds", "[time][batch_times]")
{
    CHECK(ends_are_known());
    CHECK(equality_is_of_elements());
}

TEST_CASE("a range of times does not overflow at the ends of time", "[time][batch_times]")
{
    CHECK(ends_of_the_representable_range_work());
}

TEST_CASE("a range of times works with standard views and containers", "[time][batch_times]")
{
    auto const times = to(batch_time(1000), batch_time(3000), 1_s);
    CHECK(std::vector<batch_time>(times.begin(), times.end())
          == std::vector{batch_time(1000), batch_time(2000), batch_time(3000)});
    CHECK(std::ranges::distance(times | std::views::drop(1)) == 2);
    auto position = times.begin();
    CHECK(*position++ == batch_time(1000));
    CHECK(*position == batch_time(2000));
}

TEST_CASE("a range of times refuses a step that is not positive", "[time][batch_times]")
{
    CHECK_THROWS_WITH(to_times(0, 1000, 0), "tidemark::to: the step is 0 s, which is not positive; pass at least 1 ms");
    CHECK_THROWS_WITH(until_times(0, 1000, -1),
                      "tidemark::until: the step is -1 ms, which is not positive; pass at least 1 ms");
}

} // namespace
