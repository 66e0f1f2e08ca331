// SPDX-License-Identifier: BSL-1.0
//
// inline_executor: runs every task in the calling thread, in order.

#pragma once

#include <tidemark/execution/detail/first_failure.hpp>
#include <tidemark/execution/executor.hpp>

#include <cstddef>

namespace tidemark {

/// An executor without threads.
class inline_executor {
public:
    void run(std::size_t tasks, task_ref task)
    {
        detail::first_failure failure;
        for (std::size_t number = 0; number < tasks; ++number)
            failure.guard(number, task);
        failure.rethrow();
    }

    [[nodiscard]] std::size_t threads() const { return 1; }
};

} // namespace tidemark
