// SPDX-License-Identifier: BSL-1.0
//
// count_updates: what a batch adds to accumulators, when an earlier run has left what it writes.

#pragma once

#include <tidemark/execution/updates.hpp>
#include <tidemark/rdd/for_each.hpp>

namespace tidemark::detail {

/// Computes the records and drops them, where the process has an accumulator to which their functions may add.
template <typename Rdd>
void count_updates(Rdd const& rdd)
{
    if (accumulator_cell::any())
        rdd | for_each([](auto const&) {});
}

} // namespace tidemark::detail
