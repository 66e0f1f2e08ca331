// SPDX-License-Identifier: BSL-1.0
//
// keyed_update: a running count by key. keyed_table in 256 key-groups, the batch sorted by group and prefetched,
// against a loop over one boost::unordered_flat_map (at most 1 / 1.3 of its time) and one std::unordered_map (0.4). And what it
// costs to know which keys have changed (at most 1.1 of the time without), and to copy them out for a commit.
//
// Usage: keyed_update [keys = 1000000 [rounds = 41 [letters = 0]]]. Keys are numbers, or strings of so many letters. All
// sides update the same keys in turn; medians are compared.

#include "support/measuring.hpp"

#include <tidemark/core/key_hash.hpp>
#include <tidemark/state/keyed_table.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <malloc.h>
#include <new>
#include <random>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

namespace {

constexpr std::size_t batch_size = 100'000;
constexpr std::uint32_t group_count = 256;

std::size_t allocated = 0; // bytes of the maps, as the allocator has them

struct tally {
    std::int64_t count;
    std::int64_t last;
};

template <typename Key>
using batch = std::vector<Key>;

/// What becomes of the changes of a batch.
enum class changes { unknown, known, copied };

/// Our side: the state by group, and the buffers of a batch.
template <typename Key>
class grouped_state {
public:
    using table = tidemark::keyed_table<Key, tally>;

    explicit grouped_state()
    {
        for (std::uint32_t group = 0; group < group_count; ++group)
            tables_.emplace_back(group);
        hashes_.reserve(batch_size); // now, so that they do not count as memory of the keys
        sorted_.reserve(batch_size);
        delta_.resize(batch_size * 64);
    }

    /// At the end of a key-group's turn its dirty entries are copied out, as for a commit, and forgotten.
    void update(batch<Key> const& keys, std::int64_t now, changes what)
    {
        sort_by_group(keys);
        delta_size_ = 0;
        for (std::uint32_t group = 0; group < group_count; ++group) {
            auto& one = tables_[group];
            update_group(one, starts_[group], starts_[group + 1], now, what != changes::unknown);
            if (what == changes::copied)
                one.for_each_dirty([this](Key const& key, tally const& value) { add_to_delta(key, value); });
            if (what != changes::unknown)
                one.clear_dirty();
        }
    }

    [[nodiscard]] std::size_t memory_bytes() const
    {
        std::size_t bytes = 0;
        for (table const& group : tables_)
            bytes += group.memory_bytes();
        return bytes;
    }

    [[nodiscard]] std::int64_t total() const
    {
        std::int64_t sum = 0;
        for (table const& group : tables_)
            group.for_each([&](Key const&, tally const& value) { sum += value.count; });
        return sum;
    }

private:
    /// A number is taken along; of a string, where it is.
    using carried = std::conditional_t<std::is_trivially_copyable_v<Key>, Key, std::reference_wrapper<Key const>>;

    struct hashed_key {
        std::uint64_t hash;
        carried key;
    };

    void sort_by_group(batch<Key> const& keys)
    {
        hashes_.resize(keys.size());
        sorted_.resize(keys.size(), hashed_key{0, carried(keys.front())});
        std::array<std::uint32_t, group_count + 1> counts{};
        for (std::size_t i = 0; i < keys.size(); ++i) {
            hashes_[i] = tidemark::key_hash(keys[i]);
            ++counts[tidemark::key_group(hashes_[i], group_count) + 1];
        }
        for (std::uint32_t group = 0; group < group_count; ++group)
            counts[group + 1] += counts[group];
        starts_ = counts;
        for (std::size_t i = 0; i < keys.size(); ++i)
            sorted_[counts[tidemark::key_group(hashes_[i], group_count)]++] = {hashes_[i], carried(keys[i])};
    }

