// SPDX-License-Identifier: BSL-1.0
//
// pane_numbers: under which number each pane of a window is saved, and which panes are not saved yet.

#pragma once

#include <tidemark/checkpoint/records.hpp>
#include <tidemark/time/batch_time.hpp>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <limits>
#include <vector>

namespace tidemark {

/// A pane is a group of its own in a checkpoint: it is saved once, when its batch has been computed, and dropped when no
/// window covers it any more. Its number is one that no other pane has at that time.
///
/// A template, so that a file pays for it only where it is used. *Threads*: one call at a time.
template <std::same_as<std::uint32_t> Number>
class basic_pane_numbers {
public:
    /// All numbers are `first` or greater.
    explicit basic_pane_numbers(Number first = 0)
        : first_(first)
    {}

    /// A pane that is to be saved; later than all others.
    void add(batch_time time) { at(time, next()).fresh = true; }

    /// A pane that is saved already.
    void restore(batch_time time, Number number) { at(time, number) = {time, number}; }

    /// The panes up to `last` are no more.
    void drop_until(batch_time last)
    {
        auto const end =
            std::partition_point(panes_.begin(), panes_.end(), [last](pane const& each) { return each.time <= last; });
        for (auto gone = panes_.begin(); gone != end; ++gone)
            if (!gone->fresh)
                dropped_.push_back(gone->number);
        panes_.erase(panes_.begin(), end);
    }

    /// Adds to `changes` what `settle` has not seen; all panes, where it is everything. `save(time)` makes the image.
    template <typename Save>
    void take_changes(stage_changes& changes, Save const& save) const
    {
        for (auto const& each : panes_)
            if (changes.anew || each.fresh)
                changes.bases.push_back(save(each.time, each.number));
        if (!changes.anew)
            changes.dropped.insert(changes.dropped.end(), dropped_.begin(), dropped_.end());
    }

    /// All that has changed so far is saved, or need not be.
    void settle()
    {
        for (auto& each : panes_)
            each.fresh = false;
        dropped_.clear();
    }

    /// *Requires* that there is such a pane.
    [[nodiscard]] batch_time time_of(Number number) const
    {
        return std::find_if(panes_.begin(), panes_.end(), [number](pane const& each) { return each.number == number; })
            ->time;
    }

private:
    struct pane {
        batch_time time;
        Number number;
        bool fresh = false; // not saved yet
    };

    /// The pane of `time`; a new one with that number where there is none.
    [[nodiscard]] pane& at(batch_time time, Number number)
    {
        auto const place =
            std::partition_point(panes_.begin(), panes_.end(), [time](pane const& each) { return each.time < time; });
        if (place != panes_.end() && place->time == time)
            return *place;
        return *panes_.insert(place, {time, number});
    }

    /// The number behind that of the newest pane: those of the oldest are free again long before it is their turn.
    [[nodiscard]] Number next() const
    {
        if (panes_.empty() || panes_.back().number == std::numeric_limits<Number>::max())
            return first_;
        return panes_.back().number + 1;
    }

    Number first_;
    std::vector<pane> panes_; // by time
    std::vector<Number> dropped_;
};

/// Numbers as a checkpoint has them.
using pane_numbers = basic_pane_numbers<std::uint32_t>;

} // namespace tidemark
