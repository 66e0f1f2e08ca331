// SPDX-License-Identifier: BSL-1.0
//
// window: the records of the last batches together. A batch is one second.

#include "../support/show.hpp"

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <iostream>

namespace tide = tidemark;
using namespace tidemark::literals;

int main()
{
    tide::testing::batches<int> const input{{1}, {2}, {3, 4}, {}, {5}, {6}};
    std::cout << "3 s, every batch:\n";
    support::show_batches(
        tide::testing::run_batches<int>(input, [](auto numbers) { return numbers | tide::window(3_s); }));
    std::cout << "3 s, every second batch:\n";
    support::show_batches(
        tide::testing::run_batches<int>(input, [](auto numbers) { return numbers | tide::window(3_s, 2_s); }));
}
