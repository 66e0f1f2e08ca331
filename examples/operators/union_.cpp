// SPDX-License-Identifier: BSL-1.0
//
// union_: the records of two expressions, those of the first before those of the second.

#include "../support/show.hpp"

#include <tidemark/tidemark.hpp>

#include <vector>

namespace tide = tidemark;

int main()
{
    tide::rdd_context const rc;
    auto const few = rc.parallelize(std::vector{1, 2});
    auto const more = rc.parallelize(std::vector{2, 3, 4});
    support::show("all", few | tide::union_(more) | tide::collect());
}
