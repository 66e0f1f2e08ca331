// SPDX-License-Identifier: BSL-1.0
//
// journal: the one writer of a checkpoint: plans, dones and commits.

#pragma once

#include <tidemark/checkpoint/detail/commit_codec.hpp>
#include <tidemark/checkpoint/detail/file_header.hpp>
#include <tidemark/checkpoint/detail/live_log.hpp>
#include <tidemark/checkpoint/detail/record_codec.hpp>
#include <tidemark/checkpoint/detail/state_files.hpp>
#include <tidemark/checkpoint/detail/state_log.hpp>
#include <tidemark/checkpoint/detail/state_table.hpp>
#include <tidemark/checkpoint/journal_options.hpp>
#include <tidemark/checkpoint/records.hpp>
#include <tidemark/checkpoint/snapshot_format.hpp>
#include <tidemark/checkpoint/state_handover.hpp>
#include <tidemark/core/chrono.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/later.hpp>
#include <tidemark/core/owner.hpp>
#include <tidemark/storage/storage.hpp>
#include <tidemark/storage/storage_lock.hpp>
#include <tidemark/time/batch_time.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

template <storage Storage>
class basic_locked_checkpoint;
template <storage Storage>
struct basic_opened_journal;

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
    /// *Throws* as `locked_checkpoint` and its `begin`. Defined in locked_checkpoint.hpp.
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

/// The same on a storage of whatever type.
using journal = basic_journal<any_storage>;

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
