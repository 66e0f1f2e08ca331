// SPDX-License-Identifier: BSL-1.0
//
// reduce: all records joined into one, or none.

#include "../support/show.hpp"

#include <tidemark/tidemark.hpp>

#include <functional>
#include <vector>

namespace tide = tidemark;

int main()
{
    tide::rdd_context const rc;
    auto const numbers = rc.parallelize(std::vector{1, 2, 3, 4});
    support::show("sum", numbers | tide::reduce(std::plus<>{}) | tide::collect());
    support::show("sum of none",
                  numbers | tide::filter([](int x) { return x > 4; }) | tide::reduce(std::plus<>{}) | tide::collect());
}
