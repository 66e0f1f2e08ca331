// SPDX-License-Identifier: BSL-1.0
//
// combine_by_key: what three functions make of the values of a key.

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
    using sum = std::pair<int, int>; // and how many
    auto const sums =
        prices
        | tide::combine_by_key([](int price) { return sum(price, 1); },
                               [](sum const& all, int price) { return sum(all.first + price, all.second + 1); },
                               [](sum const& a, sum const& b) { return sum(a.first + b.first, a.second + b.second); });
    support::show("sums", support::sorted(sums | tide::collect()));
}
