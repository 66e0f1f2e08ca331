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
struct rdd_environment {
    any_executor executor;
    key_layout layout;
    std::optional<any_storage> checkpoints; ///< Where rdds are checkpointed; nothing without a checkpoint directory.
    /// Where partitions are kept that are persisted.
    std::shared_ptr<block_store> blocks = std::make_shared<block_store>();
    bool clean_checkpoints = false; ///< Whether the checkpoint of an rdd goes with the last handle to it.
};

/// It is shared by all that is computed there.
using environment_ptr = std::shared_ptr<rdd_environment const>;

} // namespace tidemark
