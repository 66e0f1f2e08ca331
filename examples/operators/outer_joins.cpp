// SPDX-License-Identifier: BSL-1.0
//
// outer_joins: left_outer_join, right_outer_join and full_outer_join, which keep the keys that only one side has.

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
    support::show("join", support::sorted(prices | tide::join(orders) | tide::collect()));
    support::show("left", support::sorted(prices | tide::left_outer_join(orders) | tide::collect()));
    support::show("right", support::sorted(prices | tide::right_outer_join(orders) | tide::collect()));
    support::show("full", support::sorted(prices | tide::full_outer_join(orders) | tide::collect()));
}
