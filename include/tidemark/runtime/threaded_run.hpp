// SPDX-License-Identifier: BSL-1.0
//
// threaded_run: the threads of a started application: the job generator and the job scheduler.

#pragma once

#include <tidemark/core/chrono.hpp>
#include <tidemark/core/owner.hpp>
#include <tidemark/runtime/batch_engine.hpp>
#include <tidemark/runtime/job_queue.hpp>
#include <tidemark/runtime/streaming_run.hpp>
#include <tidemark/time/any_clock.hpp>
#include <tidemark/time/batch_time.hpp>

#include <array>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

namespace tidemark {

/// One thread generates a batch whenever the clock reaches its time, another runs the batches, in order.
///
/// Its threads hold it as long as they run. `Engine` is a started `batch_engine`.
template <typename Engine>
class threaded_run final : public streaming_run, public std::enable_shared_from_this<threaded_run<Engine>> {
public:
    threaded_run(owner<Engine> engine, any_clock clock)
        : engine_(std::move(engine))
        , clock_(std::move(clock))
        , queue_(engine_->graph().settings.max_queued)
    {}

    /// Starts both threads.
    void begin() override
    {
        std::unique_lock lock(mutex_);
        try {
            generator_ = std::thread([self = this->shared_from_this()] { self->generate_jobs(); });
            scheduler_ = std::thread([self = this->shared_from_this()] { self->run_jobs(); });
            own_threads_ = {generator_.get_id(), scheduler_.get_id()};
        } catch (...) { // no thread is to be had
            ended_ = true;
            lock.unlock();
            request_stop(false);
            if (generator_.joinable())
                generator_.join(); // it has stopped the sources
            else
                stop_sources();
            engine_->close();
            throw;
        }
    }

    void request_stop(bool graceful) override
    {
        gentle_.request_stop();
        if (!graceful)
            hard_.request_stop();
    }

    void stop(bool graceful) override
    {
        request_stop(graceful);
        std::scoped_lock const lock(joining_);
        if (generator_.joinable())
            generator_.join();
        if (scheduler_.joinable())
            scheduler_.join();
    }

    void abandon() override
    {
        if (!runs_in_this_thread())
            return stop(false);
        request_stop(false);
        std::scoped_lock const lock(joining_);
        generator_.detach();
        scheduler_.detach();
    }

    [[nodiscard]] bool runs_in_this_thread() const override
    {
        if (engine_->executor().owns_this_thread() || engine_->writes_in_this_thread())
            return true;
        std::scoped_lock const lock(mutex_);
        auto const here = std::this_thread::get_id();
        return here == own_threads_[0] || here == own_threads_[1];
    }

    [[nodiscard]] bool await(std::optional<std::chrono::steady_clock::time_point> deadline) override
    {
        std::unique_lock lock(mutex_);
        auto const over = [this] { return ended_ || failure_; };
        if (deadline)
            changed_.wait_until(lock, *deadline, over);
        else
            changed_.wait(lock, over);
        bool const ended = ended_;
        auto const failure = std::exchange(failure_, nullptr);
        lock.unlock();
        if (failure)
            std::rethrow_exception(failure);
        return ended;
    }

    [[nodiscard]] batch_engine const& engine() const override { return *engine_; }

    batch_time save(std::string const& name) override { return engine_->save(name); }
    void drop_savepoint(std::string const& name) override { engine_->drop_savepoint(name); }

    [[nodiscard]] bool ended() const override
    {
        std::scoped_lock const lock(mutex_);
        return ended_;
    }

private:
    void generate_jobs()
    {
        auto const gentle = gentle_.get_token();
        auto const hard = hard_.get_token();
        try {
            bool room = queue_all(engine_->plan().repeat) && queue_all(engine_->plan().missed);
            auto time = engine_->plan().next;
            auto const batch = engine_->graph().batch;
            for (; room && !gentle.stop_requested() && clock_.wait_until(time, gentle); time += batch)
                room = queue_.push(engine_->generate(time), hard);
            if (!hard.stop_requested())
                engine_->finish_sources();
            // A clean end: what has been received goes into further batches, each at its time.
            for (; room && !hard.stop_requested() && !engine_->drained() && clock_.wait_until(time, hard);
                 time += batch)
                room = queue_.push(engine_->generate(time), hard);
            engine_->stop_sources();
        } catch (...) {
            report(std::current_exception());
            stop_sources();
        }
        gentle_.request_stop();
        queue_.close();
        std::scoped_lock const lock(mutex_);
        generated_ = true;
        own_threads_[0] = {}; // a later thread may get the id
        changed_.notify_all();
    }

    /// Queues the batches that come before those of the clock, each when the one before it runs: not as one burst. True
    /// when all are queued; a clean end does not wait for them, as a restart finds them again, unless a source has received
    /// what it cannot give again.
    template <typename Times>
    [[nodiscard]] bool queue_all(Times const& times)
    {
        auto const gentle = gentle_.get_token();
        auto const hard = hard_.get_token();
        for (auto const time : times) {
            if (gentle.stop_requested()) {
                engine_->finish_sources();
                if (engine_->drained())
                    return false;
            }
            if (hard.stop_requested() || !queue_.push_paced(engine_->generate(time), hard))
                return false;
        }
        return true;
    }

    void run_jobs()
    {
        auto const hard = hard_.get_token();
        try {
            bool fatal = false;
            while (auto batch = fatal ? nullptr : queue_.pop(hard)) {
                auto result = engine_->run(*batch);
                if (result.failure)
                    report(std::move(result.failure)); // the exception now belongs to the one who waits
                fatal = result.fatal;
                while (!fatal && queue_.empty() && !hard.stop_requested() && engine_->work_in_spare_time()) {
                }
            }
            if (!fatal && !hard.stop_requested())
                engine_->commit_at_end();
        } catch (...) {
            report(std::current_exception());
        }
        request_stop(false);
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return generated_; });
        lock.unlock();
        engine_->close();
        lock.lock();
        ended_ = true;
        own_threads_[1] = {};
        changed_.notify_all();
    }

    void stop_sources()
    {
        try {
            engine_->stop_sources();
        } catch (...) {
            report(std::current_exception());
        }
    }

    void report(std::exception_ptr failure)
    {
        std::scoped_lock const lock(mutex_);
        if (!failure_)
            failure_ = std::move(failure);
        changed_.notify_all();
    }

    owner<Engine> engine_;
    any_clock clock_;
    job_queue<job_set> queue_;
    std::stop_source gentle_; // no further batch is begun
    std::stop_source hard_;   // and nothing waits for those that were
    std::mutex joining_;      // only one waits for the threads; taken before mutex_
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::exception_ptr failure_;
    bool generated_ = false; // the generator is done with the engine
    bool ended_ = false;
    std::array<std::thread::id, 2> own_threads_;
    std::thread scheduler_; // with joining_
    std::thread generator_;
};

} // namespace tidemark
