// SPDX-License-Identifier: BSL-1.0
//
// recovery_reader: the newest commit whose every byte verifies, and what was planned and published after it.

#pragma once

#include <tidemark/checkpoint/detail/block.hpp>
#include <tidemark/checkpoint/detail/commit_codec.hpp>
#include <tidemark/checkpoint/detail/inventory.hpp>
#include <tidemark/checkpoint/detail/log_reader.hpp>
#include <tidemark/checkpoint/detail/record_codec.hpp>
#include <tidemark/checkpoint/detail/savepoint_file.hpp>
#include <tidemark/checkpoint/detail/state_file.hpp>
#include <tidemark/checkpoint/records.hpp>
#include <tidemark/checkpoint/saved_groups.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/execution/executor.hpp>
#include <tidemark/execution/inline_executor.hpp>
#include <tidemark/storage/storage.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
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
    std::size_t unusable_commits = 0;    ///< known to be newer than `commit`; each has a note
    std::uint64_t generation = 0;        ///< of this start of the process; 0 when the checkpoint was only looked at
    /// The groups of `commit`, whose stages have none then; null: they are in it.
    std::shared_ptr<saved_groups> groups{};
};

namespace detail {

/// All that reading finds out; the journal goes on from it.
struct recovery {
    recovered found;
    inventory files;
    log_records records;
    std::optional<std::size_t> chosen;    ///< which of `records.entries` holds `found.commit`
    commit_index index;                   ///< where the state of `found.commit` lies
    std::shared_ptr<saved_groups> groups; ///< of `found.commit`
    std::vector<found_savepoint> savepoints;
};

/// Reads and verifies a checkpoint. Changes nothing.
template <storage Storage>
class recovery_reader {
public:
    /// Reads with one thread. What it finds has all groups.
    recovery_reader(Storage const& storage, std::string const& application)
        : recovery_reader(storage, application, any_executor(std::make_shared<inline_executor>()), base_bytes::kept)
    {}
    /// Reads state with all threads of `executor`. With `base_bytes::read_again` what it finds gives groups one by one.
    recovery_reader(Storage const& storage, std::string const& application, any_executor executor, base_bytes bases)
        : storage_(storage)
        , application_(application)
        , executor_(std::move(executor))
        , bases_(bases)
    {}

    [[nodiscard]] recovery read() &&;

private:
    void pass_over(log_entry const& entry, std::string_view problem)
    {
        unusable_.push_back(entry.header);
        state_.found.notes.push_back(unusable_commit(entry.header.time, state_.records.file_of(entry), problem));
    }

    /// Finds the newest commit that verifies, from the last to the first.
    void choose_commit()
    {
        auto const& entries = state_.records.entries;
        for (std::size_t i = entries.size(); i-- != 0;) {
            auto const& entry = entries[i];
            if (entry.header.kind != snapshot_format::block_kind::commit || entry.given_up) {
                continue;
            }
            try {
                state_.index = decode_commit(batch_time(entry.header.time), state_.records.located(entry));
                state_.groups = std::make_shared<stored_groups<Storage>>(
                    storage_, state_.index, state_.records.log.store_id, bases_, executor_);
                state_.found.commit.emplace(state_.index.record);
                if (bases_ == base_bytes::read_again)
                    state_.found.groups = state_.groups;
                else
                    state_.found.commit = with_groups(state_.index.record, *state_.groups);
                state_.chosen = i;
                return;
            } catch (corrupt_checkpoint const& problem) {
                pass_over(entry, problem.what());
            } catch (storage_error const& problem) {
                pass_over(entry, problem.what());
            }
        }
    }

    /// Whether a commit must have been made once, though none can be read.
    [[nodiscard]] bool commit_is_missing() const
    {
        auto const& listed = state_.records.log.listed;
        if (state_.found.commit) {
            return false;
        }
        if (listed) {
            return listed->proven_commit != 0;
        }
        auto const& entries = state_.records.entries;
        auto const& segments = state_.records.log.segments;
        bool const seen = std::any_of(entries.begin(), entries.end(), [](log_entry const& entry) {
            return entry.header.kind == snapshot_format::block_kind::commit;
        });
        // A manifest is there as a whole or not at all, and after the segment that it lists: without one, that was lost.
        bool const damaged =
            state_.files.manifest
            && (segments.empty() || std::any_of(segments.begin(), segments.end(), [](log_segment const& segment) {
                    return segment.damaged;
                }));
        return seen || damaged || !state_.files.states.empty() || !state_.files.savepoints.empty();
    }

    /// Says so when a savepoint cannot be used.
    void read_pins()
    {
        state_.savepoints = read_savepoints(storage_, state_.files, state_.records.log.store_id);
        for (auto const& savepoint : state_.savepoints)
            if (!savepoint.content)
                state_.found.notes.push_back("the savepoint \"" + savepoint.name
                                             + "\" cannot be used, and keeps all state that is there until it is "
                                               "dropped: "
                                             + savepoint.problem);
    }

    /// What a savepoint may save of a checkpoint that cannot be read.
    [[nodiscard]] std::string savepoints_to_go_on_from() const
    {
        std::string names;
        for (auto const& savepoint : state_.savepoints)
            if (savepoint.content)
                names += (names.empty() ? "" : ", ") + savepoint.name;
        return names.empty() ? "" : ", or make a new directory with copy_checkpoint from a savepoint (" + names + ")";
    }

