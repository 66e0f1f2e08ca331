// SPDX-License-Identifier: BSL-1.0
//
// stage_progress: brings the states and windows of a graph to each batch, once, after those that they read.

#pragma once

#include <tidemark/execution/executor.hpp>
#include <tidemark/execution/updates.hpp>
#include <tidemark/runtime/advancing_stage.hpp>
#include <tidemark/runtime/batch_updates.hpp>
#include <tidemark/runtime/job_set.hpp>
#include <tidemark/runtime/kept_values.hpp>
#include <tidemark/time/batch_time.hpp>

#include <exception>
#include <utility>

namespace tidemark {

/// Where the stages of a running application are, batch by batch. Only what is `Checkpointed` stands still: else what
/// was missed is lost, and a window goes on without it.
///
/// *Threads*: the one that runs jobs.
template <bool Checkpointed>
class stage_progress {
public:
    /// From now on these stages stay where they are: what comes later means nothing without the batch that they missed.
    void stand_still(stage_failures missed) { standing_.merge(std::move(missed)); }

    /// Begins a batch, in which each stage advances once. What it adds to accumulators goes to `made`.
    void begin(batch_updates& made)
    {
        updates_ = &made;
        advanced_.clear();
        fatal_ = lost_ = nullptr;
    }

    /// Brings the stage to the batch of `time`, if that has not been done. *Throws* why it is not there.
    void advance(advancing_stage& stage, batch_time time, any_executor const& executor)
    {
        if constexpr (Checkpointed)
            if (auto const found = standing_.find(&stage); found != standing_.end())
                std::rethrow_exception(found->second);
        auto const [known, fresh] = advanced_.try_emplace(&stage);
        if (known->second)
            std::rethrow_exception(known->second);
        if (!fresh)
            return;
        bool ready = false;
        try {
            for (auto* const before : stage.above())
                advance(*before, time, executor);
            ready = true;
            held_updates held;
            if (auto const without = stage.advance(time, executor); without && !lost_)
                lost_ = without;
            updates_->record_known(detail::state_producer(stage.name()), held.take()); // it runs in each restart
        } catch (...) { // it stays where it was, and so do those that read it
            known->second = std::current_exception();
            if (ready && !fatal_)
                fatal_ = known->second;
            throw;
        }
    }

    /// Why a stage could not take the batch, so that no later one may run; null when none of them failed.
    [[nodiscard]] std::exception_ptr const& fatal() const { return fatal_; }
    /// The first failure that a stage survived in this batch; null when there was none.
    [[nodiscard]] std::exception_ptr const& lost() const { return lost_; }

private:
    batch_updates* updates_ = nullptr; // of the batch
    stage_failures standing_;
    stage_failures advanced_;
    std::exception_ptr fatal_;
    std::exception_ptr lost_;
};

} // namespace tidemark