    void update_group(table& group, std::size_t from, std::size_t to, std::int64_t now, bool marks)
    {
        for (std::size_t i = from; i < std::min(to, from + table::prefetch_distance); ++i)
            group.prefetch(sorted_[i].hash);
        for (std::size_t i = from; i < to; ++i) {
            if (i + table::prefetch_distance < to)
                group.prefetch(sorted_[i + table::prefetch_distance].hash);
            if (i + table::prefetch_distance / 2 < to)
                group.prefetch_key(sorted_[i + table::prefetch_distance / 2].hash);
            Key const& key = sorted_[i].key;
            auto const [value, fresh] = group.try_emplace(sorted_[i].hash, key);
            ++value->count;
            value->last = now;
            if (marks)
                group.mark_dirty(value);
        }
    }

    void add_to_delta(Key const& key, tally const& value)
    {
        if constexpr (std::is_trivially_copyable_v<Key>) {
            append(&key, sizeof key);
        } else {
            auto const length = static_cast<std::uint32_t>(key.size());
            append(&length, sizeof length);
            append(key.data(), length);
        }
        append(&value, sizeof value);
    }

    void append(void const* bytes, std::size_t size)
    {
        if (delta_size_ + size > delta_.size())
            delta_.resize(2 * (delta_size_ + size));
        std::memcpy(delta_.data() + delta_size_, bytes, size);
        delta_size_ += size;
    }

    std::vector<table> tables_;
    std::vector<std::uint64_t> hashes_;
    std::vector<hashed_key> sorted_;
    std::vector<char> delta_;
    std::size_t delta_size_ = 0;
    std::array<std::uint32_t, group_count + 1> starts_{};
};

template <typename Map, typename Key>
void update(Map& map, batch<Key> const& keys, std::int64_t now)
{
    for (Key const& key : keys) {
        tally& value = map[key];
        ++value.count;
        value.last = now;
    }
}

template <typename Map>
[[nodiscard]] std::int64_t total(Map const& map)
{
    std::int64_t sum = 0;
    for (auto const& [key, value] : map)
        sum += value.count;
    return sum;
}

/// Processor time, not wall time: on a shared machine the pauses would be measured.
double seconds_since(std::clock_t start) { return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC; }

template <typename Work>
double processor_seconds(Work const& work)
{
    auto const start = std::clock();
    work();
    return seconds_since(start);
}

/// Runs `work`, and gives how many bytes more are allocated afterwards.
template <typename Work>
std::size_t grown_by(Work const& work)
{
    auto const before = allocated;
    work();
    return allocated - before;
}

/// `make(key, i)` makes the i-th key.
template <typename Key, typename Make>
int compare(std::size_t keys, std::size_t rounds, std::string const& kind, Make const& make)
{
    std::mt19937_64 random(1);
    grouped_state<Key> ours;
    boost::unordered_flat_map<Key, tally> flat;
    std::unordered_map<Key, tally> chained;
    std::array<std::vector<double>, 2> fill; // ours, flat
    std::array<std::size_t, 3> bytes{};
    batch<Key> input(batch_size);
    for (std::size_t from = 0; from < keys; from += input.size()) {
        input.resize(std::min(batch_size, keys - from));
        for (std::size_t i = 0; i < input.size(); ++i)
            make(input[i], from + i);
        fill[0].push_back(processor_seconds([&] { ours.update(input, 0, changes::copied); }));
        bytes[1] += grown_by([&] { fill[1].push_back(processor_seconds([&] { update(flat, input, 0); })); });
        bytes[2] += grown_by([&] { update(chained, input, 0); });
    }

    bytes[0] = ours.memory_bytes();

    std::array<std::vector<double>, 5> times; // ours without, with known and with copied changes; flat, chained
    input.resize(batch_size);
    for (std::size_t round = 0; round < rounds; ++round) {
        for (std::size_t turn = 0; turn < times.size(); ++turn) {
            for (Key& key : input)
                make(key, random() % keys);
            auto const now = static_cast<std::int64_t>(round);
            std::array<std::size_t, 3> const map_of{0, 3, 4}; // each sees the batch; the one whose turn it is, last
            auto const side = (round + turn) % times.size();
            auto const run = [&](std::size_t which) {
                if (which < 3)
                    ours.update(input, now, static_cast<changes>(which));
                else if (which == 3)
                    update(flat, input, now);
                else
                    update(chained, input, now);
            };
            for (auto const other : map_of)
                if (other != (side < 3 ? 0 : side))
                    run(other);
            times[side].push_back(processor_seconds([&] { run(side); }));
        }
    }

    auto const size = std::to_string(batch_size) + " updates a batch, processor time";
    auto const words = std::to_string(keys) + kind;
    bool const large = keys >= 1'000'000; // what the targets are for
    benchmark::report({"state table, " + words, "boost::unordered_flat_map", large ? 1 / 1.3 : 0, size,
                       "state table" + kind, static_cast<double>(keys), "keys"},
                      {times[1], times[3]}, batch_size);
    benchmark::report({"state table, " + words, "std::unordered_map", large ? 0.4 : 0, size}, {times[1], times[4]},
                      batch_size);
    benchmark::report({"state table that knows its changes, " + words, "one that does not", 1.1, size},
                      {times[1], times[0]}, batch_size);
    benchmark::report({"state table with its delta copied out, " + words, "one that does not know it", 0, size},
                      {times[2], times[0]}, batch_size);
    benchmark::report({"state table, filled to " + words, "boost::unordered_flat_map", 0, size}, {fill[0], fill[1]},
                      batch_size);
    auto const each = [&](std::size_t side) { return static_cast<double>(bytes[side]) / static_cast<double>(keys); };
    std::printf("bytes a key: keyed_table %.1f, boost::unordered_flat_map %.1f, std::unordered_map %.1f\n", each(0),
                each(1), each(2));
    if (auto const sum = total(flat); sum != ours.total() || sum != total(chained)) {
        std::printf("totals differ: %lld, %lld and %lld\n", static_cast<long long>(ours.total()),
                    static_cast<long long>(sum), static_cast<long long>(total(chained)));
        return 1;
    }
    return 0;
}

} // namespace

