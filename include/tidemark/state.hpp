// SPDX-License-Identifier: BSL-1.0
//
// state: the room of keyed states.

#pragma once

#include <tidemark/core/language.hpp>

#include <tidemark/state/held_state.hpp>
#include <tidemark/state/keyed_state.hpp>
#include <tidemark/state/keyed_table.hpp>
#include <tidemark/state/state.hpp>
#include <tidemark/state/state_backend.hpp>
#include <tidemark/state/state_spec.hpp>
#include <tidemark/state/timeout_wheel.hpp>
#include <tidemark/state/window_pane.hpp>
#include <tidemark/state/window_total.hpp>
