// SPDX-License-Identifier: BSL-1.0
//
// saved_by_stage: what the stages have given to be saved, commit by commit, for those who listen.

#pragma once

#include <tidemark/core/events.hpp>
#include <tidemark/time/batch_time.hpp>

#include <algorithm>
#include <concepts>
#include <mutex>
#include <utility>
#include <vector>

namespace tidemark {

/// Adds up by stage what batches have given since the commit before. A template, so that a file pays for it only where it
/// is used. *Threads*: any.
template <std::same_as<stage_saved> Saved>
class basic_saved_by_stage {
public:
    void add(Saved given)
    {
        std::scoped_lock const lock(mutex_);
        join(next_, std::move(given));
    }

    /// What has been added is part of the commit of `time`.
    void hand_over(batch_time time)
    {
        std::scoped_lock const lock(mutex_);
        handed_over_.emplace_back(time, std::exchange(next_, {}));
    }

    /// What is durable with the commit of `time`: its own part, and those of commits before it that have failed.
    [[nodiscard]] std::vector<Saved> committed(batch_time time)
    {
        std::vector<Saved> all;
        std::scoped_lock const lock(mutex_);
        auto const later = std::find_if(handed_over_.begin(), handed_over_.end(),
                                        [time](auto const& part) { return part.first > time; });
        for (auto part = handed_over_.begin(); part != later; ++part)
            for (auto& each : part->second)
                join(all, std::move(each));
        handed_over_.erase(handed_over_.begin(), later);
        return all;
    }

private:
    static void join(std::vector<Saved>& all, Saved&& more)
    {
        auto const same = std::find_if(all.begin(), all.end(), [&](auto const& one) { return one.name == more.name; });
        if (same == all.end()) {
            all.push_back(std::move(more));
            return;
        }
        same->bytes += more.bytes;
        same->collecting += more.collecting;
    }

    std::mutex mutex_;
    std::vector<Saved> next_;
    std::vector<std::pair<batch_time, std::vector<Saved>>> handed_over_; // in their order
};

/// What an engine keeps.
using saved_by_stage = basic_saved_by_stage<stage_saved>;

} // namespace tidemark
