// SPDX-License-Identifier: BSL-1.0
//
// locked_checkpoint: takes a checkpoint over: locks it, reads it, and opens its journal.

#pragma once

#include <tidemark/checkpoint/detail/journal_start.hpp>
#include <tidemark/checkpoint/detail/state_files.hpp>
#include <tidemark/checkpoint/detail/state_table.hpp>
#include <tidemark/checkpoint/journal.hpp>
#include <tidemark/checkpoint/journal_options.hpp>
#include <tidemark/checkpoint/recovery_reader.hpp>
#include <tidemark/checkpoint/snapshot_format.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/execution/executor.hpp>
#include <tidemark/execution/inline_executor.hpp>
#include <tidemark/storage/storage.hpp>
#include <tidemark/storage/storage_lock.hpp>
#include <tidemark/time/batch_time.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace tidemark {

/// A journal, and what the checkpoint held when it was opened.
template <storage Storage>
struct basic_opened_journal {
    basic_journal<Storage> log;
    recovered state;
};

/// A checkpoint that has been locked and read. Nothing in it changes before `begin`, so one that a program cannot take
/// over stays as it is.
template <storage Storage>
class basic_locked_checkpoint {
public:
    /// Takes the lock and reads what is there.
    ///
    /// *Throws* `corrupt_checkpoint` when there were commits and none can be read (unless `options` say otherwise: then
    /// the directory is set aside), `incompatible_checkpoint` for another application or a newer version of the format,
    /// `config_error`, `storage_error`.
    basic_locked_checkpoint(Storage storage, journal_options options)
        : basic_locked_checkpoint(std::move(storage), std::move(options),
                                  any_executor(std::make_shared<inline_executor>()), detail::base_bytes::kept)
    {}

    /// The same on all threads of `executor`, and without the groups of the commit in its record: `state().groups` gives
    /// them one by one.
    basic_locked_checkpoint(Storage storage, journal_options options, any_executor executor)
        : basic_locked_checkpoint(std::move(storage), std::move(options), std::move(executor),
                                  detail::base_bytes::read_again)
    {}

    /// What the checkpoint holds.
    [[nodiscard]] recovered const& state() const { return state_.found; }

    /// Starts a new generation, and sweeps the leftovers of earlier runs. *Throws* `storage_error`.
    [[nodiscard]] basic_opened_journal<Storage> begin() &&;

private:
    basic_locked_checkpoint(Storage storage, journal_options options, any_executor executor, detail::base_bytes bases);

    [[nodiscard]] static journal_options checked(journal_options options)
    {
        if (options.application.size() > snapshot_format::application_limit) {
            throw config_error("the application's name has " + std::to_string(options.application.size())
                               + " bytes; give it one of at most "
                               + std::to_string(snapshot_format::application_limit));
        }
        if (options.retain == 0) {
            throw config_error("0 commits are to be retained; pass at least 1 to retain");
        }
        return options;
    }

    Storage storage_;
    journal_options options_;
    storage_lock lock_;
    detail::recovery state_;
};

/// The same on a storage of whatever type.
using opened_journal = basic_opened_journal<any_storage>;
/// The same on a storage of whatever type.
using locked_checkpoint = basic_locked_checkpoint<any_storage>;

template <storage Storage>
basic_locked_checkpoint<Storage>::basic_locked_checkpoint(Storage storage, journal_options options,
                                                          any_executor executor, detail::base_bytes bases)
    : storage_(std::move(storage))
    , options_(checked(std::move(options)))
    , lock_(storage_.lock(options_.application))
{
    try {
        state_ = detail::recovery_reader(storage_, options_.application, std::move(executor), bases).read();
    } catch (corrupt_checkpoint const& problem) {
        if (options_.unreadable != on_unreadable::start_fresh) {
            throw;
        }
        state_ = {};
        state_.found.notes.push_back(std::string(problem.what()) + "\nit was set aside as " + storage_.set_aside());
    }
}

template <storage Storage>
basic_opened_journal<Storage> basic_locked_checkpoint<Storage>::begin() &&
{
    auto log =
        detail::takeover<Storage>(state_).begin(std::move(storage_), {options_.application, options_.store_id},
                                                options_.retain, options_.segment_bytes, options_.log_room_bytes);
    std::optional<batch_time> newest;
    if (state_.found.commit) {
        newest = state_.found.commit->time;
    }
    detail::state_table table;
    if (state_.found.commit)
        table = detail::state_table(state_.index, *state_.groups);
    detail::state_files files;
    for (auto const& file : state_.index.files)
        files.note({file.id, log.storage().size(state_name(file.id))}); // with what an earlier use left behind its end
    return {basic_journal<Storage>(std::move(lock_), std::move(log), newest, std::move(table), std::move(files),
                                   options_.state_segment_bytes),
            std::move(state_.found)};
}

template <storage Storage>
basic_opened_journal<Storage> basic_journal<Storage>::open(Storage storage, journal_options const& options)
{
    return basic_locked_checkpoint<Storage>(std::move(storage), options).begin();
}

} // namespace tidemark
