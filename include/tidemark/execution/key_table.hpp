// SPDX-License-Identifier: BSL-1.0
//
// key_table: the values of each key brought together in one table of one loop.

#pragma once

#include <tidemark/execution/exchange.hpp>
#include <tidemark/execution/key_index.hpp>
#include <tidemark/expression/owned.hpp>
#include <tidemark/expression/row.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace tidemark {

/// The end of a fused loop over pairs that gives each key to `add_key(hash, key, value)` when it comes for the first
/// time, and later values to `add_value(place, value)`. `Keys` holds the keys at their places; what it keeps of a key that
/// is a view is not one.
///
/// `Keys` names `key_at(place)` and `size()`, takes the two calls above, and `finish()`.
template <typename Key, typename Value, typename Keys, typename Place>
class key_table_sink {
public:
    key_table_sink(Keys keys, Place place)
        : keys_(std::move(keys))
        , place_(place)
    {}

    void operator()(std::pair<Key, Value> const& pair) { take(pair.first, Value(pair.second)); }
    void operator()(std::pair<Key, Value>&& pair) { take(std::move(pair.first), std::move(pair.second)); }
    void chunk(std::span<std::pair<Key, Value> const> pairs)
        requires chunkable<std::pair<Key, Value>>
    {
        for (auto const& pair : pairs)
            (*this)(pair);
    }
    void finish() { keys_.finish(); }
    [[nodiscard]] bool done() const { return false; }

private:
    template <typename K>
    void take(K&& key, Value&& value)
    {
        auto const hash = place_(std::as_const(key));
        index_.make_room(keys_.size());
        auto const fresh = static_cast<std::uint32_t>(keys_.size());
        auto const at =
            index_.find_or_insert(hash, fresh, [&](std::uint32_t place) { return keys_.key_at(place) == key; });
        if (at == fresh)
            keys_.add_key(hash, std::forward<K>(key), std::move(value));
        else
            keys_.add_value(at, std::move(value));
    }

    Keys keys_;
    [[no_unique_address]] Place place_;
    key_index index_;
};

/// For `key_table_sink`: the results of `Aggregation` over a partition whose keys are in no other one.
template <typename Key, typename Combined, typename Aggregation>
class partition_results {
public:
    partition_results(Aggregation const& aggregation, row<std::pair<Key, Combined>>& out)
        : aggregation_(&aggregation)
        , out_(&out)
    {}

    [[nodiscard]] std::size_t size() const { return out_->size(); }
    [[nodiscard]] Key const& key_at(std::size_t place) const { return (*out_)[place].first; }
    template <typename K, typename Value>
    void add_key(std::uint64_t, K&& key, Value&& value)
    {
        out_->emplace_back(std::forward<K>(key), aggregation_->create(std::forward<Value>(value)));
    }
    template <typename Value>
    void add_value(std::size_t place, Value&& value)
    {
        aggregation_->merge((*out_)[place].second, std::forward<Value>(value));
    }
    void finish() {}

private:
    Aggregation const* aggregation_;
    row<std::pair<Key, Combined>>* out_;
};

/// For `key_table_sink`: one partial result for each key of a source partition, on its way into an exchange.
template <typename Key, typename Combined, typename Aggregation>
class partial_results {
public:
    partial_results(Aggregation const& aggregation, exchange<Key, Combined>& to, std::size_t source)
        : aggregation_(&aggregation)
        , to_(&to)
        , source_(source)
    {
        to.begin(source);
    }

    [[nodiscard]] std::size_t size() const { return records_.size(); }
    [[nodiscard]] Key const& key_at(std::size_t place) const { return records_[place].key; }
    template <typename K, typename Value>
    void add_key(std::uint64_t hash, K&& key, Value&& value)
    {
        records_.push_back({hash, owned<Key>(std::forward<K>(key)), aggregation_->create(std::forward<Value>(value))});
    }
    template <typename Value>
    void add_value(std::size_t place, Value&& value)
    {
        aggregation_->merge(records_[place].value, std::forward<Value>(value));
    }
    void finish() { to_->deliver(source_, records_); }

private:
    Aggregation const* aggregation_;
    exchange<Key, Combined>* to_;
    std::size_t source_;
    std::vector<travelling<Key, Combined>> records_;
};

} // namespace tidemark
