// SPDX-License-Identifier: BSL-1.0
//
// count: how many records there are, as a record.

#include "../support/show.hpp"

#include <tidemark/tidemark.hpp>

#include <string>
#include <vector>

namespace tide = tidemark;

int main()
{
    tide::rdd_context const rc;
    auto const words = rc.parallelize(std::vector<std::string>{"ebb", "flow", "ebb"});
    support::show("all", words | tide::count() | tide::collect());
    support::show("long ones", words | tide::filter([](std::string const& word) { return word.size() > 4; })
                                   | tide::count() | tide::collect());
}
