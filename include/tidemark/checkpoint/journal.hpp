// SPDX-License-Identifier: BSL-1.0
//
// journal: the one writer of a checkpoint: takes it over at start, then plans, dones and commits.

#pragma once

#include <tidemark/checkpoint/detail/commit_codec.hpp>
#include <tidemark/checkpoint/detail/file_header.hpp>
#include <tidemark/checkpoint/detail/journal_start.hpp>
#include <tidemark/checkpoint/detail/live_log.hpp>
#include <tidemark/checkpoint/detail/record_codec.hpp>
#include <tidemark/checkpoint/detail/state_file.hpp>
#include <tidemark/checkpoint/records.hpp>
#include <tidemark/checkpoint/recovery_reader.hpp>
#include <tidemark/checkpoint/retention.hpp>
#include <tidemark/checkpoint/snapshot_format.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/storage/storage.hpp>
#include <tidemark/storage/storage_lock.hpp>
#include <tidemark/time/batch_time.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// What to do when there were commits and none of them can be read.
enum class on_unreadable {
    fail,       ///< throw `corrupt_checkpoint`
    start_fresh ///< move the whole directory aside, say where in a note, and begin anew
};

/// How a journal is kept.
struct journal_options {
    std::string application; ///< must be that of the checkpoint; at most 1024 bytes
    std::size_t retain = 3;  ///< how many commits are kept, at least 1
    on_unreadable unreadable = on_unreadable::fail;
    std::uint64_t segment_bytes = std::uint64_t{4} << 20U; ///< a log segment that is as long is followed by a new one
    std::uint64_t store_id = 0;                            ///< for a new checkpoint; 0: drawn at random
};

/// What a commit cost.
struct commit_report {
    batch_time time{0};
    std::uint64_t bytes = 0; ///< written, state and record
    std::size_t files = 0;   ///< new ones
    std::chrono::nanoseconds duration{0};
    std::vector<std::string> notes; ///< what could not be tidied up; the commit is durable all the same
};

template <storage Storage>
class basic_locked_checkpoint;
template <storage Storage>
struct basic_opened_journal;

/// The log of a checkpoint, open for writing. Holds the lock of its directory as long as it lives.
///
/// *Throws* from each call: `checkpoint_error`. When another process has taken the directory over, that is final: every
/// later call throws too, and only a new start helps. After any other failure a later call may succeed; what was not
/// durable before it goes into a new file first.
/// *Threads*: one call at a time.
template <storage Storage>
class basic_journal {
public:
    /// Takes the lock, reads what is there, starts a new generation, and sweeps the leftovers of earlier runs.
    ///
    /// *Throws* as `locked_checkpoint` and its `begin`.
    [[nodiscard]] static basic_opened_journal<Storage> open(Storage storage, journal_options const& options);

    /// Writes PLAN. When `durable`, it and all before it survive a loss of power once this returns.
    void plan(plan_record const& record, bool durable)
    {
        write(snapshot_format::block_kind::plan, record.time, detail::encode_plan(record), durable);
    }

    /// Writes DONE. When `durable`, it and all before it survive a loss of power once this returns.
    void done(done_record const& record, bool durable)
    {
        write(snapshot_format::block_kind::done, record.time, detail::encode_done(record), durable);
    }

    /// Writes all state and makes it true. Either the commit before or this one is found by a later start, never a
    /// mixture.
    ///
    /// When it throws, the commit may still turn out to have become true.
    /// *Requires* a batch time later than that of the last commit. *Throws* `usage_error` otherwise.
    commit_report commit(commit_record const& record);

    /// Pins the newest commit as the savepoint `name`: it stays, with all that it needs, until it is dropped, whatever
    /// commits follow. Durable when this returns; gives the batch of the commit.
    ///
    /// When it throws a `checkpoint_error`, the savepoint may still turn out to be there; a later call with the name
    /// replaces it then.
    /// *Throws* `usage_error` when `name` is none for a savepoint or is taken, and when there is no commit.
    batch_time save(std::string const& name);

    /// *Throws* `usage_error` when `save` would, for its name.
    void expect_free(std::string const& name) const { log_.expect_free(name); }

    /// Drops a savepoint, a damaged one too. What no commit needs of it is deleted.
    ///
    /// *Throws* `usage_error` when there is none of that name.
    void drop_savepoint(std::string const& name);

    /// The number of this start of the process; each start has a higher one.
    [[nodiscard]] std::uint64_t generation() const { return log_.identity().generation; }

private:
    friend class basic_locked_checkpoint<Storage>;

    basic_journal(storage_lock lock, detail::live_log<Storage> log, std::optional<batch_time> newest_commit)
        : lock_(std::move(lock))
        , log_(std::move(log))
        , newest_commit_(newest_commit)
    {}

