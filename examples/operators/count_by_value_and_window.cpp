// SPDX-License-Identifier: BSL-1.0
//
// count_by_value_and_window: how often each word occurs in the last two batches. A batch is one second.

#include "../support/show.hpp"

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <string>

namespace tide = tidemark;
using namespace tidemark::literals;

int main()
{
    tide::testing::batches<std::string> const input{{"tea"}, {"milk", "milk"}, {"tea", "milk"}, {}};
    support::show_batches(tide::testing::run_batches<std::string>(
        input, [](auto words) { return words | tide::count_by_value_and_window<"words">(2_s); }));
}
