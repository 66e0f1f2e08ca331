// SPDX-License-Identifier: BSL-1.0
//
// sliding_columns: the values of each key in the panes of a sliding window in which most keys have a value in most panes.

#pragma once

#include <tidemark/core/key_hash.hpp>
#include <tidemark/state/keyed_table.hpp>
#include <tidemark/state/window_blocks.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

namespace tidemark {

/// Keys and values for which `sliding_columns` has room where there is none.
template <typename Key, typename Value>
concept columnar = std::copyable<Key> && std::is_trivially_copyable_v<Value>
                   && std::is_trivially_default_constructible_v<Value> && sizeof(Value) <= 16;

/// The same as `sliding_values`, with the same sums bit for bit, where there are few gaps: the values of 32 keys in one pane
/// lie side by side, with a bit for each that there is. What goes out of the window is found by its place and not by its
/// key, and keys are joined one row with another, which becomes vector instructions. Every key has room for a value in
/// every pane.
///
/// A key's place is guessed from the pane before: the one behind that of the key which came before it. Only where keys
/// come in another order than there they are looked up.
///
/// *Threads*: one at a time.
template <typename Key, typename Value, typename Aggregation>
class sliding_columns {
    static_assert(columnar<Key, Value>);

public:
    /// *Requires* a positive width.
    sliding_columns(Aggregation const& aggregation, std::int64_t width)
        : aggregation_(&aggregation)
        , cut_(width)
        , free_(cut_.phases())
    {}

    /// The pairs of a pane come in; what is `width` panes before it, and older, goes out. *Requires* a pane behind those
    /// that came in before.
    template <typename Pairs>
    void enter(Pairs const& pairs, std::int64_t pane)
    {
        advance(pane);
        place behind = nowhere;
        for (std::size_t begin = 0; begin < pairs.size(); begin += together)
            enter(pairs, begin, std::min(pairs.size(), begin + together), behind);
        for (auto& each : blocks_)
            if (each.current != nullptr)
                join(each.newer, *each.current);
    }

    /// Calls `give(key, sum)` for each key, in unspecified order, for the window that ends with the pane `last`, which is
    /// not before the newest.
    template <typename Give>
    void for_each(std::int64_t last, Give const& give)
    {
        advance(last);
        for (std::size_t number = 0; number < blocks_.size(); ++number) {
            auto& each = blocks_[number];
            auto const at = static_cast<std::size_t>(cut_.place_of(each.phase, pane_)) + 1;
            auto const* const older = at == static_cast<std::size_t>(cut_.width()) ? nullptr : each.find_row(at);
            auto sums = older != nullptr ? *older : row();
            join(sums, each.newer);
            for_each_lane(sums.present,
                          [&](std::size_t lane) { give(each.keys[lane], std::as_const(sums.values[lane])); });
            for_each_lane(each.held & ~sums.present, [&](std::size_t lane) { forget(number, lane); });
        }
        lanes_of_.clear_dirty();
    }

    [[nodiscard]] std::size_t keys() const { return lanes_of_.size(); }

    void clear()
    {
        lanes_of_.clear();
        blocks_.clear();
        for (auto& each : free_)
            each.clear();
        first_ = 0;
        started_ = false;
    }

private:
    static constexpr std::size_t lanes = 32;
    static constexpr std::size_t together = 32; // pairs looked up at a time
    static constexpr std::size_t rows_at_once = 16;
    using bits = std::uint32_t;
    using place = std::uint32_t; // the number of a block and a lane of it
    static constexpr place nowhere = ~place{0};
    static constexpr bits all = ~bits{0};

    /// Values of one pane, or sums, for the keys of a block.
    struct row {
        bits present = 0;
        std::array<Value, lanes> values{};
    };

    struct block {
        explicit block(std::size_t of_phase, std::int64_t width)
            : phase(of_phase)
            , rows((static_cast<std::size_t>(width) + rows_at_once - 1) / rows_at_once)
        {}

        [[nodiscard]] row* find_row(std::size_t at)
        {
            auto& some = rows[at / rows_at_once];
            return some.empty() ? nullptr : &some[at % rows_at_once];
        }
        [[nodiscard]] row& make_row(std::size_t at)
        {
            auto& some = rows[at / rows_at_once];
            if (some.empty())
                some.resize(rows_at_once);
            return some[at % rows_at_once];
        }

        std::size_t phase;
        bits held = 0;          ///< Lanes that have a key.
        row* current = nullptr; ///< Of the newest pane, once it has a value.
        row newer;              ///< The sums of the panes since `phase` began a block.
        std::vector<Key> keys;
        std::array<place, lanes> followers{};
        /// By place in the block, up to that of the newest pane what came in, behind it the sums from each pane of the
        /// block before to its end.
        std::vector<std::vector<row>> rows;
    };

    template <typename Visit>
    static void for_each_lane(bits which, Visit const& visit)
    {
        if (which == all)
            for (std::size_t lane = 0; lane < lanes; ++lane)
                visit(lane);
        else
            for (; which != 0; which &= which - 1)
                visit(static_cast<std::size_t>(std::countr_zero(which)));
    }

