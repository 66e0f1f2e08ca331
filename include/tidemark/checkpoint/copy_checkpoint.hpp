// SPDX-License-Identifier: BSL-1.0
//
// copy_checkpoint: a checkpoint directory of its own from a savepoint or the newest commit, or from a part of it; for
// tools and programs that start from a savepoint.

#pragma once

#include <tidemark/checkpoint/detail/application_of.hpp>
#include <tidemark/checkpoint/detail/commit_codec.hpp>
#include <tidemark/checkpoint/detail/file_header.hpp>
#include <tidemark/checkpoint/detail/inventory.hpp>
#include <tidemark/checkpoint/detail/journal_start.hpp>
#include <tidemark/checkpoint/detail/record_codec.hpp>
#include <tidemark/checkpoint/detail/savepoint_file.hpp>
#include <tidemark/checkpoint/detail/segment_writer.hpp>
#include <tidemark/checkpoint/detail/state_file.hpp>
#include <tidemark/checkpoint/detail/state_files.hpp>
#include <tidemark/checkpoint/detail/state_log.hpp>
#include <tidemark/checkpoint/detail/state_table.hpp>
#include <tidemark/checkpoint/file_names.hpp>
#include <tidemark/checkpoint/manifest.hpp>
#include <tidemark/checkpoint/records.hpp>
#include <tidemark/checkpoint/recovery_reader.hpp>
#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/checkpoint/snapshot_format.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/storage/storage.hpp>
#include <tidemark/storage/unique_id.hpp>
#include <tidemark/time/batch_time.hpp>
#include <tidemark/time/duration.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// What of a commit a copy takes over. The batch times, settings and broadcast values it always does.
enum class copied_part : unsigned char {
    everything,
    states,   ///< states, windows and accumulators; each source begins anew, and no batch is repeated
    positions ///< how far each source was read, and what was planned; states, windows and accumulators begin empty
};

/// What `copy_checkpoint` copies.
struct copy_options {
    std::optional<std::string> savepoint{}; ///< nothing: the newest commit that a start would use
    copied_part part = copied_part::everything;
};

/// What `copy_checkpoint` has copied.
struct copy_report {
    std::string application;        ///< the one that may start from the copy
    batch_time time{0};             ///< of the commit
    std::size_t plans = 0;          ///< batches after it that a start repeats
    std::vector<std::string> notes; ///< what was odd about the checkpoint that was read
};

