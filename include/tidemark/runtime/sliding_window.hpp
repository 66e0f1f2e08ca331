// SPDX-License-Identifier: BSL-1.0
//
// sliding_window: what the last window of a stage held, from which the next one is made.

#pragma once

#include <tidemark/core/key_hash.hpp>
#include <tidemark/execution/key_placement.hpp>
#include <tidemark/expression/row.hpp>
#include <tidemark/runtime/window_dataset.hpp>
#include <tidemark/state/sliding_values.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
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
        if (!here.sound) {
            here.values.clear();
            here.panes.clear();
        }
        here.sound = false;
        auto const newest = here.panes.empty() ? std::numeric_limits<std::int64_t>::min() : here.panes.back().number;
        for (auto const& each : panes) {
            if (each.number <= newest)
                continue;
            leave(here, part, each.number - width_);
            for_each_of(here, each, part, [&](std::uint64_t hash, record_type const& pair) {
                here.values.enter(hash, pair.first, pair.second, each.number);
            });
            here.panes.push_back(each);
        }
        leave(here, part, last - width_);
        out.clear(); // what an attempt that failed has left
        here.values.for_each(last, [&out](Key const& key, Value const& sum) { out.emplace_back(key, sum); });
        here.sound = true;
    }

private:
    struct partition {
        partition(Aggregation const& aggregation, std::int64_t width)
            : values(aggregation, width)
        {}

        sliding_values<Key, Value, Aggregation> values;
        std::vector<pane> panes; ///< Those in `values`, the oldest first.
        bool sound = true;       ///< `values` is what `panes` say.
    };

    /// The panes up to the one of that number go.
    void leave(partition& here, std::size_t part, std::int64_t last)
    {
        auto const kept =
            std::find_if(here.panes.begin(), here.panes.end(), [last](pane const& each) { return each.number > last; });
        for (auto each = here.panes.begin(); each != kept; ++each)
            for_each_of(here, *each, part,
                        [&](std::uint64_t hash, record_type const& pair) { here.values.leave(hash, pair.first); });
        here.panes.erase(here.panes.begin(), kept);
    }

    /// A pane that was restored may lie otherwise, as long as a window covers it and when it leaves.
    template <typename Visit>
    void for_each_of(partition const& here, pane const& from, std::size_t part, Visit const& visit) const
    {
        if (placement_.is_that_of(from.layout)) {
            constexpr auto ahead = sliding_values<Key, Value, Aggregation>::prefetch_distance;
            auto const& pairs = (*from.rows)[part];
            for (std::size_t i = 0; i < pairs.size(); ++i) {
                if (i + ahead < pairs.size())
                    here.values.prefetch(key_hash(pairs[i + ahead].first));
                visit(key_hash(pairs[i].first), pairs[i]);
            }
            return;
        }
        auto const place = placement_.place();
        for (auto const& row : *from.rows)
            for (auto const& pair : row)
                if (placement_.layout.group(place(pair.first)) % placement_.layout.partitions == part)
                    visit(key_hash(pair.first), pair);
    }

    Aggregation aggregation_;
    std::int64_t width_;
    key_placement<Key> placement_;
    std::vector<partition> parts_;
};

} // namespace tidemark
