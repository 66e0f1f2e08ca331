// SPDX-License-Identifier: BSL-1.0

#include <tidemark/core/error.hpp>
#include <tidemark/sources/rate_source.hpp>

#include <sources/reading.hpp>
#include <support/catch.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace {

using Catch::Matchers::Contains;
using reading::environment;
using reading::partitions_of;
using reading::records_of;
using tidemark::batch_time;
using tidemark::rate_record;
using tidemark::rate_source;
using records = std::vector<rate_record>;

static_assert(tidemark::stream_source<rate_source>);
static_assert(rate_source::replayable);
static_assert(tidemark::chunkable<rate_record>);

records numbers(std::int64_t time, std::int64_t first, std::int64_t end)
{
    records all;
    for (auto number = first; number != end; ++number)
        all.emplace_back(batch_time(time), number);
    return all;
}

std::vector<std::size_t> sizes(tidemark::batch_input<rate_record> const& input)
{
    std::vector<std::size_t> all;
    for (auto const& part : partitions_of(input))
        all.push_back(part.size());
    return all;
}

} // namespace

TEST_CASE("a rate gives pairs of batch time and number, without a gap", "[sources][rate]")
{
    auto const reader = rate_source(3).open(environment(2000));
    CHECK(records_of(reader->plan(batch_time(2000))) == numbers(2000, 0, 6));
    auto const second = reader->plan(batch_time(4000));
    CHECK(records_of(second) == numbers(4000, 6, 12));
    CHECK(records_of(second) == numbers(4000, 6, 12)); // read twice
    CHECK(second.records() == 6);
}

TEST_CASE("what a batch has of a record too much comes with a later one", "[sources][rate]")
{
    auto const reader = rate_source(5).open(environment(300)); // 1.5 records a batch
    CHECK(records_of(reader->plan(batch_time(300))) == numbers(300, 0, 1));
    CHECK(records_of(reader->plan(batch_time(600))) == numbers(600, 1, 3));
    CHECK(records_of(reader->plan(batch_time(900))) == numbers(900, 3, 4));
    CHECK(records_of(reader->plan(batch_time(1200))) == numbers(1200, 4, 6));
}

TEST_CASE("a slow rate has empty batches, which are datasets all the same", "[sources][rate]")
{
    auto const reader = rate_source(1).open(environment(400));
    for (auto const [time, first, end] : {std::array{400, 0, 0}, std::array{800, 0, 0}, std::array{1200, 0, 1},
                                          std::array{1600, 1, 1}, std::array{2000, 1, 2}})
        CHECK(records_of(reader->plan(batch_time(time))) == numbers(time, first, end));
}

TEST_CASE("a batch of a rate is cut evenly, in order", "[sources][rate]")
{
    auto const reader = rate_source(10).open(environment());
    auto const input = reader->plan(batch_time(1000));
    CHECK(sizes(input) == std::vector<std::size_t>{3, 3, 2, 2});
    CHECK(records_of(input) == numbers(1000, 0, 10));
    CHECK(sizes(rate_source(2).open(environment())->plan(batch_time(1000))) == std::vector<std::size_t>{1, 1});
    CHECK(sizes(rate_source(20'000).open(environment())->plan(batch_time(1000)))
          == std::vector<std::size_t>{5000, 5000, 5000, 5000}); // more than a chunk
}

TEST_CASE("a reader of a rate may stop early", "[sources][rate]")
{
    auto const input = rate_source(100'000).open(environment())->plan(batch_time(1000));
    reading::keeper<rate_record> sink(10);
    input.data->feed(0, sink);
    CHECK(sink.kept.size() < 25'000);
}

TEST_CASE("a rate goes on behind its position, fractions included, and gives planned batches again", "[sources][rate]")
{
    auto const first = rate_source(5).open(environment(300));
    auto const one = first->plan(batch_time(300));
    auto const position = first->position();
    auto const two = first->plan(batch_time(600));
    SECTION("from the position")
    {
        auto const again = rate_source(5).open(environment(300));
        again->seek(position);
        CHECK(records_of(again->plan(batch_time(600))) == records_of(two));
    }
    SECTION("from plans, and then on")
    {
        auto const again = rate_source(5).open(environment(300));
        again->seek(position);
        CHECK(records_of(again->replay(batch_time(600), two.plan)) == records_of(two));
        CHECK(records_of(again->plan(batch_time(900))) == numbers(900, 3, 4));
    }
    SECTION("at another rate, without a gap")
    {
        auto const again = rate_source(10).open(environment(300));
        again->seek(position);
        CHECK(records_of(again->replay(batch_time(600), two.plan)) == records_of(two));
        CHECK(records_of(again->plan(batch_time(900))) == numbers(900, 3, 6));
    }
}

TEST_CASE("a rate that cannot be is refused", "[sources][rate]")
{
    for (auto const rate : {std::int64_t{0}, std::int64_t{-1}, std::numeric_limits<std::int64_t>::max()}) {
        CHECK_THROWS_AS(rate_source(rate).open(environment()), tidemark::config_error);
        CHECK_THROWS_WITH(rate_source(rate).open(environment()), Contains(std::to_string(rate)) && Contains("pass 1"));
    }
}