namespace detail {

/// What a copy is made of.
struct copy_source {
    std::string application;
    recovered content;
};

template <storage Storage>
[[nodiscard]] copy_source source_of_copy(Storage const& from, std::optional<std::string> const& savepoint)
{
    auto const files = take_inventory(from);
    copy_source source;
    if (savepoint) {
        if (auto const problem = savepoint_name_problem(*savepoint))
            throw config_error("tidemark::copy_checkpoint: " + *problem);
        if (!from.exists(savepoint_file_name(*savepoint)))
            throw no_such_savepoint(from, *savepoint);
        auto found = read_savepoint(from, *savepoint, 0);
        source.application = std::move(found.application);
        source.content.commit = read_state(from, std::move(found.commit), found.store_id);
        source.content.commit->settings.insert_or_assign(std::string(snapshot_format::savepoint_setting),
                                                         to_bytes(*savepoint));
        return source;
    }
    source.application = application_of(from, files);
    source.content = recovery_reader(from, source.application).read().found;
    if (!source.content.commit)
        throw usage_error("there is no commit in " + from.describe() + " to copy; name a directory with a checkpoint");
    return source;
}

inline void leave_out(recovered& content, copied_part part)
{
    auto& commit = *content.commit;
    if (part == copied_part::states) {
        commit.positions.clear();
        content.plans.clear();
        content.dones.clear();
    } else if (part == copied_part::positions) {
        commit.stages.clear();
        commit.accumulators.clear();
        for (auto& done : content.dones)
            done.contributions.clear();
    }
}

/// The first bytes of a file of the copy.
[[nodiscard]] inline file_header copy_header(snapshot_format::file_kind kind, std::string const& application,
                                             std::uint64_t store_id)
{
    file_header header;
    header.kind = kind;
    header.number = 1;
    header.store_id = store_id;
    header.generation = 1;
    header.first_sequence = 1;
    header.application = application;
    return header;
}

/// The groups of a stage, and what has changed in them batch by batch.
template <storage To>
void copy_stage(stage_image const& stage, batch_time time, state_log<To>& states, stage_blocks& blocks)
{
    std::map<batch_time, std::vector<changed_group>> deltas;
    for (auto const& group : stage.groups) {
        auto const base_time = group.runs.empty() ? time : group.runs.front().time - duration(1);
        auto base = base_block(base_time, group);
        blocks.put_base(base);
        states.add(std::move(base));
        for (auto const& run : group.runs) {
            deltas[run.time].push_back({group.group, run});
            blocks.note_change(group.group, run.time);
        }
    }
    for (auto const& [at, groups] : deltas) {
        auto delta = delta_block(at, groups);
        blocks.put_delta(delta);
        states.add(std::move(delta));
    }
}

/// The state of `commit` in a first file. There is one even for a commit without state: a start that finds it and no
/// commit knows that a copy was not finished.
template <storage To>
[[nodiscard]] state_references write_copied_state(To const& to, file_header const& header, commit_record const& commit)
{
    if (commit.stages.empty()) {
        auto file = to.create(state_name({header.generation, header.number}));
        file.append(encode_file_header(header)); // of which only the name matters
        to.sync_directory();
        return {};
    }
    state_log<To> states(to, header, std::numeric_limits<std::uint64_t>::max());
    state_table table;
    for (auto const& stage : commit.stages)
        copy_stage(stage, commit.time, states, table.stage(stage.name));
    states.sync();
    return state_files().references(table.snapshot(commit.stages));
}

/// The commit stands last, when all before it is durable: it makes the copy true. Gives the number of its record.
template <storage Storage>
[[nodiscard]] std::uint64_t write_copied_log(Storage const& to, file_header const& header, recovered const& content,
                                             state_references const& state)
{
    using snapshot_format::block_kind;
    segment_writer log(to.create(log_name({header.generation, header.number})), header);
    auto sequence = header.first_sequence;
    auto const& commit = *content.commit;
    for (auto const& plan : content.plans)
        log.append(block_kind::plan, sequence++, plan.time, encode_plan(plan));
    for (auto const& done : content.dones)
        log.append(block_kind::done, sequence++, done.time, encode_done(done));
    log.sync();
    log.append(block_kind::commit, sequence, commit.time, encode_commit(commit, state.files, state.blocks));
    log.sync();
    return sequence;
}

} // namespace detail

/// Makes a checkpoint of its own in `to`, which is empty, from a savepoint of the checkpoint in `from`, or from its newest
/// commit with what was planned and done after it. The program starts from `to` as from any other. `from` stays as it is,
/// later commits included.
///
/// Takes the lock of `to` and none of `from`: when the application commits meanwhile, files may go while they are read,
/// and the call throws; a savepoint stays. After a crash in the call, `to` is whole, or a start from it refuses, or it is still empty.
/// *Throws* `usage_error` when `to` is not empty, and when there is no such savepoint or no commit; `config_error` for
/// a name that is none; `corrupt_checkpoint`, `incompatible_checkpoint`, `storage_error`.
template <storage From, storage To>
copy_report copy_checkpoint(From const& from, To const& to, copy_options const& options = {})
{
    using snapshot_format::file_kind;
    auto source = detail::source_of_copy(from, options.savepoint);
    auto& content = source.content;
    detail::leave_out(content, options.part);
    auto const lock = to.lock(source.application);
    auto const there = to.list();
    if (!there.empty() || !to.folders().empty())
        throw usage_error("expected nothing in " + to.describe() + ", found "
                          + (there.empty() ? to.folders().front() : there.front())
                          + "; name a new directory, so that nothing is lost");

    auto const store_id = draw_unique_id(to.describe());
    auto const state = detail::write_copied_state(
        to, detail::copy_header(file_kind::state, source.application, store_id), *content.commit);
    auto const proven =
        detail::write_copied_log(to, detail::copy_header(file_kind::log, source.application, store_id), content, state);
    write_manifest(to, {source.application, store_id, 1, proven, {{{1, 1}, 1, 0, 0}}});
    auto const copy = read_checkpoint(to, source.application);
    if (copy.commit != content.commit || copy.plans != content.plans || copy.dones != content.dones
        || !copy.notes.empty())
        throw corrupt_checkpoint("the copy in " + to.describe()
                                 + " does not read as what was written; remove it, and copy to another disk"
                                 + (copy.notes.empty() ? "" : ": " + copy.notes.front()));
    return {source.application, content.commit->time, content.plans.size(), std::move(content.notes)};
}

} // namespace tidemark
