// SPDX-License-Identifier: BSL-1.0
//
// count_by_value: how often each word occurs.

#include "../support/show.hpp"

#include <tidemark/tidemark.hpp>

#include <string>
#include <vector>

namespace tide = tidemark;

int main()
{
    tide::rdd_context const rc;
    auto const words = rc.parallelize(std::vector<std::string>{"ebb", "flow", "ebb"});
    support::show("counts", support::sorted(words | tide::count_by_value() | tide::collect()));
}
