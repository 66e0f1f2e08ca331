// SPDX-License-Identifier: BSL-1.0
//
// job_graph: the stages and outputs of an application, ready to be asked for batches.

#pragma once

#include <tidemark/core/settings.hpp>
#include <tidemark/execution/executor.hpp>
#include <tidemark/rdd/rdd_leaf.hpp>
#include <tidemark/runtime/advancing_stage.hpp>
#include <tidemark/runtime/grid_cell.hpp>
#include <tidemark/runtime/source_stage.hpp>
#include <tidemark/runtime/stage.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// What is to be done for one output in one batch.
class output_job {
public:
    output_job() = default;
    output_job(output_job const&) = delete;
    output_job& operator=(output_job const&) = delete;
    virtual ~output_job() = default;

    virtual void run() = 0;
};

/// The running side of an output.
class output_stage {
public:
    output_stage(std::string name, std::string description, std::vector<advancing_stage*> above)
        : name_(std::move(name))
        , description_(std::move(description))
        , above_(std::move(above))
    {}
    output_stage(output_stage const&) = delete;
    output_stage& operator=(output_stage const&) = delete;
    virtual ~output_stage() = default;

    [[nodiscard]] std::string const& name() const { return name_; }
    [[nodiscard]] std::string const& description() const { return description_; }
    /// The states and windows that this output stands on, in the order in which they advance.
    [[nodiscard]] std::vector<advancing_stage*> const& above() const { return above_; }

    /// The job for the batch of `time`; null when the stream has no dataset then.
    [[nodiscard]] virtual std::unique_ptr<output_job>
    job(batch_time time, std::shared_ptr<rdd_environment const> const& environment) = 0;

private:
    std::string name_;
    std::string description_;
    std::vector<advancing_stage*> above_;
};

/// Everything that `application()` makes of the outputs. Nothing in it has touched a clock, a file or a thread.
struct job_graph {
    std::string application_name;
    std::string description; ///< The lineage of each output.
    duration batch{};
    tidemark::settings settings;
    key_layout layout;
    std::unique_ptr<grid_cell> grid = std::make_unique<grid_cell>();
    std::vector<std::shared_ptr<stage>> stages;
    std::vector<std::shared_ptr<source_stage>> sources;
    std::vector<std::shared_ptr<advancing_stage>> advancing; ///< Parents before those who read them.
    std::vector<std::unique_ptr<output_stage>> outputs;
    std::vector<duration> intervals; ///< At a multiple of any of them a commit is due.
};

} // namespace tidemark
