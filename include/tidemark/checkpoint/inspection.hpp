// SPDX-License-Identifier: BSL-1.0
//
// inspection: reads all that a checkpoint holds, commit by commit, for tools. Changes nothing.

#pragma once

#include <tidemark/checkpoint/checkpoint_inspection.hpp>
#include <tidemark/checkpoint/detail/application_of.hpp>
#include <tidemark/checkpoint/detail/commit_codec.hpp>
#include <tidemark/checkpoint/detail/compressed_block.hpp>
#include <tidemark/checkpoint/detail/inventory.hpp>
#include <tidemark/checkpoint/detail/log_reader.hpp>
#include <tidemark/checkpoint/detail/record_codec.hpp>
#include <tidemark/checkpoint/detail/savepoint_file.hpp>
#include <tidemark/checkpoint/detail/state_file.hpp>
#include <tidemark/checkpoint/detail/swept_commits.hpp>
#include <tidemark/checkpoint/file_names.hpp>
#include <tidemark/checkpoint/records.hpp>
#include <tidemark/checkpoint/snapshot_format.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/settings.hpp>
#include <tidemark/storage/storage.hpp>
#include <tidemark/time/batch_time.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

namespace detail {

/// Reads as far as it goes; what cannot be read is told.
template <storage Storage>
class inspector {
public:
    inspector(Storage const& storage, std::size_t retained)
        : storage_(storage)
        , retained_(retained)
    {}

    [[nodiscard]] checkpoint_inspection inspect() &&
    {
        auto const files = take_inventory(storage_);
        found_.application = application_of(storage_, files);
        records_ = log_reader(storage_, found_.application).read(files);
        found_.store_id = records_.log.store_id;
        found_.generation = records_.log.newest_generation;
        found_.records_dropped = records_.records_dropped;
        found_.notes = records_.log.notes;
        for (auto const& entry : records_.entries) {
            if (entry.header.kind != snapshot_format::block_kind::commit)
                continue;
            found_.commits.push_back(commit_in(entry));
            note_use(found_.commits.back());
        }
        find_swept(found_, storage_, retained_);
        find_records();
        for (auto& savepoint : read_savepoints(storage_, files, records_.log.store_id))
            found_.savepoints.push_back(savepoint_in(std::move(savepoint)));
        find_files();
        return std::move(found_);
    }

private:
    /// A start uses the last commit that it can; when it comes to one before that which it cannot decompress, it ends.
    void note_use(inspected_commit const& commit)
    {
        bool const is_refused = commit.lacks_compression && !commit.given_up;
        if (!commit.problem.empty() && !is_refused)
            return;
        from_ = commit.time;
        found_.chosen = is_refused ? std::nullopt : std::optional(found_.commits.size() - 1);
    }

    [[nodiscard]] std::vector<inspected_state> states_in(commit_index const& index) const
    {
        std::vector<inspected_state> states;
        auto const sizes = sizes_of(storage_, index, records_.log.store_id);
        for (std::size_t i = 0; i < sizes.size(); ++i) {
            auto& state = states.emplace_back();
            state.stage = index.record.stages[i].name;
            for (auto const& block : sizes[i]) {
                state.bytes += block.length;
                state.stored_bytes += block.stored;
                if (block.compression != 0)
                    state.compressions.insert(compression_name(block.compression));
            }
        }
        return states;
    }

    [[nodiscard]] inspected_commit commit_in(log_entry const& entry) const
    {
        inspected_commit commit;
        commit.time = batch_time(entry.header.time);
        commit.sequence = entry.header.sequence;
        commit.segment = records_.file_of(entry);
        commit.given_up = entry.given_up;
        commit.bytes = entry.payload.size();
        try {
            auto index = decode_commit(commit.time, records_.located(entry));
            for (auto const& file : index.files) {
                commit.files.push_back(state_name(file.id));
                commit.bytes += file.size;
            }
            commit.states = states_in(index);
            commit.record = read_state(storage_, std::move(index), records_.log.store_id);
        } catch (incompatible_checkpoint const& problem) {
            commit.lacks_compression = !commit.states.empty(); // else it is a file of a newer version
            commit.problem = problem.what();
        } catch (checkpoint_error const& problem) {
            commit.problem = problem.what();
        } catch (storage_error const& problem) {
            commit.problem = problem.what();
        }
        if (commit.problem.empty() && commit.given_up)
            commit.problem = "a later start went on from an older commit";
        return commit;
    }

