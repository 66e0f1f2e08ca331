// SPDX-License-Identifier: BSL-1.0
//
// journal: the one writer of a checkpoint: takes it over at start, then plans, dones and commits.

#pragma once

#include <tidemark/checkpoint/detail/commit_codec.hpp>
#include <tidemark/checkpoint/detail/file_header.hpp>
#include <tidemark/checkpoint/detail/journal_start.hpp>
#include <tidemark/checkpoint/detail/live_log.hpp>
#include <tidemark/checkpoint/detail/record_codec.hpp>
#include <tidemark/checkpoint/detail/state_files.hpp>
#include <tidemark/checkpoint/detail/state_log.hpp>
#include <tidemark/checkpoint/detail/state_table.hpp>
#include <tidemark/checkpoint/records.hpp>
#include <tidemark/checkpoint/recovery_reader.hpp>
#include <tidemark/checkpoint/retention.hpp>
#include <tidemark/checkpoint/snapshot_format.hpp>
#include <tidemark/core/chrono.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/later.hpp>
#include <tidemark/core/owner.hpp>
#include <tidemark/execution/executor.hpp>
#include <tidemark/execution/inline_executor.hpp>
#include <tidemark/storage/storage.hpp>
#include <tidemark/storage/storage_lock.hpp>
#include <tidemark/time/batch_time.hpp>

#include <algorithm>
#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <mutex>
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
    /// For so many bytes of records to come a log segment is filled with zeros beforehand, where the storage can, so that
    /// a sync of a small commit makes no file longer; 0: it grows.
    std::uint64_t log_room_bytes = std::uint64_t{64} << 10U;
    /// A state file that is as long is followed by a new one; 0: twice the size of the state, from 1 to 64 MiB.
    std::uint64_t state_segment_bytes = 0;
    std::uint64_t store_id = 0; ///< for a new checkpoint; 0: drawn at random
};

/// What a commit cost.
struct commit_report {
    batch_time time{0};
    std::uint64_t bytes = 0; ///< written since the commit before, state and record
    std::size_t files = 0;   ///< of state, begun since then
    std::chrono::nanoseconds duration{0};
    std::vector<std::string> notes; ///< what could not be tidied up; the commit is durable all the same
};

template <storage Storage>
class basic_locked_checkpoint;
template <storage Storage>
struct basic_opened_journal;

/// State on its way from a journal's `hand_over` to its `write` or `commit`.
template <std::same_as<detail::state_block> Block>
class basic_state_handover {
public:
    /// How many bytes of state it holds.
    [[nodiscard]] std::uint64_t bytes() const
    {
        std::uint64_t total = 0;
        for (auto const& block : blocks_)
            total += block->length;
        return total;
    }

    /// Goes on with what was handed over after it. *Requires* that this one is not for a commit.
    void append(basic_state_handover later)
    {
        blocks_.insert(blocks_.end(), std::make_move_iterator(later.blocks_.begin()),
                       std::make_move_iterator(later.blocks_.end()));
        record_ = std::move(later.record_);
        snapshot_ = std::move(later.snapshot_);
    }

private:
    template <storage Storage>
    friend class basic_journal;

    std::vector<detail::state_block_ptr> blocks_;
    commit_record record_;            // of the commit, if it is for one
    detail::state_snapshot snapshot_; // what the commit refers to
};

/// The same for the blocks that journals write.
using state_handover = basic_state_handover<detail::state_block>;

