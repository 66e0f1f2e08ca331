// SPDX-License-Identifier: BSL-1.0
//
// first_record.test: the first record of an rdd, and whether there is one.

#include <tidemark/operators/filter.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/rdd/first_record.hpp>
#include <tidemark/rdd/rdd_context.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>
#include <support/tracked.hpp>

#include <atomic>
#include <concepts>
#include <cstdint>
#include <stdexcept>
#include <vector>

namespace {

using tidemark::first_record;
using tidemark::is_empty;
using tidemark::rdd_context;

static_assert(std::invocable<decltype(tidemark::first_record), tidemark_test::rdd_of<int>>);
static_assert(std::invocable<decltype(tidemark::first_record)>, "waits for the pipe");
static_assert(!std::invocable<decltype(tidemark::is_empty), tidemark_test::stream_of<int>>, "for rdds alone");

} // namespace

TEST_CASE("first_record gives the first one, wherever it lies, and computes no more", "[rdd][first_record]")
{
    std::atomic<int> calls{0};
    auto const numbers = rdd_context(2).parallelize(std::vector{1, 2, 3, 4, 5, 6}, 3) | tidemark::map([&calls](int x) {
                             ++calls;
                             return tidemark_test::tracked(x);
                         })
                         | tidemark::filter([](auto const& each) { return each.number > 2; });
    tidemark_test::tracked::reset();
    CHECK((numbers | first_record()).number == 3);
    CHECK(calls == 3);
    CHECK(tidemark_test::tracked::copies() == 0);
    CHECK_FALSE(is_empty(numbers));
    CHECK(calls == 6);
}

TEST_CASE("an rdd without records is empty, and has no first one", "[rdd][first_record][is_empty]")
{
    auto const none = rdd_context(2).parallelize(std::vector{1, 2}, 2) | tidemark::filter([](int) { return false; });
    CHECK((none | is_empty()));
    CHECK_THROWS_AS(none | first_record(), tidemark::usage_error);
    CHECK_THROWS_WITH(first_record(none),
                      "tidemark::first_record: the rdd has no records; ask is_empty() before, or use take(1)");
}

TEST_CASE("what a step throws comes out of first_record and is_empty", "[rdd][first_record][is_empty]")
{
    auto const failing = rdd_context(2).parallelize(std::vector{1, 2}, 2)
                         | tidemark::map([](int) -> int { throw std::runtime_error("no"); });
    CHECK_THROWS_WITH(failing | first_record(), "no");
    CHECK_THROWS_WITH(failing | is_empty(), "no");
}

TEST_CASE("what a first_record that failed has added counts nothing", "[rdd][first_record]")
{
    rdd_context const rc;
    auto const seen = rc.accumulator(0);
    auto const broken = rc.range(0, 4, 1, 2) | tidemark::filter([seen](std::int64_t x) {
                            seen += 1;
                            if (x == 3)
                                throw std::runtime_error("no record");
                            return false;
                        });
    CHECK_THROWS_WITH(broken | tidemark::first_record(), "no record");
    CHECK_THROWS_WITH(broken | tidemark::is_empty(), "no record");
    CHECK(seen.value() == 0);
}
