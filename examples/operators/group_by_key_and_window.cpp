// SPDX-License-Identifier: BSL-1.0
//
// group_by_key_and_window: all values of each key in the last two batches. A batch is one second.

#include "../support/show.hpp"

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <string>
#include <utility>

namespace tide = tidemark;
using namespace tidemark::literals;

int main()
{
    using reading = std::pair<std::string, int>;
    tide::testing::batches<reading> const input{{{"a", 1}}, {{"a", 2}, {"b", 1}}, {}, {{"b", 2}}};
    support::show_batches(tide::testing::run_batches<reading>(
        input, [](auto readings) { return readings | tide::group_by_key_and_window(2_s); }));
}
