// SPDX-License-Identifier: BSL-1.0
//
// sliding_values: the values of each key in the panes of a sliding window, joined at a cost that the window's length does
// not change.

#pragma once

#include <tidemark/core/key_hash.hpp>
#include <tidemark/state/keyed_table.hpp>

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace tidemark {

/// What a window of `width` panes holds of each key: at most one value a pane, joined by `Aggregation::merge` from the
/// oldest to the newest.
///
/// Panes are cut into blocks as long as the window, so that a window covers the end of one block and the beginning of the
/// next: the values of the older block are kept as sums from each to the block's end, those of the newer one as they are,
/// with their sum. A value comes in, goes out or is asked for with one `merge` at most, and is joined a second time when
/// its block has ended. Blocks of different keys end at different panes, so that no slide does it for all. As they end at
/// panes that depend on the key and the numbers of panes alone, a value is joined in the same order whatever has been in
/// the window before.
///
/// *Source*: van Herk, "A fast algorithm for local minimum and maximum filters" (1992); Gil and Werman, "Computing 2-D min,
/// median and max filters" (1993). *Threads*: one at a time.
template <typename Key, typename Value, typename Aggregation>
class sliding_values {
public:
    /// *Requires* a positive width.
    sliding_values(Aggregation const& aggregation, std::int64_t width)
        : aggregation_(&aggregation)
        , width_(width)
    {}

    /// The value of a key in the newest pane comes in. Panes come in in order; those `width` panes before it, and older
    /// ones, have gone out.
    void enter(std::uint64_t hash, Key const& key, Value const& value, std::int64_t pane)
    {
        auto& held = *table_.try_emplace(hash, key, values()).first;
        auto const block = block_of(hash, pane);
        if (!held.newer.empty() && held.block != block)
            end_block(held);
        held.block = block;
        if (held.newer.empty())
            held.newer_sum = value;
        else
            aggregation_->merge(*held.newer_sum, Value(value));
        held.newer.push_back(value);
    }

    /// The oldest value of a key goes out. *Requires* that there is one, and that a window ends `width` panes later or more.
    void leave(std::uint64_t hash, Key const& key)
    {
        auto& held = *table_.find(hash, key);
        if (held.older_sums.empty())
            end_block(held);
        held.older_sums.pop_back();
        if (held.older_sums.empty() && held.newer.empty())
            table_.erase(&held);
    }

    /// Calls `give(key, sum)` for each key, in unspecified order, for the window that ends with the pane `last`.
    template <typename Give>
    void for_each(std::int64_t last, Give const& give)
    {
        table_.clear_dirty();
        table_.for_each([&](Key const& key, values& held) {
            if (!held.newer.empty() && held.block != block_of(key_hash(key), last))
                end_block(held);
            if (held.older_sums.empty())
                return give(key, std::as_const(*held.newer_sum));
            if (held.newer.empty())
                return give(key, std::as_const(held.older_sums.back()));
            auto sum = held.older_sums.back();
            aggregation_->merge(sum, Value(*held.newer_sum));
            give(key, std::as_const(sum));
        });
    }

    /// How soon before its use `enter` and `leave` want `prefetch`.
    static constexpr std::size_t prefetch_distance = 24;
    void prefetch(std::uint64_t hash) const { table_.prefetch(hash); }

    void clear() { table_.clear(); }

private:
    struct values {
        std::vector<Value>
            older_sums;           ///< Of the block before: from each value to the last, that of the oldest at the back.
        std::vector<Value> newer; ///< Of the block that was the last to come.
        std::optional<Value> newer_sum{};
        std::int64_t block = 0; ///< Of `newer`.
    };

    [[nodiscard]] std::int64_t block_of(std::uint64_t hash, std::int64_t pane) const
    {
        auto const phase = static_cast<std::int64_t>((hash >> 32U) % static_cast<std::uint64_t>(width_));
        auto const place = pane + phase;
        return place >= 0 ? place / width_ : -((-place + width_ - 1) / width_);
    }

    /// Whatever was older is in no window any more.
    void end_block(values& held) const
    {
        held.older_sums.clear();
        while (!held.newer.empty()) {
            auto sum = std::move(held.newer.back());
            held.newer.pop_back();
            if (!held.older_sums.empty())
                aggregation_->merge(sum, Value(held.older_sums.back()));
            held.older_sums.push_back(std::move(sum));
        }
    }

    Aggregation const* aggregation_;
    std::int64_t width_;
    keyed_table<Key, values> table_;
};

} // namespace tidemark
