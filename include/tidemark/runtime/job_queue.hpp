// SPDX-License-Identifier: BSL-1.0
//
// job_queue: generated batches on their way to the thread that runs them.

#pragma once

#include <tidemark/core/owner.hpp>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <stop_token>
#include <utility>

namespace tidemark {

/// A bounded queue between the generating thread and the running one. `Batch` is a `job_set`.
template <typename Batch>
class job_queue {
public:
    explicit job_queue(std::size_t limit)
        : limit_(limit)
    {}

    /// Waits for room. False when `stop` was requested first; the batch is dropped then.
    bool push(owner<Batch> batch, std::stop_token const& stop) { return push(std::move(batch), stop, limit_); }

    /// The same, and waits until no other one is waiting: for batches that are not to come as one burst.
    bool push_paced(owner<Batch> batch, std::stop_token const& stop) { return push(std::move(batch), stop, 1); }

    /// Waits for a batch. Null when there will be no more, or when `stop` was requested.
    [[nodiscard]] owner<Batch> pop(std::stop_token const& stop)
    {
        std::unique_lock lock(mutex_);
        if (!changed_.wait(lock, stop, [this] { return !waiting_.empty() || closed_; }) || waiting_.empty()
            || stop.stop_requested())
            return nullptr;
        auto batch = std::move(waiting_.front());
        waiting_.pop_front();
        changed_.notify_all();
        return batch;
    }

    /// Nobody waits to be run.
    [[nodiscard]] bool empty() const
    {
        std::scoped_lock const lock(mutex_);
        return waiting_.empty();
    }

    /// No batch comes any more; `pop` gives what is left.
    void close()
    {
        std::scoped_lock const lock(mutex_);
        closed_ = true;
        changed_.notify_all();
    }

private:
    bool push(owner<Batch> batch, std::stop_token const& stop, std::size_t limit)
    {
        std::unique_lock lock(mutex_);
        if (!changed_.wait(lock, stop, [this, limit] { return waiting_.size() < limit; }))
            return false;
        waiting_.push_back(std::move(batch));
        changed_.notify_all();
        return true;
    }

    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<owner<Batch>> waiting_;
    std::size_t limit_;
    bool closed_ = false;
};

} // namespace tidemark
