// SPDX-License-Identifier: BSL-1.0
//
// sort_by: records in order over all partitions.

#include "../support/show.hpp"

#include <tidemark/tidemark.hpp>

#include <string>
#include <utility>
#include <vector>

namespace tide = tidemark;

int main()
{
    tide::rdd_context const rc;
    auto const tides =
        rc.parallelize(std::vector<std::pair<std::string, int>>{{"noon", 4}, {"dawn", 7}, {"dusk", 1}}, 2);
    support::show("by key", tides | tide::sort_by_key() | tide::collect());
    auto const height = [](auto const& each) { return each.second; };
    support::show("highest first", tides | tide::sort_by(height, tide::sort_order::descending) | tide::collect());
}
