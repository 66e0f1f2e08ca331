// SPDX-License-Identifier: BSL-1.0
//
// sliding_columns: the values of each key in the panes of a sliding window in which most keys have a value in most panes.

#pragma once

#include <tidemark/state/detail/key_seats.hpp>
#include <tidemark/state/window_blocks.hpp>

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

namespace tidemark {

/// Values so small and plain that an empty place for one costs nothing but its bytes.
template <typename Key, typename Value>
concept columnar = std::copyable<Key> && std::copyable<Value> && std::is_trivially_copyable_v<Value>
                   && std::is_trivially_default_constructible_v<Value> && sizeof(Value) <= 16;

/// The same as `sliding_values`, with the same sums bit for bit, where there are few gaps: the values of 32 keys in one pane
/// lie side by side in a line, with a bit for each that there is. What goes out of the window is found by the place of its
/// pane and not by its key, and lines are joined with lines, for which compilers find vector instructions.
///
/// Memory: a value for each of `room()` and each pane between the oldest and the newest.
///
/// *Throws* what `merge`, a key or an allocation does; then only `clear` is left. *Threads*: one at a time.
template <typename Key, typename Value, typename Aggregation>
class sliding_columns {
    static_assert(columnar<Key, Value>, "these values lie in sliding_values"); // others name this type, and no more

public:
    /// *Requires* a positive width of `widest_columns` at most.
    sliding_columns(Aggregation const& aggregation, std::int64_t width)
        : aggregation_(&aggregation)
        , cut_(width)
        , seats_(cut_.phases())
    {}

    /// The pairs of a pane come in, a value for each key; what is `width` panes before it, and older, goes out. *Requires*
    /// a pane behind all that came in before, and not before what `for_each` was asked for.
    template <typename Pairs>
    void enter(Pairs const& pairs, std::int64_t pane)
    {
        advance(pane);
        seats_.seat_all(
            pairs, [this](std::uint64_t hash) { return cut_.phase_of(hash); },
            [this](std::uint32_t seat, auto const& pair) { put(seat / lanes, seat % lanes, pair.second); });
        for (auto& each : columns_)
            if (each.current != nullptr)
                join(each.newer, *each.current);
    }

    /// Calls `give(key, sum)` for each key, in unspecified order, for the window that ends with the pane `last`, which is
    /// not before the newest.
    template <typename Give>
    void for_each(std::int64_t last, Give const& give)
    {
        advance(last);
        for (std::size_t strip = 0; strip < columns_.size(); ++strip) {
            auto const behind = place(strip) + 1;
            auto const* const older = behind == width() ? nullptr : columns_[strip].find(behind);
            auto sums = older != nullptr ? *older : line();
            join(sums, columns_[strip].newer);
            for_each_lane(sums.present,
                          [&](std::size_t lane) { give(seats_.key(strip, lane), std::as_const(sums.values[lane])); });
            for_each_lane(seats_.taken(strip) & ~sums.present, [&](std::size_t lane) { seats_.leave(strip, lane); });
        }
        seats_.settle();
    }

    [[nodiscard]] std::size_t keys() const { return seats_.keys(); }
    /// How many keys there is room for in each pane; more than `keys()`, as phases share nothing.
    [[nodiscard]] std::size_t room() const { return seats_.strips() * lanes; }

    void clear()
    {
        seats_.clear();
        columns_.clear();
        started_ = false;
    }

private:
    static constexpr std::size_t lanes = detail::key_seats<Key>::lanes;
    using bits = typename detail::key_seats<Key>::bits;

    /// Values of one pane, or sums, for the keys of a strip.
    struct line {
        bits present = 0;
        std::array<Value, lanes> values{};
    };

    /// Lines by the place of their pane in its block: up to that of the newest pane what came in, behind it the sums from
    /// each pane of the block before to its end.
    struct column {
        [[nodiscard]] line* find(std::size_t place)
        {
            auto const some = place / lines_at_once;
            return some >= lines.size() || lines[some].empty() ? nullptr : &lines[some][place % lines_at_once];
        }
        [[nodiscard]] line& make(std::size_t place)
        {
            auto const some = place / lines_at_once;
            if (some >= lines.size())
                lines.resize(some + 1);
            if (lines[some].empty())
                lines[some].resize(lines_at_once);
            return lines[some][place % lines_at_once];
        }

        static constexpr std::size_t lines_at_once = 16;

        line* current = nullptr; ///< Of the newest pane, once it has a value.
        line newer{};            ///< The sums of the panes since the newest block began.
        std::vector<std::vector<line>> lines{};
    };

    template <typename Visit>
    static void for_each_lane(bits which, Visit const& visit)
    {
        if (which == ~bits{0})
            for (std::size_t lane = 0; lane < lanes; ++lane)
                visit(lane);
        else
            for (; which != 0; which &= which - 1)
                visit(static_cast<std::size_t>(std::countr_zero(which)));
    }

    /// Joins what is in `next` to what is in `into`.
    void join(line& into, line const& next) const
    {
        for_each_lane(next.present & into.present,
                      [&](std::size_t lane) { aggregation_->merge(into.values[lane], next.values[lane]); });
        for_each_lane(next.present & ~into.present, [&](std::size_t lane) { into.values[lane] = next.values[lane]; });
        into.present |= next.present;
    }

    [[nodiscard]] std::size_t width() const { return static_cast<std::size_t>(cut_.width()); }
    /// Of the newest pane, in the block that the keys of a strip are in.
    [[nodiscard]] std::size_t place(std::size_t strip) const
    {
        return static_cast<std::size_t>(cut_.place_of(seats_.phase(strip), pane_));
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
            for (std::size_t strip = 0; strip < columns_.size(); ++strip) {
                auto& each = columns_[strip];
                if (place(strip) == 0)
                    end_block(each);
                each.current = each.find(place(strip));
                if (each.current != nullptr)
                    each.current->present = 0;
            }
        }
    }

    /// Whatever was older is in no window any more.
    void end_block(column& ended) const
    {
        line const* later = nullptr;
        for (auto place = width(); place-- > 1;) {
            auto* here = ended.find(place);
            if (later != nullptr && later->present != 0) {
                if (here == nullptr)
                    here = &ended.make(place);
                join(*here, *later);
            }
            if (here != nullptr)
                later = here;
        }
        ended.newer.present = 0;
    }

    void put(std::size_t strip, std::size_t lane, Value const& value)
    {
        if (strip >= columns_.size())
            columns_.resize(strip + 1);
        auto& there = columns_[strip];
        if (there.current == nullptr)
            there.current = &there.make(place(strip));
        there.current->present |= bits{1} << lane;
        there.current->values[lane] = value;
    }

    Aggregation const* aggregation_;
    window_blocks cut_;
    bool started_ = false;
    std::int64_t pane_ = 0; // the newest
    detail::key_seats<Key> seats_;
    std::vector<column> columns_; // by strip
};

} // namespace tidemark
