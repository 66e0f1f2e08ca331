// SPDX-License-Identifier: BSL-1.0
//
// reduce_by_key_and_window: sales of the last two batches by fruit, without and with an inverse. A batch is one second.

#include "../support/show.hpp"

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <iostream>
#include <string>
#include <utility>

namespace tide = tidemark;
using namespace tidemark::literals;

using sale = std::pair<std::string, int>;

int plus(int left, int right) { return left + right; }
int minus(int all, int leaving) { return all - leaving; }
bool is_sold(sale const& fruit) { return fruit.second != 0; }

int main()
{
    tide::testing::batches<sale> const input{{{"apple", 3}}, {{"pear", 1}, {"apple", 2}}, {}, {{"pear", 4}}};
    std::cout << "each window anew:\n";
    support::show_batches(tide::testing::run_batches<sale>(
        input, [](auto sales) { return sales | tide::reduce_by_key_and_window(plus, 2_s); }));
    std::cout << "with an inverse, a key stays:\n";
    support::show_batches(tide::testing::run_batches<sale>(
        input, [](auto sales) { return sales | tide::reduce_by_key_and_window<"sales">(plus, minus, 2_s); }));
    std::cout << "with an inverse and a filter:\n";
    support::show_batches(tide::testing::run_batches<sale>(input, [](auto sales) {
        return sales
               | tide::reduce_by_key_and_window<"sales">(plus, minus, 2_s, 1_s, is_sold, tide::checkpoint_every(5_s));
    }));
}
