// SPDX-License-Identifier: BSL-1.0
//
// map_values: a new value for each pair; the key stays.

#include "../support/show.hpp"

#include <tidemark/tidemark.hpp>

#include <string>
#include <utility>
#include <vector>

namespace tide = tidemark;

int main()
{
    tide::rdd_context const rc;
    auto const metres = rc.parallelize(std::vector<std::pair<std::string, int>>{{"Brest", 7}, {"Kiel", 0}});
    support::show("centimetres", metres | tide::map_values([](int height) { return height * 100; }) | tide::collect());
}
