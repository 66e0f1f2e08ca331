// SPDX-License-Identifier: BSL-1.0
//
// first_failure: keeps the exception of the task with the lowest number.

#pragma once

#include <tidemark/execution/executor.hpp>

#include <cstddef>
#include <exception>
#include <mutex>
#include <utility>

namespace tidemark::detail {

/// *Threads*: `guard` may be called from any thread, `rethrow` when all calls of it have ended.
class first_failure {
public:
    void guard(std::size_t number, task_ref task) noexcept
    {
        try {
            task(number);
        } catch (...) {
            std::scoped_lock const lock(mutex_);
            if (!exception_ || number < number_) {
                exception_ = std::current_exception();
                number_ = number;
            }
        }
    }

    void rethrow()
    {
        if (auto failure = std::exchange(exception_, nullptr))
            std::rethrow_exception(std::move(failure));
    }

private:
    std::mutex mutex_;
    std::exception_ptr exception_;
    std::size_t number_ = 0;
};

} // namespace tidemark::detail
