// SPDX-License-Identifier: BSL-1.0
//
// group_by_key: all values of each key.

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
    auto const groups = prices | tide::group_by_key();
    for (auto const& [name, values] : support::sorted(groups | tide::collect()))
        support::show(name, values);
}
