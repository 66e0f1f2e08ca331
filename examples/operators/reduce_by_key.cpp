// SPDX-License-Identifier: BSL-1.0
//
// reduce_by_key: each key once, with its values joined.

#include "../support/show.hpp"

#include <tidemark/tidemark.hpp>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace tide = tidemark;

int main()
{
    tide::rdd_context const rc;
    auto const heights = rc.parallelize(
        std::vector<std::pair<std::string, int>>{{"Brest", 7}, {"Dover", 6}, {"Brest", 2}, {"Dover", 1}, {"Brest", 4}});
    auto const higher = [](int left, int right) { return std::max(left, right); };
    support::show("highest", support::sorted(heights | tide::reduce_by_key(higher) | tide::collect()));
    support::show("sums", support::sorted(heights | tide::reduce_by_key(std::plus<>{}) | tide::collect()));
}
