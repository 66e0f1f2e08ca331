// SPDX-License-Identifier: BSL-1.0
//
// count_by_window: how many records the last two batches hold. A batch is one second.

#include "../support/show.hpp"

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <string>

namespace tide = tidemark;
using namespace tidemark::literals;

int main()
{
    tide::testing::batches<std::string> const input{{}, {"a", "b"}, {"c"}, {}, {}};
    support::show_batches(tide::testing::run_batches<std::string>(
        input, [](auto words) { return words | tide::count_by_window<"words">(2_s); }));
}
