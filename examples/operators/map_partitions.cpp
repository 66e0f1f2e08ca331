// SPDX-License-Identifier: BSL-1.0
//
// map_partitions: a function over each partition as a whole, which range adaptors take.

#include "../support/show.hpp"

#include <tidemark/tidemark.hpp>

#include <range/v3/view/chunk.hpp>
#include <range/v3/view/transform.hpp>

#include <numeric>
#include <vector>

namespace tide = tidemark;

/// The sums of two neighbours each; the last one of an odd number stands alone.
struct sums_of_two {
    auto operator()(tide::partition_view<int> numbers) const
    {
        auto const sum = [](auto const& few) { return std::accumulate(few.begin(), few.end(), 0); };
        return numbers | ranges::views::chunk(2) | ranges::views::transform(sum);
    }
};

int main()
{
    tide::rdd_context const rc;
    auto const numbers = rc.parallelize(std::vector{1, 2, 3, 4, 5, 6}, 2); // two partitions: 1 2 3 and 4 5 6
    support::show("sums", numbers | tide::map_partitions(sums_of_two{}) | tide::collect());
}
