// SPDX-License-Identifier: BSL-1.0
//
// key_by: words by their length.

#include "../support/show.hpp"

#include <tidemark/tidemark.hpp>

#include <string>
#include <vector>

namespace tide = tidemark;

int main()
{
    tide::rdd_context const rc;
    auto const words = rc.parallelize(std::vector<std::string>{"ebb", "flow", "sea"});
    support::show("by length", words | tide::key_by(&std::string::size) | tide::collect());
}
