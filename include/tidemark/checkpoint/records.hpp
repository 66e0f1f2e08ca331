// SPDX-License-Identifier: BSL-1.0
//
// records: what a checkpoint's log says, as plain structs: planned, done, committed.

#pragma once

#include <tidemark/time/batch_time.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace tidemark {

/// Bytes by name. The log moves them and never looks inside.
using named_bytes = std::map<std::string, std::vector<std::byte>, std::less<>>;

/// What one batch has changed in a key-group: entries that are new or other than before, then the keys that went.
struct group_run {
    batch_time time{0};     ///< of the batch
    std::uint64_t put = 0;  ///< how many entries
    std::uint64_t gone = 0; ///< how many keys behind them
    std::vector<std::byte> bytes;

    friend bool operator==(group_run const&, group_run const&) = default;
};

/// The saved state of one key-group of a stage: as it was once, and what has changed since.
struct group_image {
    std::uint32_t group = 0;
    std::uint64_t records = 0; ///< how many entries `bytes` holds; for reports
    std::vector<std::byte> bytes;
    std::vector<group_run> runs{}; ///< in the order of their batches

    friend bool operator==(group_image const&, group_image const&) = default;
};

/// The saved state of one stage: keyed state, the panes of a window, or whatever else must survive.
struct stage_image {
    std::string name;         ///< its identity across versions of the program
    std::string kind;         ///< which operator keeps it
    std::string key_schema;   ///< what the keys are, in words that do not depend on a compiler
    std::string state_schema; ///< what the values are
    std::uint32_t version = 0;
    std::vector<group_image> groups;

    friend bool operator==(stage_image const&, stage_image const&) = default;
};

/// What a batch has changed in one key-group.
struct changed_group {
    std::uint32_t group = 0;
    group_run run;
};

/// What a batch has changed in a stage.
struct stage_changes {
    bool anew = false;                    ///< nothing that was saved of the stage before counts any more
    std::vector<group_image> bases{};     ///< groups as they are now, without runs
    std::vector<changed_group> runs{};    ///< what has changed in others
    std::vector<std::uint32_t> dropped{}; ///< groups that are no more
};

/// COMMIT: everything as it was after the batch `time`. Only this makes state true.
struct commit_record {
    batch_time time{0};
    batch_time zero{0};        ///< zero time of the stream
    std::int64_t batch_ms = 0; ///< the batch duration
    std::string graph;         ///< the description of the graph, for messages
    named_bytes settings;      ///< the configuration that matters
    named_bytes positions;     ///< how far each source was read
    named_bytes accumulators;
    std::vector<stage_image> stages;

    friend bool operator==(commit_record const&, commit_record const&) = default;
};

/// What one source gives to one batch.
struct planned_input {
    std::string source;
    std::vector<std::byte> input;

    friend bool operator==(planned_input const&, planned_input const&) = default;
};

/// PLAN: the exact input of the batch `time`.
struct plan_record {
    batch_time time{0};
    std::vector<planned_input> inputs;

    friend bool operator==(plan_record const&, plan_record const&) = default;
};

/// What one output of one batch adds to an accumulator.
struct contribution {
    std::string accumulator;
    std::vector<std::byte> bytes;

    friend bool operator==(contribution const&, contribution const&) = default;
};

/// DONE: `output` has been published for the batch `time`.
struct done_record {
    batch_time time{0};
    std::string output;
    std::vector<contribution> contributions;

    friend bool operator==(done_record const&, done_record const&) = default;
};

} // namespace tidemark
