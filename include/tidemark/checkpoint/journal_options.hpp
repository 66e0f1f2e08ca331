// SPDX-License-Identifier: BSL-1.0
//
// journal_options: how a journal is kept, and what a commit has cost.

#pragma once

#include <tidemark/core/chrono.hpp>
#include <tidemark/time/batch_time.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tidemark {

/// What to do when there were commits and none of them can be read.
enum class on_unreadable {
    fail,       ///< throw `corrupt_checkpoint`
    start_fresh ///< move the whole directory aside, say where in a note, and begin anew
};

/// How a journal is kept.
struct journal_options {
    std::string application; ///< must be that of the checkpoint; at most 1024 bytes
    std::size_t retain = 3;  ///< how many commits are kept, at least 1
    on_unreadable unreadable = on_unreadable::fail;
    std::uint64_t segment_bytes = std::uint64_t{4} << 20U; ///< a log segment that is as long is followed by a new one
    /// For so many bytes of records to come a log segment is filled with zeros beforehand, where the storage can, so that
    /// a sync of a small commit makes no file longer; 0: it grows.
    std::uint64_t log_room_bytes = std::uint64_t{64} << 10U;
    /// A state file that is as long is followed by a new one; 0: twice the size of the state, from 1 to 64 MiB.
    std::uint64_t state_segment_bytes = 0;
    std::uint64_t store_id = 0; ///< for a new checkpoint; 0: drawn at random
};

/// What a commit cost.
struct commit_report {
    batch_time time{0};
    std::uint64_t bytes = 0; ///< written since the commit before, state and record
    std::size_t files = 0;   ///< of state, begun since then
    std::chrono::nanoseconds duration{0};
    std::vector<std::string> notes; ///< what could not be tidied up; the commit is durable all the same
};

} // namespace tidemark
