// SPDX-License-Identifier: BSL-1.0
//
// reschedule: the batches that Spark runs again at a restart. Ours are those behind the last commit.

#pragma once

#include <cstdint>
#include <set>
#include <vector>

namespace spark_model {

struct restart {
    std::vector<std::int64_t> down_times;  ///< From the checkpoint's own batch on, up to the restart.
    std::vector<std::int64_t> rescheduled; ///< Those, and the batches that were pending.
};

/// All in milliseconds. `restart_time` is the first batch that the clock starts.
[[nodiscard]] inline restart after_checkpoint(std::int64_t checkpoint_time, std::vector<std::int64_t> const& pending,
                                              std::int64_t restart_time, std::int64_t batch)
{
    restart found;
    for (auto time = checkpoint_time; time < restart_time; time += batch)
        found.down_times.push_back(time);
    std::set<std::int64_t> times(found.down_times.begin(), found.down_times.end());
    for (auto const time : pending)
        if (time < restart_time)
            times.insert(time);
    found.rescheduled.assign(times.begin(), times.end());
    return found;
}

} // namespace spark_model
