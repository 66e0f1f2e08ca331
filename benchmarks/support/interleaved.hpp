// SPDX-License-Identifier: BSL-1.0
//
// interleaved: measures two ways of doing one thing in turn, and compares their medians.

#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string_view>
#include <vector>

namespace benchmark {

[[nodiscard]] inline double median(std::vector<double> values)
{
    auto const middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

template <typename Work>
[[nodiscard]] double seconds(Work const& work)
{
    auto const begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// Runs `ours` and `theirs` in turn and prints the medians and the ratio, with the lowest and highest ratio of a single
/// pair.
template <typename Ours, typename Theirs>
double compare(std::string_view name, std::size_t items, std::size_t rounds, Ours const& ours, Theirs const& theirs)
{
    std::vector<double> our_times;
    std::vector<double> their_times;
    std::vector<double> ratios;
    for (std::size_t round = 0; round < rounds + 2; ++round) {
        auto const a = seconds(ours);
        auto const b = seconds(theirs);
        if (round < 2)
            continue; // warm-up
        our_times.push_back(a);
        their_times.push_back(b);
        ratios.push_back(a / b);
    }
    auto const per_item = 1e9 / static_cast<double>(items);
    auto const ratio = median(our_times) / median(their_times);
    std::printf("%-44.*s ours %8.2f ns, by hand %8.2f ns, ratio %.2f (%.2f to %.2f in %zu pairs)\n",
                static_cast<int>(name.size()), name.data(), median(our_times) * per_item,
                median(their_times) * per_item, ratio, *std::min_element(ratios.begin(), ratios.end()),
                *std::max_element(ratios.begin(), ratios.end()), rounds);
    return ratio;
}

} // namespace benchmark
