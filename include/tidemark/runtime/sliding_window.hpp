// SPDX-License-Identifier: BSL-1.0
//
// sliding_window: what the last window of a stage held, from which the next one is made.

#pragma once

#include <tidemark/execution/key_placement.hpp>
#include <tidemark/expression/row.hpp>
#include <tidemark/runtime/window_dataset.hpp>
#include <tidemark/state/sliding_columns.hpp>
#include <tidemark/state/sliding_values.hpp>
#include <tidemark/state/window_blocks.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

namespace tidemark {

/// What the last window held, by partition, so that the next one touches only the panes that come and go. All of it is
/// derived: it is made again from the panes of a window when it is not there, or when a function has thrown half-way.
///
/// *Threads*: one window at a time, its partitions from several.
template <typename Key, typename Value, typename Aggregation>
class sliding_window {
public:
    using record_type = std::pair<Key, Value>;
    using pane = window_pane_at<record_type>;

    /// `width`: how many batches a window covers.
    sliding_window(Aggregation aggregation, std::int64_t width, key_placement<Key> placement)
        : aggregation_(std::move(aggregation))
        , width_(width)
        , placement_(std::move(placement))
    {
        for (std::size_t part = 0; part < placement_.layout.partitions; ++part)
            parts_.emplace_back(aggregation_, width);
    }
    sliding_window(sliding_window const&) = delete;
    sliding_window& operator=(sliding_window const&) = delete;

    [[nodiscard]] bool lies_as(key_placement<Key> const& other) const
    {
        return placement_.is_that_of(other.partitioning());
    }

    /// Moves a partition on to the window of these panes, the oldest first, of which the newest may have the number
    /// `last`, and gives its pairs.
    void slide(std::size_t part, std::vector<pane> const& panes, std::int64_t last, row<record_type>& out)
    {
        auto& here = parts_[part];
        if (!here.sound)
            here.clear();
        here.sound = false;
        move_on(here, part, panes, last);
        out.clear(); // what an attempt that failed has left
        here.on_values([&](auto& values) {
            out.reserve(values.keys());
            values.for_each(
                last, [&out](Key const& key, auto&& sum) { out.emplace_back(key, std::forward<decltype(sum)>(sum)); });
        });
        here.sound = true;
        if (here.lies_badly()) { // the next window begins with its panes, in the other form
            here.clear();
            here.dense = !here.dense;
        }
    }

private:
    struct held_pane {
        pane of;
        std::size_t pairs; ///< In the partition.
    };

    struct no_columns {
        no_columns(Aggregation const&, std::int64_t) {}
    };

    struct partition {
        partition(Aggregation const& aggregation, std::int64_t width)
            : values(aggregation, width)
            , columns(aggregation, std::min(width, window_blocks::widest_columns)) // of no use for wider ones
            , may_be_dense(columnar<Key, Value> && width <= window_blocks::widest_columns)
            , dense(may_be_dense)
        {}

        /// Columns are for windows whose values take half of their places, and stay as long as they take a quarter.
        [[nodiscard]] bool lies_badly()
        {
            if (!may_be_dense || panes.empty())
                return false;
            std::size_t room = 0;
            on_values([&room](auto& any) { room = any.room(); });
            auto const span = panes.back().of.number - panes.front().of.number + 1;
            auto const places = room * static_cast<std::size_t>(span);
            return dense ? 4 * pairs < places : 2 * pairs > places;
        }

        template <typename Visit>
        void on_values(Visit const& visit)
        {
            if constexpr (columnar<Key, Value>)
                if (dense)
                    return visit(columns);
            visit(values);
        }

        void clear()
        {
            on_values([](auto& any) { any.clear(); });
            panes.clear();
            pairs = 0;
        }

        sliding_values<Key, Value, Aggregation> values;
        std::conditional_t<columnar<Key, Value>, sliding_columns<Key, Value, Aggregation>, no_columns> columns;
        bool may_be_dense;
        bool dense;                   ///< The values are in `columns`.
        std::vector<held_pane> panes; ///< Those that have come in, the oldest first.
        std::size_t pairs = 0;        ///< In all of them.
        bool sound = true;            ///< The values are what `panes` say.
    };

    void move_on(partition& here, std::size_t part, std::vector<pane> const& panes, std::int64_t last)
    {
        auto const newest = here.panes.empty() ? std::numeric_limits<std::int64_t>::min() : here.panes.back().of.number;
        for (auto const& each : panes) {
            if (each.number <= newest)
                continue;
            leave(here, part, each.number - width_);
            row<record_type> chosen;
            auto const& pairs = pairs_of(each, part, chosen);
            here.on_values([&](auto& values) { values.enter(pairs, each.number); });
            here.panes.push_back({each, pairs.size()});
            here.pairs += pairs.size();
        }
        leave(here, part, last - width_);
    }

    /// The panes up to the one of that number go.
    void leave(partition& here, std::size_t part, std::int64_t last)
    {
        auto const kept = std::find_if(here.panes.begin(), here.panes.end(),
                                       [last](held_pane const& each) { return each.of.number > last; });
        for (auto each = here.panes.begin(); each != kept; ++each) {
            here.pairs -= each->pairs;
            if (here.dense)
                continue; // columns know by their places what has gone
            row<record_type> chosen;
            here.values.leave(pairs_of(each->of, part, chosen));
        }
        here.panes.erase(here.panes.begin(), kept);
    }

    /// The pairs of a partition. A pane that was restored may lie otherwise, as long as a window covers it and when it
    /// leaves; then its pairs are brought together in `chosen`.
    row<record_type> const& pairs_of(pane const& from, std::size_t part, row<record_type>& chosen) const
    {
        if (placement_.is_that_of(from.layout))
            return (*from.rows)[part];
        auto const place = placement_.place();
        for (auto const& row : *from.rows)
            for (auto const& pair : row)
                if (placement_.layout.group(place(pair.first)) % placement_.layout.partitions == part)
                    chosen.push_back(pair);
        return chosen;
    }

    Aggregation aggregation_;
    std::int64_t width_;
    key_placement<Key> placement_;
    std::vector<partition> parts_;
};

} // namespace tidemark
