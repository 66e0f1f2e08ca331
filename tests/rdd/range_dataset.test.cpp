// SPDX-License-Identifier: BSL-1.0

#include <tidemark/core/error.hpp>
#include <tidemark/core/settings.hpp>
#include <tidemark/operators/map_partitions.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/rdd_context.hpp>

#include <support/catch.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace {

using Catch::Matchers::Contains;
using tidemark::collect;
using tidemark::rdd_context;
using numbers = std::vector<std::int64_t>;

constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
constexpr auto largest = std::numeric_limits<std::int64_t>::max();

} // namespace

TEST_CASE("a range has the integers from the first up to, and without, the last", "[rdd][range]")
{
    rdd_context const rc(2);
    struct {
        std::int64_t first;
        std::int64_t last;
        std::int64_t step;
        numbers expected;
    } const rows[] = {
        {0, 5, 1, {0, 1, 2, 3, 4}},
        {1, 8, 3, {1, 4, 7}},
        {1, 7, 3, {1, 4}},
        {5, 0, -2, {5, 3, 1}},
        {-2, -3, -1, {-2}},
        {3, 3, 1, {}},
        {3, 3, -1, {}},
        {0, 5, -1, {}},
        {5, 0, 1, {}},
        {largest - 1, largest, 5, {largest - 1}},
        {lowest + 1, lowest, -1, {lowest + 1}},
        {lowest, largest, largest, {lowest, -1, largest - 1}},
        {largest, lowest, lowest, {largest, -1}},
    };
    for (auto const& row : rows)
        for (auto const partitions : std::vector<std::size_t>{1, 2, 7})
            CHECK((rc.range(row.first, row.last, row.step, partitions) | collect()) == row.expected);
    CHECK((rc.range(2, 4) | collect()) == numbers{2, 3});
}

TEST_CASE("a range is cut into the partitions asked for, or those of the context", "[rdd][range]")
{
    auto const sizes = [](auto const& rdd) {
        return rdd | tidemark::map_partitions([](auto part) { return std::vector{part.size()}; }) | collect();
    };
    rdd_context const rc;
    CHECK(sizes(rc.range(0, 10, 1, 4)) == std::vector<std::size_t>{3, 3, 2, 2});
    CHECK(sizes(rc.range(0, 2, 1, 4)) == std::vector<std::size_t>{1, 1, 0, 0});
    CHECK(sizes(rc.range(0, 2)).size() == 8);
}

TEST_CASE("a range is made as it is read, and no further", "[rdd][range]")
{
    rdd_context const rc(2);
    CHECK((rc.range(lowest, largest, 1, 1) | tidemark::take(2)) == numbers{lowest, lowest + 1});
    CHECK((rc.range(0, 1'000'000, 1, 3) | tidemark::count_records()) == 1'000'000);
}

TEST_CASE("a range that cannot be is refused", "[rdd][range]")
{
    rdd_context const rc;
    CHECK_THROWS_AS(rc.range(0, 1, 0), tidemark::config_error);
    CHECK_THROWS_WITH(rc.range(0, 1, 0), Contains("tidemark::range: the step is 0"));
    CHECK_THROWS_WITH(rc.range(0, 1, 1, 0), Contains("tidemark::range: 0 partitions"));
    CHECK_THROWS_WITH(rc.range(0, 1, 1, tidemark::most_partitions + 1), Contains("give 1 to 65536"));
}
