// SPDX-License-Identifier: BSL-1.0
//
// glom.test: each partition as one record.

#include <tidemark/operators/filter.hpp>
#include <tidemark/operators/glom.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/rdd_context.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>
#include <support/tracked.hpp>

#include <concepts>
#include <string>
#include <vector>

namespace {

using tidemark::collect;
using tidemark::glom;
using tidemark::rdd_context;
using tidemark_test::tracked;

// ---- What it accepts, at compile time
using glom_fn = decltype(tidemark::glom);
static_assert(std::invocable<glom_fn, tidemark_test::rdd_of<std::string>>);
static_assert(std::invocable<glom_fn, tidemark_test::stream_of<int>>);
static_assert(std::invocable<glom_fn>, "waits for the pipe");
static_assert(!std::invocable<glom_fn, std::vector<int>>, "not an expression");
static_assert(
    std::same_as<tidemark::record_t<std::invoke_result_t<glom_fn, tidemark_test::rdd_of<bool>>>, std::vector<bool>>);

using parts = std::vector<std::vector<int>>;

} // namespace

TEST_CASE("glom gives a vector for each partition, an empty one for an empty partition", "[operators][glom]")
{
    auto const numbers = rdd_context(2).parallelize(std::vector{1, 2, 3, 4, 5}, 2);
    CHECK((numbers | glom() | collect()) == parts{{1, 2}, {3, 4, 5}});
    CHECK((glom(numbers) | collect()) == parts{{1, 2}, {3, 4, 5}});
    CHECK((numbers | tidemark::filter([](int x) { return x < 2; }) | glom() | collect()) == parts{{1}, {}});
    CHECK((rdd_context().parallelize(std::vector<int>{}, 3) | glom() | collect()) == parts{{}, {}, {}});
}

TEST_CASE("steps stand before and behind glom", "[operators][glom]")
{
    auto const numbers = rdd_context(2).parallelize(std::vector{1, 2, 3}, 2);
    auto const sizes = numbers | tidemark::map([](int x) { return 2 * x; }) | glom()
                       | tidemark::map([](std::vector<int> const& part) { return part.size(); });
    CHECK((sizes | collect()) == std::vector<std::size_t>{1, 2});
    CHECK((numbers | glom() | glom() | collect()) == std::vector<parts>{{{1}}, {{2, 3}}});
}

TEST_CASE("glom copies a record that somebody holds once, and moves what a step has made", "[operators][glom]")
{
    auto const records =
        rdd_context().parallelize(std::vector{1, 2, 3, 4}, 2) | tidemark::map([](int x) { return tracked(x); });
    tracked::reset();
    auto const all = records | glom() | collect();
    CHECK(tracked::copies() == 0);
    CHECK(all[1][1] == tracked(4));
}
