// SPDX-License-Identifier: BSL-1.0
//
// checkpoint_writer: brings what batches hand over to the journal, in order; in a thread of its own once one is started.

#pragma once

#include <tidemark/checkpoint/journal.hpp>
#include <tidemark/time/batch_time.hpp>

#include <concepts>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace tidemark {

/// What came of a commit.
struct commit_outcome {
    batch_time time{0};
    commit_report report{};
    std::exception_ptr failure{}; ///< null: it is durable
};

/// Is told what came of each commit.
using commit_listener = std::function<void(commit_outcome const&)>;

/// The writing end of an application's checkpoint. A template, so that a file pays for it only where it is used.
///
/// *Threads*: `write`, `commit`, `finish` and the destructor by the thread that runs jobs.
template <std::same_as<journal> Journal>
class basic_checkpoint_writer {
public:
    /// `told(outcome)` learns of each commit, in the thread that writes; it must not throw.
    basic_checkpoint_writer(Journal& log, commit_listener told)
        : log_(log)
        , told_(std::move(told))
    {}
    basic_checkpoint_writer(basic_checkpoint_writer const&) = delete;
    basic_checkpoint_writer& operator=(basic_checkpoint_writer const&) = delete;

    /// Writes what was handed over.
    ~basic_checkpoint_writer()
    {
        {
            std::scoped_lock const lock(mutex_);
            ending_ = true;
        }
        changed_.notify_all();
        if (thread_.joinable())
            thread_.join();
    }

    /// From now on nobody waits for the disk who only hands over, but where too much waits for it already: more than
    /// `most_bytes`, or `most_commits` commits.
    void start_thread()
    {
        thread_ = std::thread([this] { write_all(); });
    }

    [[nodiscard]] std::thread::id thread() const { return thread_.get_id(); }

    /// Writes state, up to the batch `time`. What fails, the next commit tells.
    void write(batch_time time, state_handover handed) { take({std::move(handed), time, false}); }

    /// Commits the batch `time`.
    void commit(batch_time time, state_handover handed) { take({std::move(handed), time, true}); }

    /// Whether so much waits that whoever has time should wait, too.
    [[nodiscard]] bool is_behind() const
    {
        std::scoped_lock const lock(mutex_);
        return is_full();
    }

    /// Waits until all that was handed over is written, or could not be.
    void finish()
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return waiting_.empty() && !writing_; });
    }

private:
    /// State, and perhaps the commit that makes it true.
    struct piece {
        state_handover handed;
        batch_time time;
        bool is_commit;
    };

    void take(piece next)
    {
        if (!thread_.joinable())
            return bring(next);
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !is_full(); });
        waiting_bytes_ += next.handed.bytes();
        if (!waiting_.empty() && !waiting_.back().is_commit) {
            auto& last = waiting_.back();
            last.handed.append(std::move(next.handed));
            last.time = next.time;
            last.is_commit = next.is_commit;
        } else
            waiting_.push_back(std::move(next));
        lock.unlock();
        changed_.notify_all();
    }

    [[nodiscard]] bool is_full() const { return waiting_bytes_ > most_bytes || waiting_.size() > most_commits; }

    void write_all()
    {
        std::unique_lock lock(mutex_);
        while (true) {
            changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
            if (waiting_.empty())
                return;
            auto next = std::move(waiting_.front());
            waiting_.pop_front();
            auto const bytes = next.handed.bytes();
            writing_ = true;
            lock.unlock();
            bring(next);
            lock.lock();
            writing_ = false;
            waiting_bytes_ -= bytes;
            changed_.notify_all();
        }
    }

    void bring(piece& next)
    {
        commit_outcome outcome{next.time};
        try {
            if (next.is_commit)
                outcome.report = log_.commit(std::move(next.handed));
            else
                log_.write(std::move(next.handed));
        } catch (...) {
            outcome.failure = std::current_exception();
        }
        if (next.is_commit || outcome.failure)
            told_(outcome);
    }

    static constexpr std::uint64_t most_bytes = std::uint64_t{64} << 20U;
    static constexpr std::size_t most_commits = 4;

    Journal& log_;
    commit_listener told_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<piece> waiting_;
    std::uint64_t waiting_bytes_ = 0;
    bool writing_ = false; // something that waits no more
    bool ending_ = false;
    std::thread thread_; // last: it uses the others
};

/// The writer of a running application.
using checkpoint_writer = basic_checkpoint_writer<journal>;

} // namespace tidemark
