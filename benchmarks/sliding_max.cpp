// SPDX-License-Identifier: BSL-1.0
//
// sliding_max: the largest value of each key in a sliding window without an inverse, against two stacks for each key
// written by hand. Targets: at most 1.3 of their time; with 1000 batches in the window at most 3 times what 10 take. Then
// what a window holds alone, as columns and as stacks: at most 5 ns for a value in columns; with 1000 batches at most
// 3 times what 10 take, and no slide more than 3 times the median.
//
// Usage: sliding_max [keys = 20000 [slides = 15]]. Each batch has every key once; a window slides by one batch.

#include "support/measuring.hpp"

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace tidemark::literals;
using record = std::pair<std::uint32_t, std::int64_t>;

std::vector<record> batch_of(std::uint64_t number, std::uint32_t keys)
{
    std::mt19937_64 random(number);
    std::vector<record> all;
    for (std::uint32_t key = 0; key < keys; ++key)
        all.emplace_back(key, static_cast<std::int64_t>(random() >> 1U));
    return all;
}

/// The largest of the last `width` values: the older ones as the largest from each on, the newer ones as one.
class two_stacks {
public:
    std::int64_t push(std::int64_t value, std::size_t width)
    {
        if (older_.size() + newer_.size() == width) {
            if (older_.empty()) {
                std::int64_t largest = INT64_MIN;
                for (auto at = newer_.rbegin(); at != newer_.rend(); ++at)
                    older_.push_back(largest = std::max(largest, *at));
                newer_.clear();
                newest_ = INT64_MIN;
            }
            older_.pop_back();
        }
        newer_.push_back(value);
        newest_ = std::max(newest_, value);
        return older_.empty() ? newest_ : std::max(older_.back(), newest_);
    }

private:
    std::vector<std::int64_t> older_;
    std::vector<std::int64_t> newer_;
    std::int64_t newest_ = INT64_MIN;
};

struct largest {
    void merge(std::int64_t& into, std::int64_t&& next) const { into = std::max(into, next); }
};

/// The same without an application, as columns: slides of a full window.
benchmark::pairs columns_alone(std::uint32_t keys, std::size_t width, std::size_t slides, bool& same)
{
    largest const how;
    tidemark::sliding_columns<std::uint32_t, std::int64_t, largest> held(how, static_cast<std::int64_t>(width));
    std::vector<two_stacks> by_hand(keys);
    benchmark::pairs times;
    for (std::size_t number = 0; number < width + slides; ++number) {
        auto const pane = batch_of(number, keys);
        std::int64_t ours = 0;
        std::int64_t theirs = 0;
        auto const our_time = benchmark::seconds([&] {
            held.enter(pane, static_cast<std::int64_t>(number));
            held.for_each(static_cast<std::int64_t>(number),
                          [&ours](std::uint32_t key, std::int64_t value) { ours ^= value + key; });
        });
        auto const their_time = benchmark::seconds([&] {
            for (auto const& [key, value] : pane)
                theirs ^= by_hand[key].push(value, width) + key;
        });
        same = same && ours == theirs;
        if (number >= width)
            times.add(our_time, their_time);
    }
    return times;
}

/// As stacks, where each batch has one in twenty of ten times as many keys: what comes and goes, without reading it.
std::vector<double> stacks_alone(std::uint32_t keys, std::size_t width, std::size_t slides)
{
    largest const how;
    tidemark::sliding_values<std::uint32_t, std::int64_t, largest> held(how, static_cast<std::int64_t>(width));
    std::vector<std::vector<record>> panes(width);
    std::vector<double> times;
    for (std::size_t number = 0; number < width + slides; ++number) {
        auto& pane = panes[number % width];
        auto const leaving_time = benchmark::seconds([&] { held.leave(pane); });
        pane = batch_of(number, keys / 2);
        for (auto& [key, value] : pane)
            key = 20 * key + static_cast<std::uint32_t>(number * 7 % 20);
        auto const entering_time = benchmark::seconds([&] { held.enter(pane, static_cast<std::int64_t>(number)); });
        if (number >= width)
            times.push_back(leaving_time + entering_time);
    }
    return times;
}

void print_worst(std::vector<double> const& times)
{
    std::printf("    the worst slide took %.1f times the median\n",
                *std::max_element(times.begin(), times.end()) / benchmark::median(times));
}

/// Gives the times of slides of a full window; checks that both sides agree.
benchmark::pairs slide(std::uint32_t keys, std::size_t width, std::size_t slides, bool& same)
{
    tidemark::testing::optional_batches<record> input;
    for (std::uint64_t number = 0; number < width + slides; ++number)
        input.emplace_back(batch_of(number, keys));
    auto const ssc =
        tidemark::streaming_context(1_s, tidemark::settings{.partitions = 2, .key_groups = 64, .threads = 1});
    std::int64_t ours = 0;
    tidemark::testing::driver run(
        ssc.application(ssc.source_stream(tidemark::testing::batch_source<record>(input))
                        | tidemark::reduce_by_key_and_window(
                            [](std::int64_t a, std::int64_t b) { return std::max(a, b); }, std::chrono::seconds(width))
                        | tidemark::foreach_rdd([&ours](auto const& rdd) {
                              ours = 0;
                              for (auto const& [key, largest] : rdd | tidemark::collect())
                                  ours ^= largest + key;
                          })));
    run.start();
    std::vector<two_stacks> by_hand(keys);
    benchmark::pairs times;
    for (std::size_t number = 0; number < width + slides; ++number) {
        std::int64_t theirs = 0;
        auto const our_time = benchmark::seconds([&] { (void)run.next(); });
        auto const their_time = benchmark::seconds([&] {
            for (auto const& [key, value] : *input[number])
                theirs ^= by_hand[key].push(value, width) + key;
        });
        same = same && ours == theirs;
        if (number >= width)
            times.add(our_time, their_time);
    }
    return times;
}

} // namespace

int main(int argc, char** argv)
{
    auto const keys = static_cast<std::uint32_t>(benchmark::argument(argc, argv, 1, 20'000));
    auto const slides = benchmark::argument(argc, argv, 2, 15);
    bool same = true;
    benchmark::pairs shortest;
    for (std::size_t const width : {10U, 100U, 1000U}) {
        auto const times = slide(keys, width, slides, same);
        auto const words = std::to_string(width) + " batches";
        auto const size = std::to_string(keys) + " keys, each in every batch";
        benchmark::report({"sliding maximum by key, " + words, "two stacks by hand", 1.3, size,
                           "sliding maximum by key", static_cast<double>(width), "batches in the window"},
                          times, keys);
        if (width == 10)
            shortest = times;
        else
            benchmark::report({"sliding maximum by key, " + words, "10 batches", 3, size}, {times.ours, shortest.ours},
                              keys);
    }
    std::vector<double> few;
    for (std::size_t const width : {10U, 100U, 1000U}) {
        auto const words = ", " + std::to_string(width) + " batches";
        auto const times = columns_alone(keys, width, 3 * slides, same);
        benchmark::report(
            {"columns alone" + words, "two stacks by hand", 1.3, std::to_string(keys) + " keys, each in every batch"},
            times, keys);
        print_worst(times.ours);
        auto const stacks = stacks_alone(keys, width, 3 * slides);
        if (width == 10)
            few = stacks;
        else
            benchmark::report({"stacks alone" + words, "10 batches", 3,
                               std::to_string(10 * keys) + " keys, one in 20 of them in every batch"},
                              {stacks, few}, keys / 2);
        print_worst(stacks);
    }
    if (!same)
        std::printf("the results differ\n");
    return same ? 0 : 1;
}
