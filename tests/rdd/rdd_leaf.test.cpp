// SPDX-License-Identifier: BSL-1.0
//
// rdd_leaf.test: rdds whose type is named, and what is lost of them.

#include <tidemark/core/error.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/operators/reduce_by_key.hpp>
#include <tidemark/operators/union_.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/evaluate.hpp>
#include <tidemark/rdd/rdd_context.hpp>

#include <support/catch.hpp>

#include <atomic>
#include <concepts>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

using tidemark::collect;
using tidemark::rdd;
using tidemark::rdd_context;

constexpr auto plus_one = [](int x) { return x + 1; };

static_assert(
    std::convertible_to<decltype(rdd_context().parallelize(std::vector{1}) | tidemark::map(plus_one)), rdd<int>>);
static_assert(!std::convertible_to<decltype(rdd_context().parallelize(std::vector{1})), rdd<std::string>>);

rdd<int> doubled(rdd<int> const& numbers)
{
    return numbers | tidemark::map([](int x) { return 2 * x; });
}

} // namespace

TEST_CASE("an rdd of a named type is the rdd that it was made of", "[rdd][rdd_leaf]")
{
    rdd_context const rc(2);
    rdd<int> numbers = rc.parallelize(std::vector{1, 2, 3}, 2);
    CHECK((doubled(numbers) | collect()) == std::vector{2, 4, 6});
    CHECK((doubled(numbers | tidemark::union_(rc.parallelize(std::vector{9}, 1))) | collect())
          == std::vector{2, 4, 6, 18});
    auto const before = numbers;
    numbers = numbers | tidemark::map(plus_one);
    CHECK((numbers | collect()) == std::vector{2, 3, 4});
    CHECK((before | collect()) == std::vector{1, 2, 3});
}

TEST_CASE("an rdd made in a loop is computed, and one that is too long says what to do", "[rdd][rdd_leaf]")
{
    rdd_context const rc;
    rdd<int> numbers = rc.parallelize(std::vector{1, 2}, 2);
    for (int step = 0; step < 1000; ++step)
        numbers = numbers | tidemark::map(plus_one);
    CHECK((numbers | collect()) == std::vector{1001, 1002});
    for (int step = 0; step < 100'000; ++step)
        numbers = numbers | tidemark::map(plus_one);
    CHECK_THROWS_AS(numbers | collect(), tidemark::usage_error);
}

TEST_CASE("of what a wide dependency has brought together a lost partition is made again, and no other",
          "[rdd][rdd_leaf]")
{
    auto const calls = std::make_shared<std::atomic<int>>(0);
    auto const mapped = std::make_shared<std::atomic<int>>(0);
    rdd_context const rc(2, tidemark::rdd_settings{.partitions = 4});
    auto const sums = rc.parallelize(std::vector{1, 2, 3, 4, 5, 6}, 3) | tidemark::map([mapped](int x) {
                          ++*mapped;
                          return std::pair(x % 3, x);
                      })
                      | tidemark::reduce_by_key([calls](int a, int b) {
                            ++*calls;
                            return a + b;
                        });
    auto const first = sums | collect();
    CHECK(*mapped == 6);
    CHECK(*calls == 3);
    CHECK((sums | collect()) == first);
    CHECK(*mapped == 6);

    auto const data = tidemark::pipeline_of(sums).origin();
    for (std::size_t partition = 0; partition < 4; ++partition) {
        data->lose(partition);
        CHECK_FALSE(data->holds_records());
        CHECK((sums | collect()) == first);
        CHECK(*mapped == 6 * (static_cast<int>(partition) + 2)); // a wide dependency: everything is sent again ...
    }
    CHECK(*calls == 3 + 3); // ... and only the lost partition receives it
}
