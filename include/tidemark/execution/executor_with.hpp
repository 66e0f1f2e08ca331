// SPDX-License-Identifier: BSL-1.0
//
// executor_with: the executor for a number of threads.

#pragma once

#include <tidemark/execution/executor.hpp>
#include <tidemark/execution/inline_executor.hpp>
#include <tidemark/execution/thread_pool_executor.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <thread>

namespace tidemark {

/// What `threads` means where 0 stands for as many as there are cores.
[[nodiscard]] inline std::size_t threads_or_cores(std::size_t threads)
{
    return threads != 0 ? threads : std::max<std::size_t>(std::thread::hardware_concurrency(), 1);
}

/// An executor with `threads` threads, which tries a partition up to `attempts` times; without threads of its own when
/// there is to be one: a `Single`, else a `Pool`. *Throws* `config_error` for 0 threads, 0 attempts or more than `most_attempts`.
template <executor Single = inline_executor, executor Pool = thread_pool_executor>
[[nodiscard]] any_executor executor_with(std::size_t threads, std::size_t attempts = 1)
{
    if (threads == 1)
        return any_executor(std::make_shared<Single>(), attempts);
    return any_executor(std::make_shared<Pool>(threads), attempts);
}

} // namespace tidemark
