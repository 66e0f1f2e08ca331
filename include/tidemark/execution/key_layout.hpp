// SPDX-License-Identifier: BSL-1.0
//
// key_layout: which partition a key belongs to, and whether two collections agree about that.

#pragma once

#include <tidemark/core/key_hash.hpp>
#include <tidemark/expression/partitioner.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace tidemark {

/// How keys are laid out. Group g lives in partition g mod `partitions`; neither depends on the number of threads.
struct key_layout {
    std::size_t partitions = 8;
    std::size_t groups = 256; ///< A power of two; fixed for the life of a checkpoint.

    [[nodiscard]] std::size_t group(std::uint64_t hash) const
    {
        return key_group(hash, static_cast<std::uint32_t>(groups));
    }
};

/// How the keys of a collection lie in its partitions: collections of which this is equal can be joined partition by
/// partition.
struct key_partitioning {
    std::size_t partitions = 0;
    std::size_t groups = 0;
    std::shared_ptr<partition_rule const> rule; ///< Null: by `key_hash`; else the partitioner that the program gave.

    friend bool operator==(key_partitioning const& left, key_partitioning const& right)
    {
        bool const same_rule = left.rule && right.rule ? left.rule->same_as(*right.rule) : left.rule == right.rule;
        return same_rule && left.partitions == right.partitions && left.groups == right.groups;
    }
};

} // namespace tidemark
