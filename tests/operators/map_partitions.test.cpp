// SPDX-License-Identifier: BSL-1.0
//
// map_partitions.test: a function over a whole partition.

#include <tidemark/operators/filter.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/operators/map_partitions.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/rdd_context.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>
#include <support/tracked.hpp>

#include <range/v3/algorithm/max_element.hpp>
#include <range/v3/numeric/accumulate.hpp>
#include <range/v3/view/chunk.hpp>
#include <range/v3/view/filter.hpp>
#include <range/v3/view/reverse.hpp>
#include <range/v3/view/transform.hpp>

#include <algorithm>
#include <atomic>
#include <concepts>
#include <functional>
#include <optional>
#include <ranges>
#include <string>
#include <vector>

namespace {

using tidemark::collect;
using tidemark::map_partitions;
using tidemark::partition_view;
using tidemark::rdd_context;
using tidemark_test::long_text;
using tidemark_test::tracked;

using numbers_t = tidemark_test::rdd_of<int>;

constexpr auto is_even = [](int x) { return x % 2 == 0; };
constexpr auto twice = [](int x) { return 2 * x; };
constexpr auto sum_of = [](partition_view<int> part) { return std::vector{ranges::accumulate(part, 0)}; };
constexpr auto size_alone = [](partition_view<int> part) { return part.size(); };

// ---- What a partition is seen as
static_assert(std::ranges::view<partition_view<std::string>>
              && std::ranges::random_access_range<partition_view<std::string>>);
static_assert(std::ranges::contiguous_range<partition_view<int>> && std::ranges::sized_range<partition_view<int>>);
static_assert(ranges::view_<partition_view<std::string>> && ranges::random_access_range<partition_view<std::string>>);
static_assert(std::same_as<std::ranges::range_reference_t<partition_view<int>>, int const&>, "it is only looked at");

// ---- What it accepts, at compile time
using map_partitions_fn = decltype(tidemark::map_partitions);
static_assert(std::invocable<map_partitions_fn, numbers_t, decltype(sum_of)>);
static_assert(std::invocable<map_partitions_fn, numbers_t, std::identity>);
static_assert(std::invocable<map_partitions_fn, tidemark_test::stream_of<int>, decltype(sum_of)>);
static_assert(!tidemark::partition_mapping<decltype(twice), numbers_t>, "not a function of a partition");
static_assert(!tidemark::partition_mapping<decltype(size_alone), numbers_t>, "gives no range and no optional");
static_assert(!tidemark::partition_mapping<decltype(sum_of), tidemark_test::rdd_of<std::string>>, "of other records");
static_assert(!tidemark::partition_mapping<int, numbers_t>, "not a function");
static_assert(!std::invocable<map_partitions_fn>);

} // namespace

TEST_CASE("map_partitions calls its function once for each partition, empty ones included",
          "[operators][map_partitions]")
{
    // Slices of 3 records in 5 partitions: 0 1 0 1 1.
    std::atomic<int> calls{0};
    auto const sizes = rdd_context(2).parallelize(std::vector{10, 20, 30}, 5) | map_partitions([&calls](auto part) {
                           ++calls;
                           return std::vector{part.size()};
                       });
    CHECK((sizes | collect()) == std::vector<std::size_t>{0, 1, 0, 1, 1});
    CHECK(calls == 5);
}

TEST_CASE("map_partitions takes functions that give views of range-v3", "[operators][map_partitions]")
{
    auto const numbers = rdd_context().parallelize(std::vector{1, 2, 3, 4, 5, 6}, 2);
    CHECK((numbers | map_partitions([](auto part) { return part | ranges::views::filter(is_even); }) | collect())
          == std::vector{2, 4, 6});
    CHECK((numbers
           | map_partitions([](auto part) { return part | ranges::views::reverse | ranges::views::transform(twice); })
           | collect())
          == std::vector{6, 4, 2, 12, 10, 8});
    CHECK((numbers | map_partitions([](auto part) {
               return part | ranges::views::chunk(2)
                      | ranges::views::transform([](auto few) { return ranges::accumulate(few, 0); });
           })
           | collect())
          == std::vector{3, 3, 9, 6});
}

