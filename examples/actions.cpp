// SPDX-License-Identifier: BSL-1.0
//
// actions: what ends an rdd expression and gives a value.

#include "support/show.hpp"

#include <tidemark/tidemark.hpp>

#include <atomic>
#include <functional>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace tide = tidemark;

int main()
{
    tide::rdd_context const rc(2);
    auto const heights = rc.parallelize(std::vector{4, 7, 1, 9, 2}, 2);
    auto const none = heights | tide::filter([](int height) { return height > 10; });

    std::cout << "sum: " << *(heights | tide::reduce_records(std::plus<>{})) << "\n"
              << "sum from 100 on: " << (heights | tide::fold_records(100, std::plus<>{})) << "\n"
              << "first: " << (heights | tide::first_record()) << "\n"
              << "none: " << std::boolalpha << (none | tide::is_empty()) << "\n"
              << "a sum of none: " << (none | tide::reduce_records(std::plus<>{})).has_value() << "\n";

    // A mean: the sum and the number, made in one go.
    auto const [sum, records] =
        heights
        | tide::aggregate_records(
            std::pair(0, 0),
            [](std::pair<int, int> so_far, int height) { return std::pair(so_far.first + height, so_far.second + 1); },
            [](std::pair<int, int> left, std::pair<int, int> right) {
                return std::pair(left.first + right.first, left.second + right.second);
            });
    std::cout << "mean: " << sum << "/" << records << "\n";

    support::show("the two lowest", heights | tide::take_ordered(2));
    support::show("the two highest", heights | tide::top(2));

    std::atomic<int> high{0}; // the function is called from several threads
    heights | tide::for_each([&high](int height) { high += height > 3; });
    heights | tide::for_each_partition([](tide::partition_view<int> part) { static_cast<void>(part.size()); });
    std::cout << "high: " << high << "\n";

    for (auto const& [last, height] : heights | tide::key_by([](int x) { return x % 2; }) | tide::collect_as_map())
        std::cout << "last of " << last << ": " << height << "\n";
}
