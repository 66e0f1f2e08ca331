// SPDX-License-Identifier: BSL-1.0
//
// job_graph: the stages and outputs of an application, ready to be asked for batches.

#pragma once

#include <tidemark/core/owner.hpp>
#include <tidemark/core/settings.hpp>
#include <tidemark/execution/executor.hpp>
#include <tidemark/execution/key_layout.hpp>
#include <tidemark/execution/updates.hpp>
#include <tidemark/runtime/advancing_stage.hpp>
#include <tidemark/runtime/environment_cell.hpp>
#include <tidemark/runtime/grid_cell.hpp>
#include <tidemark/runtime/output_stage.hpp>
#include <tidemark/runtime/source_stage.hpp>
#include <tidemark/runtime/stage.hpp>
#include <tidemark/stream/broadcast.hpp>
#include <tidemark/stream/upgrade.hpp>
#include <tidemark/time/batch_time.hpp>
#include <tidemark/time/duration.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// Everything that `application()` makes of the outputs. Nothing in it has touched a clock, a file or a thread.
struct job_graph {
    std::string application_name;
    std::string description; ///< The lineage of each output.
    duration batch{};
    tidemark::settings settings;
    key_layout layout;
    owner<grid_cell> grid = make_owner<grid_cell>();
    owner<environment_cell> environment = make_owner<environment_cell>();
    std::vector<std::shared_ptr<stage>> stages;
    std::map<std::uint64_t, std::shared_ptr<stage>> by_id;     ///< By the ids of their nodes.
    std::map<std::uint64_t, std::shared_ptr<stage>> snapshots; ///< Those of states, by the ids of what they show.
    std::vector<std::shared_ptr<source_stage>> sources;
    std::vector<std::shared_ptr<advancing_stage>> advancing; ///< Parents before those who read them.
    std::vector<owner<output_stage>> outputs;
    bool plans_durable = false; ///< A plan must survive a loss of power before its batch runs.
    std::vector<std::shared_ptr<accumulator_cell>> accumulators;
    std::vector<std::shared_ptr<broadcast_cell>> broadcasts;
    tidemark::upgrade upgrade;       ///< What differs from older checkpoints.
    std::vector<duration> intervals; ///< At a multiple of any of them a commit is due.
};

} // namespace tidemark
