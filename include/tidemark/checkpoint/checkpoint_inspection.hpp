// SPDX-License-Identifier: BSL-1.0
//
// checkpoint_inspection: all that a checkpoint holds, commit by commit, and what is wrong with each.

#pragma once

#include <tidemark/checkpoint/records.hpp>
#include <tidemark/time/batch_time.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// How large the state of a stage is: its bases, and the deltas behind them.
struct inspected_state {
    std::string stage;
    std::uint64_t bytes = 0;            ///< as they are read
    std::uint64_t stored_bytes = 0;     ///< in the files: less when they are compressed
    std::set<std::string> compressions; ///< by what; empty when none of it is compressed
};

/// A commit that a checkpoint's log speaks of.
struct inspected_commit {
    batch_time time{0};
    std::uint64_t sequence = 0;          ///< its number among all records
    std::string segment;                 ///< the file that holds its record
    std::vector<std::string> files;      ///< those that hold its state
    std::uint64_t bytes = 0;             ///< of its record and its state
    std::vector<inspected_state> states; ///< as far as they could be read
    bool given_up = false;               ///< a later start went on from an older commit
    bool lacks_compression = false;      ///< a block is compressed in a way that the storage was not given
    bool swept = false;                  ///< older than those that are kept, and files of its state are gone as usual
    std::string problem;                 ///< why a start cannot use it; empty when every byte of it verifies
    std::optional<commit_record> record; ///< with the state; nothing when there is a problem
};

/// A commit that is pinned under a name.
struct inspected_savepoint {
    std::string name;
    batch_time time{0};
    std::uint64_t sequence = 0;          ///< the number of its commit among all records
    std::vector<std::string> files;      ///< those that it keeps
    std::uint64_t bytes = 0;             ///< of its own file and of those
    std::string problem;                 ///< why it cannot be used; empty when every byte of it verifies
    std::optional<commit_record> record; ///< with the state; nothing when there is a problem
};

/// A file of a checkpoint.
struct inspected_file {
    std::string name;
    std::uint64_t bytes = 0;
    bool needed =
        false; ///< the manifest, a commit in the log or a savepoint names it; else the next start may sweep it
};

/// What `inspect_checkpoint` finds.
struct checkpoint_inspection {
    std::string application; ///< empty when no file says it
    std::uint64_t store_id = 0;
    std::uint64_t generation = 0; ///< how often it was started
    std::vector<inspected_file> files;
    std::vector<inspected_commit> commits;       ///< the newest last
    std::vector<inspected_savepoint> savepoints; ///< by name
    /// The commit that a start would use. Nothing when that start would be refused, since a newer one lacks a compression.
    std::optional<std::size_t> chosen;
    std::vector<batch_time> planned; ///< batches after that commit, or that newer one, that a start would repeat
    std::vector<std::pair<batch_time, std::string>> done; ///< outputs of those that are finished
    std::uint64_t records_dropped = 0;
    std::vector<std::string> notes; ///< what is odd, in words
};

} // namespace tidemark
