// SPDX-License-Identifier: BSL-1.0
//
// commit_log: the journal of a running application, for the threads that plan, run and write.

#pragma once

#include <tidemark/checkpoint/journal.hpp>
#include <tidemark/checkpoint/locked_checkpoint.hpp>
#include <tidemark/checkpoint/records.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/runtime/checkpoint_writer.hpp>
#include <tidemark/storage/storage.hpp>
#include <tidemark/time/batch_time.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace tidemark {

/// What an application writes down on its way.
///
/// *Throws* from each call: as `journal`; what is only handed over tells later. *Threads*: `plan` and `is_open` by the
/// generating thread, `expect_free` and `drop_savepoint` by any, `miss_commit` by the one that writes, the others by the
/// one that runs jobs; `open` comes before them and `close` after.
template <bool Checkpointed>
class commit_log {
    // named through the parameter, so that a file pays for a journal only where it runs one
    using storage_type = std::conditional_t<Checkpointed, any_storage, void>;
    using journal_type = basic_journal<storage_type>;

public:
    using locked_type = basic_locked_checkpoint<storage_type>;

    /// Goes on with a checkpoint, whose state the application has taken over; `name_of` gives the present name of a
    /// stage, or nothing; `told` learns of each commit that is handed over. Gives what was odd about it, in words.
    template <typename NameOf>
    [[nodiscard]] std::vector<std::string> open(locked_type locked, NameOf const& name_of, commit_listener told)
    {
        auto opened = std::move(locked).begin();
        journal_.emplace(std::move(opened.log));
        journal_->rename_stages(name_of);
        if (opened.state.commit)
            last_ = opened.state.commit->time;
        writer_.emplace(*journal_, [this, told = std::move(told)](commit_outcome const& outcome) {
            if (!outcome.failure)
                note_commit(outcome.time);
            told(outcome);
        });
        return std::move(opened.state.notes);
    }

    /// True from `open` to `close`.
    [[nodiscard]] bool is_open() const { return journal_.has_value(); }

    /// From now on `write_state`, `write_base` and `commit` only hand over; a thread writes. *Requires* that it is open.
    void write_in_background()
    {
        writer_->start_thread();
        writing_thread_ = writer_->thread();
    }

    /// From any thread.
    [[nodiscard]] bool writes_in_this_thread() const { return writing_thread_.load() == std::this_thread::get_id(); }

    /// `durable`: it survives a loss of power, too.
    void plan(plan_record const& record, bool durable)
    {
        std::scoped_lock const lock(mutex_);
        if (journal_)
            journal_->plan(record, durable);
    }

    void done(done_record const& record)
    {
        std::scoped_lock const lock(mutex_);
        if (journal_)
            journal_->done(record, false);
    }

    /// Notes what a batch has changed in a stage. *Requires* that it is open.
    void change(batch_time time, std::string const& stage, stage_changes changes)
    {
        journal_->change(time, stage, std::move(changes));
    }

    /// Writes what was noted, and before that the bases that cannot wait: `base_of(due)` gives each. What that throws
    /// costs the bases of this batch, no more, and `take_failure` gives it. *Requires* that it is open.
    template <typename BaseOf>
    void write_state(batch_time time, BaseOf const& base_of)
    {
        try {
            while (auto const due = journal_->base_due(spare_time::none))
                journal_->put_due_base(time, due->stage, base_of(*due));
        } catch (...) { // a serialize of the program may throw anything; the changes are good without the base
            std::scoped_lock const lock(outcome_mutex_);
            failure_ = std::current_exception();
        }
        writer_->write(time, journal_->hand_over());
    }

    /// Writes one base more, where there is one that should be and the disk keeps up; false when there is none.
    template <typename BaseOf>
    [[nodiscard]] bool write_base(batch_time time, BaseOf const& base_of)
    {
        if (!journal_ || writer_->is_behind())
            return false;
        auto const due = journal_->base_due(spare_time::some);
        if (!due)
            return false;
        journal_->put_due_base(time, due->stage, base_of(*due));
        writer_->write(time, journal_->hand_over());
        return true;
    }

    /// Hands a commit over. *Requires* that it is open.
    void commit(commit_record record)
    {
        auto const time = record.time;
        writer_->commit(time, journal_->hand_over(std::move(record)));
    }

    /// Commits at once, behind what was handed over. *Requires* that it is open.
    commit_report commit_now(commit_record record)
    {
        writer_->finish();
        auto const time = record.time;
        auto report = journal_->commit(journal_->hand_over(std::move(record)));
        note_commit(time);
        return report;
    }

    /// Waits until what was handed over is written, or could not be.
    void finish()
    {
        if (writer_)
            writer_->finish();
    }

    /// Pins the last commit. *Requires* that it is open.
    batch_time save(std::string const& name) { return journal_->save(name); }

    void expect_free(std::string const& name)
    {
        std::scoped_lock const lock(mutex_);
        expect_open();
        journal_->expect_free(name);
    }

    void drop_savepoint(std::string const& name)
    {
        std::scoped_lock const lock(mutex_);
        expect_open();
        journal_->drop_savepoint(name);
    }

    /// The batch of the last commit, of this run or of the one that it continues. One that was handed over may still come.
    [[nodiscard]] std::optional<batch_time> last_commit() const
    {
        std::scoped_lock const lock(outcome_mutex_);
        return last_;
    }

    /// Notes why a commit, or what it needs, failed.
    void miss_commit(std::exception_ptr failure)
    {
        std::scoped_lock const lock(outcome_mutex_);
        without_ = std::max<std::size_t>(without_, 1);
        failure_ = std::move(failure);
    }

    /// Why the last commit or base failed that has since the last call; null when none has.
    [[nodiscard]] std::exception_ptr take_failure()
    {
        std::scoped_lock const lock(outcome_mutex_);
        return std::exchange(failure_, nullptr);
    }

    /// Counts one more batch since a commit failed, if one has and none has succeeded; gives how many there are.
    std::size_t count_batch()
    {
        std::scoped_lock const lock(outcome_mutex_);
        return without_ == 0 ? 0 : ++without_;
    }

    void close()
    {
        writer_.reset();
        writing_thread_ = std::thread::id(); // a later thread may get the id
        std::scoped_lock const lock(mutex_);
        journal_.reset();
    }

private:
    void expect_open() const
    {
        if (!journal_)
            throw usage_error("the application does not run: its checkpoint directory has not been opened, or let go; "
                              "ask while it runs, or use the tool for directories");
    }

    void note_commit(batch_time time)
    {
        std::scoped_lock const lock(outcome_mutex_);
        without_ = 0;
        last_ = time;
    }

    std::mutex mutex_; // between those who ask whether it is open and `close`
    std::optional<journal_type> journal_;
    mutable std::mutex outcome_mutex_;
    std::optional<batch_time> last_;
    std::size_t without_ = 0; // batches since, and with, the one whose commit failed
    std::exception_ptr failure_;
    std::atomic<std::thread::id> writing_thread_;
    std::optional<basic_checkpoint_writer<journal_type>> writer_; // uses the others
};

/// Without a checkpoint directory nothing is written down.
template <>
class commit_log<false> {};

} // namespace tidemark
