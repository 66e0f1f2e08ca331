// SPDX-License-Identifier: BSL-1.0
//
// system_clock: the wall clock of the machine.

#pragma once

#include <tidemark/core/chrono.hpp>
#include <tidemark/time/batch_time.hpp>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace tidemark {

/// The machine's wall clock. It keeps nothing, so copies are the same clock.
///
/// A wait is for a point in time, not for a length: what the caller spent before it adds no drift, and a wall clock
/// that is set forward ends it.
struct system_clock {
    /// Milliseconds since the epoch, rounded down.
    [[nodiscard]] batch_time now() const
    {
        auto const since_epoch = std::chrono::system_clock::now().time_since_epoch();
        return batch_time(std::chrono::floor<duration>(since_epoch).count());
    }

    /// Waits until the wall clock shows `time`. True when it does, false when `stop` was requested before.
    [[nodiscard]] bool wait_until(batch_time time, std::stop_token const& stop) const
    {
        // Nanoseconds, in which the standard library may compute, end in the year 2262: go to a far time in hops.
        constexpr auto hop = std::chrono::hours(1);

        std::mutex mutex;
        std::condition_variable_any stopped; // notified by the stop request alone
        std::unique_lock lock(mutex);
        auto const reached = [this, time] { return now() >= time; };
        while (!reached() && !stop.stop_requested()) {
            auto const next = std::min(time, now() + hop);
            auto const deadline = std::chrono::system_clock::time_point(duration(next.count()));
            (void)stopped.wait_until(lock, stop, deadline, reached);
        }
        return reached();
    }
};

} // namespace tidemark
