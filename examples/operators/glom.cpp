// SPDX-License-Identifier: BSL-1.0
//
// glom: each partition as one record.

#include "../support/show.hpp"

#include <tidemark/tidemark.hpp>

#include <vector>

namespace tide = tidemark;

int main()
{
    tide::rdd_context const rc;
    auto const numbers = rc.parallelize(std::vector{1, 2, 3, 4, 5}, 2);
    support::show("partitions", numbers | tide::glom() | tide::collect());
    support::show("those of the small ones",
                  numbers | tide::filter([](int x) { return x < 3; }) | tide::glom() | tide::collect());
}