/// The log of a checkpoint, open for writing. Holds the lock of its directory as long as it lives.
///
/// What batches change goes to disk in two steps, for two threads: one calls `change`, `base_due`, `put_due_base` and
/// `hand_over`, which touch no file; the other calls `write` and `commit` with what was handed over, in that order.
///
/// *Throws* from each call that writes: `checkpoint_error`. When another process has taken the directory over, that is
/// final: every later call throws too, and only a new start helps. After any other failure a later call may succeed; what
/// was not durable before it goes into a new file first.
/// *Threads*: those two; the calls that are not named here by any.
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

    /// The stages have other names from now on: `name_of(name)`, or none when their state is dropped.
    template <typename NameOf>
    void rename_stages(NameOf const& name_of)
    {
        table_.rename(name_of);
    }

    /// Takes what the batch `time`, later than all before, has changed in a stage. The next commit makes it true.
    ///
    /// *Throws* nothing but for want of memory: what cannot be written is kept, and goes with the next commit.
    void change(batch_time time, std::string const& stage, stage_changes changes);

    /// The base that should be written again, so that the next start has not too many changes to go through; nothing
    /// when there are enough, and as long as what was handed over cannot be written.
    [[nodiscard]] std::optional<due_base> base_due(spare_time time);

    /// Takes the base that was due, as it is after the batch `time`, of which all changes have been taken.
    void put_due_base(batch_time time, std::string const& stage, group_image group)
    {
        auto const bytes = put_base(time, stage, std::move(group));
        table_.stage(stage).pay(bytes);
    }

    /// What was taken since the last call, for `write`.
    [[nodiscard]] state_handover hand_over();

    /// What was taken since the last call, and the groups that are in `record`, which are bases, for `commit`. Of stages
    /// that `record` does not name nothing is left.
    [[nodiscard]] state_handover hand_over(commit_record record);

    /// Hands to the system what was taken. Nothing of it is durable before a commit, but for what is more than should be
    /// kept in memory. What fails is tried again later.
    void write(state_handover handed);

    /// Makes true what was taken since the commit before. Either the commit before or this one is found by a later start,
    /// never a mixture.
    ///
    /// When it throws, the commit may still turn out to have become true.
    /// *Requires* a batch time later than that of the last commit. *Throws* `usage_error` otherwise.
    commit_report commit(state_handover handed);

    /// The two steps at once, for a single thread.
    void write_state() { write(hand_over()); }
    commit_report commit(commit_record const& record) { return commit(hand_over(record)); }

    /// Pins the newest commit as the savepoint `name`: it stays, with all that it needs, until it is dropped, whatever
    /// commits follow. Durable when this returns; gives the batch of the commit.
    ///
    /// When it throws a `checkpoint_error`, the savepoint may still turn out to be there; a later call with the name
    /// replaces it then.
    /// *Throws* `usage_error` when `name` is none for a savepoint or is taken, and when there is no commit.
    batch_time save(std::string const& name);

    /// *Throws* `usage_error` when `save` would, for its name.
    void expect_free(std::string const& name) const
    {
        std::scoped_lock const lock(shared_->log_mutex);
        log_.expect_free(name);
    }

    /// Drops a savepoint, a damaged one too. What no commit needs of it is deleted.
    ///
    /// *Throws* `usage_error` when there is none of that name.
    void drop_savepoint(std::string const& name);

    /// The number of this start of the process; each start has a higher one.
    [[nodiscard]] std::uint64_t generation() const { return log_.identity().generation; }

