// SPDX-License-Identifier: BSL-1.0
//
// journal_start: from what was read to a log that can be written: a new generation, what it carries over, what it
// sweeps.

#pragma once

#include <tidemark/checkpoint/detail/bytes.hpp>
#include <tidemark/checkpoint/detail/commit_codec.hpp>
#include <tidemark/checkpoint/detail/inventory.hpp>
#include <tidemark/checkpoint/detail/live_log.hpp>
#include <tidemark/checkpoint/detail/record_codec.hpp>
#include <tidemark/checkpoint/file_names.hpp>
#include <tidemark/checkpoint/recovery_reader.hpp>
#include <tidemark/checkpoint/retention.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/storage/checksum.hpp>
#include <tidemark/storage/storage.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace tidemark::detail {

/// A number that no other checkpoint is likely to have: it tells stray files of another one apart.
[[nodiscard]] inline std::uint64_t draw_store_id(std::string const& where)
{
    byte_writer circumstances;
    circumstances.text(where);
    circumstances.signed_number(std::chrono::system_clock::now().time_since_epoch().count());
    circumstances.signed_number(std::chrono::steady_clock::now().time_since_epoch().count());
    circumstances.number(static_cast<std::uint64_t>(std::hash<void const*>()(&circumstances)));
    return std::max<std::uint64_t>(checksum(circumstances.view(), 0), 1);
}

/// The state files that a commit in the log refers to; nothing when its record cannot be decoded.
[[nodiscard]] inline std::optional<std::vector<file_id>> state_files_of(log_records const& records,
                                                                        log_entry const& entry)
{
    try {
        std::vector<file_id> ids;
        for (auto const& file : decode_commit(batch_time(entry.header.time), records.located(entry)).files) {
            ids.push_back(file.id);
        }
        return ids;
    } catch (corrupt_checkpoint const&) {
        return std::nullopt;
    }
}

/// What earlier generations left behind that is still needed.
[[nodiscard]] inline retention inherit(recovery const& state, std::size_t keep)
{
    auto const& records = state.records;
    retention kept(keep);
    for (std::size_t i = 0; i < records.log.segments.size(); ++i) {
        auto const& segment = records.log.segments[i];
        retained_segment inherited{segment.entry, std::nullopt, segment.damaged};
        std::uint64_t end = segment.entry.first_sequence;
        for (auto const& entry : records.entries) {
            if (entry.segment != i) {
                continue;
            }
            batch_time const time(entry.header.time);
            bool const is_commit = entry.header.kind == snapshot_format::block_kind::commit;
            bool const carried = !state.found.commit || time > state.found.commit->time;
            inherited.pinned = inherited.pinned || (is_commit && carried);
            if (!is_commit && !carried) {
                inherited.newest = inherited.newest ? std::max(*inherited.newest, time) : time;
            }
            end = entry.header.sequence + 1;
        }
        inherited.entry.end_sequence = segment.entry.end_sequence != 0 ? segment.entry.end_sequence : end;
        kept.add_segment(inherited);
    }
    for (std::size_t i = 0; state.chosen && i < *state.chosen; ++i) {
        auto const& entry = records.entries[i];
        if (entry.header.kind != snapshot_format::block_kind::commit || entry.given_up) {
            continue;
        }
        auto const files = state_files_of(records, entry);
        if (files && std::ranges::all_of(*files, [&](file_id id) { return state.files.states.contains(id); })) {
            kept.add_commit({batch_time(entry.header.time), records.log.segments[entry.segment].entry.id, *files});
        }
    }
    for (auto const id : state.files.states) {
        kept.add_state_file(id);
    }
    return kept;
}

/// Writes the commit and all that was planned and published after it into the new generation's own segment.
///
/// What was read may not be durable yet: the process before may have died between append and sync. From here on, the
/// new process acts upon it, so it must not vanish.
inline void carry_over(live_log& log, recovery const& state)
{
    using snapshot_format::block_kind;
    if (state.chosen) {
        auto const& entry = state.records.entries[*state.chosen];
        auto const files = state_files_of(state.records, entry);
        log.carry_commit(batch_time(entry.header.time), entry.payload, files.value_or(std::vector<file_id>{}));
    }
    for (auto const& plan : state.found.plans) {
        log.append(block_kind::plan, plan.time, encode_plan(plan));
    }
    for (auto const& done : state.found.dones) {
        log.append(block_kind::done, done.time, encode_done(done));
    }
    log.sync();
}

/// Removes the files of ours that nothing refers to. Keeps state files when the log was damaged: what is lost may have
/// referred to them.
inline void sweep(live_log& log, recovery& state)
{
    std::vector<std::string> unknown;
    auto const live = log.kept().segments();
    for (auto const id : state.files.logs) {
        if (std::ranges::count(live, id, &segment_entry::id) == 0) {
            unknown.push_back(log_name(id));
        }
    }
    std::set<file_id> orphans;
    if (!state.records.log.damaged) {
        orphans = state.files.states;
    }
    for (auto const& entry : state.records.entries) {
        if (entry.header.kind == snapshot_format::block_kind::commit) {
            for (auto const id : state_files_of(state.records, entry).value_or(std::vector<file_id>{})) {
                orphans.erase(id);
            }
        }
    }
    for (auto const id : orphans) {
        log.kept().forget_state_file(id);
        unknown.push_back(state_name(id));
    }
    for (auto const& name : unknown) {
        try {
            log.storage().remove(name);
            state.found.notes.push_back("swept " + name + ", a leftover of an earlier run");
        } catch (storage_error const& problem) {
            state.found.notes.push_back("could not sweep " + name + ": " + problem.what());
        }
    }
}

/// Takes the checkpoint over: from here on no earlier process can commit to it.
[[nodiscard]] inline live_log take_over(any_storage storage, recovery& state, log_identity identity, std::size_t keep,
                                        std::uint64_t segment_bytes)
{
    auto const& records = state.records;
    if (records.log.store_id != 0) {
        identity.store_id = records.log.store_id;
    } else if (identity.store_id == 0) {
        identity.store_id = draw_store_id(storage.describe());
    }
    identity.generation = records.log.newest_generation + 1;
    identity.first_sequence = records.last_sequence + 1;
    identity.resumed_from = state.chosen ? records.entries[*state.chosen].header.sequence : 0;

    live_log log(std::move(storage), std::move(identity), inherit(state, keep), segment_bytes);
    carry_over(log, state);
    log.kept().forget_segments(log.kept().expired_segments());
    log.replace_manifest();
    sweep(log, state);
    state.found.generation = log.identity().generation;
    return log;
}

} // namespace tidemark::detail
