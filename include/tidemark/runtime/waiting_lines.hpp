// SPDX-License-Identifier: BSL-1.0
//
// waiting_lines: the inputs of batches that have been generated and not been run yet.

#pragma once

#include <tidemark/execution/pipeline.hpp>
#include <tidemark/runtime/stage.hpp>
#include <tidemark/time/batch_time.hpp>

#include <cstddef>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace tidemark {

/// What a stage reads in each batch to come: a pipeline or nothing. A batch whose input could not be made has none, and
/// says why.
///
/// *Threads*: `take` and `forget` by the thread that runs jobs, the others by the generating one.
template <typename Chain>
class waiting_lines {
public:
    /// Asks `parent` for the batch of `time`. True when there is a dataset. *Throws* what the parent throws, and keeps
    /// it.
    bool put(batch_time time, stream_line<Chain> const& parent)
    {
        try {
            auto line = parent.at(time);
            bool const fed = line.has_value();
            std::scoped_lock const lock(mutex_);
            lines_.emplace(time, std::move(line)); // once for each time; steps need not be assignable
            return fed;
        } catch (...) {
            std::scoped_lock const lock(mutex_);
            failures_.insert_or_assign(time, std::current_exception());
            throw;
        }
    }

    /// *Throws* what `put` threw for `time`.
    void check(batch_time time) const
    {
        std::scoped_lock const lock(mutex_);
        if (auto const found = failures_.find(time); found != failures_.end())
            std::rethrow_exception(found->second);
    }

    /// The outer optional is empty when the batch was not put.
    [[nodiscard]] std::optional<std::optional<pipeline<Chain>>> take(batch_time time)
    {
        std::scoped_lock const lock(mutex_);
        auto taken = lines_.extract(time);
        return taken ? std::optional(std::move(taken.mapped())) : std::nullopt;
    }

    void forget(batch_time done)
    {
        std::scoped_lock const lock(mutex_);
        lines_.erase(lines_.begin(), lines_.upper_bound(done));
        failures_.erase(failures_.begin(), failures_.upper_bound(done));
    }

    [[nodiscard]] std::size_t kept() const
    {
        std::scoped_lock const lock(mutex_);
        return lines_.size() + failures_.size();
    }

private:
    mutable std::mutex mutex_;
    std::map<batch_time, std::optional<pipeline<Chain>>> lines_;
    std::map<batch_time, std::exception_ptr> failures_;
};

} // namespace tidemark