    void write(snapshot_format::block_kind kind, batch_time time, std::vector<std::byte> const& payload, bool durable)
    {
        try {
            log_.make_usable();
            log_.append(kind, time, payload);
            if (durable) {
                log_.sync();
                log_.check_still_ours();
            }
        } catch (storage_error const& problem) {
            throw checkpoint_error("the log could not be written for batch " + to_string(time) + ": " + problem.what());
        }
    }

    storage_lock lock_;
    detail::live_log<Storage> log_;
    std::optional<batch_time> newest_commit_;
    std::uint32_t state_number_ = 0;
};

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
    basic_locked_checkpoint(Storage storage, journal_options options);

    /// What the checkpoint holds.
    [[nodiscard]] recovered const& state() const { return state_.found; }

    /// Starts a new generation, and sweeps the leftovers of earlier runs. *Throws* `storage_error`.
    [[nodiscard]] basic_opened_journal<Storage> begin() &&;

private:
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
using journal = basic_journal<any_storage>;
using opened_journal = basic_opened_journal<any_storage>;
using locked_checkpoint = basic_locked_checkpoint<any_storage>;

template <storage Storage>
basic_locked_checkpoint<Storage>::basic_locked_checkpoint(Storage storage, journal_options options)
    : storage_(std::move(storage))
    , options_(checked(std::move(options)))
    , lock_(storage_.lock(options_.application))
{
    try {
        state_ = detail::recovery_reader(storage_, options_.application).read();
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
    auto log = detail::takeover<Storage>(state_).begin(std::move(storage_), {options_.application, options_.store_id},
                                                       options_.retain, options_.segment_bytes);
    std::optional<batch_time> newest;
    if (state_.found.commit) {
        newest = state_.found.commit->time;
    }
    return {basic_journal<Storage>(std::move(lock_), std::move(log), newest), std::move(state_.found)};
}

template <storage Storage>
basic_opened_journal<Storage> basic_journal<Storage>::open(Storage storage, journal_options const& options)
{
    return basic_locked_checkpoint<Storage>(std::move(storage), options).begin();
}

template <storage Storage>
batch_time basic_journal<Storage>::save(std::string const& name)
{
    expect_free(name);
    try {
        log_.make_usable();
        return log_.pin(name);
    } catch (storage_error const& problem) {
        throw checkpoint_error("the savepoint \"" + name + "\" could not be written: " + problem.what());
    }
}

template <storage Storage>
void basic_journal<Storage>::drop_savepoint(std::string const& name)
{
    try {
        log_.make_usable();
        log_.check_still_ours();
        log_.unpin(name);
    } catch (storage_error const& problem) {
        throw checkpoint_error("the savepoint \"" + name + "\" was not dropped as a whole: " + problem.what());
    }
}

template <storage Storage>
commit_report basic_journal<Storage>::commit(commit_record const& record)
{
    if (newest_commit_ && record.time <= *newest_commit_) {
        throw usage_error("a commit of batch " + to_string(record.time) + " after that of batch "
                          + to_string(*newest_commit_) + "; commits go forward in time");
    }
    auto const began = std::chrono::steady_clock::now();
    commit_report report;
    report.time = record.time;
    try {
        log_.make_usable();
        auto const& identity = log_.identity();
        detail::file_header const header{snapshot_format::file_kind::state,
                                         ++state_number_,
                                         identity.store_id,
                                         identity.generation,
                                         log_.next_sequence(),
                                         0,
                                         identity.application};
        log_.kept().add_state_file({header.generation, header.number}); // even if it comes to nothing: it goes in time
        auto const state = detail::write_state(log_.storage(), header, record);
        std::vector<file_id> files;
        for (auto const& file : state.files) {
            files.push_back(file.id);
            report.bytes += file.size;
        }
        auto const payload = detail::encode_commit(record, state.files, state.blocks);
        log_.check_still_ours();
        auto const sequence = log_.append(snapshot_format::block_kind::commit, record.time, payload);
        log_.sync(); // this makes it true
        report.bytes += snapshot_format::block_header_bytes + payload.size();
        report.files = files.size();
        log_.add_commit(sequence, record.time, std::move(files));
        newest_commit_ = record.time;
    } catch (storage_error const& problem) {
        throw checkpoint_error("the commit of batch " + to_string(record.time) + " failed: " + problem.what());
    }
    try {
        log_.tidy();
    } catch (error const& problem) {
        report.notes.push_back("the log was not tidied up after batch " + to_string(record.time) + ": "
                               + problem.what());
    }
    report.duration = std::chrono::steady_clock::now() - began;
    return report;
}

} // namespace tidemark
