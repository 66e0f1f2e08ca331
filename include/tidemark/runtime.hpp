// SPDX-License-Identifier: BSL-1.0
//
// runtime: the room that runs an application: generation, jobs, commits, recovery.

#pragma once

#include <tidemark/core/language.hpp>

#include <tidemark/runtime/advancing_stage.hpp>
#include <tidemark/runtime/application.hpp>
#include <tidemark/runtime/batch_engine.hpp>
#include <tidemark/runtime/boundary_stages.hpp>
#include <tidemark/runtime/commit_log.hpp>
#include <tidemark/runtime/dstream_stage.hpp>
#include <tidemark/runtime/get_or_create.hpp>
#include <tidemark/runtime/graph_builder.hpp>
#include <tidemark/runtime/graph_problems.hpp>
#include <tidemark/runtime/grid_cell.hpp>
#include <tidemark/runtime/incremental_window_stage.hpp>
#include <tidemark/runtime/job_generator.hpp>
#include <tidemark/runtime/job_graph.hpp>
#include <tidemark/runtime/job_queue.hpp>
#include <tidemark/runtime/job_set.hpp>
#include <tidemark/runtime/keyed_state_stage.hpp>
#include <tidemark/runtime/map_with_state_stage.hpp>
#include <tidemark/runtime/migrated.hpp>
#include <tidemark/runtime/output_stage.hpp>
#include <tidemark/runtime/pane_numbers.hpp>
#include <tidemark/runtime/recovery.hpp>
#include <tidemark/runtime/restart_plan.hpp>
#include <tidemark/runtime/running_engine.hpp>
#include <tidemark/runtime/savepoint_requests.hpp>
#include <tidemark/runtime/source_stage.hpp>
#include <tidemark/runtime/stage.hpp>
#include <tidemark/runtime/stage_names.hpp>
#include <tidemark/runtime/stage_progress.hpp>
#include <tidemark/runtime/state_datasets.hpp>
#include <tidemark/runtime/state_snapshots_stage.hpp>
#include <tidemark/runtime/stop_on_signals.hpp>
#include <tidemark/runtime/streaming_run.hpp>
#include <tidemark/runtime/threaded_run.hpp>
#include <tidemark/runtime/transform_stage.hpp>
#include <tidemark/runtime/update_state_by_key_stage.hpp>
#include <tidemark/runtime/waiting_lines.hpp>
#include <tidemark/runtime/window_dataset.hpp>
#include <tidemark/runtime/window_stage.hpp>
