// SPDX-License-Identifier: BSL-1.0
//
// cogroup: each key of either side once, with all values of both.

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
    auto const orders = rc.parallelize(std::vector<std::pair<std::string, int>>{{"tea", 10}, {"rye", 20}});
    auto const sizes = prices | tide::cogroup(orders) | tide::map_values([](auto const& both) {
                           return std::pair(both.first.size(), both.second.size());
                       });
    support::show("values on each side", support::sorted(sizes | tide::collect()));
}
