// SPDX-License-Identifier: BSL-1.0
//
// remember_durations.test: the table of the specification, diamonds, and what is forgotten when.

#include <tidemark/core/error.hpp>
#include <tidemark/stream/remember_durations.hpp>
#include <tidemark/time/literals.hpp>

#include <support/catch.hpp>
#include <support/seed.hpp>

#include <cstdint>
#include <random>
#include <vector>

namespace {

using namespace tidemark::literals;
using tidemark::batch_grid;
using tidemark::batch_time;
using tidemark::duration;
using tidemark::kept_datasets;
using tidemark::remember_durations;
using tidemark::remembered_stream;
using graph = std::vector<remembered_stream>;
using seconds = std::vector<std::int64_t>;

// Streams in a row, each with its parents: how the specification writes its pipelines down.
struct row {
    remembered_stream stream;

    constexpr row(std::int64_t slide, std::int64_t interval = 0, std::int64_t window = 0)
        : stream{duration(slide * 1000), {}, duration(window * 1000), {}, {}}
    {
        if (interval != 0)
            stream.checkpoint_interval = duration(interval * 1000);
    }

    template <typename... Places>
    constexpr row of(Places... places) const
    {
        row made = *this;
        (made.stream.parents.push_back(static_cast<std::size_t>(places)), ...);
        return made;
    }

    constexpr row at_least(std::int64_t length) const
    {
        row made = *this;
        made.stream.at_least = duration(length * 1000);
        return made;
    }
};

constexpr row plain(std::int64_t slide) { return row(slide); }
constexpr row state(std::int64_t slide, std::int64_t interval) { return {slide, interval}; }
constexpr row window(std::int64_t width, std::int64_t slide) { return {slide, 0, width}; }
constexpr row inverse_window(std::int64_t width, std::int64_t slide, std::int64_t interval)
{
    return {slide, interval, width};
}

template <typename... Rows>
constexpr seconds remembered(duration context, Rows const&... rows)
{
    graph streams;
    (streams.push_back(rows.stream), ...);
    seconds all;
    for (auto const each : remember_durations(streams, context))
        all.push_back(each.count() / 1000);
    return all;
}

constexpr seconds kept(duration slide, duration remember, batch_time completed, batch_time zero = {})
{
    seconds all;
    for (auto const time : kept_datasets(batch_grid(zero, 1_s), slide, remember, completed))
        all.push_back(time.count() / 1000);
    return all;
}

// ---- The table of the specification, batches of one second

constexpr duration none{};

static_assert(remembered(none, plain(1), plain(1).of(0)) == seconds{1, 1}, "map");
static_assert(remembered(none, plain(1), window(4, 2).of(0), plain(2).of(1)) == seconds{6, 2, 2}, "a window");
static_assert(remembered(3_s, plain(1), window(2, 1).of(0), window(4, 2).of(1)) == seconds{9, 7, 3},
              "windows of windows");
static_assert(remembered(none, plain(1), state(1, 10).of(0)) == seconds{20, 20}, "a state");
static_assert(remembered(none, plain(1), plain(1).of(0), inverse_window(10, 2, 10).of(1)) == seconds{30, 30, 20},
              "an inverse window");

// ---- Corners

static_assert(remembered(none).empty());
static_assert(remembered(none, state(2, 2)) == seconds{4});
static_assert(remembered(none, state(4, 2)) == seconds{4}, "an interval below the slide, which is refused elsewhere");
static_assert(remembered(none, plain(1).at_least(60), plain(1).of(0)) == seconds{60, 1}, "a source of files");
static_assert(remembered(7_s, plain(1), state(1, 10).of(0)) == seconds{20, 20}, "the context does not shorten");
static_assert(remembered(2_s, plain(1), plain(1).of(0), window(5, 1).of(0), plain(1).of(1, 2)) == seconds{7, 2, 2, 2},
              "a diamond, where the longer need counts");
static_assert(remembered(1_s, plain(1), window(3, 3).of(0), plain(1).of(0)) == seconds{6, 3, 1}, "two outputs");

static_assert(kept(2_s, 3_s, batch_time(10'000)) == seconds{8, 10});
static_assert(kept(1_s, 7_s, batch_time(10'000)) == seconds{4, 5, 6, 7, 8, 9, 10});
static_assert(kept(1_s, 9_s, batch_time(10'000)) == seconds{2, 3, 4, 5, 6, 7, 8, 9, 10});
static_assert(kept(1_s, 1_s, batch_time(10'000)) == seconds{10});
static_assert(kept(1_s, 100_s, batch_time(3'000)) == seconds{1, 2, 3}, "nothing at the zero time or before");
static_assert(kept(3_s, 1_s, batch_time(10'000)).empty(), "9 s is gone, and 10 s is none of its times");
static_assert(kept(2_s, 5_s, batch_time(17'000), batch_time(10'000)) == seconds{14, 16}, "from the zero time");
static_assert(kept(2_s, 5_s, batch_time(10'000), batch_time(10'000)).empty());

} // namespace

TEST_CASE("a graph with a consumer before its parent is refused", "[stream][remember_durations]")
{
    CHECK_THROWS_AS(remember_durations(graph{plain(1).of(1).stream, plain(1).stream}), tidemark::usage_error);
    CHECK_THROWS_AS(remember_durations(graph{plain(1).of(0).stream}), tidemark::usage_error);
    CHECK_THROWS_AS(kept_datasets(batch_grid({}, 1_s), duration(0), 1_s, batch_time(1000)), tidemark::usage_error);
}

TEST_CASE("remember durations are those that come of raising one need after the other until nothing changes",
          "[stream][remember_durations]")
{
    auto const seed = tidemark_test::random_seed();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    auto const any = [&random](std::int64_t least, std::int64_t most) {
        return std::uniform_int_distribution(least, most)(random);
    };
    for (int round = 0; round < 200; ++round) {
        graph streams;
        auto const size = static_cast<std::size_t>(any(1, 12));
        for (std::size_t place = 0; place < size; ++place) {
            row one(any(1, 4), any(0, 3) == 0 ? any(1, 10) : 0, any(0, 3) == 0 ? any(1, 10) : 0);
            for (std::size_t parent = 0; parent < place; ++parent)
                if (any(0, 2) == 0)
                    one = one.of(parent);
            streams.push_back(one.stream);
        }
        duration const context(any(0, 20) * 1000);

        // As Spark does it: all begin with their own least, then each output hands the context's value up.
        std::vector<duration> expected;
        std::vector<bool> read(size);
        for (auto const& each : streams) {
            expected.push_back(tidemark::least_remember_duration(each));
            for (auto const parent : each.parents)
                read[parent] = true;
        }
        auto const raise = [&](auto const& self, std::size_t place, duration given) -> void {
            expected[place] = std::max(expected[place], given);
            for (auto const parent : streams[place].parents)
                self(self, parent, expected[place] + streams[place].window);
        };
        for (std::size_t place = 0; place < size; ++place)
            if (!read[place])
                raise(raise, place, context);
        CHECK(remember_durations(streams, context) == expected);
    }
}
