// SPDX-License-Identifier: BSL-1.0
//
// keyed_update: a running count by key. keyed_table in 256 key-groups, the batch sorted by group and prefetched,
// against a loop over one boost::unordered_flat_map. Target: at most 0.8 of its time.
//
// Usage: keyed_update [keys = 1000000 [rounds = 41]]. Both sides update the same keys in turn; medians are compared.

#include "support/measuring.hpp"

#include <tidemark/core/key_hash.hpp>
#include <tidemark/state/keyed_table.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace {

constexpr std::size_t batch_size = 100'000;
constexpr std::uint32_t group_count = 256;

struct tally {
    std::int64_t count;
    std::int64_t last;
};

struct hashed_key {
    std::uint64_t hash;
    std::uint64_t key;
};

using table = tidemark::keyed_table<std::uint64_t, tally>;
using flat_map = boost::unordered_flat_map<std::uint64_t, tally>;
using batch = std::vector<std::uint64_t>;

/// Our side: the state by group, and the buffers of a batch.
class grouped_state {
public:
    explicit grouped_state()
        : sorted_(batch_size)
    {
        for (std::uint32_t group = 0; group < group_count; ++group) {
            tables_.emplace_back(group);
        }
    }

    /// `take_delta`: at the end of a key-group's turn its dirty entries are copied out and its dirty bits cleared, as
    /// for a commit.
    void update(batch const& keys, std::int64_t now, bool take_delta)
    {
        sort_by_group(keys);
        delta_.clear();
        for (std::uint32_t group = 0; group < group_count; ++group) {
            update_group(tables_[group], starts_[group], starts_[group + 1], now);
            if (take_delta) {
                tables_[group].for_each_dirty(
                    [this](std::uint64_t key, tally const& value) { delta_.emplace_back(key, value); });
                tables_[group].clear_dirty();
            }
        }
    }

    void clear_dirty()
    {
        for (table& group : tables_) {
            group.clear_dirty();
        }
    }

    [[nodiscard]] std::size_t memory_bytes() const
    {
        std::size_t bytes = 0;
        for (table const& group : tables_) {
            bytes += group.memory_bytes();
        }
        return bytes;
    }

    [[nodiscard]] std::int64_t total() const
    {
        std::int64_t sum = 0;
        for (table const& group : tables_) {
            group.for_each([&](std::uint64_t, tally const& value) { sum += value.count; });
        }
        return sum;
    }

private:
    void sort_by_group(batch const& keys)
    {
        hashes_.resize(keys.size());
        sorted_.resize(keys.size());
        std::array<std::uint32_t, group_count + 1> counts{};
        for (std::size_t i = 0; i < keys.size(); ++i) {
            hashes_[i] = tidemark::key_hash(keys[i]);
            ++counts[tidemark::key_group(hashes_[i], group_count) + 1];
        }
        for (std::uint32_t group = 0; group < group_count; ++group) {
            counts[group + 1] += counts[group];
        }
        starts_ = counts;
        for (std::size_t i = 0; i < keys.size(); ++i) {
            sorted_[counts[tidemark::key_group(hashes_[i], group_count)]++] = {hashes_[i], keys[i]};
        }
    }

    void update_group(table& group, std::size_t from, std::size_t to, std::int64_t now)
    {
        for (std::size_t i = from; i < std::min(to, from + table::prefetch_distance); ++i) {
            group.prefetch(sorted_[i].hash);
        }
        for (std::size_t i = from; i < to; ++i) {
            if (i + table::prefetch_distance < to) {
                group.prefetch(sorted_[i + table::prefetch_distance].hash);
            }
            auto const [value, fresh] = group.try_emplace(sorted_[i].hash, sorted_[i].key);
            ++value->count;
            value->last = now;
            group.mark_dirty(value);
        }
    }

    std::vector<table> tables_;
    std::vector<std::uint64_t> hashes_;
    std::vector<hashed_key> sorted_;
    std::vector<std::pair<std::uint64_t, tally>> delta_;
    std::array<std::uint32_t, group_count + 1> starts_{};
};

void update(flat_map& map, batch const& keys, std::int64_t now)
{
    for (std::uint64_t key : keys) {
        tally& value = map[key];
        ++value.count;
        value.last = now;
    }
}

/// Processor time, not wall time: on a shared machine the pauses would be measured.
double seconds_since(std::clock_t start) { return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC; }

} // namespace

int main(int count, char** arguments)
{
    auto const keys = benchmark::argument(count, arguments, 1, 1'000'000);
    auto const rounds = benchmark::argument(count, arguments, 2, 41);
    std::mt19937_64 random(1);
    auto const key_of = [](std::uint64_t i) { return i * 0x9e3779b97f4a7c15; };

    grouped_state ours;
    flat_map theirs;
    std::vector<double> fill_ours;
    std::vector<double> fill_theirs;
    batch input(batch_size);
    for (std::size_t from = 0; from < keys; from += input.size()) {
        input.resize(std::min(batch_size, keys - from));
        for (std::size_t i = 0; i < input.size(); ++i) {
            input[i] = key_of(from + i);
        }
        auto start = std::clock();
        ours.update(input, 0, true);
        fill_ours.push_back(seconds_since(start));
        start = std::clock();
        update(theirs, input, 0);
        fill_theirs.push_back(seconds_since(start));
    }

    std::array<std::vector<double>, 3> times; // theirs, ours, ours with deltas
    input.resize(batch_size);
    for (std::size_t round = 0; round < rounds; ++round) {
        for (std::size_t turn = 0; turn < 3; ++turn) {
            for (std::uint64_t& key : input) {
                key = key_of(random() % keys);
            }
            auto const now = static_cast<std::int64_t>(round);
            std::size_t const side = (round + turn) % 3;
            for (int warm = 0; warm < 2; ++warm) { // both see each batch; only the side whose turn it is, is timed
                bool const timed = warm == 1;
                auto const start = std::clock();
                if ((side == 0) == timed) {
                    update(theirs, input, now);
                } else {
                    ours.update(input, now, side != 1 || !timed);
                }
                if (timed) {
                    times[side].push_back(seconds_since(start));
                }
                ours.clear_dirty(); // so that no batch finds what another one left
            }
        }
    }

    std::int64_t sum = 0;
    for (auto const& [key, value] : theirs) {
        sum += value.count;
    }
    auto const size = std::to_string(batch_size) + " updates a batch, processor time";
    auto const words = std::to_string(keys) + " keys";
    benchmark::report({"state table, " + words, "boost::unordered_flat_map", 0.8, size, "state table",
                       static_cast<double>(keys), "keys"},
                      {times[1], times[0]}, batch_size);
    benchmark::report({"state table with its delta, " + words, "the table without", 1.1, size}, {times[2], times[1]},
                      batch_size);
    benchmark::report({"state table, filled to " + words, "boost::unordered_flat_map", 0, size},
                      {fill_ours, fill_theirs}, batch_size);
    std::printf("keyed_table memory: %.1f bytes a key\n",
                static_cast<double>(ours.memory_bytes()) / static_cast<double>(keys));
    if (sum != ours.total()) {
        std::printf("totals differ: %lld and %lld\n", static_cast<long long>(ours.total()),
                    static_cast<long long>(sum));
        return 1;
    }
    return 0;
}
