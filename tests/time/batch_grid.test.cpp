// SPDX-License-Identifier: BSL-1.0
//
// batch_grid.test: start, restart, slices and windows, with the vectors of the specification.

#include <tidemark/core/error.hpp>
#include <tidemark/time/batch_grid.hpp>
#include <tidemark/time/literals.hpp>

#include <support/catch.hpp>

#include <cstdint>
#include <vector>

namespace {

using namespace tidemark::literals;
using tidemark::batch_grid;
using tidemark::batch_time;
using tidemark::batch_times;
using tidemark::duration;
using counts = std::vector<std::int64_t>;

constexpr counts counts_of(batch_times const& times)
{
    counts result;
    for (auto const time : times)
        result.push_back(time.count());
    return result;
}

constexpr batch_grid grid(std::int64_t zero, std::int64_t batch) { return {batch_time(zero), duration(batch)}; }

// ---- Start and restart

struct start_row {
    std::int64_t now;
    std::int64_t batch;
    std::int64_t expected;
};

// The first three rows are the vectors `time/start-and-restart`.
constexpr start_row start_rows[] = {
    {0, 1000, 1000},      {1234, 1000, 2000}, {2000, 1000, 3000},
    {1999, 1000, 2000},   {-500, 1000, 0},    {-1000, 1000, 0},
    {-1001, 1000, -1000}, {7, 1, 8},          {1'700'000'000'123, 10'000, 1'700'000'010'000},
};

struct restart_row {
    std::int64_t now;
    std::int64_t zero;
    std::int64_t batch;
    std::int64_t expected;
};

// The first two rows are the vectors `time/start-and-restart`.
constexpr restart_row restart_rows[] = {
    {2500, 300, 1000, 3300},   {2300, 300, 1000, 3300},  {2299, 300, 1000, 2300},
    {3000, 0, 1000, 4000},     {7500, 0, 1000, 8000},    {5999, 0, 1000, 6000},
    {300, 300, 1000, 1300},    {0, 300, 1000, 300}, // the clock was set back: the grid goes on to the left
    {-2200, 300, 1000, -1700}, {-1700, 300, 1000, -700},
};

constexpr bool starts_hold()
{
    for (auto const& row : start_rows) {
        auto const started = batch_grid::first_start(batch_time(row.now), duration(row.batch));
        if (started.start_time().count() != row.expected || started.zero_time().count() != row.expected - row.batch
            || started.batch_duration() != duration(row.batch))
            return false;
    }
    return true;
}

constexpr bool restarts_hold()
{
    for (auto const& row : restart_rows)
        if (grid(row.zero, row.batch).restart_time(batch_time(row.now)).count() != row.expected)
            return false;
    return true;
}

static_assert(starts_hold());
static_assert(restarts_hold());

TEST_CASE("the first batch is at the first multiple of the batch duration after now", "[time][batch_grid]")
{
    for (auto const& row : start_rows) {
        CAPTURE(row.now, row.batch);
        auto const started = batch_grid::first_start(batch_time(row.now), duration(row.batch));
        CHECK(started.start_time().count() == row.expected);
        CHECK(started.zero_time().count() == row.expected - row.batch);
    }
}

TEST_CASE("a restart goes on at the first time on the old grid after now", "[time][batch_grid]")
{
    for (auto const& row : restart_rows) {
        CAPTURE(row.now, row.zero, row.batch);
        CHECK(grid(row.zero, row.batch).restart_time(batch_time(row.now)).count() == row.expected);
    }
}

TEST_CASE("a grid refuses a batch duration that is not positive", "[time][batch_grid]")
{
    CHECK_THROWS_AS(batch_grid(batch_time(0), duration(0)), tidemark::usage_error);
    CHECK_THROWS_WITH(batch_grid::first_start(batch_time(0), duration(-1)),
                      "tidemark::batch_grid: the batch duration is -1 ms, which is not positive; pass at least 1 ms");
}

// ---- Valid times

struct valid_row {
    std::int64_t time;
    std::int64_t slide;
    bool expected;
};

// On a grid of 1 s batches from 300 ms on.
constexpr valid_row valid_rows[] = {
    {300, 1000, false}, // the zero time itself
    {1300, 1000, true}, {1000, 1000, false}, {2000, 2000, false}, {1300, 2000, false}, {2300, 2000, true},
    {4300, 2000, true}, {-700, 1000, false}, {1301, 1000, false}, {1300, 0, false},
};

constexpr bool validity_holds()
{
    for (auto const& row : valid_rows)
        if (grid(300, 1000).is_valid(batch_time(row.time), duration(row.slide)) != row.expected)
            return false;
    return true;
}
static_assert(validity_holds());

TEST_CASE("slides count from the zero time, which is not valid itself", "[time][batch_grid]")
{
    for (auto const& row : valid_rows) {
        CAPTURE(row.time, row.slide);
        CHECK(grid(300, 1000).is_valid(batch_time(row.time), duration(row.slide)) == row.expected);
    }
}

// ---- Lists of times

struct times_row {
    batch_times actual;
    counts expected;
};

constexpr batch_times missed(std::int64_t after, std::int64_t before)
{
    return grid(300, 1000).batches(batch_time(after), batch_time(before));
}

constexpr std::vector<times_row> missed_rows()
{
    return {
        {missed(2300, 5300), {3300, 4300}},
        {missed(2299, 5301), {2300, 3300, 4300, 5300}},
        {missed(300, 1300), {}},
        {missed(300, 2300), {1300}},
        {missed(-5000, 2300), {1300}}, // nothing is before the first batch
        {missed(-5000, -3000), {}},
        {missed(5300, 2300), {}},
        {missed(2300, 2300), {}},
    };
}

constexpr batch_times sliced(std::int64_t zero, std::int64_t from, std::int64_t to, std::int64_t slide)
{
    return grid(zero, 1000).slice(batch_time(from), batch_time(to), duration(slide));
}

// The first four rows are the queries of the vectors `basic/slice-inclusive`, where batch n holds the number n.
constexpr std::vector<times_row> slice_rows()
{
    return {
        {sliced(0, 0, 1000, 1000), {1000}},
        {sliced(0, 0, 2000, 1000), {1000, 2000}},
        {sliced(0, 1000, 2000, 1000), {1000, 2000}},
        {sliced(0, 2000, 4000, 1000), {2000, 3000, 4000}},
        {sliced(0, 2500, 4500, 1000), {2000, 3000, 4000}}, // ends off the grid go down onto it
        {sliced(0, 2999, 2999, 1000), {2000}},
        {sliced(300, 2000, 4000, 1000), {1300, 2300, 3300}},
        {sliced(300, 2300, 6300, 2000), {2300, 4300, 6300}},
        {sliced(300, -9000, 1300, 1000), {1300}},
        {sliced(300, -9000, 300, 1000), {}},
        {sliced(300, -9000, -5000, 1000), {}},
        {sliced(0, 4000, 2000, 1000), {}},
        {sliced(300, INT64_MIN, 2300, 1000), {1300, 2300}}, // further from the zero time than 64 bits can say
        {sliced(300, INT64_MIN, INT64_MIN, 1000), {}},
    };
}

constexpr batch_times covered(std::int64_t parent_slide, std::int64_t window, std::int64_t time)
{
    return grid(0, 1).window_cover(batch_time(time), duration(window), duration(parent_slide));
}

// The vectors `time/window-cover` (its row that is not valid is below), then windows on other grids.
constexpr std::vector<times_row> cover_rows()
{
    return {
        {covered(1, 2, 1), {1}},
        {covered(1, 2, 5), {4, 5}},
        {covered(1, 4, 2), {1, 2}},
        {covered(2, 4, 6), {4, 6}},
        {covered(1, 1, 3), {3}},
        {covered(1, INT64_MAX, 3), {1, 2, 3}},
        {covered(1, 4, 0), {}},
        {covered(1, 4, -3), {}},
        {grid(300, 1000).window_cover(batch_time(1300), 3_s, 1_s), {1300}},
        {grid(300, 1000).window_cover(batch_time(4300), 3_s, 1_s), {2300, 3300, 4300}},
        {grid(300, 1000).window_cover(batch_time(8300), 4_s, 2_s), {6300, 8300}},
    };
}

constexpr bool all_hold(std::vector<times_row> const& rows)
{
    for (auto const& row : rows)
        if (counts_of(row.actual) != row.expected)
            return false;
    return true;
}

void check_all(std::vector<times_row> const& rows)
{
    for (auto const& row : rows)
        CHECK(counts_of(row.actual) == row.expected);
}

static_assert(all_hold(missed_rows()));
static_assert(all_hold(slice_rows()));
static_assert(all_hold(cover_rows()));
static_assert(grid(300, 1000).slice({batch_time(2000), batch_time(4000)}, 1_s) == sliced(300, 2000, 4000, 1000));
static_assert(!grid(0, 1).is_valid(batch_time(3), duration(2)), "time/window-cover: window 4, slide 2, time 3");

TEST_CASE("the batches between two times leave both of them out", "[time][batch_grid]") { check_all(missed_rows()); }

TEST_CASE("a slice includes both ends and starts after the zero time", "[time][batch_grid]")
{
    check_all(slice_rows());
    CHECK_THROWS_AS(sliced(0, 0, 1000, 0), tidemark::usage_error);
}

TEST_CASE("a window covers its length in parent batches, and fewer at the start", "[time][batch_grid]")
{
    check_all(cover_rows());
    CHECK_FALSE(grid(0, 1).is_valid(batch_time(3), duration(2)));
}

// The table of windows in the specification: batch n, one second each, holds the number n - 1.
TEST_CASE("windows fire at multiples of their slide, even before they are full", "[time][batch_grid]")
{
    struct {
        int window;
        int slide;
        std::vector<counts> expected;
    } const rows[] = {
        {2, 1, {{0}, {0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}}},
        {2, 2, {{0, 1}, {2, 3}, {4, 5}}},
        {4, 2, {{0, 1}, {0, 1, 2, 3}, {2, 3, 4, 5}}},
        {2, 3, {{1, 2}, {4, 5}}},
    };
    auto const seconds = grid(300, 1000);
    for (auto const& row : rows) {
        CAPTURE(row.window, row.slide);
        std::vector<counts> outputs;
        for (auto const time : seconds.batches(seconds.zero_time(), seconds.zero_time() + 7_s))
            if (seconds.is_valid(time, row.slide * duration(1000))) {
                counts output;
                for (auto const parent : seconds.window_cover(time, row.window * duration(1000), 1_s))
                    output.push_back((parent.count() - 300) / 1000 - 1);
                outputs.push_back(output);
            }
        CHECK(outputs == row.expected);
    }
}

} // namespace
