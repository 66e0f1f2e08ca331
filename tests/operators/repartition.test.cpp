// SPDX-License-Identifier: BSL-1.0
//
// repartition.test: the same records in another number of partitions; coalesce: in fewer.

#include <tidemark/operators/filter.hpp>
#include <tidemark/operators/glom.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/operators/repartition.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/rdd_context.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>
#include <support/records.hpp>
#include <support/tracked.hpp>

#include <algorithm>
#include <atomic>
#include <concepts>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using tidemark::coalesce;
using tidemark::collect;
using tidemark::glom;
using tidemark::rdd_context;
using tidemark::repartition;
using tidemark_test::counted;
using tidemark_test::tracked;

// ---- What they accept, at compile time
using fn = decltype(tidemark::repartition);
static_assert(std::invocable<fn, tidemark_test::rdd_of<std::string>, std::size_t>);
static_assert(std::invocable<fn, tidemark_test::stream_of<int>, std::size_t>);
static_assert(std::invocable<fn, std::size_t>, "waits for the pipe");
static_assert(!std::invocable<fn>);
static_assert(!std::invocable<decltype(tidemark::coalesce)>);

using parts = std::vector<std::vector<int>>;

} // namespace

TEST_CASE("repartition gives exactly so many partitions, evenly filled, and keeps the order",
          "[operators][repartition]")
{
    for (int const records : {0, 1, 10, 1001})
        for (std::size_t const from : {1U, 4U})
            for (std::size_t const to : {1U, 3U, 8U, 70U}) {
                INFO(records << " records from " << from << " to " << to << " partitions");
                auto const few = rdd_context(2).parallelize(counted(records), from) | repartition(to);
                CHECK((few | collect()) == counted(records));
                auto const found = few | glom() | collect();
                CHECK(found.size() == to);
                auto const [least, most] = std::minmax_element(
                    found.begin(), found.end(), [](auto const& a, auto const& b) { return a.size() < b.size(); });
                CHECK(most->size() - least->size() <= 1);
            }
}

TEST_CASE("repartition levels out what a filter has made uneven", "[operators][repartition]")
{
    auto const uneven = rdd_context(2).parallelize(counted(12), 3) | tidemark::filter([](int x) { return x < 5; });
    CHECK((uneven | glom() | collect()) == parts{{0, 1, 2, 3}, {4}, {}});
    CHECK((uneven | repartition(3) | glom() | collect()) == parts{{0}, {1, 2}, {3, 4}});
    CHECK((repartition(uneven, 2) | tidemark::map([](int x) { return x * x; }) | glom() | collect())
          == parts{{0, 1}, {4, 9, 16}});
}

TEST_CASE("repartition computes what it stands on once, and moves it", "[operators][repartition]")
{
    std::atomic<int> calls{0};
    auto const spread = rdd_context().parallelize(counted(6), 2) | tidemark::map([&calls](int x) {
                            ++calls;
                            return tracked(x);
                        })
                        | repartition(4);
    tracked::reset();
    CHECK((spread | tidemark::count_records()) == 6);
    CHECK(tracked::copies() == 0);
    CHECK((spread | collect()).size() == 6);
    CHECK(calls == 6);
}

TEST_CASE("what a function before repartition throws comes out each time", "[operators][repartition]")
{
    auto const failing = rdd_context(2).parallelize(counted(4), 2)
                         | tidemark::map([](int x) -> int { throw std::runtime_error("number " + std::to_string(x)); })
                         | repartition(3);
    CHECK_THROWS_WITH(failing | collect(), "number 0");
    CHECK_THROWS_WITH(failing | collect(), "number 0");
}

TEST_CASE("coalesce joins neighbours and keeps the order", "[operators][coalesce]")
{
    auto const numbers = rdd_context(2).parallelize(counted(7), 5);
    CHECK((numbers | glom() | collect()) == parts{{0}, {1}, {2, 3}, {4}, {5, 6}});
    CHECK((numbers | coalesce(2) | glom() | collect()) == parts{{0, 1}, {2, 3, 4, 5, 6}});
    CHECK((coalesce(numbers, 1) | glom() | collect()) == parts{counted(7)});
    CHECK((numbers | coalesce(5) | glom() | collect()) == (numbers | glom() | collect()));
    CHECK((numbers | coalesce(50) | glom() | collect()) == (numbers | glom() | collect()));
}

TEST_CASE("coalesce moves nothing to another place and stops when no more is wanted", "[operators][coalesce]")
{
    std::atomic<int> calls{0};
    auto const numbers = rdd_context().parallelize(counted(8), 4) | tidemark::map([&calls](int x) {
                             ++calls;
                             return tracked(x);
                         });
    tracked::reset();
    CHECK((numbers | coalesce(1) | tidemark::take(2)).size() == 2);
    CHECK(tracked::copies() == 0);
    CHECK(calls == 2);
}

TEST_CASE("a number of partitions is checked where it is given", "[operators][repartition][coalesce]")
{
    auto const numbers = rdd_context().parallelize(counted(2), 1);
    CHECK_THROWS_WITH(numbers | repartition(0), "tidemark::repartition: 0 partitions; give 1 to 65536");
    CHECK_THROWS_AS(repartition(65'537), tidemark::config_error);
    CHECK_THROWS_WITH(coalesce(numbers, 0), "tidemark::coalesce: 0 partitions; give 1 to 65536");
}
