// SPDX-License-Identifier: BSL-1.0
//
// rdd_environment: where collections are computed, and what they may use there.

#pragma once

#include <tidemark/execution/block_store.hpp>
#include <tidemark/execution/executor.hpp>
#include <tidemark/execution/key_layout.hpp>
#include <tidemark/storage/storage.hpp>

#include <memory>
#include <optional>

namespace tidemark {

/// Where the actions of an rdd run, and what they may use there.
template <storage Storage>
struct basic_rdd_environment {
    any_executor executor;
    key_layout layout;
    std::optional<Storage> checkpoints; ///< Where rdds are checkpointed; nothing without a checkpoint directory.
    /// Where partitions are kept that are persisted.
    std::shared_ptr<basic_block_store_cell<Storage>> blocks = std::make_shared<basic_block_store_cell<Storage>>();
    bool clean_checkpoints = false; ///< Whether the checkpoint of an rdd goes with the last handle to it.
};

/// The same with storages of whatever type.
using rdd_environment = basic_rdd_environment<any_storage>;

/// It is shared by all that is computed there.
using environment_ptr = std::shared_ptr<rdd_environment const>;

} // namespace tidemark
