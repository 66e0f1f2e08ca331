// SPDX-License-Identifier: BSL-1.0
//
// speculative: functions that may see what a filter drops, so that small records pass without a branch.

#include "../support/show.hpp"

#include <tidemark/tidemark.hpp>

#include <utility>
#include <vector>

namespace tide = tidemark;

struct reading {
    int sensor = 0;
    short celsius = 0;
};

int main()
{
    tide::rdd_context const rc;
    auto const readings = rc.parallelize(std::vector<reading>{{1, 20}, {2, -300}, {3, 35}, {1, 24}});
    auto const is_possible = [](reading const& each) noexcept { return each.celsius >= -273; };
    auto const fahrenheit = [](reading const& each) noexcept {
        return std::pair(each.sensor, each.celsius * 9 / 5 + 32); // no short is too large for it
    };
    auto const is_warm = [](std::pair<int, int> const& each) noexcept { return each.second > 70; };
    support::show("warm", readings | tide::filter(tide::speculative(is_possible))
                              | tide::map(tide::speculative(fahrenheit)) | tide::filter(tide::speculative(is_warm))
                              | tide::collect());
}
