// SPDX-License-Identifier: BSL-1.0
//
// expression: the room of what an expression is.

#pragma once

#include <tidemark/core/language.hpp>

#include <tidemark/expression/boundary.hpp>
#include <tidemark/expression/chunk.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/expression.hpp>
#include <tidemark/expression/lanes.hpp>
#include <tidemark/expression/lasting.hpp>
#include <tidemark/expression/level.hpp>
#include <tidemark/expression/lineage.hpp>
#include <tidemark/expression/meetings.hpp>
#include <tidemark/expression/narrow.hpp>
#include <tidemark/expression/node_id.hpp>
#include <tidemark/expression/owned.hpp>
#include <tidemark/expression/partition_number.hpp>
#include <tidemark/expression/partitioner.hpp>
#include <tidemark/expression/range_record.hpp>
#include <tidemark/expression/row.hpp>
#include <tidemark/expression/same_slide.hpp>
#include <tidemark/expression/self_contained.hpp>
#include <tidemark/expression/unfold.hpp>
#include <tidemark/expression/unprotected_wide.hpp>
