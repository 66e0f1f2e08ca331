// SPDX-License-Identifier: BSL-1.0
//
// operators: the room of steps that need no time, for rdds and streams alike.

#pragma once

#include <tidemark/core/language.hpp>

#include <tidemark/operators/cogroup.hpp>
#include <tidemark/operators/combine_by_key.hpp>
#include <tidemark/operators/count.hpp>
#include <tidemark/operators/count_by_value.hpp>
#include <tidemark/operators/distinct.hpp>
#include <tidemark/operators/filter.hpp>
#include <tidemark/operators/flat_map.hpp>
#include <tidemark/operators/flat_map_values.hpp>
#include <tidemark/operators/glom.hpp>
#include <tidemark/operators/group_by_key.hpp>
#include <tidemark/operators/intersection.hpp>
#include <tidemark/operators/join.hpp>
#include <tidemark/operators/key_by.hpp>
#include <tidemark/operators/keyed_expression.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/operators/map_partitions.hpp>
#include <tidemark/operators/map_partitions_with_index.hpp>
#include <tidemark/operators/map_values.hpp>
#include <tidemark/operators/meet.hpp>
#include <tidemark/operators/partition_by.hpp>
#include <tidemark/operators/partition_view.hpp>
#include <tidemark/operators/random_draw.hpp>
#include <tidemark/operators/reduce.hpp>
#include <tidemark/operators/reduce_by_key.hpp>
#include <tidemark/operators/repartition.hpp>
#include <tidemark/operators/sample.hpp>
#include <tidemark/operators/sort_by.hpp>
#include <tidemark/operators/speculative.hpp>
#include <tidemark/operators/subtract_by_key.hpp>
#include <tidemark/operators/union_.hpp>
#include <tidemark/operators/union_all.hpp>
#include <tidemark/operators/zip.hpp>
#include <tidemark/operators/zip_with_index.hpp>
