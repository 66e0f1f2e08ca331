// SPDX-License-Identifier: BSL-1.0
//
// filter: the records that satisfy a condition.

#include "../support/show.hpp"

#include <tidemark/tidemark.hpp>

#include <vector>

namespace tide = tidemark;

bool is_even(int number) { return number % 2 == 0; }

int main()
{
    tide::rdd_context const rc;
    auto const numbers = rc.parallelize(std::vector{3, 4, 8, 5, 2});
    support::show("even", numbers | tide::filter(is_even) | tide::collect());
}
