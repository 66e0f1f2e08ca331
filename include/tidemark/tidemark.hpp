// SPDX-License-Identifier: BSL-1.0
//
// tidemark: all rooms but testing.

#pragma once

#include <tidemark/core/language.hpp>

#include <tidemark/checkpoint.hpp>
#include <tidemark/core.hpp>
#include <tidemark/execution.hpp>
#include <tidemark/expression.hpp>
#include <tidemark/monitoring.hpp>
#include <tidemark/operators.hpp>
#include <tidemark/rdd.hpp>
#include <tidemark/runtime.hpp>
#include <tidemark/sinks.hpp>
#include <tidemark/sources.hpp>
#include <tidemark/state.hpp>
#include <tidemark/storage.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/time.hpp>
#include <tidemark/version.hpp>

/// Rdds and streams, the steps between them, and what runs them.
namespace tidemark {}
