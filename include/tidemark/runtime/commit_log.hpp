// SPDX-License-Identifier: BSL-1.0
//
// commit_log: the journal of a running application, for the thread that plans and the one that runs.

#pragma once

#include <tidemark/checkpoint/journal.hpp>
#include <tidemark/checkpoint/records.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/time/batch_time.hpp>

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// What an application writes down on its way.
///
/// *Throws* from each call: as `journal`. *Threads*: `plan` and `is_open` by the generating thread, `expect_free` and
/// `drop_savepoint` by any, the others by the one that runs jobs; `open` comes before both and `close` after.
template <bool Checkpointed>
class commit_log {
public:
    /// Goes on with a checkpoint, whose state the application has taken over; `name_of` gives the present name of a
    /// stage, or nothing. Gives what was odd about it, in words.
    template <typename NameOf>
    [[nodiscard]] std::vector<std::string> open(locked_checkpoint locked, NameOf const& name_of)
    {
        auto opened = std::move(locked).begin();
        journal_.emplace(std::move(opened.log));
        journal_->rename_stages(name_of);
        if (opened.state.commit)
            last_ = opened.state.commit->time;
        return std::move(opened.state.notes);
    }

    /// True from `open` to `close`.
    [[nodiscard]] bool is_open() const { return journal_.has_value(); }

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
        std::scoped_lock const lock(mutex_);
        journal_->change(time, stage, std::move(changes));
    }

    /// Writes what was noted, and before that the bases that cannot wait: `base_of(due)` gives each. *Requires* that it is
    /// open.
    template <typename BaseOf>
    void write_state(batch_time time, BaseOf const& base_of)
    {
        std::scoped_lock const lock(mutex_);
        while (auto const due = journal_->base_due(spare_time::none))
            journal_->put_due_base(time, due->stage, base_of(*due));
        journal_->write_state();
    }

    /// Writes one base more, where there is one that should be; false when there is none.
    template <typename BaseOf>
    [[nodiscard]] bool write_base(batch_time time, BaseOf const& base_of)
    {
        std::scoped_lock const lock(mutex_);
        auto const due = journal_ ? journal_->base_due(spare_time::some) : std::nullopt;
        if (!due)
            return false;
        journal_->put_due_base(time, due->stage, base_of(*due));
        journal_->write_state();
        return true;
    }

    /// *Requires* that it is open.
    commit_report commit(commit_record const& record)
    {
        std::scoped_lock const lock(mutex_);
        auto report = journal_->commit(record);
        without_ = 0;
        last_ = record.time;
        return report;
    }

    /// Pins the last commit. *Requires* that it is open.
    batch_time save(std::string const& name)
    {
        std::scoped_lock const lock(mutex_);
        return journal_->save(name);
    }

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

    /// The batch of the last commit, of this run or of the one that it continues.
    [[nodiscard]] std::optional<batch_time> const& last_commit() const { return last_; }

    /// Notes that a commit failed.
    void miss_commit() { without_ = std::max<std::size_t>(without_, 1); }

    /// Counts one more batch since a commit failed, if one has and none has succeeded; gives how many there are.
    std::size_t count_batch() { return without_ == 0 ? 0 : ++without_; }

    void close()
    {
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

    std::mutex mutex_;
    std::optional<journal> journal_;
    std::optional<batch_time> last_;
    std::size_t without_ = 0; // batches since, and with, the one whose commit failed
};

/// Without a checkpoint directory nothing is written down.
template <>
class commit_log<false> {};

} // namespace tidemark
