// SPDX-License-Identifier: BSL-1.0
//
// join: every value of a key of one side with every value of the other.

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
    for (auto const& [name, both] : prices | tide::join(orders) | tide::collect())
        support::show(name, std::vector{both.first, both.second});
}
