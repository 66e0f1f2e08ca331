// SPDX-License-Identifier: BSL-1.0
//
// thread_pool_executor: a fixed number of threads that share the tasks of one run at a time.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/execution/detail/first_failure.hpp>
#include <tidemark/execution/executor.hpp>
#include <tidemark/execution/inline_executor.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace tidemark {

/// An executor with `threads` threads, the calling one included. A `Thread` is made, stopped and joined as a
/// `std::jthread`.
///
/// Tasks are claimed one by one from a single counter, so no thread waits while there is work. Idle threads spin for a
/// moment, where there are more cores than threads, and then sleep.
/// *Threads*: runs from several threads go one after another. A run that a task begins, on whatever pool, is done by
/// the thread of that task alone, so tasks never wait for each other.
template <typename Thread>
class basic_thread_pool_executor {
public:
    /// *Throws* `config_error` for less than one thread.
    explicit basic_thread_pool_executor(std::size_t threads)
        : spins_(threads < std::thread::hardware_concurrency() ? 2000 : 0)
    {
        if (threads == 0)
            throw config_error("tidemark::thread_pool_executor: 0 threads; give at least 1");
        workers_.reserve(threads - 1);
        for (std::size_t i = 1; i < threads; ++i)
            workers_.emplace_back([this](std::stop_token const& stop) { work(stop); });
    }

    basic_thread_pool_executor(basic_thread_pool_executor const&) = delete;
    basic_thread_pool_executor& operator=(basic_thread_pool_executor const&) = delete;

    ~basic_thread_pool_executor() = default;

    void run(std::size_t tasks, task_ref task)
    {
        if (tasks == 0)
            return;
        if (in_task())
            return inline_executor().run(tasks, task);
        if (tasks > most_tasks)
            throw usage_error("tidemark::thread_pool_executor: " + std::to_string(tasks) + " tasks in one run; at most "
                              + std::to_string(most_tasks));
        std::scoped_lock const one_at_a_time(running_);
        detail::first_failure failure;
        task_ = &task;
        failure_ = &failure;
        count_ = tasks;
        unfinished_.store(tasks, std::memory_order_relaxed);
        auto const next_run = (ticket_.load(std::memory_order_relaxed) & ~(one_run - 1)) + one_run;
        ticket_.store(next_run | tasks, std::memory_order_release);
        ticket_.notify_all();
        while (claim_and_run()) {
        }
        for (auto left = unfinished_.load(std::memory_order_acquire); left != 0;
             left = unfinished_.load(std::memory_order_acquire))
            unfinished_.wait(left, std::memory_order_acquire);
        failure.rethrow();
    }

    [[nodiscard]] std::size_t threads() const { return workers_.size() + 1; }

    [[nodiscard]] bool owns_this_thread() const
    {
        return std::any_of(workers_.begin(), workers_.end(),
                           [id = std::this_thread::get_id()](auto const& one) { return one.get_id() == id; });
    }

private:
    // The ticket: number of the run in the upper half, tasks not yet claimed in the lower.
    static constexpr std::uint64_t one_run = std::uint64_t{1} << 32U;
    static constexpr std::uint64_t most_tasks = one_run - 1;

    /// Runs one task if one is left. What a run has set stays as it is until all claimed tasks have ended, so it may be
    /// read after a claim, and only then.
    bool claim_and_run()
    {
        auto ticket = ticket_.load(std::memory_order_acquire);
        do {
            if ((ticket & (one_run - 1)) == 0)
                return false;
        } while (
            !ticket_.compare_exchange_weak(ticket, ticket - 1, std::memory_order_acq_rel, std::memory_order_acquire));
        in_task() = true;
        failure_->guard(count_ - static_cast<std::size_t>(ticket & (one_run - 1)), *task_);
        in_task() = false;
        if (unfinished_.fetch_sub(1, std::memory_order_acq_rel) == 1)
            unfinished_.notify_all();
        return true;
    }

    /// Whether the calling thread is in a task of any pool.
    static bool& in_task()
    {
        thread_local bool in = false;
        return in;
    }

    void work(std::stop_token const& stop)
    {
        std::stop_callback const wake(stop, [this] {
            ticket_.fetch_add(one_run); // a new, empty run
            ticket_.notify_all();
        });
        while (!stop.stop_requested()) {
            if (claim_and_run())
                continue;
            auto idle = ticket_.load(std::memory_order_acquire);
            for (int spin = 0; spin < spins_ && (idle & (one_run - 1)) == 0; ++spin)
                idle = ticket_.load(std::memory_order_acquire);
            if ((idle & (one_run - 1)) == 0 && !stop.stop_requested())
                ticket_.wait(idle, std::memory_order_acquire);
        }
    }

    int spins_;
    std::mutex running_;
    std::atomic<std::uint64_t> ticket_{0};
    std::atomic<std::size_t> unfinished_{0};
    task_ref const* task_ = nullptr;
    detail::first_failure* failure_ = nullptr;
    std::size_t count_ = 0;
    std::vector<Thread> workers_; // last: stopped and joined before anything they use goes
};

/// The pool of ordinary threads.
using thread_pool_executor = basic_thread_pool_executor<std::jthread>;

} // namespace tidemark
