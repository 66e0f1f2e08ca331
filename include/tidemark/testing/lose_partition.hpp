// SPDX-License-Identifier: BSL-1.0
//
// lose_partition: loses a kept partition, as if the machine that held it had died.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/rdd/evaluate.hpp>

#include <cstddef>
#include <string>

namespace tidemark::testing {

/// Drops what `persist`, a wide dependency or a `local_checkpoint` has kept of one partition of the collection that the
/// last stage of `e` reads; does nothing where nothing is kept. The next action computes the partition again from its
/// lineage, or throws if that was cut.
///
/// *Throws* `usage_error` when there is no such partition.
template <rdd_expression E>
void lose_partition(E const& e, std::size_t partition)
{
    auto const line = pipeline_of(e);
    if (partition >= line.partitions())
        throw usage_error("tidemark::testing::lose_partition: partition " + std::to_string(partition) + " of "
                          + std::to_string(line.partitions()));
    line.origin()->lose(partition);
}

} // namespace tidemark::testing
