// SPDX-License-Identifier: BSL-1.0
//
// counted_keys: batches of keys to count, and the counts to begin with.

#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

namespace benchmark {

/// The keys of some batches, in their order.
using key_batches = std::vector<std::vector<std::uint64_t>>;

/// `count` batches of `size` keys each, drawn uniformly from 0 to `keys` - 1: the same ones in every run.
[[nodiscard]] inline key_batches drawn_keys(std::uint64_t keys, std::size_t count, std::size_t size)
{
    std::mt19937_64 random(1);
    key_batches all(count);
    for (auto& each : all)
        for (std::size_t i = 0; i < size; ++i)
            each.push_back(random() % keys);
    return all;
}

/// The keys 0 to `keys` - 1, each with a count of 0.
[[nodiscard]] inline std::vector<std::pair<std::uint64_t, std::int64_t>> zero_counts(std::uint64_t keys)
{
    std::vector<std::pair<std::uint64_t, std::int64_t>> all;
    for (std::uint64_t key = 0; key < keys; ++key)
        all.emplace_back(key, 0);
    return all;
}

} // namespace benchmark
