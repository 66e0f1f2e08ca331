// SPDX-License-Identifier: BSL-1.0
//
// sliding_max: the largest value of each key in a sliding window without an inverse, against two stacks for each key
// written by hand. Targets: at most 1.3 of their time; with 1000 batches in the window at most 3 times what 10 take.
//
// Usage: sliding_max [keys = 20000 [slides = 15]]. Each batch has every key once; a window slides by one batch.

#include "support/measuring.hpp"

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <algorithm>
#include <chrono>
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
    if (!same)
        std::printf("the results differ\n");
    return same ? 0 : 1;
}
