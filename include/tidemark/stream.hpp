// SPDX-License-Identifier: BSL-1.0
//
// stream: the room of streams: contexts, windows, states, outputs.

#pragma once

#include <tidemark/core/language.hpp>

#include <tidemark/stream/broadcast.hpp>
#include <tidemark/stream/checkpoint_every.hpp>
#include <tidemark/stream/dstream.hpp>
#include <tidemark/stream/exactly_once.hpp>
#include <tidemark/stream/lineage.hpp>
#include <tidemark/stream/logged_plan.hpp>
#include <tidemark/stream/output.hpp>
#include <tidemark/stream/remember_durations.hpp>
#include <tidemark/stream/shared_values.hpp>
#include <tidemark/stream/source.hpp>
#include <tidemark/stream/stateful/initial_states.hpp>
#include <tidemark/stream/stateful/map_with_state.hpp>
#include <tidemark/stream/stateful/state_snapshots.hpp>
#include <tidemark/stream/stateful/stateful_stage.hpp>
#include <tidemark/stream/stateful/update_state_by_key.hpp>
#include <tidemark/stream/stream_leaf.hpp>
#include <tidemark/stream/streaming_context.hpp>
#include <tidemark/stream/transform.hpp>
#include <tidemark/stream/window/count_by_value_and_window.hpp>
#include <tidemark/stream/window/count_by_window.hpp>
#include <tidemark/stream/window/group_by_key_and_window.hpp>
#include <tidemark/stream/window/incremental_window.hpp>
#include <tidemark/stream/window/reduce_by_key_and_window.hpp>
#include <tidemark/stream/window/reduce_by_window.hpp>
#include <tidemark/stream/window/window.hpp>
#include <tidemark/stream/window/window_arguments.hpp>
