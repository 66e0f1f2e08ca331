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

/// An executor with `threads` threads, which tries a partition up to `attempts` times; without threads of its own when
/// there is to be one. *Throws* `config_error` for 0 threads, 0 attempts or more than `most_attempts`.
[[nodiscard]] inline any_executor executor_with(std::size_t threads, std::size_t attempts = 1)
{
    if (threads == 1)
        return any_executor(std::make_shared<inline_executor>(), attempts);
    return any_executor(std::make_shared<thread_pool_executor>(threads), attempts);
}

} // namespace tidemark
