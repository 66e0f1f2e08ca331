// SPDX-License-Identifier: BSL-1.0
//
// union_all: the records of a list of expressions.

#include "../support/show.hpp"

#include <tidemark/tidemark.hpp>

#include <vector>

namespace tide = tidemark;

int main()
{
    tide::rdd_context const rc;
    std::vector<tide::rdd<int>> days;
    for (int day = 1; day <= 3; ++day)
        days.emplace_back(rc.parallelize(std::vector{day, 10 * day}, 1));
    support::show("all days", rc.union_(days) | tide::collect());
}
