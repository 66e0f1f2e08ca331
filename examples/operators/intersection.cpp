// SPDX-License-Identifier: BSL-1.0
//
// intersection: what two expressions have in common, and what only one has.

#include "../support/show.hpp"

#include <tidemark/tidemark.hpp>

#include <vector>

namespace tide = tidemark;

int main()
{
    tide::rdd_context const rc;
    auto const first = rc.parallelize(std::vector{1, 2, 2, 3, 3});
    auto const second = rc.parallelize(std::vector{2, 4});
    support::show("intersection", support::sorted(first | tide::intersection(second) | tide::collect()));
    support::show("subtract", support::sorted(first | tide::subtract(second) | tide::collect()));
}
