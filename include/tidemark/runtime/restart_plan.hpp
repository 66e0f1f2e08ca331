// SPDX-License-Identifier: BSL-1.0
//
// restart_plan: what a restart has to do, and from where it goes on.

#pragma once

#include <tidemark/checkpoint/records.hpp>
#include <tidemark/time/batch_time.hpp>
#include <tidemark/time/batch_times.hpp>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace tidemark {

/// What a restart has to do, and from where it goes on.
struct restart_plan {
    std::vector<batch_time> repeat;                   ///< Planned by an earlier run, in order.
    batch_times missed;                               ///< Slept through, later than those.
    batch_time next;                                  ///< The first batch that the clock starts.
    std::map<batch_time, plan_record> planned;        ///< The exact input of those that were planned.
    std::map<batch_time, std::set<std::string>> done; ///< Outputs that need not run again.
    std::size_t unusable_commits = 0;                 ///< Newer than the one that it goes on from.
    std::vector<std::string> notes;                   ///< What the one who runs the program should look at.
};

} // namespace tidemark
