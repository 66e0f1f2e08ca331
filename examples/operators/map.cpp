// SPDX-License-Identifier: BSL-1.0
//
// map: one record for each record.

#include "../support/show.hpp"

#include <tidemark/tidemark.hpp>

#include <string>
#include <utility>
#include <vector>

namespace tide = tidemark;

int main()
{
    tide::rdd_context const rc;
    auto const words = rc.parallelize(std::vector<std::string>{"ebb", "flow"});
    support::show("lengths", words | tide::map(&std::string::size) | tide::collect());
    support::show("pairs",
                  words | tide::map([](std::string const& word) { return std::pair(word, 1); }) | tide::collect());
}
