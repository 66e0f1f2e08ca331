// SPDX-License-Identifier: BSL-1.0
//
// distinct: each word once.

#include "../support/show.hpp"

#include <tidemark/tidemark.hpp>

#include <string>
#include <vector>

namespace tide = tidemark;

int main()
{
    tide::rdd_context const rc;
    auto const words = rc.parallelize(std::vector<std::string>{"ebb", "flow", "ebb"});
    support::show("words", support::sorted(words | tide::distinct() | tide::collect()));
}
