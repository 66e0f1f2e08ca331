// SPDX-License-Identifier: BSL-1.0
//
// inspection: all that a checkpoint holds, commit by commit, and what is wrong with each; for tools. Changes nothing.

#pragma once

#include <tidemark/checkpoint/detail/application_of.hpp>
#include <tidemark/checkpoint/detail/commit_codec.hpp>
#include <tidemark/checkpoint/detail/compressed_block.hpp>
#include <tidemark/checkpoint/detail/inventory.hpp>
#include <tidemark/checkpoint/detail/log_reader.hpp>
#include <tidemark/checkpoint/detail/record_codec.hpp>
#include <tidemark/checkpoint/detail/savepoint_file.hpp>
#include <tidemark/checkpoint/detail/state_file.hpp>
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
        find_swept();
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

    [[nodiscard]] bool lacks_file(inspected_commit const& commit) const
    {
        return std::any_of(commit.files.begin(), commit.files.end(),
                           [this](auto const& file) { return !storage_.exists(file); });
    }

    /// Retention sweeps the files of the oldest commit first: one without a file behind another with all of them is damaged.
    void find_swept()
    {
        if (!found_.chosen)
            return;
        auto& commits = found_.commits;
        std::set<batch_time> later; // a start writes the commit from which it goes on once more
        for (auto i = commits.size(); i != 0; --i) {
            auto& commit = commits[i - 1];
            commit.swept = later.size() - later.count(commit.time) >= std::max<std::size_t>(retained_, 1)
                           && i - 1 < *found_.chosen && !commit.given_up && lacks_file(commit);
            if (!commit.given_up)
                later.insert(commit.time);
        }
        auto const is_whole = [this](auto const& commit) {
            return !commit.files.empty() && !commit.given_up && !lacks_file(commit);
        };
        for (auto at = std::find_if(commits.begin(), commits.end(), is_whole); at != commits.end(); ++at)
            at->swept = false;
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
