// SPDX-License-Identifier: BSL-1.0
//
// executor_with: the executor for a number of threads.

#pragma once

#include <tidemark/execution/executor.hpp>
#include <tidemark/execution/inline_executor.hpp>
#include <tidemark/execution/thread_pool_executor.hpp>

#include <cstddef>
#include <memory>

namespace tidemark {

/// An executor with `threads` threads; without threads of its own when that is 1. *Throws* `config_error` for 0.
[[nodiscard]] inline any_executor executor_with(std::size_t threads)
{
    if (threads == 1)
        return any_executor(std::make_shared<inline_executor>());
    return any_executor(std::make_shared<thread_pool_executor>(threads));
}

} // namespace tidemark
