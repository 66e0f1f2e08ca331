// SPDX-License-Identifier: BSL-1.0
//
// executor: who runs the partitions of a stage.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/core/settings.hpp>
#include <tidemark/execution/detail/repeated_task.hpp>
#include <tidemark/execution/updates.hpp>

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace tidemark {

/// A reference to something callable with a task number; valid as long as that thing.
class task_ref {
public:
    template <std::invocable<std::size_t> Task>
        requires(!std::same_as<std::remove_cvref_t<Task>, task_ref>)
    task_ref(Task& task) noexcept // NOLINT(google-explicit-constructor): a view of the argument, as a reference is
        : object_(std::addressof(task))
        , call_(&call<Task>)
    {}

    void operator()(std::size_t number) const { call_(object_, number); }

private:
    template <typename Task>
    static void call(void* object, std::size_t number)
    {
        (*static_cast<Task*>(object))(number);
    }

    void* object_;
    void (*call_)(void*, std::size_t);
};

/// Runs `task(0)` ... `task(tasks - 1)`, in any order and on any of its threads, and comes back when all have ended.
///
/// When tasks throw, the rest still run; then the exception of the lowest number is thrown.
template <typename E>
concept executor = requires(E& executor, std::size_t tasks, task_ref task) {
    executor.run(tasks, task);
    { executor.threads() } -> std::convertible_to<std::size_t>;
};

/// Any executor, shared, and how often a task may be tried. What runs stages never asks which one it was given.
class any_executor {
public:
    /// *Throws* `config_error` for 0 attempts, or more than `most_attempts`.
    template <executor Executor>
        requires(!std::same_as<Executor, any_executor>)
    explicit any_executor(std::shared_ptr<Executor> executor, std::size_t attempts = 1)
        : model_(std::make_shared<model<Executor>>(std::move(executor)))
        , attempts_(checked(attempts))
    {}

    /// The same executor, which tries a task up to `attempts` times. *Throws* as the constructor.
    [[nodiscard]] any_executor with_attempts(std::size_t attempts) const
    {
        auto changed = *this;
        changed.attempts_ = checked(attempts);
        return changed;
    }

    /// Runs each task once.
    ///
    /// What tasks add to accumulators, here and in `attempt`, counts when all of them have succeeded.
    void run(std::size_t tasks, task_ref task) const
    {
        if (!accumulator_cell::any())
            return model_->run(tasks, task);
        updating_tasks<task_ref> updating(task, tasks);
        model_->run(tasks, updating);
        updating.keep();
    }

    /// Runs tasks that can be begun anew: each is tried up to `attempts()` times before what it throws counts.
    ///
    /// A `usage_error`, a `config_error` and what is no `std::exception` count at once. A task whose results are read
    /// afterwards begins by dropping those of an earlier attempt.
    void attempt(std::size_t tasks, task_ref task) const
    {
        if (!accumulator_cell::any()) {
            detail::repeated_task<task_ref> again(task, attempts_, *retries_);
            return model_->run(tasks, again);
        }
        updating_tasks<task_ref> updating(task, tasks);
        detail::repeated_task<updating_tasks<task_ref>> again(updating, attempts_, *retries_);
        model_->run(tasks, again);
        updating.keep();
    }

    /// The same for the task `number` alone, in the calling thread.
    void attempt_here(std::size_t number, task_ref task) const
    {
        auto holding = [&task](std::size_t mine) {
            held_updates held;
            task(mine);
            held.keep();
        };
        detail::repeated_task<decltype(holding)>(holding, attempts_, *retries_)(number);
    }

    [[nodiscard]] std::size_t attempts() const { return attempts_; }
    /// How many times a task has been begun anew so far, by this object and its copies.
    [[nodiscard]] std::uint64_t retries() const { return retries_->load(std::memory_order_relaxed); }
    [[nodiscard]] std::size_t threads() const { return model_->threads(); }
    /// Whether the calling thread is one that the executor has made for itself; false for one that does not say.
    [[nodiscard]] bool owns_this_thread() const { return model_->owns_this_thread(); }

private:
    struct interface {
        interface() = default;
        interface(interface const&) = delete;
        interface& operator=(interface const&) = delete;
        virtual ~interface() = default;
        virtual void run(std::size_t, task_ref) = 0;
        virtual std::size_t threads() = 0;
        virtual bool owns_this_thread() = 0;
    };

    template <typename Executor>
    struct model final : interface {
        explicit model(std::shared_ptr<Executor> held)
            : executor(std::move(held))
        {}
        void run(std::size_t tasks, task_ref task) override { executor->run(tasks, task); }
        std::size_t threads() override { return executor->threads(); }
        bool owns_this_thread() override
        {
            if constexpr (requires { executor->owns_this_thread(); })
                return executor->owns_this_thread();
            else
                return false;
        }

        std::shared_ptr<Executor> executor;
    };

    [[nodiscard]] static std::size_t checked(std::size_t attempts)
    {
        if (attempts == 0 || attempts > most_attempts)
            throw config_error("tidemark::any_executor: " + std::to_string(attempts)
                               + " attempts for a partition; give 1 to " + std::to_string(most_attempts));
        return attempts;
    }

    std::shared_ptr<interface> model_;
    std::shared_ptr<std::atomic<std::uint64_t>> retries_ = std::make_shared<std::atomic<std::uint64_t>>(0);
    std::size_t attempts_;
};

} // namespace tidemark
