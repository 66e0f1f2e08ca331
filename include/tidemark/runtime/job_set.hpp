// SPDX-License-Identifier: BSL-1.0
//
// job_set: one batch between its generation and its end.

#pragma once

#include <tidemark/checkpoint/records.hpp>
#include <tidemark/core/events.hpp>
#include <tidemark/core/owner.hpp>
#include <tidemark/runtime/batch_updates.hpp>
#include <tidemark/runtime/job_graph.hpp>
#include <tidemark/time/batch_time.hpp>

#include <exception>
#include <map>
#include <vector>

namespace tidemark {

/// Stages, by what keeps each of them from a batch; null when nothing does.
using stage_failures = std::map<advancing_stage const*, std::exception_ptr>;

/// What one output does in a batch: a job, nothing, or the reason why there is no job.
struct planned_output {
    output_stage* output = nullptr;
    owner<output_job> job;
    std::exception_ptr failure;
    bool done_before = false; ///< An earlier run has published it.
};

/// The jobs of one batch.
struct job_set {
    batch_time time;
    std::vector<planned_output> outputs;
    stage_failures no_input;      ///< Stages whose input for the batch could not be made, and why.
    owner<batch_updates> updates; ///< Of accumulators, until the batch is done.
    bool commit_due = false;
    named_bytes positions;                ///< Of the sources after this batch, where a commit is due.
    std::exception_ptr no_positions;      ///< Why they cannot be told, if so.
    std::vector<source_problem> problems; ///< Of sources, that have not been told yet.
    batch_info info;

    /// Whether there is anything to submit; a batch without a job makes no events.
    [[nodiscard]] bool has_jobs() const
    {
        for (auto const& output : outputs)
            if (output.job || output.failure)
                return true;
        return false;
    }
};

} // namespace tidemark
