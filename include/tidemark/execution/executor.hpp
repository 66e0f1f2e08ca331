// SPDX-License-Identifier: BSL-1.0
//
// executor: who runs the partitions of a stage.

#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
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

/// Any executor, shared. What runs stages never asks which one it was given.
class any_executor {
public:
    template <executor Executor>
        requires(!std::same_as<Executor, any_executor>)
    explicit any_executor(std::shared_ptr<Executor> executor)
        : model_(std::make_shared<model<Executor>>(std::move(executor)))
    {}

    void run(std::size_t tasks, task_ref task) const { model_->run(tasks, task); }
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

    std::shared_ptr<interface> model_;
};

} // namespace tidemark
