// SPDX-License-Identifier: BSL-1.0
//
// operators: the room of steps that need no time, for rdds and streams alike.

#pragma once

#include <tidemark/core/language.hpp>

#include <tidemark/operators/count.hpp>
#include <tidemark/operators/filter.hpp>
#include <tidemark/operators/flat_map.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/operators/map_partitions.hpp>
#include <tidemark/operators/map_values.hpp>
#include <tidemark/operators/reduce_by_key.hpp>
#include <tidemark/operators/union_.hpp>
