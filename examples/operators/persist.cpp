// SPDX-License-Identifier: BSL-1.0
//
// persist: computed once, used twice.

#include <tidemark/tidemark.hpp>

#include <iostream>
#include <vector>

namespace tide = tidemark;

int main()
{
    tide::rdd_context const rc;
    int calls = 0;
    auto const squares = rc.parallelize(std::vector{1, 2, 3, 4}, 2) | tide::map([&calls](int x) {
                             ++calls;
                             return x * x;
                         })
                         | tide::persist(tide::storage_level::memory_only);
    std::cout << "the first: " << tide::take(squares, 1).front() << ", calls: " << calls << '\n';
    std::cout << "how many: " << tide::count_records(squares) << ", calls: " << calls << '\n';
    std::cout << "how many: " << tide::count_records(squares) << ", calls: " << calls << '\n';
    std::cout << tide::to_debug_string(squares) << '\n';
}
