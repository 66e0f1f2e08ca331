// SPDX-License-Identifier: BSL-1.0
//
// hit_tracking: how the plays of a video in an hour are counted, and which come too late.

#pragma once

#include "plays.hpp"

#include <tidemark/state.hpp>
#include <tidemark/time.hpp>

#include <cstdint>
#include <optional>

namespace support {

/// For `map_with_state`: the number of plays in the hour after each of them. 0 says that the play came too late, or too
/// early, and was not counted.
///
/// A play is too late when its hour had ended more than `accept_late` before the batch, and too early when its hour
/// begins more than an hour after the batch, which only a wrong clock can do. Without `accept_late` every play counts,
/// and no state ever goes.
struct track_hits {
    std::optional<tidemark::duration> accept_late;

    /// For how long an hour without a play is kept.
    ///
    /// A play counts from an hour before its own hour on, two hours before the end, at the earliest. So a state that
    /// has idled for two hours and `accept_late` can only be asked for by plays that are too late: an hour that is gone
    /// never starts again from 1.
    [[nodiscard]] static tidemark::duration idle_limit(tidemark::duration accept_late)
    {
        return accept_late + tidemark::duration(2 * hour_ms);
    }

    std::optional<hits> operator()(tidemark::batch_time now, video_hour const& hour, std::optional<std::int64_t> plays,
                                   tidemark::state<std::int64_t>& count) const
    {
        if (!plays)
            return std::nullopt; // timing out: the state goes, and nothing is to be said
        if (accept_late && !in_time(now, hour))
            return hits(hour, 0);
        auto const sum = count.get_option().value_or(0) + *plays;
        count.update(sum);
        return hits(hour, sum);
    }

private:
    [[nodiscard]] bool in_time(tidemark::batch_time now, video_hour const& hour) const
    {
        return hour.end + accept_late->count() >= now.count() && hour.end - 2 * hour_ms <= now.count();
    }
};

} // namespace support