void* operator new(std::size_t size)
{
    auto* const memory = std::malloc(size);
    if (memory == nullptr)
        throw std::bad_alloc();
    allocated += malloc_usable_size(memory) + sizeof(std::size_t);
    return memory;
}
void* operator new(std::size_t size, std::align_val_t alignment)
{
    auto const step = static_cast<std::size_t>(alignment);
    auto* const memory = std::aligned_alloc(step, (size + step - 1) / step * step);
    if (memory == nullptr)
        throw std::bad_alloc();
    allocated += malloc_usable_size(memory) + sizeof(std::size_t);
    return memory;
}
void operator delete(void* memory) noexcept
{
    if (memory != nullptr)
        allocated -= malloc_usable_size(memory) + sizeof(std::size_t);
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { operator delete(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { operator delete(memory); }

int main(int count, char** arguments)
{
    auto const keys = benchmark::argument(count, arguments, 1, 1'000'000);
    auto const rounds = benchmark::argument(count, arguments, 2, 41);
    auto const letters = benchmark::argument(count, arguments, 3, 0);
    auto const spread = [](std::size_t i) { return i * 0x9e3779b97f4a7c15; };
    if (letters == 0)
        return compare<std::uint64_t>(keys, rounds, " keys",
                                      [&](std::uint64_t& key, std::size_t i) { key = spread(i); });
    auto const kind = " strings of " + std::to_string(letters) + " letters";
    return compare<std::string>(keys, rounds, kind, [&](std::string& key, std::size_t i) {
        auto digits = std::to_string(spread(i));
        digits.resize(std::max(letters, digits.size()), 'k');
        key = digits;
    });
}
