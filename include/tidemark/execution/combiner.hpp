// SPDX-License-Identifier: BSL-1.0
//
// combiner: joins values of a key before they travel, as long as that pays.

#pragma once

#include <tidemark/execution/exchange.hpp>
#include <tidemark/expression/owned.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace tidemark {

/// The end of a fused loop over pairs that joins values in a table on their way into an exchange, where a key has two slots
/// to lie in, side by side.
///
/// The first 4096 records of a partition pass by, or, where a `Sent` key is a view of which a `Key` is made, through a table of
/// 512 slots; one of 4096 is tried on the next 8192, and dropped when fewer
/// than 40 in 100 of them find their key in it. One that is kept grows fourfold whenever it has given away as many records
/// as it has slots, up to 4 MiB. All of this rests on the partition's own records, so results do not depend on threads.
/// What a key has given when another one takes its place travels on at once, so the values of a key keep their order.
template <typename Key, typename Value, typename Aggregation, typename Place = key_hasher, typename Sent = Key>
class combining_sink {
public:
    using combined = typename Aggregation::template combined<Value>;

    combining_sink(Aggregation const& aggregation, exchange<Key, combined>& to, std::size_t source, Place place = {})
        : aggregation_(&aggregation)
        , place_(place)
        , records_(to, source)
    {}

    void operator()(std::pair<Sent, Value> const& pair) { take(place_(pair.first), pair.first, Value(pair.second)); }
    void operator()(std::pair<Sent, Value>&& pair)
    {
        auto const hash = place_(pair.first);
        take(hash, std::move(pair.first), std::move(pair.second));
    }
    void chunk(std::span<std::pair<Sent, Value> const> pairs)
        requires chunkable<std::pair<Sent, Value>>
    {
        for (auto const& pair : pairs)
            (*this)(pair);
    }

    void finish()
    {
        drain();
        records_.finish();
    }
    [[nodiscard]] bool done() const { return false; }

private:
    using slot = std::optional<travelling<Key, combined>>;

    static constexpr std::size_t early_slots = std::same_as<Key, Sent> ? 0 : 512;
    static constexpr std::size_t first_slots = 4096;
    static constexpr std::size_t most_bytes = std::size_t{4} << 20U;
    static constexpr std::size_t growth = 4;
    static constexpr std::size_t trial_from = 4096;
    static constexpr std::size_t trial_to = 3 * trial_from;
    static constexpr std::size_t hits_in_100 = 40;

    template <typename K>
    void take(std::uint64_t hash, K&& key, Value&& value)
    {
        if constexpr (Aggregation::combines_early) {
            ++seen_;
            if (early_slots != 0 && seen_ == 1)
                table_.resize(early_slots);
            else if (seen_ == trial_from)
                begin_trial();
            else if (seen_ == trial_to && hits_ * 100 < (trial_to - trial_from) * hits_in_100)
                drain();
            if (!table_.empty())
                return combine(hash, std::forward<K>(key), std::move(value));
        }
        records_.send(hash, std::forward<K>(key), aggregation_->create(std::move(value)));
    }

    template <typename K>
    void combine(std::uint64_t hash, K&& key, Value&& value)
    {
        auto const at = place_of(table_, hash);
        for (auto const place : {at, at ^ 1U})
            if (auto& each = table_[place]; each && each->hash == hash && each->key == key) {
                ++hits_;
                aggregation_->merge(each->value, std::move(value));
                return;
            }
        auto& here = table_[free_or_first(table_, at)];
        if (here) {
            records_.send(std::move(*here));
            ++given_away_;
        }
        here.emplace(
            travelling<Key, combined>{hash, owned<Key>(std::forward<K>(key)), aggregation_->create(std::move(value))});
        if (given_away_ >= table_.size() && seen_ > trial_to)
            grow();
    }

    [[nodiscard]] static std::size_t place_of(std::vector<slot> const& table, std::uint64_t hash)
    {
        return hash & (table.size() - 1);
    }

    /// The place itself, or the one beside it if only that is free.
    [[nodiscard]] static std::size_t free_or_first(std::vector<slot> const& table, std::size_t at)
    {
        return table[at] && !table[at ^ 1U] ? at ^ 1U : at;
    }

    void begin_trial()
    {
        hits_ = 0;
        given_away_ = 0;
        move_to(first_slots);
    }

    void grow()
    {
        given_away_ = 0;
        if (table_.size() * growth * sizeof(slot) <= most_bytes)
            move_to(table_.size() * growth);
    }

    /// A pair of slots holds two keys at most, and only these can meet in a pair of the larger table: each finds a slot.
    void move_to(std::size_t slots)
    {
        std::vector<slot> larger(slots);
        for (auto& each : table_)
            if (each)
                larger[free_or_first(larger, place_of(larger, each->hash))] = std::move(each);
        table_ = std::move(larger);
    }

    void drain()
    {
        for (auto& each : table_)
            if (each)
                records_.send(std::move(*each));
        table_.clear();
    }

    Aggregation const* aggregation_;
    [[no_unique_address]] Place place_;
    std::size_t seen_ = 0;
    std::size_t hits_ = 0;
    std::size_t given_away_ = 0; // since the table got its size
    std::vector<slot> table_;    // as many as a power of two
    outgoing_records<Key, combined> records_;
};

/// Runs the pairs of `line` through an exchange, joined on the way where that pays.
template <typename Chain, typename Aggregation>
[[nodiscard]] auto combine_all(pipeline<Chain> const& line, Aggregation const& aggregation, key_layout const& layout,
                               any_executor const& executor)
{
    using key = typename Chain::output::first_type;
    using value = typename Chain::output::second_type;
    line.prepare(executor);
    exchange<key, typename Aggregation::template combined<value>> sent(line.partitions(), layout);
    auto one = [&](std::size_t partition) {
        line.run(partition, combining_sink<key, value, Aggregation>(aggregation, sent, partition));
    };
    executor.attempt(line.partitions(), one);
    sent.close();
    return sent;
}

} // namespace tidemark