    /// Counts the commits that are newer than the one that is chosen: those passed over, those with a damaged record,
    /// and as one those of which nothing is left though the manifest tells of them. Notes when that one's record is gone.
    void count_unusable_commits()
    {
        auto const& commit = state_.found.commit;
        auto const chosen = state_.chosen ? state_.records.entries[*state_.chosen].header.sequence : 0;
        std::set<std::uint64_t> seen;
        std::set<std::int64_t> times; // one may be there twice: a start copies the commit that it goes on from
        for (auto const* headers : {&unusable_, &state_.records.damaged_commits}) {
            for (auto const& header : *headers) {
                seen.insert(header.sequence);
                if (!commit || batch_time(header.time) > commit->time)
                    times.insert(header.time);
            }
        }
        state_.found.unusable_commits = times.size();

        auto const is_lost = [&](std::uint64_t record) { return record > chosen && !seen.contains(record); };
        auto const& listed = state_.records.log.listed;
        if (!listed || !is_lost(listed->proven_commit))
            return;
        std::optional<std::uint64_t> record = listed->proven_commit;
        while (record && is_lost(*record))
            record = copied_into(*record);
        if (!record)
            ++state_.found.unusable_commits;
        state_.found.notes.push_back("expected the commit in record " + std::to_string(listed->proven_commit)
                                     + " or a later one, found that of record " + std::to_string(chosen));
    }

    /// The record that a start has copied into this one; nothing where this is no copy.
    [[nodiscard]] std::optional<std::uint64_t> copied_into(std::uint64_t record) const
    {
        for (auto const& segment : state_.records.log.segments) {
            auto const& [id, first, end, resumed_from] = segment.entry;
            if (id.number == 1 && first == record && resumed_from != 0 && resumed_from < record)
                return resumed_from;
        }
        return std::nullopt;
    }

    /// The plans and dones after the commit; the last word on a batch counts. A plan that is made anew, because the one
    /// before could not be used, leaves nothing of what was done by that.
    void collect_records()
    {
        auto const& commit = state_.found.commit;
        auto& plans = state_.found.plans;
        auto& dones = state_.found.dones;
        for (auto const& entry : state_.records.entries) {
            batch_time const time(entry.header.time);
            if (commit && time <= commit->time) {
                continue;
            }
            if (entry.header.kind == snapshot_format::block_kind::plan) {
                auto plan = decode_plan(time, state_.records.located(entry));
                auto const place = std::lower_bound(plans.begin(), plans.end(), plan, goes_before);
                bool const known = place != plans.end() && place->time == time;
                if (known && *place == plan) {
                    continue;
                }
                std::erase_if(dones, [time](done_record const& done) { return done.time == time; });
                put(plans, place, known, std::move(plan));
            } else if (entry.header.kind == snapshot_format::block_kind::done) {
                auto done = decode_done(time, state_.records.located(entry));
                auto const place = std::lower_bound(dones.begin(), dones.end(), done, is_done_before);
                bool const known = place != dones.end() && place->time == time && place->output == done.output;
                put(dones, place, known, std::move(done));
            }
        }
    }

    [[nodiscard]] static bool goes_before(plan_record const& one, plan_record const& other)
    {
        return one.time < other.time;
    }

    [[nodiscard]] static bool is_done_before(done_record const& one, done_record const& other)
    {
        return one.time != other.time ? one.time < other.time : one.output < other.output;
    }

    template <typename Records, typename Record>
    static void put(Records& records, typename Records::iterator place, bool replaces, Record&& record)
    {
        if (replaces) {
            *place = std::move(record);
        } else {
            records.insert(place, std::move(record));
        }
    }

    [[nodiscard]] static std::string joined(std::vector<std::string> const& notes)
    {
        std::string text;
        for (auto const& note : notes) {
            text += "\n  " + note;
        }
        return text;
    }

    Storage const& storage_;
    std::string const& application_;
    any_executor executor_;
    base_bytes bases_;
    recovery state_;
    std::vector<block_header> unusable_; // of the commits that were passed over
};

template <storage Storage>
recovery recovery_reader<Storage>::read() &&
{
    state_.files = take_inventory(storage_);
    state_.records = log_reader(storage_, application_).read(state_.files);
    if (!state_.files.manifest && !state_.files.logs.empty() && state_.records.entries.empty()
        && state_.files.states.empty() && state_.files.savepoints.empty()) {
        state_.records.log.damaged = false;
        state_.records.log.segments.clear();
        state_.records.log.notes = {"the first start of this checkpoint ended before it had written anything"};
    }
    state_.found.notes = state_.records.log.notes;
    state_.found.records_dropped = state_.records.records_dropped;
    choose_commit();
    read_pins();
    if (commit_is_missing()) {
        auto const& notes = state_.found.notes;
        throw corrupt_checkpoint("no commit in " + storage_.describe()
                                 + " can be read although there were some; bring the directory back from a copy"
                                 + savepoints_to_go_on_from()
                                 + ", or ask for on_unreadable::start_fresh, which sets it aside"
                                 + (notes.empty() ? "; its listing shows no file of a log" : ":" + joined(notes)));
    }
    count_unusable_commits();
    collect_records();
    return std::move(state_);
}

} // namespace detail

/// What a start from the checkpoint in `storage` would find; takes no lock and changes nothing.
///
/// For tools. What it finds may be out of date at once while the application runs.
///
/// *Throws* `corrupt_checkpoint` when there were commits and none can be read; `incompatible_checkpoint` for another
/// application or a newer version of the format; `storage_error`.
template <storage Storage>
[[nodiscard]] recovered read_checkpoint(Storage const& storage, std::string const& application)
{
    return detail::recovery_reader(storage, application).read().found;
}

} // namespace tidemark
