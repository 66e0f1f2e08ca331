// SPDX-License-Identifier: BSL-1.0
//
// rdd: the room of collections without time.

#pragma once

#include <tidemark/core/language.hpp>

#include <tidemark/rdd/accumulator.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/collect_as_map.hpp>
#include <tidemark/rdd/evaluate.hpp>
#include <tidemark/rdd/file_dataset.hpp>
#include <tidemark/rdd/file_formats.hpp>
#include <tidemark/rdd/object_file.hpp>
#include <tidemark/rdd/range_dataset.hpp>
#include <tidemark/rdd/rdd_context.hpp>
#include <tidemark/rdd/rdd_leaf.hpp>
#include <tidemark/rdd/text_file.hpp>
#include <tidemark/rdd/first_record.hpp>
#include <tidemark/rdd/for_each.hpp>
#include <tidemark/rdd/reduce_records.hpp>
#include <tidemark/rdd/take_ordered.hpp>
#include <tidemark/rdd/block_keeper.hpp>
#include <tidemark/rdd/checkpoint.hpp>
#include <tidemark/rdd/checkpoint_dataset.hpp>
#include <tidemark/rdd/checkpoint_files.hpp>
#include <tidemark/rdd/persist.hpp>
#include <tidemark/rdd/persisted_dataset.hpp>
#include <tidemark/rdd/storage_level.hpp>
#include <tidemark/rdd/to_debug_string.hpp>
#include <tidemark/rdd/top.hpp>
