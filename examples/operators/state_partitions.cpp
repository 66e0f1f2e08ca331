// SPDX-License-Identifier: BSL-1.0
//
// state_partitions: num_partitions and partitioner say how the states of a step are laid out. A batch is one second.

#include "../support/show.hpp"

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tide = tidemark;
using namespace tidemark::literals;

using pair = std::pair<std::string, int>;

std::optional<int> total(std::vector<int> const& more, std::optional<int> sum)
{
    return std::accumulate(more.begin(), more.end(), sum.value_or(0));
}

pair add_up(std::string const& key, std::optional<int> more, tide::state<int>& sum)
{
    sum.update(sum.get_option().value_or(0) + more.value_or(0));
    return {key, sum.get()};
}

/// Prints what is in each partition.
auto show(std::string const& title)
{
    return tide::foreach_rdd([title](auto const& rdd) {
        auto partitions = rdd | tide::glom() | tide::collect();
        for (auto& each : partitions)
            each = support::sorted(each);
        support::show(title, partitions);
    });
}

int main()
{
    auto const ssc =
        tide::streaming_context<tide::settings{.threads = 1}>(1_s, tide::checkpoint_directory(tide::memory_storage()));
    auto const pairs = ssc.queue_stream(std::vector<std::vector<pair>>{{{"tea", 3}, {"jam", 5}}, {{"tea", 4}}});
    tide::function_partitioner const by_letter(2, [](std::string const& name) { return name < "m" ? 0 : 1; });
    std::vector<pair> const stock{{"rye", 7}};

    auto const one = pairs | tide::update_state_by_key<"one">(total).num_partitions(1);
    auto const two = pairs | tide::update_state_by_key<"two">(total).initial_state(stock).partitioner(by_letter);
    auto const mapped = pairs | tide::map_with_state<"mapped">(tide::state_spec(add_up).partitioner(by_letter));
    tide::testing::driver run(ssc.application(one | show("one partition"), two | show("by letter"),
                                              mapped | show("mapped, by letter"),
                                              mapped | tide::state_snapshots() | show("their states")));
    run.start();
    run.run_to(tide::batch_time(2000));
}