private:
    friend class basic_locked_checkpoint<Storage>;

    basic_journal(storage_lock lock, detail::live_log<Storage> log, std::optional<batch_time> newest_commit,
                  detail::state_table table, detail::state_files files, std::uint64_t state_segment_bytes)
        : lock_(std::move(lock))
        , log_(std::move(log))
        , newest_commit_(newest_commit)
        , states_(log_.storage(), header_of_states(log_.identity()), state_segment_bytes, log_.spares())
        , files_(std::move(files))
        , fixed_segments_(state_segment_bytes != 0)
        , table_(std::move(table))
    {
        fit_segments();
    }

    /// What the threads tell each other.
    struct shared_state {
        std::mutex log_mutex;
        std::atomic<bool> states_are_broken = false;
        std::mutex sparse_mutex;
        later<std::optional<std::vector<detail::state_block_ptr>>, Storage> sparse; // found since the last look
    };

    /// Whether what was handed over could be written, for the other thread.
    class state_trouble {
    public:
        explicit state_trouble(basic_journal& journal)
            : journal_(journal)
        {}
        state_trouble(state_trouble const&) = delete;
        state_trouble& operator=(state_trouble const&) = delete;
        ~state_trouble()
        {
            journal_.shared_->states_are_broken.store(journal_.states_.is_broken(), std::memory_order_relaxed);
        }

    private:
        basic_journal& journal_;
    };

    /// Gives how long it is in a file.
    std::uint64_t put_base(batch_time time, std::string const& stage, group_image group);

    [[nodiscard]] static detail::file_header header_of_states(detail::log_identity const& identity)
    {
        detail::file_header header;
        header.store_id = identity.store_id;
        header.generation = identity.generation;
        header.application = identity.application;
        return header;
    }

    /// Small states leave small files.
    void fit_segments()
    {
        if (!fixed_segments_)
            states_.set_segment_bytes(
                std::clamp<std::uint64_t>(2 * files_.live_bytes(), std::uint64_t{1} << 20U, std::uint64_t{64} << 20U));
    }

    void write(snapshot_format::block_kind kind, batch_time time, std::vector<std::byte> const& payload, bool durable)
    {
        std::scoped_lock const lock(shared_->log_mutex);
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

    void take(state_handover& handed)
    {
        for (auto& block : handed.blocks_)
            states_.add(std::move(block));
        handed.blocks_.clear();
    }

    void note_files()
    {
        for (auto const& file : states_.take_left()) {
            left_.push_back(file);
            files_.note(file);
        }
        if (auto const file = states_.current())
            files_.note(*file);
    }

    [[nodiscard]] commit_report append_commit(state_handover const& handed);
    void tidy(commit_report& report);

    /// More than so much is made durable before a commit, so that it need not be kept, and the commit has little to do.
    static constexpr std::uint64_t most_waiting_bytes = std::uint64_t{4} << 20U;

    owner<shared_state> shared_ = make_owner<shared_state>();
    storage_lock lock_;
    detail::live_log<Storage> log_;           // with log_mutex
    std::optional<batch_time> newest_commit_; // with log_mutex
    detail::state_log<Storage> states_;       // of the thread that writes, with the three that follow
    detail::state_files files_;
    std::vector<detail::file_reference> left_; // state files that no commit since has gone on without
    bool fixed_segments_;
    later<detail::state_table, Storage> table_;  // of the thread that hands over
    std::vector<detail::state_block_ptr> fresh_; // the same: to be handed over
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
using journal = basic_journal<any_storage>;
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

template <storage Storage>
batch_time basic_journal<Storage>::save(std::string const& name)
{
    std::scoped_lock const lock(shared_->log_mutex);
    log_.expect_free(name);
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
    std::scoped_lock const lock(shared_->log_mutex);
    try {
        log_.make_usable();
        log_.check_still_ours();
        log_.unpin(name);
    } catch (storage_error const& problem) {
        throw checkpoint_error("the savepoint \"" + name + "\" was not dropped as a whole: " + problem.what());
    }
}

template <storage Storage>
void basic_journal<Storage>::change(batch_time time, std::string const& stage, stage_changes changes)
{
    if (changes.anew)
        table_.begin_anew(stage);
    auto& blocks = table_.stage(stage);
    for (auto const group : changes.dropped) // first: its number may be that of a new one
        blocks.drop(group);
    for (auto& group : changes.bases)
        put_base(time, stage, std::move(group));
    if (changes.runs.empty())
        return;
    for (auto const& each : changes.runs)
        blocks.note_change(each.group, time);
    auto block = detail::delta_block(time, std::move(changes.runs));
    blocks.owe(block->size());
    blocks.put_delta(block);
    fresh_.push_back(std::move(block));
}

template <storage Storage>
std::uint64_t basic_journal<Storage>::put_base(batch_time time, std::string const& stage, group_image group)
{
    auto block = detail::base_block(time, std::move(group));
    auto const size = block->size();
    table_.stage(stage).put_base(block);
    fresh_.push_back(std::move(block));
    return size;
}

template <storage Storage>
std::optional<due_base> basic_journal<Storage>::base_due(spare_time time)
{
    if (shared_->states_are_broken.load(std::memory_order_relaxed))
        return std::nullopt;
    {
        std::scoped_lock const lock(shared_->sparse_mutex);
        if (auto found = std::exchange(shared_->sparse, std::nullopt))
            table_.set_sparse(*std::move(found));
    }
    return table_.due(time);
}

template <storage Storage>
state_handover basic_journal<Storage>::hand_over()
{
    state_handover handed;
    handed.blocks_ = std::exchange(fresh_, {});
    return handed;
}

template <storage Storage>
state_handover basic_journal<Storage>::hand_over(commit_record record)
{
    for (auto& stage : record.stages)
        for (auto& group : std::exchange(stage.groups, {}))
            put_base(record.time, stage.name, std::move(group));
    auto handed = hand_over();
    handed.snapshot_ = table_.snapshot(record.stages);
    handed.record_ = std::move(record);
    return handed;
}

template <storage Storage>
void basic_journal<Storage>::write(state_handover handed)
{
    state_trouble const trouble(*this);
    take(handed);
    try {
        if (states_.waiting_bytes() > most_waiting_bytes)
            states_.sync();
        else
            states_.write();
    } catch (storage_error const&) { // the commit says so, if it fails again
    }
}

template <storage Storage>
commit_report basic_journal<Storage>::commit(state_handover handed)
{
    auto const began = std::chrono::steady_clock::now();
    state_trouble const trouble(*this);
    take(handed);
    auto const time = handed.record_.time;
    commit_report report;
    try {
        std::unique_lock lock(shared_->log_mutex);
        if (newest_commit_ && time <= *newest_commit_)
            throw usage_error("a commit of batch " + to_string(time) + " after that of batch "
                              + to_string(*newest_commit_) + "; commits go forward in time");
        log_.make_usable();
        lock.unlock(); // plans and dones need not wait for the state
        states_.sync();
        lock.lock();
        report = append_commit(handed);
        tidy(report);
    } catch (storage_error const& problem) {
        throw checkpoint_error("the commit of batch " + to_string(time) + " failed: " + problem.what());
    }
    fit_segments();
    {
        std::scoped_lock const lock(shared_->sparse_mutex);
        shared_->sparse = files_.sparse(handed.snapshot_);
    }
    report.duration = std::chrono::steady_clock::now() - began;
    return report;
}

/// Writes the record that makes the commit true. All state is durable, and the log is held.
template <storage Storage>
commit_report basic_journal<Storage>::append_commit(state_handover const& handed)
{
    auto const& record = handed.record_;
    note_files();
    auto const state = files_.references(handed.snapshot_);
    std::vector<file_id> files;
    for (auto const& file : state.files)
        files.push_back(file.id);
    auto const payload = detail::encode_commit(record, state.files, state.blocks);
    log_.make_usable();
    log_.check_still_ours();
    auto const sequence = log_.append(snapshot_format::block_kind::commit, record.time, payload);
    log_.sync(); // this makes it true
    commit_report report;
    report.time = record.time;
    report.bytes = states_.take_written_bytes() + snapshot_format::block_header_bytes + payload.size();
    report.files = states_.take_begun();
    log_.add_commit(sequence, record.time, std::move(files));
    newest_commit_ = record.time;
    return report;
}

/// Lets go of what no commit needs any more, now that there is one more. The log is still held: all of it is durable.
template <storage Storage>
void basic_journal<Storage>::tidy(commit_report& report)
{
    for (auto const& file : std::exchange(left_, {}))
        log_.kept().add_state_file(file.id); // what of it counts, the commit refers to
    try {
        log_.tidy();
    } catch (error const& problem) {
        report.notes.push_back("the log was not tidied up after batch " + to_string(report.time) + ": "
                               + problem.what());
    }
}

} // namespace tidemark
