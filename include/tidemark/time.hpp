// SPDX-License-Identifier: BSL-1.0
//
// time: the room of durations, batch times, the batch grid and clocks.

#pragma once

#include <tidemark/core/language.hpp>

#include <tidemark/time/any_clock.hpp>
#include <tidemark/time/batch_grid.hpp>
#include <tidemark/time/batch_time.hpp>
#include <tidemark/time/batch_times.hpp>
#include <tidemark/time/clock.hpp>
#include <tidemark/time/duration.hpp>
#include <tidemark/time/interval.hpp>
#include <tidemark/time/literals.hpp>
#include <tidemark/time/manual_clock.hpp>
#include <tidemark/time/slide.hpp>
#include <tidemark/time/system_clock.hpp>
