// SPDX-License-Identifier: BSL-1.0
//
// journal_start: from what was read to a log that can be written: a new generation, what it carries over, what it
// sweeps.

#pragma once

#include <tidemark/checkpoint/detail/commit_codec.hpp>
#include <tidemark/checkpoint/detail/inventory.hpp>
#include <tidemark/checkpoint/detail/live_log.hpp>
#include <tidemark/checkpoint/detail/record_codec.hpp>
#include <tidemark/checkpoint/file_names.hpp>
#include <tidemark/checkpoint/recovery_reader.hpp>
#include <tidemark/checkpoint/retention.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/later.hpp>
#include <tidemark/storage/storage.hpp>
#include <tidemark/storage/unique_id.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tidemark::detail {

/// Goes on from what was read of a checkpoint.
template <storage Storage>
class takeover {
public:
    explicit takeover(recovery& state)
        : state_(state)
    {}

    /// Takes the checkpoint over: from here on no earlier process can commit to it.
    [[nodiscard]] live_log<Storage> begin(Storage storage, log_identity identity, std::size_t keep,
                                          std::uint64_t segment_bytes, std::uint64_t room_bytes);

private:
    /// The state files that a commit in the log refers to; nothing when its record cannot be decoded.
    [[nodiscard]] std::optional<std::vector<file_id>> state_files_of(log_entry const& entry) const
    {
        try {
            std::vector<file_id> ids;
            for (auto const& file : decode_commit(batch_time(entry.header.time), state_.records.located(entry)).files) {
                ids.push_back(file.id);
            }
            return ids;
        } catch (corrupt_checkpoint const&) {
            return std::nullopt;
        }
    }

    [[nodiscard]] bool all_exist(std::vector<file_id> const& ids) const
    {
        auto const& states = state_.files.states;
        return std::all_of(ids.begin(), ids.end(),
                           [&](file_id id) { return std::binary_search(states.begin(), states.end(), id); });
    }

    /// What earlier generations left behind that is still needed.
    [[nodiscard]] later<retention, Storage> inherit(std::size_t keep) const
    {
        auto const& records = state_.records;
        later<retention, Storage> kept(keep);
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
                bool const carried = !state_.found.commit || time > state_.found.commit->time;
                inherited.pinned = inherited.pinned || (is_commit && carried);
                if (!is_commit && !carried) {
                    inherited.newest = inherited.newest ? std::max(*inherited.newest, time) : time;
                }
                end = entry.header.sequence + 1;
            }
            inherited.entry.end_sequence = segment.entry.end_sequence != 0 ? segment.entry.end_sequence : end;
            kept.add_segment(inherited);
        }
        for (std::size_t i = 0; state_.chosen && i < *state_.chosen; ++i) {
            auto const& entry = records.entries[i];
            if (entry.header.kind != snapshot_format::block_kind::commit || entry.given_up) {
                continue;
            }
            auto const files = state_files_of(entry);
            if (files && all_exist(*files)) {
                kept.add_commit({batch_time(entry.header.time), records.log.segments[entry.segment].entry.id, *files});
            }
        }
        for (auto const id : state_.files.states) {
            kept.add_state_file(id);
        }
        for (auto const& savepoint : state_.savepoints) {
            if (savepoint.content)
                kept.pin(savepoint.name, {savepoint.content->commit.record.time, savepoint.content->files()});
            else // which files it needs is not known
                kept.pin(savepoint.name, {std::nullopt, state_.files.states});
        }
        return kept;
    }

    /// Writes the commit and all that was planned and published after it into the new generation's own segment.
    ///
    /// What was read may not be durable yet: the process before may have died between append and sync. From here on,
    /// the new process acts upon it, so it must not vanish.
    void carry_over(live_log<Storage>& log) const
    {
        using snapshot_format::block_kind;
        if (state_.chosen) {
            auto const& [record, files, blocks] = state_.index;
            std::vector<file_id> ids;
            for (auto const& file : files)
                ids.push_back(file.id);
            log.carry_commit(record.time, encode_commit(record, files, blocks), std::move(ids));
        }
        for (auto const& plan : state_.found.plans) {
            log.append(block_kind::plan, plan.time, encode_plan(plan));
        }
        for (auto const& done : state_.found.dones) {
            log.append(block_kind::done, done.time, encode_done(done));
        }
        log.sync();
    }

    /// Removes the files of ours that nothing refers to. Keeps state files when the log was damaged: what is lost may
    /// have referred to them.
    void sweep(live_log<Storage>& log)
    {
        std::vector<std::string> unknown;
        auto const live = log.kept().segments();
        for (auto const id : state_.files.logs) {
            if (std::none_of(live.begin(), live.end(), [id](segment_entry const& entry) { return entry.id == id; })) {
                unknown.push_back(log_name(id));
            }
        }
        std::vector<file_id> orphans;
        if (!state_.records.log.damaged) {
            orphans = state_.files.states;
        }
        for (auto const& entry : state_.records.entries) {
            if (entry.header.kind == snapshot_format::block_kind::commit) {
                for (auto const id : state_files_of(entry).value_or(std::vector<file_id>{})) {
                    std::erase(orphans, id);
                }
            }
        }
        std::erase_if(orphans, [&](file_id id) { return log.kept().is_pinned(id); });
        for (auto const id : orphans) {
            log.kept().forget_state_file(id);
            unknown.push_back(state_name(id));
        }
        for (auto const& name : unknown)
            if (try_to_remove(log, name))
                state_.found.notes.push_back("tidied up, as usual: removed " + name + ", which no commit needs");
        for (auto const id : state_.files.spares)
            try_to_remove(log, spare_name(id)); // as each run leaves some: not worth a note
    }

    bool try_to_remove(live_log<Storage>& log, std::string const& name)
    {
        try {
            log.storage().remove(name);
            return true;
        } catch (storage_error const& problem) {
            state_.found.notes.push_back("could not remove " + name
                                         + ", which no commit needs and which does no harm: " + problem.what());
            return false;
        }
    }

    recovery& state_;
};

template <storage Storage>
live_log<Storage> takeover<Storage>::begin(Storage storage, log_identity identity, std::size_t keep,
                                           std::uint64_t segment_bytes, std::uint64_t room_bytes)
{
    auto const& records = state_.records;
    if (records.log.store_id != 0) {
        identity.store_id = records.log.store_id;
    } else if (identity.store_id == 0) {
        identity.store_id = draw_unique_id(storage.describe());
    }
    identity.generation = records.log.newest_generation + 1;
    identity.first_sequence = records.last_sequence + 1;
    identity.resumed_from = state_.chosen ? records.entries[*state_.chosen].header.sequence : 0;

    live_log<Storage> log(std::move(storage), std::move(identity), inherit(keep), segment_bytes, room_bytes);
    carry_over(log);
    log.kept().forget_segments(log.kept().expired_segments());
    log.replace_manifest();
    sweep(log);
    state_.found.generation = log.identity().generation;
    return log;
}

} // namespace tidemark::detail
