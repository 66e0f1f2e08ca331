// SPDX-License-Identifier: BSL-1.0
//
// subtract_by_key: the pairs whose key another side has not.

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
    support::show("not ordered", prices | tide::subtract_by_key(orders) | tide::collect());
}
