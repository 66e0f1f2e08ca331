// SPDX-License-Identifier: BSL-1.0
//
// batch_grid: the times at which batches exist, counted from the zero time.

#pragma once

#include <tidemark/time/batch_time.hpp>
#include <tidemark/time/batch_times.hpp>
#include <tidemark/time/interval.hpp>

#include <algorithm>

namespace tidemark {
namespace detail {

/// The first `origin + k * step` that is later than `now`; `k` may be negative.
[[nodiscard]] constexpr batch_time first_after(batch_time now, batch_time origin, duration step) noexcept
{
    auto const past = (now - origin) % step; // negative before the origin
    return now - past + (past.count() < 0 ? duration(0) : step);
}

} // namespace detail

/// The grid of an application's batches: batch `n` has the time `zero_time() + n * batch_duration()`, `n >= 1`.
///
/// All slides count from the zero time, never from the epoch. There is no batch at the zero time or before it.
class batch_grid {
public:
    /// *Throws* `usage_error` when `batch` is not positive.
    constexpr batch_grid(batch_time zero, duration batch)
        : zero_(zero)
        , batch_(batch)
    {
        detail::require_positive("tidemark::batch_grid: the batch duration", batch);
    }

    /// The grid of an application that is started for the first time at `now`.
    ///
    /// Its first batch has the first multiple of `batch` after `now`; the zero time is one batch before.
    /// *Throws* `usage_error` when `batch` is not positive.
    [[nodiscard]] static constexpr batch_grid first_start(batch_time now, duration batch)
    {
        detail::require_positive("tidemark::batch_grid: the batch duration", batch);
        return {detail::first_after(now, batch_time(), batch) - batch, batch};
    }

    [[nodiscard]] constexpr batch_time zero_time() const noexcept { return zero_; }
    [[nodiscard]] constexpr duration batch_duration() const noexcept { return batch_; }

    /// The time of the first batch.
    [[nodiscard]] constexpr batch_time start_time() const noexcept { return zero_ + batch_; }

    /// The first time on the grid after `now`: when an application that is restarted at `now` goes on.
    ///
    /// It is not after the zero time when the clock was set back that far.
    [[nodiscard]] constexpr batch_time restart_time(batch_time now) const noexcept
    {
        return detail::first_after(now, zero_, batch_);
    }

    /// Whether a stream with this slide has a batch at `time`.
    [[nodiscard]] constexpr bool is_valid(batch_time time, duration slide) const noexcept
    {
        return time > zero_ && is_multiple_of(time - zero_, slide);
    }

    /// The times of the batches later than `after` and earlier than `before`.
    [[nodiscard]] constexpr batch_times batches(batch_time after, batch_time before) const
    {
        return until(restart_time(std::max(after, zero_)), before, batch_);
    }

    /// The times at which a stream with this slide has a batch in `[from, to]`, both ends included.
    ///
    /// An end that is off the stream's grid is first moved down onto it, so a batch before `from` may be selected.
    /// *Throws* `usage_error` when `slide` is not positive.
    [[nodiscard]] constexpr batch_times slice(batch_time from, batch_time to, duration slide) const
    {
        // Nothing is at the zero time or before it, and the distance to a far time before it may not fit into 64 bits.
        auto const first = std::max(floor(std::max(from, zero_), slide, zero_), zero_ + slide);
        return tidemark::to(first, floor(std::max(to, zero_), slide, zero_), slide);
    }

    /// As `slice(span.begin, span.end, slide)`.
    [[nodiscard]] constexpr batch_times slice(interval const& span, duration slide) const
    {
        return slice(span.begin, span.end, slide);
    }

    /// The parent's times that a window ending at `time` covers: `[time - window + parent_slide, time]`.
    ///
    /// The first windows are short, because nothing exists at the zero time or before it.
    /// *Requires* a `time` that is valid for the parent. *Throws* `usage_error` when `parent_slide` is not positive.
    [[nodiscard]] constexpr batch_times window_cover(batch_time time, duration width, duration parent_slide) const
    {
        return slice(time - (width - parent_slide), time, parent_slide);
    }

    [[nodiscard]] friend constexpr bool operator==(batch_grid const&, batch_grid const&) = default;

private:
    batch_time zero_;
    duration batch_;
};

} // namespace tidemark
