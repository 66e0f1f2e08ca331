// SPDX-License-Identifier: BSL-1.0
//
// recovery_reader: the newest commit whose every byte verifies, and what was planned and published after it.

#pragma once

#include <tidemark/checkpoint/detail/commit_codec.hpp>
#include <tidemark/checkpoint/detail/inventory.hpp>
#include <tidemark/checkpoint/detail/log_reader.hpp>
#include <tidemark/checkpoint/detail/record_codec.hpp>
#include <tidemark/checkpoint/detail/state_file.hpp>
#include <tidemark/checkpoint/records.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/storage/storage.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// What a checkpoint says when a process starts from it.
struct recovered {
    std::optional<commit_record> commit; ///< nothing: no commit was ever made
    std::vector<plan_record> plans;      ///< of batches after the commit, by batch time
    std::vector<done_record> dones;      ///< of batches after the commit, by batch time, then output
    std::vector<std::string> notes;      ///< what was damaged, dropped, swept or set aside, one sentence each
    std::uint64_t records_dropped = 0;   ///< records known to have existed that could not be read
    std::uint64_t generation = 0;        ///< of this start of the process; 0 when the checkpoint was only looked at
};

namespace detail {

/// All that reading finds out; the journal goes on from it.
struct recovery {
    recovered found;
    inventory files;
    log_records records;
    std::optional<std::size_t> chosen; ///< which of `records.entries` holds `found.commit`
};

inline void add_note(recovery& state, log_entry const& entry, std::string_view problem)
{
    state.found.notes.push_back("the commit of batch " + std::to_string(entry.header.time) + " ms in "
                                + state.records.file_of(entry) + " cannot be used: " + std::string(problem));
}

/// Finds the newest commit that verifies, from the last to the first.
inline void choose_commit(any_storage const& storage, recovery& state)
{
    auto const& entries = state.records.entries;
    for (std::size_t i = entries.size(); i-- != 0;) {
        auto const& entry = entries[i];
        if (entry.header.kind != snapshot_format::block_kind::commit || entry.given_up) {
            continue;
        }
        try {
            auto index = decode_commit(batch_time(entry.header.time), state.records.located(entry));
            state.found.commit = read_state(storage, std::move(index), state.records.log.store_id);
            state.chosen = i;
            return;
        } catch (corrupt_checkpoint const& problem) {
            add_note(state, entry, problem.what());
        } catch (storage_error const& problem) {
            add_note(state, entry, problem.what());
        }
    }
}

/// Whether a commit must have been made once, though none can be read.
[[nodiscard]] inline bool commit_is_missing(recovery const& state)
{
    auto const& listed = state.records.log.listed;
    if (state.found.commit) {
        return false;
    }
    if (listed) {
        return listed->proven_commit != 0;
    }
    bool const seen = std::ranges::any_of(state.records.entries, [](log_entry const& entry) {
        return entry.header.kind == snapshot_format::block_kind::commit;
    });
    bool const damaged =
        state.files.manifest
        && std::ranges::any_of(state.records.log.segments, [](auto const& segment) { return segment.damaged; });
    return seen || damaged || !state.files.states.empty();
}

/// Says so when a commit that was known to be durable is not in the log, and nothing else tells.
inline void note_lost_commit(recovery& state)
{
    auto const& listed = state.records.log.listed;
    auto const newest = state.chosen ? state.records.entries[*state.chosen].header.sequence : 0;
    if (listed && listed->proven_commit > newest) {
        state.found.notes.push_back("expected the commit in record " + std::to_string(listed->proven_commit)
                                    + " or a later one, found that of record " + std::to_string(newest));
    }
}

/// The plans and dones after the commit; the last word on a batch counts. A plan that is made anew, because the one
/// before could not be used, leaves nothing of what was done by that.
inline void collect_records(recovery& state)
{
    auto const& commit = state.found.commit;
    std::map<batch_time, plan_record> plans;
    std::map<std::pair<batch_time, std::string>, done_record> dones;
    for (auto const& entry : state.records.entries) {
        batch_time const time(entry.header.time);
        if (commit && time <= commit->time) {
            continue;
        }
        if (entry.header.kind == snapshot_format::block_kind::plan) {
            auto plan = decode_plan(time, state.records.located(entry));
            auto const before = plans.find(time);
            if (before != plans.end() && before->second == plan) {
                continue;
            }
            std::erase_if(dones, [time](auto const& done) { return done.first.first == time; });
            plans.insert_or_assign(time, std::move(plan));
        } else if (entry.header.kind == snapshot_format::block_kind::done) {
            auto done = decode_done(time, state.records.located(entry));
            std::pair key(time, done.output);
            dones.insert_or_assign(std::move(key), std::move(done));
        }
    }
    for (auto& [time, plan] : plans) {
        state.found.plans.push_back(std::move(plan));
    }
    for (auto& [key, done] : dones) {
        state.found.dones.push_back(std::move(done));
    }
}

[[nodiscard]] inline std::string joined(std::vector<std::string> const& notes)
{
    std::string text;
    for (auto const& note : notes) {
        text += "\n  " + note;
    }
    return text;
}

/// Reads and verifies the checkpoint in `storage`. Changes nothing.
[[nodiscard]] inline recovery recover(any_storage const& storage, std::string const& application)
{
    recovery state;
    state.files = take_inventory(storage);
    state.records = read_log(storage, application, state.files);
    if (!state.files.manifest && !state.files.logs.empty() && state.records.entries.empty()
        && state.files.states.empty()) {
        state.records.log.damaged = false;
        state.records.log.segments.clear();
        state.records.log.notes = {"the first start of this checkpoint ended before it had written anything"};
    }
    state.found.notes = state.records.log.notes;
    state.found.records_dropped = state.records.records_dropped;
    choose_commit(storage, state);
    if (commit_is_missing(state)) {
        throw corrupt_checkpoint(
            "no commit in " + storage.describe()
            + " can be read although there were some; bring the directory back from a copy, or ask for "
              "on_unreadable::start_fresh, which sets it aside:"
            + joined(state.found.notes));
    }
    note_lost_commit(state);
    collect_records(state);
    return state;
}

} // namespace detail

/// What a start from the checkpoint in `storage` would find; takes no lock and changes nothing.
///
/// For tools. What it finds may be out of date at once while the application runs.
///
/// *Throws* `corrupt_checkpoint` when there were commits and none can be read; `incompatible_checkpoint` for another
/// application or a newer version of the format; `storage_error`.
[[nodiscard]] inline recovered read_checkpoint(any_storage const& storage, std::string const& application)
{
    return detail::recover(storage, application).found;
}

} // namespace tidemark
