// SPDX-License-Identifier: BSL-1.0

#include <tidemark/core/error.hpp>
#include <tidemark/sources/range_source.hpp>

#include <sources/reading.hpp>
#include <support/catch.hpp>

#include <range/v3/view/filter.hpp>
#include <range/v3/view/iota.hpp>
#include <range/v3/view/transform.hpp>

#include <forward_list>
#include <ranges>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using reading::environment;
using reading::records_of;
using tidemark::batch_time;
using tidemark::range_source;
using numbers = std::vector<int>;
using Catch::Matchers::Contains;

static_assert(tidemark::stream_source<range_source<numbers>>);
static_assert(range_source<numbers>::replayable);

constexpr auto square = [](int n) { return n * n; };
constexpr auto odd = [](int n) { return n % 2 != 0; };

template <typename Source>
std::vector<numbers> batches(Source const& source, std::size_t count)
{
    auto const reader = source.open(environment());
    reader->start();
    std::vector<numbers> all;
    for (std::size_t i = 0; i < count; ++i)
        all.push_back(records_of(reader->plan(batch_time(1000))).value());
    return all;
}

// ---- What it walks

TEST_CASE("a range is walked a batch at a time, and is empty after its end", "[sources][range]")
{
    CHECK(batches(range_source(numbers{1, 2, 3, 4, 5}, 2), 4) == std::vector<numbers>{{1, 2}, {3, 4}, {5}, {}});
    CHECK(batches(range_source(std::forward_list<int>{1, 2, 3}, 2), 3) == std::vector<numbers>{{1, 2}, {3}, {}});
    CHECK(batches(range_source(numbers{}, 2), 2) == std::vector<numbers>{{}, {}});
}

TEST_CASE("lazy and endless views are walked no further than asked", "[sources][range]")
{
    std::vector<numbers> const squares{{1, 9}, {25, 49}, {81, 121}};
    CHECK(
        batches(range_source(ranges::views::iota(0) | ranges::views::filter(odd) | ranges::views::transform(square), 2),
                3)
        == squares);
    CHECK(batches(range_source(std::views::iota(0) | std::views::filter(odd) | std::views::transform(square), 2), 3)
          == squares);
}

TEST_CASE("a batch of a range is dealt out evenly", "[sources][range]")
{
    auto const input = range_source(std::views::iota(0, 100), 5).open(environment(1000, 0, 2))->plan(batch_time(1000));
    CHECK(reading::partitions_of(input) == std::vector<numbers>{{0, 1, 2}, {3, 4}});
    CHECK(input.records() == 5);
}

TEST_CASE("batches of no records are refused", "[sources][range]")
{
    CHECK_THROWS_AS(range_source(numbers{1}, 0).open(environment()), tidemark::config_error);
}

// ---- The same again

TEST_CASE("a range goes on behind its position, and gives planned batches again", "[sources][range]")
{
    range_source const source(ranges::views::iota(0) | ranges::views::filter(odd), 3);
    auto const first = source.open(environment());
    auto const one = first->plan(batch_time(1000));
    auto const position = first->position();
    auto const two = first->plan(batch_time(2000));

    range_source const larger(ranges::views::iota(0) | ranges::views::filter(odd), 5); // of the newer program
    auto const again = larger.open(environment());
    again->seek(position);
    CHECK(records_of(again->replay(batch_time(2000), two.plan)) == numbers{7, 9, 11});
    CHECK(records_of(again->plan(batch_time(3000))) == numbers{13, 15, 17, 19, 21});
    CHECK(records_of(again->replay(batch_time(1000), one.plan)) == numbers{1, 3, 5});
}

TEST_CASE("a plan for elements that the range no longer has is an error", "[sources][range]")
{
    auto const plan = range_source(numbers{1, 2, 3}, 3).open(environment())->plan(batch_time(1000)).plan;
    auto const shorter = range_source(numbers{1, 2}, 3).open(environment());
    CHECK_THROWS_AS(shorter->replay(batch_time(1000), plan), tidemark::source_error);
    CHECK_THROWS_WITH(shorter->replay(batch_time(1000), plan), Contains("1000 ms") && Contains("only 2"));
}

TEST_CASE("a range that throws loses nothing: the next batch begins where the failed one did", "[sources][range]")
{
    bool broken = true;
    auto const fragile = [&broken](int n) {
        if (n == 3 && broken)
            throw std::runtime_error("three");
        return n;
    };
    auto const reader = range_source(std::views::iota(0) | std::views::transform(fragile), 2).open(environment());
    CHECK(records_of(reader->plan(batch_time(1000))) == numbers{0, 1});
    CHECK_THROWS_WITH(reader->plan(batch_time(2000)), "three");
    broken = false;
    CHECK(records_of(reader->plan(batch_time(3000))) == numbers{2, 3});
}

} // namespace
