// SPDX-License-Identifier: BSL-1.0
//
// partition_by: pairs laid out by a rule of the program's.

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
    tide::function_partitioner const by_letter(2, [](std::string const& name) { return name < "m" ? 0 : 1; });
    auto const laid = prices | tide::partition_by(by_letter);
    support::show("jam comes first", laid | tide::collect());
}
