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
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <deque>
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
    void merge(std::int64_t& into, std::int64_t next) const { into = std::max(into, next); }
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
class stacks_alone {
public:
    stacks_alone(std::uint32_t keys, std::size_t width)
        : keys_(keys)
        , held_(how_, static_cast<std::int64_t>(width))
        , panes_(width)
    {}
    stacks_alone(stacks_alone const&) = delete;
    stacks_alone& operator=(stacks_alone const&) = delete;

    /// How long a slide takes.
    double slide()
    {
        auto& pane = panes_[number_ % panes_.size()];
        auto const leaving_time = benchmark::seconds([&] { held_.leave(pane); });
        pane = batch_of(number_, keys_ / 2);
        for (auto& [key, value] : pane)
            key = 20 * key + static_cast<std::uint32_t>(number_ * 7 % 20);
        auto const entering_time = benchmark::seconds([&] { held_.enter(pane, static_cast<std::int64_t>(number_)); });
        ++number_;
        return leaving_time + entering_time;
    }

private:
    std::uint32_t keys_;
    largest how_;
    tidemark::sliding_values<std::uint32_t, std::int64_t, largest> held_;
    std::vector<std::vector<record>> panes_;
    std::size_t number_ = 0;
};

void print_worst(std::vector<double> const& times)
{
    std::printf("    the worst slide took %.1f times the median\n",
                *std::max_element(times.begin(), times.end()) / benchmark::median(times));
}

/// An application with a window of `width` batches, beside stacks by hand.
class window_application {
public:
    window_application(std::uint32_t keys, std::size_t width, std::size_t batches)
        : width_(width)
        , input_(batches_of(keys, batches))
        , by_hand_(keys)
        , run_(application())
    {
        run_.start();
    }
    window_application(window_application const&) = delete;
    window_application& operator=(window_application const&) = delete;

    /// How long a slide took, ours and theirs. `same` goes when they do not agree.
    std::pair<double, double> slide(bool& same)
    {
        std::int64_t theirs = 0;
        auto const our_time = benchmark::seconds([&] { (void)run_.next(); });
        auto const their_time = benchmark::seconds([&] {
            for (auto const& [key, value] : *input_[number_])
                theirs ^= by_hand_[key].push(value, width_) + key;
        });
        ++number_;
        same = same && result_ == theirs;
        return {our_time, their_time};
    }

private:
    static tidemark::testing::optional_batches<record> batches_of(std::uint32_t keys, std::size_t number)
    {
        tidemark::testing::optional_batches<record> all;
        for (std::uint64_t i = 0; i < number; ++i)
            all.emplace_back(batch_of(i, keys));
        return all;
    }

    [[nodiscard]] tidemark::application application()
    {
        auto const ssc =
            tidemark::streaming_context(1_s, tidemark::settings{.partitions = 2, .key_groups = 64, .threads = 1});
        return ssc.application(
            ssc.source_stream(tidemark::testing::batch_source<record>(input_))
            | tidemark::reduce_by_key_and_window([](std::int64_t a, std::int64_t b) { return std::max(a, b); },
                                                 std::chrono::seconds(width_))
            | tidemark::foreach_rdd([this](auto const& rdd) {
                  result_ = 0;
                  for (auto const& [key, value] : rdd | tidemark::collect())
                      result_ ^= value + key;
              }));
    }

    std::size_t width_;
    tidemark::testing::optional_batches<record> input_;
    std::vector<two_stacks> by_hand_;
    std::int64_t result_ = 0;
    std::size_t number_ = 0;
    tidemark::testing::driver run_;
};

constexpr std::array<std::size_t, 3> widths{10, 100, 1000};

/// Applications with windows of each width, full before anything is timed, and slides of all of them in turn.
void compare_applications(std::uint32_t keys, std::size_t slides, bool& same)
{
    std::deque<window_application> runs;
    for (auto const width : widths) {
        auto& run = runs.emplace_back(keys, width, width + slides);
        for (std::size_t i = 0; i < width; ++i)
            (void)run.slide(same);
    }
    std::array<benchmark::pairs, widths.size()> times;
    for (std::size_t i = 0; i < slides; ++i)
        for (std::size_t which = 0; which < widths.size(); ++which) {
            auto const [ours, theirs] = runs[which].slide(same);
            times[which].add(ours, theirs);
        }
    auto const size = std::to_string(keys) + " keys, each in every batch";
    for (std::size_t which = 0; which < widths.size(); ++which) {
        auto const words = "sliding maximum by key, " + std::to_string(widths[which]) + " batches";
        benchmark::report({words, "two stacks by hand", 1.3, size,
                           "sliding maximum by key, " + std::to_string(keys) + " keys",
                           static_cast<double>(widths[which]), "batches in the window"},
                          times[which], keys);
        if (which != 0)
            benchmark::report({words, "10 batches", 3, size}, {times[which].ours, times[0].ours}, keys);
    }
}

void compare_stacks(std::uint32_t keys, std::size_t slides)
{
    std::deque<stacks_alone> runs;
    for (auto const width : widths) {
        auto& run = runs.emplace_back(keys, width);
        for (std::size_t i = 0; i < width; ++i)
            (void)run.slide();
    }
    std::array<std::vector<double>, widths.size()> times;
    for (std::size_t i = 0; i < slides; ++i)
        for (std::size_t which = 0; which < widths.size(); ++which)
            times[which].push_back(runs[which].slide());
    for (std::size_t which = 0; which < widths.size(); ++which) {
        if (which != 0)
            benchmark::report({"stacks alone, " + std::to_string(widths[which]) + " batches", "10 batches", 3,
                               std::to_string(10 * keys) + " keys, one in 20 of them in every batch"},
                              {times[which], times[0]}, keys / 2);
        print_worst(times[which]);
    }
}

} // namespace

int main(int argc, char** argv)
{
    auto const keys = static_cast<std::uint32_t>(benchmark::argument(argc, argv, 1, 20'000));
    auto const slides = benchmark::argument(argc, argv, 2, 15);
    bool same = true;
    compare_applications(keys, slides, same);
    for (auto const width : widths) {
        auto const times = columns_alone(keys, width, 3 * slides, same);
        benchmark::report({"columns alone, " + std::to_string(width) + " batches", "two stacks by hand", 1.3,
                           std::to_string(keys) + " keys, each in every batch"},
                          times, keys);
        print_worst(times.ours);
    }
    compare_stacks(keys, 3 * slides);
    if (!same)
        std::printf("the results differ\n");
    return same ? 0 : 1;
}
