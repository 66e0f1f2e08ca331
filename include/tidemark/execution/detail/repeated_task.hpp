// SPDX-License-Identifier: BSL-1.0
//
// repeated_task: a task that is begun anew when it fails, a bounded number of times.

#pragma once

#include <tidemark/core/error.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>

namespace tidemark::detail {

/// Calls `task`, and again when it throws, up to `attempts` times in all; then throws what the last one threw.
///
/// What cannot end otherwise another time is thrown at once: a wrong call or setting, and what is no `std::exception`.
/// *Threads*: as the task.
template <typename Task>
class repeated_task {
public:
    repeated_task(Task& task, std::size_t attempts, std::atomic<std::uint64_t>& retries)
        : task_(task)
        , attempts_(attempts)
        , retries_(retries)
    {}

    void operator()(std::size_t number) const
    {
        for (std::size_t left = attempts_;; --left) {
            try {
                return task_(number);
            } catch (usage_error const&) {
                throw;
            } catch (config_error const&) {
                throw;
            } catch (std::exception const&) {
                if (left <= 1)
                    throw;
            }
            retries_.fetch_add(1, std::memory_order_relaxed);
        }
    }

private:
    Task& task_;
    std::size_t attempts_;
    std::atomic<std::uint64_t>& retries_;
};

} // namespace tidemark::detail