TEST_CASE("map_partitions takes functions that give views of the standard library", "[operators][map_partitions]")
{
    auto const numbers = rdd_context().parallelize(std::vector{1, 2, 3, 4, 5, 6}, 2);
    CHECK((numbers | map_partitions([](auto part) { return part | std::views::filter(is_even); }) | collect())
          == std::vector{2, 4, 6});
    CHECK((numbers | map_partitions([](auto part) { return part | std::views::reverse | std::views::transform(twice); })
           | collect())
          == std::vector{6, 4, 2, 12, 10, 8});
    CHECK((numbers | map_partitions([](auto part) { return part | std::views::take(1); }) | collect())
          == std::vector{1, 4});
    CHECK((numbers | map_partitions(std::identity{}) | collect()) == std::vector{1, 2, 3, 4, 5, 6});
}

TEST_CASE("map_partitions takes functions that give a container or an optional", "[operators][map_partitions]")
{
    auto const numbers = rdd_context().parallelize(std::vector{3, 1, 2}, 4); // slices 0 1 1 1
    auto const largest = [](auto part) {
        return part.empty() ? std::nullopt : std::optional(*ranges::max_element(part));
    };
    CHECK((numbers | map_partitions(sum_of) | collect()) == std::vector{0, 3, 1, 2});
    CHECK((numbers | map_partitions(largest) | collect()) == std::vector{3, 1, 2});
}

TEST_CASE("a partition shows its records by place, and its ends", "[operators][map_partitions]")
{
    auto const texts = rdd_context().parallelize(std::vector<std::string>{"a", "b", "c"}, 1);
    auto const picked =
        texts | map_partitions([](partition_view<std::string> part) {
            return std::vector{part[1], part.front(), part.back(), *part.data(), std::to_string(part.size())};
        });
    CHECK((picked | collect()) == std::vector<std::string>{"b", "a", "c", "a", "3"});
    CHECK(partition_view<int>().empty());
}

TEST_CASE("map_partitions stands between other steps", "[operators][map_partitions]")
{
    std::vector<int> numbers(10'000);
    for (int i = 0; i < 10'000; ++i)
        numbers[static_cast<std::size_t>(i)] = i;
    auto const rdd = rdd_context(2).parallelize(numbers, 3);
    auto const sorted_down = [](partition_view<std::string> part) {
        std::vector<std::string> all(part.begin(), part.end());
        std::sort(all.begin(), all.end(), std::greater<>{});
        return all;
    };
    // Partitions begin at 0, 3333 and 6666.
    auto const firsts = rdd | tidemark::filter([](int x) { return x % 1000 == 0; }) | tidemark::map(long_text)
                        | map_partitions(sorted_down)
                        | tidemark::map([](std::string const& text) { return text.back() == '0'; })
                        | map_partitions([](auto part) { return std::vector{part.size()}; }) | collect();
    CHECK(firsts == std::vector<std::size_t>{4, 3, 3});
    CHECK((rdd | map_partitions(std::identity{}) | tidemark::map(twice) | map_partitions(std::identity{})
           | tidemark::count_records())
          == 10'000);
}

TEST_CASE("map_partitions moves records in that are on their way, and copies what it gives only where it must",
          "[operators][map_partitions]")
{
    std::vector<int> const numbers(50, 7);
    auto const records = rdd_context().parallelize(numbers, 2) | tidemark::map([](int x) { return tracked(x); });
    tracked::reset();
    CHECK((records | map_partitions([](auto part) { return std::vector{part.size()}; }) | collect())
          == std::vector<std::size_t>{25, 25});
    CHECK((records | map_partitions(std::identity{}) | tidemark::count_records()) == 50);
    CHECK(tracked::copies() == 0);
}