    /// Joins what is in `next` to what is in `into`.
    void join(row& into, row const& next) const
    {
        for_each_lane(next.present & into.present,
                      [&](std::size_t lane) { aggregation_->merge(into.values[lane], Value(next.values[lane])); });
        for_each_lane(next.present & ~into.present, [&](std::size_t lane) { into.values[lane] = next.values[lane]; });
        into.present |= next.present;
    }

    /// On to a pane that has no values yet.
    void advance(std::int64_t pane)
    {
        if (!started_ || pane - pane_ >= cut_.width()) {
            clear();
            started_ = true;
            pane_ = pane;
            return;
        }
        while (pane_ < pane) {
            ++pane_;
            for (auto& each : blocks_) {
                auto const at = static_cast<std::size_t>(cut_.place_of(each.phase, pane_));
                if (at == 0)
                    end_block(each);
                each.current = each.find_row(at);
                if (each.current != nullptr)
                    each.current->present = 0;
            }
        }
    }

    /// Whatever was older is in no window any more.
    void end_block(block& ended) const
    {
        row const* later = nullptr;
        for (auto at = static_cast<std::size_t>(cut_.width()); at-- > 1;) {
            auto* here = ended.find_row(at);
            if (later != nullptr && later->present != 0) {
                if (here == nullptr)
                    here = &ended.make_row(at);
                join(*here, *later);
            }
            if (here != nullptr)
                later = here;
        }
        ended.newer.present = 0;
    }

    /// Those of the pairs from `begin` to `end`, of which the first comes behind the place `behind`.
    template <typename Pairs>
    void enter(Pairs const& pairs, std::size_t begin, std::size_t end, place& behind)
    {
        for (; begin < end; ++begin) {
            auto const guess = behind == nowhere ? first_ : follower_of(behind);
            if (!is_of(guess, pairs[begin].first))
                break;
            put(guess, pairs[begin].second);
            behind = guess;
        }
        std::array<std::uint64_t, together> hashes;
        for (auto i = begin; i < end; ++i) {
            hashes[i - begin] = key_hash(pairs[i].first);
            lanes_of_.prefetch(hashes[i - begin]);
        }
        for (auto i = begin; i < end; ++i) {
            auto const found = place_for(hashes[i - begin], pairs[i].first);
            (behind == nowhere ? first_ : follower_of(behind)) = found;
            put(found, pairs[i].second);
            behind = found;
        }
    }

    [[nodiscard]] place& follower_of(place at) { return blocks_[at / lanes].followers[at % lanes]; }

    [[nodiscard]] bool is_of(place at, Key const& key) const
    {
        if (at / lanes >= blocks_.size())
            return false;
        auto const& there = blocks_[at / lanes];
        return (there.held >> at % lanes & 1U) != 0 && there.keys[at % lanes] == key;
    }

    [[nodiscard]] place place_for(std::uint64_t hash, Key const& key)
    {
        auto const [found, made] = lanes_of_.try_emplace(hash, key, nowhere);
        if (made)
            *found = new_place(cut_.phase_of(hash), key);
        return *found;
    }

    [[nodiscard]] place new_place(std::size_t phase, Key const& key)
    {
        auto& free = free_[phase];
        if (free.empty()) {
            blocks_.emplace_back(phase, cut_.width());
            for (auto lane = lanes; lane-- > 0;)
                free.push_back(static_cast<place>((blocks_.size() - 1) * lanes + lane));
        }
        auto const at = free.back();
        auto& there = blocks_[at / lanes];
        auto const lane = at % lanes;
        if (lane == there.keys.size())
            there.keys.push_back(key);
        else
            there.keys[lane] = key;
        free.pop_back();
        there.held |= bits{1} << lane;
        return at;
    }

    void put(place at, Value const& value)
    {
        auto& there = blocks_[at / lanes];
        if (there.current == nullptr)
            there.current = &there.make_row(static_cast<std::size_t>(cut_.place_of(there.phase, pane_)));
        there.current->present |= bits{1} << at % lanes;
        there.current->values[at % lanes] = value;
    }

    /// A key that has no value in the window gives its lane to another.
    void forget(std::size_t number, std::size_t lane)
    {
        auto& there = blocks_[number];
        auto const hash = key_hash(there.keys[lane]);
        lanes_of_.erase(hash, there.keys[lane]);
        there.held &= ~(bits{1} << lane);
        free_[there.phase].push_back(static_cast<place>(number * lanes + lane));
    }

    Aggregation const* aggregation_;
    window_blocks cut_;
    bool started_ = false;
    std::int64_t pane_ = 0; // the newest
    place first_ = 0;       // of the first pair of a pane
    std::vector<block> blocks_;
    keyed_table<Key, place> lanes_of_;
    std::vector<std::vector<place>> free_; // by phase
};

} // namespace tidemark
