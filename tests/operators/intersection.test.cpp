// SPDX-License-Identifier: BSL-1.0
//
// intersection.test: what two expressions have in common; subtract: what only the first has.

#include <tidemark/operators/intersection.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/rdd_context.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>
#include <support/records.hpp>
#include <support/tracked.hpp>

#include <concepts>
#include <string>
#include <vector>

namespace {

using tidemark::collect;
using tidemark::intersection;
using tidemark::rdd_context;
using tidemark::subtract;
using tidemark_test::sorted;

// ---- What they accept, at compile time
using fn = decltype(tidemark::intersection);
using numbers_t = tidemark_test::rdd_of<int>;
static_assert(std::invocable<fn, numbers_t, numbers_t>);
static_assert(std::invocable<fn, tidemark_test::stream_of<int>, tidemark_test::stream_of<int>>);
static_assert(std::invocable<fn, numbers_t>, "waits for the pipe");
static_assert(!tidemark::comparable_with<tidemark_test::rdd_of<long>, numbers_t>, "other records");
static_assert(!std::invocable<fn>);

} // namespace

TEST_CASE("intersection gives what both have, each once", "[operators][intersection]")
{
    for (std::size_t const partitions : {1U, 3U}) {
        INFO(partitions << " partitions");
        auto const first = rdd_context(2).parallelize(std::vector{5, 1, 2, 2, 3, 5}, partitions);
        auto const second = rdd_context(2).parallelize(std::vector{2, 4, 5, 5}, 2);
        CHECK(sorted(first | intersection(second) | collect()) == std::vector{2, 5});
        CHECK(sorted(intersection(second, first) | collect()) == std::vector{2, 5});
        CHECK(sorted(first | intersection(first) | collect()) == std::vector{1, 2, 3, 5});
        CHECK((first | intersection(rdd_context().parallelize(std::vector<int>{}, 1)) | collect()).empty());
    }
}

TEST_CASE("subtract gives what only the first has, as often as it has it", "[operators][subtract]")
{
    for (std::size_t const partitions : {1U, 3U}) {
        INFO(partitions << " partitions");
        auto const first = rdd_context(2).parallelize(std::vector{5, 1, 1, 2, 3, 1}, partitions);
        auto const second = rdd_context(2).parallelize(std::vector{2, 4, 5}, 2);
        CHECK(sorted(first | subtract(second) | collect()) == std::vector{1, 1, 1, 3});
        CHECK((subtract(first, first) | collect()).empty());
        auto const texts = tidemark::map(tidemark_test::long_text);
        CHECK(sorted(second | texts | subtract(first | texts) | collect()) == std::vector{tidemark_test::long_text(4)});
    }
}