    [[nodiscard]] inspected_savepoint savepoint_in(found_savepoint found) const
    {
        inspected_savepoint savepoint;
        savepoint.name = std::move(found.name);
        savepoint.problem = std::move(found.problem);
        if (!found.content)
            return savepoint;
        auto& commit = found.content->commit;
        savepoint.time = commit.record.time;
        savepoint.sequence = found.content->sequence;
        try {
            savepoint.bytes = storage_.size(savepoint_file_name(savepoint.name));
            for (auto const& file : commit.files) {
                savepoint.files.push_back(state_name(file.id));
                savepoint.bytes += file.size;
            }
            savepoint.record = read_state(storage_, std::move(commit), found.content->store_id);
        } catch (checkpoint_error const& problem) {
            savepoint.problem = problem.what();
        } catch (storage_error const& problem) {
            savepoint.problem = problem.what();
        }
        return savepoint;
    }

    void find_records()
    {
        std::set<batch_time> planned;
        std::set<std::pair<batch_time, std::string>> done;
        for (auto const& entry : records_.entries) {
            batch_time const time(entry.header.time);
            if (from_ && time <= *from_)
                continue;
            try {
                if (entry.header.kind == snapshot_format::block_kind::plan)
                    planned.insert(time);
                else if (entry.header.kind == snapshot_format::block_kind::done)
                    done.emplace(time, decode_done(time, records_.located(entry)).output);
            } catch (corrupt_checkpoint const& problem) {
                found_.notes.emplace_back(problem.what());
            }
        }
        found_.planned.assign(planned.begin(), planned.end());
        found_.done.assign(done.begin(), done.end());
    }

    void find_files()
    {
        std::set<std::string> needed{std::string(manifest_name)};
        for (auto const& segment : records_.log.segments)
            needed.insert(segment.name);
        for (auto const& commit : found_.commits)
            if (!commit.swept)
                needed.insert(commit.files.begin(), commit.files.end());
        for (auto const& savepoint : found_.savepoints) {
            needed.insert(savepoint_file_name(savepoint.name));
            needed.insert(savepoint.files.begin(), savepoint.files.end());
        }
        std::set<std::string> there;
        for (auto const& name : storage_.list()) {
            there.insert(name);
            found_.files.push_back({name, storage_.size(name), needed.contains(name)});
        }
        if (!there.empty())
            for (auto const& name : needed)
                if (!there.contains(name))
                    found_.notes.push_back(name + " is missing");
    }

    Storage const& storage_;
    std::size_t retained_;
    log_records records_;
    checkpoint_inspection found_;
    std::optional<batch_time> from_; // of the commit from which a start goes on, or would
};

} // namespace detail

/// Reads a checkpoint as far as it can be read, and verifies every byte that a commit of its log or a savepoint refers
/// to. Takes no lock and changes nothing; while the application runs, what it finds may be out of date at once.
///
/// The log may speak of more commits than are kept: `retained`, the application's setting of `retained_commits`, tells those
/// whose files are gone as usual from those that are damaged.
/// Holds the state of all commits and savepoints in memory.
/// A commit that is compressed by what `storage` was not given (see `checkpoint_directory::decompressed_by`) has its sizes
/// and no record.
/// *Throws* `incompatible_checkpoint` for a newer version of the format; `storage_error` when the directory or its
/// files cannot be listed.
template <storage Storage>
[[nodiscard]] checkpoint_inspection inspect_checkpoint(Storage const& storage,
                                                       std::size_t retained = settings{}.retained_commits)
{
    return detail::inspector(storage, retained).inspect();
}

} // namespace tidemark
