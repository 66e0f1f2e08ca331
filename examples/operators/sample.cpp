// SPDX-License-Identifier: BSL-1.0
//
// sample: some of the records, drawn by a seed.

#include "../support/show.hpp"

#include <tidemark/tidemark.hpp>

#include <algorithm>
#include <numeric>
#include <vector>

namespace tide = tidemark;

int main()
{
    tide::rdd_context const rc;
    std::vector<int> numbers(1000);
    std::iota(numbers.begin(), numbers.end(), 0);
    auto const all = rc.parallelize(numbers);
    auto const some = all | tide::sample(0.1, 42) | tide::collect();
    support::show("the same again", std::vector{some == (all | tide::sample(0.1, 42) | tide::collect())});
    support::show("in order", std::vector{std::is_sorted(some.begin(), some.end())});
    auto const often = (all | tide::sample_with_replacement(3.0, 42) | tide::collect()).size();
    support::show("about three times as many", std::vector{2800 < often && often < 3200});
}
