// SPDX-License-Identifier: BSL-1.0
//
// map_partitions_with_index: what each partition begins with.

#include "../support/show.hpp"

#include <tidemark/tidemark.hpp>

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace tide = tidemark;

int main()
{
    tide::rdd_context const rc;
    auto const first_of_each = [](std::size_t number, auto part) {
        return part.empty() ? std::nullopt : std::optional(std::pair(number, part.front()));
    };
    auto const numbers = rc.parallelize(std::vector{5, 6, 7, 8}, 3);
    support::show("number and first record",
                  numbers | tide::map_partitions_with_index(first_of_each) | tide::collect());
}
