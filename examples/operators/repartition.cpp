// SPDX-License-Identifier: BSL-1.0
//
// repartition: the same records in more and in fewer partitions.

#include "../support/show.hpp"

#include <tidemark/tidemark.hpp>

#include <vector>

namespace tide = tidemark;

int main()
{
    tide::rdd_context const rc;
    auto const numbers = rc.parallelize(std::vector{1, 2, 3, 4, 5, 6}, 3) | tide::filter([](int x) { return x < 5; });
    support::show("before", numbers | tide::glom() | tide::collect());
    support::show("repartition", numbers | tide::repartition(4) | tide::glom() | tide::collect());
    support::show("coalesce", numbers | tide::coalesce(2) | tide::glom() | tide::collect());
}
