// SPDX-License-Identifier: BSL-1.0
//
// map_partitions: a function over each partition as a whole, which range adaptors take.

#include "../support/show.hpp"

#include <tidemark/tidemark.hpp>

#include <range/v3/view/chunk.hpp>
#include <range/v3/view/transform.hpp>

#include <iostream>
#include <numeric>
#include <optional>
#include <string>
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

/// How often records are exchanged, as the lineage says.
template <typename Rdd>
int wide_dependencies(Rdd const& rdd)
{
    auto const lineage = tide::to_debug_string(rdd);
    int found = 0;
    for (auto at = lineage.find("+-("); at != std::string::npos; at = lineage.find("+-(", at + 1))
        ++found;
    return found;
}

int main()
{
    tide::rdd_context const rc;
    auto const numbers = rc.parallelize(std::vector{1, 2, 3, 4, 5, 6}, 2); // two partitions: 1 2 3 and 4 5 6
    support::show("sums", numbers | tide::map_partitions(sums_of_two{}) | tide::collect());

    // The program's word that keys stay in their partition: what stands behind it needs no exchange.
    auto const by_place = numbers | tide::key_by([](int x) { return x % 2; }) | tide::partition_by(2);
    auto const first = [](auto part) { return part.empty() ? std::nullopt : std::optional(part.front()); };
    auto const kept = by_place | tide::map_partitions(first, tide::keep_partitioning) | tide::group_by_key();
    auto const lost = by_place | tide::map_partitions(first) | tide::group_by_key();
    std::cout << "wide dependencies: " << wide_dependencies(kept) << ", and without the word "
              << wide_dependencies(lost) << "\n";
}
