// SPDX-License-Identifier: BSL-1.0
//
// update_state_by_key: a new state for every known key in every batch; nothing takes the key away.

#include "../support/show.hpp"

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tide = tidemark;

/// The sum so far; a key without new values goes when its sum is 0.
std::optional<int> add_up(std::vector<int> const& more, std::optional<int> sum)
{
    if (more.empty() && sum == 0)
        return std::nullopt;
    return std::accumulate(more.begin(), more.end(), sum.value_or(0));
}

int main()
{
    using pair = std::pair<std::string, int>;
    tide::testing::batches<pair> const input{{{"a", 1}, {"b", 2}}, {{"a", 4}, {"a", 5}}, {{"b", -2}}, {}};
    support::show_batches(tide::testing::run_batches<pair>(
        input, [](auto pairs) { return pairs | tide::update_state_by_key<"sums">(add_up); }));
}
