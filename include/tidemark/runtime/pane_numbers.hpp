// SPDX-License-Identifier: BSL-1.0
//
// pane_numbers: under which number each pane of a window is saved, and which panes are not saved yet.

#pragma once

#include <tidemark/checkpoint/records.hpp>
#include <tidemark/time/batch_time.hpp>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <limits>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace tidemark {

/// A pane is a group of its own in a checkpoint: it is saved once, when its batch has been computed, and dropped when no
/// window covers it any more. Its number is one that no other pane has at that time.
///
/// *Threads*: one call at a time.
class pane_numbers {
public:
    /// All numbers are `first` or greater.
    explicit pane_numbers(std::uint32_t first = 0)
        : first_(first)
    {}

    /// A pane that is to be saved; later than all others.
    void add(batch_time time)
    {
        if (!numbers_.contains(time))
            numbers_.emplace(time, next());
        fresh_.insert(time);
    }

    /// A pane that is saved already.
    void restore(batch_time time, std::uint32_t number)
    {
        numbers_.insert_or_assign(time, number);
        fresh_.erase(time);
    }

    /// The panes up to `last` are no more.
    void drop_until(batch_time last)
    {
        auto const end = numbers_.upper_bound(last);
        for (auto pane = numbers_.begin(); pane != end; pane = numbers_.erase(pane))
            if (fresh_.erase(pane->first) == 0)
                dropped_.push_back(pane->second);
    }

    /// Adds to `changes` what `settle` has not seen; all panes, where it is everything. `save(time)` makes the image.
    template <typename Save>
    void take_changes(stage_changes& changes, Save const& save) const
    {
        for (auto const& [time, number] : numbers_)
            if (changes.anew || fresh_.contains(time))
                changes.bases.push_back(save(time, number));
        if (!changes.anew)
            changes.dropped.insert(changes.dropped.end(), dropped_.begin(), dropped_.end());
    }

    /// All that has changed so far is saved, or need not be.
    void settle()
    {
        fresh_.clear();
        dropped_.clear();
    }

    /// *Requires* that there is such a pane.
    [[nodiscard]] batch_time time_of(std::uint32_t number) const
    {
        return std::find_if(numbers_.begin(), numbers_.end(),
                            [number](auto const& each) { return each.second == number; })
            ->first;
    }

private:
    /// The number behind that of the newest pane: those of the oldest are free again long before it is their turn.
    [[nodiscard]] std::uint32_t next() const
    {
        if (numbers_.empty())
            return first_;
        auto const last = std::prev(numbers_.end())->second;
        return last == std::numeric_limits<std::uint32_t>::max() ? first_ : last + 1;
    }

    std::uint32_t first_;
    std::map<batch_time, std::uint32_t> numbers_;
    std::set<batch_time> fresh_;
    std::vector<std::uint32_t> dropped_;
};

} // namespace tidemark
