// SPDX-License-Identifier: BSL-1.0
//
// window_pane: one batch of a window by key, and what the batches that enter or leave change for each key.

#pragma once

#include <tidemark/execution/exchange.hpp>
#include <tidemark/execution/key_index.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace tidemark {

/// The values of one batch, one for each key, by key-group.
///
/// *Threads*: different groups are independent.
template <typename Key, typename Value>
class window_pane {
public:
    using entry = travelling<Key, Value>;

    explicit window_pane(std::size_t groups)
        : groups_(groups)
    {}

    [[nodiscard]] std::span<entry const> group(std::size_t number) const { return groups_[number]; }
    [[nodiscard]] std::size_t groups() const { return groups_.size(); }

    [[nodiscard]] std::size_t size() const
    {
        std::size_t total = 0;
        for (auto const& entries : groups_)
            total += entries.size();
        return total;
    }

    /// Bytes of the entries, without what keys and values own elsewhere.
    [[nodiscard]] std::size_t memory_bytes() const
    {
        std::size_t total = groups_.capacity() * sizeof(std::vector<entry>);
        for (auto const& entries : groups_)
            total += entries.capacity() * sizeof(entry);
        return total;
    }

    /// Takes the records of a group out of an exchange; those of one key are joined by `aggregation`, in their order.
    template <typename Aggregation>
    void receive(std::size_t number, exchange<Key, Value>& coming, Aggregation const& aggregation)
    {
        auto const records = coming.size(number);
        if (records == 0)
            return;
        std::vector<entry> entries; // neighbours in `groups_` share cache lines, and other threads grow them
        key_index index;
        index.reset(records);
        for (auto& run : coming.runs())
            for (auto& record : run.group(number)) {
                auto const fresh = static_cast<std::uint32_t>(entries.size());
                auto const place = index.find_or_insert(
                    record.hash, fresh, [&](std::uint32_t at) { return entries[at].key == record.key; });
                if (place == fresh)
                    entries.push_back(std::move(record));
                else
                    aggregation.merge(entries[place].value, std::move(record.value));
            }
        groups_[number] = std::move(entries);
    }

    /// Adds an entry whose key the group does not have yet.
    void put(std::size_t number, entry one) { groups_[number].push_back(std::move(one)); }

private:
    std::vector<std::vector<entry>> groups_;
};

/// A pane that several windows may hold.
template <typename Key, typename Value>
using window_pane_ptr = std::shared_ptr<window_pane<Key, Value> const>;

/// Values of one key, joined from left to right. A single value is not copied and must outlive this.
template <typename Value>
class joined_values {
public:
    template <typename Aggregation>
    void add(Value const& next, Aggregation const& aggregation)
    {
        if (count_++ == 0) {
            first_ = &next;
            return;
        }
        if (!sum_)
            sum_.emplace(*first_);
        aggregation.merge(*sum_, next);
    }

    [[nodiscard]] std::uint32_t count() const { return count_; }
    /// *Requires* at least one.
    [[nodiscard]] Value const& value() const { return sum_ ? *sum_ : *first_; }

private:
    Value const* first_ = nullptr;
    std::optional<Value> sum_;
    std::uint32_t count_ = 0;
};

/// What a slide of a window changes for one key.
template <typename Key, typename Value>
struct window_change {
    std::uint64_t hash;
    Key const* key;
    joined_values<Value> leaving;
    joined_values<Value> entering;
};

/// The keys of one group that occur in panes that leave or enter a window, each once. Both lists of panes go from the
/// oldest to the newest.
template <typename Key, typename Value, typename Aggregation>
[[nodiscard]] std::vector<window_change<Key, Value>>
changes_of_group(std::size_t number, std::vector<window_pane_ptr<Key, Value>> const& leaving,
                 std::vector<window_pane_ptr<Key, Value>> const& entering, Aggregation const& aggregation)
{
    std::vector<window_change<Key, Value>> changes;
    std::size_t records = 0;
    for (auto const* const panes : {&leaving, &entering})
        for (auto const& pane : *panes)
            records += pane->group(number).size();
    if (records == 0)
        return changes;
    key_index index;
    index.reset(records);
    for (auto const* const panes : {&leaving, &entering})
        for (auto const& pane : *panes)
            for (auto const& [hash, key, value] : pane->group(number)) {
                auto const fresh = static_cast<std::uint32_t>(changes.size());
                auto const place = index.find_or_insert(
                    hash, fresh, [&changes, &wanted = key](std::uint32_t at) { return *changes[at].key == wanted; });
                if (place == fresh)
                    changes.push_back({hash, &key, {}, {}});
                auto& change = changes[place];
                (panes == &leaving ? change.leaving : change.entering).add(value, aggregation);
            }
    return changes;
}

} // namespace tidemark
