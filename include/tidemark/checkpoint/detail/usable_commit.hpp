// SPDX-License-Identifier: BSL-1.0
//
// usable_commit: one commit of a checkpoint with all its state, for those who are not its application.

#pragma once

#include <tidemark/checkpoint/detail/application_of.hpp>
#include <tidemark/checkpoint/detail/commit_codec.hpp>
#include <tidemark/checkpoint/detail/inventory.hpp>
#include <tidemark/checkpoint/detail/log_reader.hpp>
#include <tidemark/checkpoint/detail/state_file.hpp>
#include <tidemark/checkpoint/records.hpp>
#include <tidemark/checkpoint/recovery_reader.hpp>
#include <tidemark/checkpoint/snapshot_format.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/storage/storage.hpp>
#include <tidemark/time/batch_time.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tidemark::detail {

/// A commit whose every byte verifies, and what was odd on the way to it.
struct usable_commit {
    commit_record record;
    std::vector<std::string> notes;
};

/// The commit that a start would use. *Throws* `checkpoint_error` when no commit was ever made, and as
/// `read_checkpoint`.
template <storage Storage>
[[nodiscard]] usable_commit newest_commit(Storage const& storage)
{
    auto found = read_checkpoint(storage, application_of(storage, take_inventory(storage)));
    if (!found.commit)
        throw checkpoint_error("expected a checkpoint with a commit in " + storage.describe()
                               + ", found none; name the directory that was given to checkpoint_directory, and wait "
                                 "until its application has committed");
    return {std::move(*found.commit), std::move(found.notes)};
}

/// The newest commit of the batch `time`. *Throws* `corrupt_checkpoint` when it cannot be read, `checkpoint_error`
/// when there is none or when a later start went on from an older one.
template <storage Storage>
[[nodiscard]] usable_commit commit_of_batch(Storage const& storage, batch_time time)
{
    auto const files = take_inventory(storage);
    auto const records = log_reader(storage, application_of(storage, files)).read(files);
    std::string others;
    for (auto entry = records.entries.rbegin(); entry != records.entries.rend(); ++entry) {
        if (entry->header.kind != snapshot_format::block_kind::commit || entry->given_up)
            continue;
        if (batch_time(entry->header.time) == time)
            return {read_state(storage, decode_commit(time, records.located(*entry)), records.log.store_id),
                    records.log.notes};
        auto const other = to_string(batch_time(entry->header.time));
        others = others.empty() ? other : other + ", " + others;
    }
    throw checkpoint_error("expected a commit of batch " + to_string(time) + " in " + storage.describe() + ", found "
                           + (others.empty() ? "no commit" : "those of " + others)
                           + "; ask for one of these, or for the newest by naming none");
}

} // namespace tidemark::detail
