// SPDX-License-Identifier: BSL-1.0
//
// update_partition: a function that sees all keys of a partition at once and gives the states that follow.

#include "../support/show.hpp"

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace tide = tidemark;

using pair = std::pair<std::string, int>;

/// Sums for the keys with data; all other keys are dropped.
std::vector<pair> add_up(tide::partition_updates<std::string, int, int> all)
{
    std::vector<pair> states;
    for (auto const& [key, values, sum] : all)
        if (!values.empty())
            states.emplace_back(key, std::accumulate(values.begin(), values.end(), sum.value_or(0)));
    return states;
}

int main()
{
    tide::testing::batches<pair> const input{{{"a", 1}, {"b", 2}}, {{"a", 4}, {"a", 5}}, {{"b", 3}}, {}};
    support::show_batches(tide::testing::run_batches<pair>(input, [](auto pairs) {
        return pairs | tide::update_state_by_key<"sums">(tide::update_partition(add_up).keeping_keys());
    }));
}
