// SPDX-License-Identifier: BSL-1.0
//
// execution: the room that runs the partitions of a stage.

#pragma once

#include <tidemark/core/language.hpp>

#include <tidemark/execution/block_store.hpp>
#include <tidemark/execution/boundary_dataset.hpp>
#include <tidemark/execution/collect_sink.hpp>
#include <tidemark/execution/combiner.hpp>
#include <tidemark/execution/dataset.hpp>
#include <tidemark/execution/exchange.hpp>
#include <tidemark/execution/executor.hpp>
#include <tidemark/execution/executor_with.hpp>
#include <tidemark/execution/gathered_dataset.hpp>
#include <tidemark/execution/hash_join.hpp>
#include <tidemark/execution/inline_executor.hpp>
#include <tidemark/execution/key_index.hpp>
#include <tidemark/execution/key_layout.hpp>
#include <tidemark/execution/key_placement.hpp>
#include <tidemark/execution/key_table.hpp>
#include <tidemark/execution/keyed_dataset.hpp>
#include <tidemark/execution/laid_out_dataset.hpp>
#include <tidemark/execution/met_dataset.hpp>
#include <tidemark/execution/pipeline.hpp>
#include <tidemark/execution/plain_datasets.hpp>
#include <tidemark/execution/thread_pool_executor.hpp>
