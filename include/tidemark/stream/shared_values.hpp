// SPDX-License-Identifier: BSL-1.0
//
// shared_values: the accumulators and broadcast values of a streaming context.

#pragma once

#include <tidemark/execution/updates.hpp>
#include <tidemark/stream/broadcast.hpp>

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace tidemark {

/// What a context was asked for, in that order. Copies of the context share it, and `application()` reads it.
///
/// *Threads*: any.
class shared_values {
public:
    void add(std::shared_ptr<accumulator_cell> accumulator)
    {
        std::scoped_lock const lock(mutex_);
        accumulators_.push_back(std::move(accumulator));
    }
    void add(std::shared_ptr<broadcast_cell> broadcast)
    {
        std::scoped_lock const lock(mutex_);
        broadcasts_.push_back(std::move(broadcast));
    }

    [[nodiscard]] std::vector<std::shared_ptr<accumulator_cell>> accumulators() const
    {
        std::scoped_lock const lock(mutex_);
        return accumulators_;
    }
    [[nodiscard]] std::vector<std::shared_ptr<broadcast_cell>> broadcasts() const
    {
        std::scoped_lock const lock(mutex_);
        return broadcasts_;
    }

private:
    mutable std::mutex mutex_;
    std::vector<std::shared_ptr<accumulator_cell>> accumulators_;
    std::vector<std::shared_ptr<broadcast_cell>> broadcasts_;
};

} // namespace tidemark
