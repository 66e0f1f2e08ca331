// SPDX-License-Identifier: BSL-1.0
//
// flat_map_values: several values for each pair.

#include "../support/show.hpp"

#include <tidemark/tidemark.hpp>

#include <string>
#include <utility>
#include <vector>

namespace tide = tidemark;

int main()
{
    tide::rdd_context const rc;
    auto const prices = rc.parallelize(std::vector<std::pair<std::string, int>>{{"tea", 3}, {"tea", 4}, {"jam", 5}});
    auto const twice = prices | tide::flat_map_values([](int price) { return std::vector{price, 2 * price}; });
    support::show("single and double", twice | tide::collect());
}
