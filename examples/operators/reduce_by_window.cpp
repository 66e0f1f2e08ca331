// SPDX-License-Identifier: BSL-1.0
//
// reduce_by_window: the sum of the last two batches, without and with an inverse. A batch is one second.

#include "../support/show.hpp"

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <iostream>

namespace tide = tidemark;
using namespace tidemark::literals;

int plus(int left, int right) { return left + right; }
int minus(int all, int leaving) { return all - leaving; }

int main()
{
    tide::testing::batches<int> const input{{1, 2}, {3}, {}, {}, {4}};
    std::cout << "each window anew:\n";
    support::show_batches(tide::testing::run_batches<int>(
        input, [](auto numbers) { return numbers | tide::reduce_by_window(plus, 2_s); }));
    std::cout << "with an inverse:\n";
    support::show_batches(tide::testing::run_batches<int>(
        input, [](auto numbers) { return numbers | tide::reduce_by_window<"sum">(plus, minus, 2_s); }));
}
