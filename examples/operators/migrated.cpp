// SPDX-License-Identifier: BSL-1.0
//
// migrated: a newer version of a program takes over states of another type; dropping leaves behind what it has no more.

#include "../support/show.hpp"

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <algorithm>
#include <iostream>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tide = tidemark;
using namespace tidemark::literals;

using sale = std::pair<std::string, int>;
using sum_and_best = std::pair<int, int>;

std::optional<int> sum(std::vector<int> const& more, std::optional<int> so_far)
{
    return std::accumulate(more.begin(), more.end(), so_far.value_or(0));
}

std::optional<sum_and_best> sum_and_highest(std::vector<int> const& more, std::optional<sum_and_best> so_far)
{
    auto both = so_far.value_or(sum_and_best(0, 0));
    for (int const each : more)
        both = {both.first + each, std::max(both.second, each)};
    return both;
}

constexpr auto show = [](auto const& rdd, tide::batch_time time) {
    support::show(to_string(time), support::sorted(rdd | tide::collect()));
};

std::vector<std::vector<sale>> const sales{{{"tea", 3}, {"jam", 5}}, {{"tea", 4}}, {{"tea", 6}, {"rye", 2}}};

/// Runs a batch of `app`, and stops it.
void run_one(tide::application app)
{
    tide::testing::driver run(std::move(app));
    run.start();
    run.run_next();
    run.stop();
}

int main()
{
    tide::memory_storage const disk;
    auto const where = tide::checkpoint_directory(disk);
    std::cout << "the first version:\n";
    {
        auto const ssc = tide::streaming_context(1_s, where);
        auto const in = ssc.queue_stream<"sales">(sales);
        run_one(ssc.application(in | tide::update_state_by_key<"sums">(sum) | tide::foreach_rdd<"show">(show),
                                in | tide::count_by_window<"counts">(2_s) | tide::foreach_rdd<"show counts">(show)));
    }
    auto const second = [&](auto const& ssc) {
        return ssc.application(ssc.template queue_stream<"sales">(sales)
                               | tide::update_state_by_key<"sums">(sum_and_highest) | tide::foreach_rdd<"show">(show));
    };
    std::cout << "the second version, which does not say what has changed:\n";
    try {
        run_one(second(tide::streaming_context(1_s, where)));
    } catch (tide::incompatible_checkpoint const& problem) {
        std::cout << problem.what() << "\n";
    }
    std::cout << "which says it:\n";
    auto const from_sum = [](int before) { return sum_and_best(before, 0); };
    run_one(second(tide::streaming_context(1_s, where).migrated<int, "sums">(from_sum).dropping("counts")));
}
