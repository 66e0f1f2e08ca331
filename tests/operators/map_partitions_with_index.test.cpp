// SPDX-License-Identifier: BSL-1.0
//
// map_partitions_with_index.test: a function over the number of a partition and a view of it.

#include <tidemark/operators/filter.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/operators/map_partitions_with_index.hpp>
#include <tidemark/operators/union_.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/rdd_context.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>

#include <concepts>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using tidemark::collect;
using tidemark::map_partitions_with_index;
using tidemark::rdd_context;

constexpr auto sized = [](std::size_t number, auto part) { return std::vector{std::pair(number, part.size())}; };
using sizes = std::vector<std::pair<std::size_t, std::size_t>>;

// ---- What it accepts, at compile time
using fn = decltype(tidemark::map_partitions_with_index);
using numbers_t = tidemark_test::rdd_of<int>;
constexpr auto without_number = [](tidemark::partition_view<int> part) { return std::vector{part.size()}; };
static_assert(std::invocable<fn, numbers_t, decltype(sized)>);
static_assert(std::invocable<fn, tidemark_test::stream_of<int>, decltype(sized)>);
static_assert(std::invocable<fn, decltype(sized)>, "waits for the pipe");
static_assert(!tidemark::indexed_partition_mapping<decltype(without_number), numbers_t>);
static_assert(!std::invocable<fn>);

} // namespace

TEST_CASE("map_partitions_with_index numbers the partitions from 0, empty ones included",
          "[operators][map_partitions_with_index]")
{
    auto const numbers = rdd_context(3).parallelize(std::vector{1, 2, 3, 4, 5}, 3);
    CHECK((numbers | map_partitions_with_index(sized) | collect()) == sizes{{0, 1}, {1, 2}, {2, 2}});
    CHECK((map_partitions_with_index(numbers, sized) | collect()) == sizes{{0, 1}, {1, 2}, {2, 2}});
    auto const few = numbers | tidemark::filter([](int x) { return x > 3; });
    CHECK((few | map_partitions_with_index(sized) | collect()) == sizes{{0, 0}, {1, 0}, {2, 2}});
}

TEST_CASE("a step knows the number of its partition behind other steps and after a union",
          "[operators][map_partitions_with_index]")
{
    auto const numbers = rdd_context(2).parallelize(std::vector{1, 2}, 2);
    auto const numbered = map_partitions_with_index([](std::size_t number, auto part) {
        std::vector<std::string> all;
        for (int const x : part)
            all.push_back(std::to_string(number) + ":" + std::to_string(x));
        return all;
    });
    auto const twice = tidemark::map([](int x) { return 2 * x; });
    CHECK((numbers | twice | numbered | collect()) == std::vector<std::string>{"0:2", "1:4"});
    CHECK((numbers | tidemark::union_(numbers) | numbered | collect())
          == std::vector<std::string>{"0:1", "1:2", "2:1", "3:2"});
}

TEST_CASE("what a function over a partition throws comes out of the action", "[operators][map_partitions_with_index]")
{
    auto const failing = map_partitions_with_index([](std::size_t number, auto) -> std::vector<int> {
        throw std::runtime_error("partition " + std::to_string(number));
    });
    auto const numbers = rdd_context(2).parallelize(std::vector{1, 2}, 2);
    CHECK_THROWS_WITH((numbers | failing | collect()), "partition 0");
}
