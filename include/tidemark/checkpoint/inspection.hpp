// SPDX-License-Identifier: BSL-1.0
//
// inspection: all that a checkpoint holds, commit by commit, and what is wrong with each; for tools. Changes nothing.

#pragma once

#include <tidemark/checkpoint/detail/commit_codec.hpp>
#include <tidemark/checkpoint/detail/file_header.hpp>
#include <tidemark/checkpoint/detail/inventory.hpp>
#include <tidemark/checkpoint/detail/log_reader.hpp>
#include <tidemark/checkpoint/detail/record_codec.hpp>
#include <tidemark/checkpoint/detail/state_file.hpp>
#include <tidemark/checkpoint/file_names.hpp>
#include <tidemark/checkpoint/manifest.hpp>
#include <tidemark/checkpoint/records.hpp>
#include <tidemark/checkpoint/snapshot_format.hpp>
#include <tidemark/core/error.hpp>
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

/// A commit that a checkpoint's log speaks of.
struct inspected_commit {
    batch_time time{0};
    std::uint64_t sequence = 0;          ///< its number among all records
    std::string segment;                 ///< the file that holds its record
    std::vector<std::string> files;      ///< those that hold its state
    std::uint64_t bytes = 0;             ///< of its record and its state
    bool given_up = false;               ///< a later start went on from an older commit
    std::string problem;                 ///< why a start cannot use it; empty when every byte of it verifies
    std::optional<commit_record> record; ///< with the state; nothing when there is a problem
};

/// A file of a checkpoint.
struct inspected_file {
    std::string name;
    std::uint64_t bytes = 0;
    bool needed = false; ///< the manifest or a commit in the log names it; else the next start may sweep it
};

/// What `inspect_checkpoint` finds.
struct checkpoint_inspection {
    std::string application; ///< empty when no file says it
    std::uint64_t store_id = 0;
    std::uint64_t generation = 0; ///< how often it was started
    std::vector<inspected_file> files;
    std::vector<inspected_commit> commits;                ///< the newest last
    std::optional<std::size_t> chosen;                    ///< the commit that a start would use
    std::vector<batch_time> planned;                      ///< batches after that commit that a start would repeat
    std::vector<std::pair<batch_time, std::string>> done; ///< outputs of those that are finished
    std::uint64_t records_dropped = 0;
    std::vector<std::string> notes; ///< what is odd, in words
};

namespace detail {

/// The application that a checkpoint belongs to: as its manifest says, or else its newest readable log segment.
[[nodiscard]] inline std::string application_of(any_storage const& storage, inventory const& files)
{
    if (files.manifest) {
        try {
            return decode_manifest(storage.read(std::string(manifest_name))).application;
        } catch (corrupt_checkpoint const&) { // a segment may know
        }
    }
    for (auto id = files.logs.rbegin(); id != files.logs.rend(); ++id) {
        auto const name = log_name(*id);
        try {
            return decode_file_header(storage.read(name), name).header.application;
        } catch (corrupt_checkpoint const&) { // an older one may know
        }
    }
    return "";
}

[[nodiscard]] inline inspected_commit inspect_commit(any_storage const& storage, log_records const& records,
                                                     log_entry const& entry)
{
    inspected_commit found;
    found.time = batch_time(entry.header.time);
    found.sequence = entry.header.sequence;
    found.segment = records.file_of(entry);
    found.given_up = entry.given_up;
    found.bytes = entry.payload.size();
    try {
        auto index = decode_commit(found.time, records.located(entry));
        for (auto const& file : index.files) {
            found.files.push_back(state_name(file.id));
            found.bytes += file.size;
        }
        found.record = read_state(storage, std::move(index), records.log.store_id);
    } catch (checkpoint_error const& problem) {
        found.problem = problem.what();
    } catch (storage_error const& problem) {
        found.problem = problem.what();
    }
    if (found.problem.empty() && found.given_up)
        found.problem = "a later start went on from an older commit";
    return found;
}

inline void inspect_records(checkpoint_inspection& found, log_records const& records)
{
    std::set<batch_time> planned;
    std::set<std::pair<batch_time, std::string>> done;
    for (auto const& entry : records.entries) {
        batch_time const time(entry.header.time);
        if (found.chosen && time <= found.commits[*found.chosen].time)
            continue;
        try {
            if (entry.header.kind == snapshot_format::block_kind::plan)
                planned.insert(time);
            else if (entry.header.kind == snapshot_format::block_kind::done)
                done.emplace(time, decode_done(time, records.located(entry)).output);
        } catch (corrupt_checkpoint const& problem) {
            found.notes.emplace_back(problem.what());
        }
    }
    found.planned.assign(planned.begin(), planned.end());
    found.done.assign(done.begin(), done.end());
}

inline void inspect_files(checkpoint_inspection& found, any_storage const& storage, log_records const& records)
{
    std::set<std::string> needed{std::string(manifest_name)};
    for (auto const& segment : records.log.segments)
        needed.insert(segment.name);
    for (auto const& commit : found.commits)
        needed.insert(commit.files.begin(), commit.files.end());
    for (auto const& name : storage.list())
        found.files.push_back({name, storage.size(name), needed.contains(name)});
    for (auto const& name : needed)
        if (std::none_of(found.files.begin(), found.files.end(), [&](auto const& file) { return file.name == name; }))
            found.notes.push_back(name + " is missing");
}

} // namespace detail

/// Reads a checkpoint as far as it can be read, and verifies every byte that a commit of its log refers to. Takes no
/// lock and changes nothing; while the application runs, what it finds may be out of date at once.
///
/// Holds the state of all commits in memory.
/// *Throws* `incompatible_checkpoint` for a newer version of the format; `storage_error` when the directory or its
/// files cannot be listed.
[[nodiscard]] inline checkpoint_inspection inspect_checkpoint(any_storage const& storage)
{
    checkpoint_inspection found;
    auto const files = detail::take_inventory(storage);
    found.application = detail::application_of(storage, files);
    auto const records = detail::read_log(storage, found.application, files);
    found.store_id = records.log.store_id;
    found.generation = records.log.newest_generation;
    found.records_dropped = records.records_dropped;
    found.notes = records.log.notes;
    for (auto const& entry : records.entries) {
        if (entry.header.kind != snapshot_format::block_kind::commit)
            continue;
        found.commits.push_back(detail::inspect_commit(storage, records, entry));
        if (found.commits.back().problem.empty())
            found.chosen = found.commits.size() - 1;
    }
    detail::inspect_records(found, records);
    detail::inspect_files(found, storage, records);
    return found;
}

} // namespace tidemark
