// SPDX-License-Identifier: BSL-1.0
//
// checkpoint_every: in which batches a commit is made, as a step on a stream and as the policy of a state.

#include "../support/show.hpp"

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <cstdint>
#include <iostream>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace tide = tidemark;
using namespace tidemark::literals;

using pair = std::pair<std::string, int>;

std::optional<int> total(std::vector<int> const& more, std::optional<int> sum)
{
    return std::accumulate(more.begin(), more.end(), sum.value_or(0));
}

/// Runs 12 batches of one second of the stream that `build` makes of pairs, and prints which have made a commit; the
/// first one is that of the start.
template <typename Build>
void show_commits(std::string const& title, Build const& build)
{
    auto const ssc = tide::streaming_context(1_s, tide::checkpoint_directory(tide::memory_storage()));
    auto const pairs = ssc.queue_stream(std::vector<std::vector<pair>>{{{"a", 1}}, {{"b", 2}}});
    tide::testing::driver run(ssc.application(build(pairs) | tide::foreach_rdd([](auto const&) {})));
    run.start();
    run.run_to(tide::batch_time(12'000));
    std::vector<std::int64_t> seconds;
    for (auto const& event : run.events())
        if (auto const* const commit = std::get_if<tide::commit_completed>(&event))
            seconds.push_back(commit->batch_time / 1000);
    support::show(title, seconds);
}

int main()
{
    show_commits("no state", [](auto pairs) { return pairs; });
    show_commits("a step", [](auto pairs) { return pairs | tide::checkpoint_every(4_s); });
    show_commits("a state", [](auto pairs) { return pairs | tide::update_state_by_key<"sums">(total); });
    show_commits("a state with a policy", [](auto pairs) {
        return pairs | tide::update_state_by_key<"sums">(total, tide::checkpoint_every(3_s));
    });
}
