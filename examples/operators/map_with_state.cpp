// SPDX-License-Identifier: BSL-1.0
//
// map_with_state: one record for each record, made with the state of its key. Keys at rest cost nothing.

#include "../support/show.hpp"

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <optional>
#include <string>
#include <utility>

namespace tide = tidemark;
using namespace tidemark::literals;

/// The sum so far; for a key that has had no value for more than two batches, its last words.
std::string add_up(std::string const& key, std::optional<int> more, tide::state<int>& sum)
{
    if (sum.is_timing_out())
        return key + " ends with " + std::to_string(sum.get());
    sum.update(sum.get_option().value_or(0) + *more);
    return key + " is " + std::to_string(sum.get());
}

int main()
{
    using pair = std::pair<std::string, int>;
    tide::testing::batches<pair> const input{{{"a", 1}, {"b", 2}, {"a", 3}}, {{"a", 4}}, {}, {{"a", 5}}, {{"b", 6}}};
    support::show_batches(tide::testing::run_batches<pair>(
        input, [](auto pairs) { return pairs | tide::map_with_state<"sums">(tide::state_spec(add_up).timeout(2_s)); }));
}
