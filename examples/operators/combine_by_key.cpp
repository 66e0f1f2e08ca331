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
    auto const create = [](int price) { return sum(price, 1); };
    auto const add = [](sum const& all, int price) { return sum(all.first + price, all.second + 1); };
    auto const merge = [](sum const& a, sum const& b) { return sum(a.first + b.first, a.second + b.second); };
    auto const sums = prices | tide::combine_by_key(create, add, merge);
    support::show("sums", support::sorted(sums | tide::collect()));

    // Values that become no smaller by being combined are better exchanged as they are.
    auto const list = [](int price) { return std::vector{price}; };
    auto const append = [](std::vector<int> all, int price) {
        all.push_back(price);
        return all;
    };
    auto const join = [](std::vector<int> left, std::vector<int> const& right) {
        left.insert(left.end(), right.begin(), right.end());
        return left;
    };
    auto const lists = prices | tide::combine_by_key(list, append, join, tide::combine_late);
    support::show("lists", support::sorted(lists | tide::collect()));
}
