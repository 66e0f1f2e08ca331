// SPDX-License-Identifier: BSL-1.0
//
// manual_clock: a clock that stands still until it is told to move.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/time/batch_time.hpp>

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <limits>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

namespace tidemark {

/// A clock for tests: its time is what was last set, and reaching a time wakes those who wait for it.
///
/// `wait_for_waiter` lets a test move the clock only when the other side is parked, so that nothing has to sleep:
///
///     clock.wait_for_waiter(batch_time(2000)); // all work up to here is done
///     clock.set(batch_time(2000));
///
/// *Threads*: all members may be called from several threads at once.
class manual_clock {
public:
    /// Stands at the epoch.
    manual_clock() = default;
    explicit manual_clock(batch_time start)
        : now_(start)
    {}

    [[nodiscard]] batch_time now() const
    {
        std::scoped_lock const lock(mutex_);
        return now_;
    }

    /// Moves the clock to `time` and wakes those who waited for it.
    ///
    /// *Throws* `usage_error` when the clock is past `time` already.
    void set(batch_time time)
    {
        std::scoped_lock const lock(mutex_);
        move_to(time);
    }

    /// Moves the clock on by `step`, at most to the last time that there is, and wakes those who waited for that time.
    ///
    /// *Throws* `usage_error` when `step` is negative.
    void advance(duration step)
    {
        std::scoped_lock const lock(mutex_);
        constexpr auto last = std::numeric_limits<std::int64_t>::max();
        move_to(step.count() > 0 && now_.count() > last - step.count() ? batch_time(last) : now_ + step);
    }
    /// A number is no duration.
    void advance(number_without_unit auto) = delete; // a duration needs a unit: `clock.advance(10_s)`

    /// Waits until the clock has been moved to `time`. True when it has, false when `stop` was requested before.
    [[nodiscard]] bool wait_until(batch_time time, std::stop_token stop)
    {
        std::unique_lock lock(mutex_);
        auto const reached = [this, time] { return now_ >= time; };
        if (reached() || stop.stop_requested())
            return reached();
        waiting_for_.push_back(time);
        parked_.notify_all();
        (void)moved_.wait(lock, std::move(stop), reached);
        waiting_for_.erase(std::find(waiting_for_.begin(), waiting_for_.end(), time));
        return reached();
    }

    /// The earliest time that a parked thread waits for; none when no thread is parked.
    ///
    /// A thread whose time has come is not parked, even if it has not woken up yet.
    [[nodiscard]] std::optional<batch_time> waiting_until() const
    {
        std::scoped_lock const lock(mutex_);
        std::optional<batch_time> earliest;
        for (auto const time : waiting_for_)
            if (time > now_ && (!earliest || time < *earliest))
                earliest = time;
        return earliest;
    }

    /// Waits until some thread is parked until `time` or later. False when `stop` was requested before.
    [[nodiscard]] bool wait_for_waiter(batch_time time, std::stop_token stop)
    {
        std::unique_lock lock(mutex_);
        return parked_.wait(lock, std::move(stop), [this, time] { return is_parked(time); });
    }

    /// Waits until some thread is parked until `time` or later.
    void wait_for_waiter(batch_time time)
    {
        std::unique_lock lock(mutex_);
        parked_.wait(lock, [this, time] { return is_parked(time); });
    }

private:
    void move_to(batch_time time)
    {
        if (time < now_)
            throw usage_error("tidemark::manual_clock: the clock shows " + to_string(now_) + " and cannot go back to "
                              + to_string(time) + "; set a later time, or give the next run a clock of its own");
        now_ = time;
        moved_.notify_all();
    }

    [[nodiscard]] bool is_parked(batch_time time) const
    {
        return std::any_of(waiting_for_.begin(), waiting_for_.end(),
                           [this, time](batch_time until) { return until >= time && until > now_; });
    }

    mutable std::mutex mutex_;
    std::condition_variable_any moved_;
    std::condition_variable_any parked_;
    std::vector<batch_time> waiting_for_;
    batch_time now_;
};

} // namespace tidemark
