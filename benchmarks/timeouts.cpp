// SPDX-License-Identifier: BSL-1.0
//
// timeouts: what it costs in each batch to look for states that have timed out, against the updates of that batch.
// Target: half of it.
//
// Usage: timeouts [keys = 10000000 [batches = 100]]. A batch has 100,000 updates of keys that are drawn evenly; a state times
// out after the time in which as many updates come as there are keys, after three times, and after ten times.

#include "support/measuring.hpp"

#include <tidemark/core/key_hash.hpp>
#include <tidemark/state/keyed_state.hpp>

#include <cstdint>
#include <cstdio>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace {

using key = std::uint64_t;
using arriving = tidemark::travelling<key, std::int64_t>;

constexpr std::size_t groups = 256;
constexpr std::size_t updates = 100'000;

/// The records of a batch, by key-group.
std::vector<std::vector<arriving>> drawn(std::mt19937_64& random, std::uint64_t keys)
{
    std::vector<std::vector<arriving>> all(groups);
    for (std::size_t i = 0; i < updates; ++i) {
        key const one = random() % keys;
        auto const hash = tidemark::key_hash(one);
        all[tidemark::key_group(hash, groups)].push_back({hash, one, 1});
    }
    return all;
}

constexpr auto count_up = [](key, std::optional<std::int64_t> value, tidemark::state<std::int64_t>& state) {
    if (state.is_timing_out())
        return true;
    state.update(state.get_option().value_or(0) + *value);
    return false;
};

/// All keys have a state at first, and are updated about every `keys / updates` batches.
bool measure(std::uint64_t keys, std::size_t batches, std::int64_t limit)
{
    tidemark::keyed_state<key, std::int64_t> states(groups, limit);
    std::mt19937_64 random(1);
    for (key one = 0; one < keys; ++one)
        states.restore(tidemark::key_group(tidemark::key_hash(one), groups), one,
                       {0, -static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(limit))});
    for (std::size_t group = 0; group < groups; ++group)
        states.settle(group);

    std::uint64_t come = keys;
    std::uint64_t timed_out = 0;
    auto const emit = [&](bool gone) { timed_out += gone ? 1 : 0; };
    benchmark::pairs times;
    for (std::int64_t now = 1; now <= static_cast<std::int64_t>(batches); ++now) {
        auto records = drawn(random, keys);
        auto const before = states.size();
        auto const touching = benchmark::seconds([&] {
            for (std::size_t group = 0; group < groups; ++group)
                states.track<std::int64_t>(group, records[group], now, true, count_up, emit);
        });
        come += states.size() - before;
        auto const looking = benchmark::seconds([&] {
            for (std::size_t group = 0; group < groups; ++group)
                states.expire<std::int64_t>(group, now, count_up, emit);
        });
        for (std::size_t group = 0; group < groups; ++group)
            states.settle(group);
        if (now > 5)
            times.add(looking, touching);
    }
    benchmark::report({"states that time out after " + std::to_string(limit) + " batches", "the updates", 0.5,
                       std::to_string(updates) + " updates a batch, of " + std::to_string(keys) + " keys"},
                      times, updates);
    std::printf("    %.0f of them timed out in a batch\n",
                static_cast<double>(timed_out) / static_cast<double>(batches));
    return come == timed_out + states.size() && timed_out != 0;
}

} // namespace

int main(int argc, char** argv)
{
    auto const keys = benchmark::argument(argc, argv, 1, 10'000'000);
    auto const batches = benchmark::argument(argc, argv, 2, 100);
    auto const round = static_cast<std::int64_t>(keys / updates);
    bool all_there = true;
    for (auto const limit : {round, 3 * round, 10 * round})
        all_there = measure(keys, batches, limit) && all_there;
    if (!all_there)
        std::printf("states are missing\n");
    return all_there ? 0 : 1;
}
