// SPDX-License-Identifier: BSL-1.0
//
// state_snapshots: every key of a map_with_state with its state, after each batch.

#include "../support/show.hpp"

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <optional>
#include <string>
#include <utility>

namespace tide = tidemark;

int add_up(std::string const&, std::optional<int> more, tide::state<int>& sum)
{
    sum.update(sum.get_option().value_or(0) + more.value_or(0));
    return sum.get();
}

int main()
{
    using pair = std::pair<std::string, int>;
    tide::testing::batches<pair> const input{{{"a", 1}, {"b", 2}}, {{"a", 3}}, {}, {{"c", 4}, {"c", 5}}};
    support::show_batches(tide::testing::run_batches<pair>(input, [](auto pairs) {
        return pairs | tide::map_with_state<"sums">(tide::state_spec(add_up)) | tide::state_snapshots();
    }));
}
