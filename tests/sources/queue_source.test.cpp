// SPDX-License-Identifier: BSL-1.0

#include <tidemark/core/error.hpp>
#include <tidemark/sources/queue_source.hpp>

#include <sources/reading.hpp>
#include <support/catch.hpp>

#include <concepts>
#include <optional>
#include <string>
#include <vector>

namespace {

using reading::environment;
using reading::records_of;
using tidemark::batch_time;
using tidemark::queue_options;
using tidemark::queue_source;
using numbers = std::vector<int>;
using given = std::optional<numbers>;
using Catch::Matchers::Contains;

static_assert(tidemark::stream_source<queue_source<int>>);
static_assert(queue_source<int>::replayable);
static_assert(std::same_as<decltype(queue_source(std::vector<numbers>())), queue_source<int>>);
static_assert(std::same_as<decltype(queue_source(std::vector<given>())), queue_source<int>>);

struct queue_row {
    std::vector<given> queue;
    queue_options<int> options;
    std::vector<given> expected;
};

// The first three rows are the vectors `source/queue`.
std::vector<queue_row> const queue_rows{
    {{{{1, 2, 3}}, {{4, 5, 6}}, {{7, 8, 9}}}, {}, {{{1, 2, 3}}, {{4, 5, 6}}, {{7, 8, 9}}}},
    {{{{1, 2, 3}}, {{4, 5, 6}}}, {false, numbers{}}, {{{1, 2, 3, 4, 5, 6}}, numbers{}}},
    {{numbers{1}}, {true, numbers{0}}, {numbers{1}, numbers{0}, numbers{0}}},
    {{numbers{1}, std::nullopt, numbers{}, numbers{2}},
     {},
     {numbers{1}, std::nullopt, numbers{}, numbers{2}, numbers{}}},
    {{numbers{1}}, {true, std::nullopt}, {numbers{1}, std::nullopt}},
    {{numbers{1}, std::nullopt, numbers{2}}, {false, numbers{}}, {given({1, 2}), numbers{}}},
    {{std::nullopt, std::nullopt}, {false, numbers{}}, {std::nullopt, numbers{}}},
    {{}, {}, {numbers{}}},
};

TEST_CASE("a queue gives its elements batch by batch", "[sources][queue]")
{
    for (auto const& row : queue_rows) {
        auto const reader = queue_source(row.queue, row.options).open(environment());
        reader->start();
        std::vector<given> batches;
        for (std::size_t i = 1; i <= row.expected.size(); ++i)
            batches.push_back(records_of(reader->plan(batch_time(static_cast<std::int64_t>(i) * 1000))));
        CHECK(batches == row.expected);
    }
}

TEST_CASE("records are dealt out evenly and in order", "[sources][queue]")
{
    auto const reader = queue_source(std::vector<numbers>{{1, 2, 3, 4, 5}, {6, 7}, {}}).open(environment(1000, 0, 3));
    auto const five = reader->plan(batch_time(1000));
    CHECK(reading::partitions_of(five) == std::vector<numbers>{{1, 2}, {3, 4}, {5}});
    CHECK(five.records() == 5);
    CHECK(reading::partitions_of(reader->plan(batch_time(2000))) == std::vector<numbers>{{6}, {7}});
    CHECK(reading::partitions_of(reader->plan(batch_time(3000))).empty());
}

TEST_CASE("records that are no plain values are shared, not moved away", "[sources][queue]")
{
    auto const input =
        queue_source(std::vector<reading::lines>{{"a", "b"}}).open(environment())->plan(batch_time(1000));
    CHECK(records_of(input) == reading::lines{"a", "b"});
    CHECK(records_of(input) == reading::lines{"a", "b"});
}

TEST_CASE("a queue is given again from plans, and goes on behind them", "[sources][queue]")
{
    for (auto const& row : queue_rows) {
        queue_source const source(row.queue, row.options);
        auto const first = source.open(environment());
        auto const again = source.open(environment());
        auto const resumed = source.open(environment());
        auto const start = first->position();
        again->seek(start);
        for (std::size_t i = 0; i < row.expected.size(); ++i) {
            auto const time = batch_time(static_cast<std::int64_t>(i + 1) * 1000);
            resumed->seek(first->position());
            auto const input = first->plan(time);
            CHECK(records_of(again->replay(time, input.plan)) == row.expected[i]);
            CHECK(records_of(resumed->plan(time)) == row.expected[i]);
            CHECK(again->position() == first->position());
        }
    }
}

TEST_CASE("a plan for elements that the list no longer has is an error", "[sources][queue]")
{
    auto const first = queue_source(std::vector<numbers>{{1}, {2}}).open(environment());
    (void)first->plan(batch_time(1000));
    auto const plan = first->plan(batch_time(2000)).plan;
    auto const shorter = queue_source(std::vector<numbers>{{1}}).open(environment());
    CHECK_THROWS_AS(shorter->replay(batch_time(2000), plan), tidemark::source_error);
    CHECK_THROWS_WITH(shorter->replay(batch_time(2000), plan), Contains("2000 ms") && Contains("a queue of 1"));

    shorter->seek(first->position()); // an end is an end
    CHECK(records_of(shorter->plan(batch_time(3000))) == numbers{});
}

} // namespace
