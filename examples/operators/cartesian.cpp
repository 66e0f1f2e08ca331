// SPDX-License-Identifier: BSL-1.0
//
// cartesian: each record with each of another expression.

#include "../support/show.hpp"

#include <tidemark/tidemark.hpp>

#include <string>
#include <vector>

namespace tide = tidemark;

int main()
{
    tide::rdd_context const rc;
    auto const words = rc.parallelize(std::vector<std::string>{"ebb", "flow"}, 1);
    support::show("pairs", words | tide::cartesian(rc.parallelize(std::vector{1, 2}, 1)) | tide::collect());
}
