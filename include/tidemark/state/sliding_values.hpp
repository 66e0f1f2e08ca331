// SPDX-License-Identifier: BSL-1.0
//
// sliding_values: the values of each key in the panes of a sliding window, joined at a cost that the window's length does
// not change.

#pragma once

#include <tidemark/core/key_hash.hpp>
#include <tidemark/expression/row.hpp>
#include <tidemark/state/keyed_table.hpp>
#include <tidemark/state/window_blocks.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

namespace tidemark {

/// What a window of `width` panes holds of each key: at most one value a pane, joined by `Aggregation::merge` from the
/// oldest to the newest.
///
/// Panes are cut into `window_blocks`: the values of the older block in a window are kept as sums from each to the block's
/// end, those of the newer one as they are, with their sum. A value comes in, goes out or is asked for with one `merge` at
/// most, and is joined a second time when its block has ended. A value is joined in the same order whatever has been in the
/// window before.
///
/// *Throws* what `merge`, a key, a value or an allocation does; then only `clear` is left.
///
/// *Source*: van Herk, "A fast algorithm for local minimum and maximum filters" (1992); Gil and Werman, "Computing 2-D min,
/// median and max filters" (1993). *Threads*: one at a time.
template <typename Key, typename Value, typename Aggregation>
class sliding_values {
public:
    /// *Requires* a positive width.
    sliding_values(Aggregation const& aggregation, std::int64_t width)
        : aggregation_(&aggregation)
        , cut_(width)
    {}

    /// The pairs of a pane come in, a value for each key. Panes come in in order; those `width` panes before it, and older
    /// ones, have gone out.
    template <typename Pairs>
    void enter(Pairs const& pairs, std::int64_t pane)
    {
        for_each_ahead(pairs, [&](std::uint64_t hash, auto const& pair) {
            auto& held = *table_.try_emplace(hash, pair.first, values()).first;
            auto const block = block_of(hash, pane);
            if (!held.newer.empty() && held.block != block)
                end_block(held);
            held.block = block;
            if (held.newer.empty())
                held.newer_sum = pair.second;
            else
                aggregation_->merge(*held.newer_sum, pair.second);
            held.newer.push_back(pair.second);
        });
    }

    /// The pairs of the oldest pane go out. *Requires* that there is one, and that a window ends `width` panes later or
    /// more.
    template <typename Pairs>
    void leave(Pairs const& pairs)
    {
        for_each_ahead(pairs, [&](std::uint64_t hash, auto const& pair) {
            auto& held = *table_.find(hash, pair.first);
            if (held.older_sums.empty())
                end_block(held);
            held.older_sums.pop_back();
            if (held.older_sums.empty() && held.newer.empty())
                table_.erase(&held);
        });
    }

    /// Calls `give(key, sum)` for each key, in unspecified order, for the window that ends with the pane `last`. A sum that
    /// was made for the call may be moved out of it.
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
            aggregation_->merge(sum, std::as_const(*held.newer_sum));
            give(key, std::move(sum));
        });
    }

    [[nodiscard]] std::size_t keys() const { return table_.size(); }
    /// How many keys there would be room for in each pane, at most, if they lay in `sliding_columns`.
    [[nodiscard]] std::size_t room() const { return keys() + std::min(keys(), cut_.phases()) * 31; }

    void clear() { table_.clear(); }

private:
    struct values {
        row<Value> older_sums; ///< Of the block before: from each value to the last, that of the oldest at the back.
        row<Value> newer;      ///< Of the block that was the last to come.
        std::optional<Value> newer_sum{};
        std::int64_t block = 0; ///< Of `newer`.
    };

    template <typename Pairs, typename Visit>
    void for_each_ahead(Pairs const& pairs, Visit const& visit)
    {
        constexpr auto ahead = keyed_table<Key, values>::prefetch_distance;
        for (std::size_t i = 0; i < pairs.size(); ++i) {
            if (i + ahead < pairs.size())
                table_.prefetch(key_hash(pairs[i + ahead].first));
            visit(key_hash(pairs[i].first), pairs[i]);
        }
    }

    [[nodiscard]] std::int64_t block_of(std::uint64_t hash, std::int64_t pane) const
    {
        return cut_.block_of(cut_.phase_of(hash), pane);
    }

    /// Whatever was older is in no window any more.
    void end_block(values& held) const
    {
        held.older_sums.clear();
        while (!held.newer.empty()) {
            auto sum = std::move(held.newer.back());
            held.newer.pop_back();
            if (!held.older_sums.empty())
                aggregation_->merge(sum, std::as_const(held.older_sums.back()));
            held.older_sums.push_back(std::move(sum));
        }
    }

    Aggregation const* aggregation_;
    window_blocks cut_;
    keyed_table<Key, values> table_;
};

} // namespace tidemark
