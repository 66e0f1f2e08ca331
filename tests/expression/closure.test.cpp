// SPDX-License-Identifier: BSL-1.0
//
// closure.test: operators that wait for the left side of the pipe.

#include <tidemark/expression/closure.hpp>
#include <tidemark/operators/count.hpp>
#include <tidemark/operators/filter.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/operators/union_.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/rdd_context.hpp>

#include <support/catch.hpp>
#include <support/tracked.hpp>

#include <concepts>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using tidemark::rdd_context;
using tidemark_test::tracked;

using numbers_t = tidemark::rdd_leaf<int, false>;

constexpr auto twice = [](int x) { return 2 * x; };
constexpr auto is_large = [](int x) { return x > 3; };

using mapping_t = decltype(tidemark::map(twice));
using pair_t = decltype(tidemark::map(twice) | tidemark::filter(is_large));

template <typename Left, typename Right>
concept pipes = requires(Left left, Right right) { std::move(left) | std::move(right); };

// ---- What the pipe takes, at compile time
static_assert(tidemark::closure_object<mapping_t> && tidemark::closure_object<pair_t const&>);
static_assert(pipes<numbers_t, mapping_t>);
static_assert(pipes<mapping_t, mapping_t>);
static_assert(!pipes<mapping_t, numbers_t>, "the expression stands on the left");
static_assert(!pipes<numbers_t, numbers_t>, "two expressions: union_");
static_assert(!pipes<numbers_t, decltype(tidemark::map)>, "an operator without its arguments");
static_assert(!pipes<numbers_t, decltype(tidemark::count)>, "an operator without its parentheses");
static_assert(!pipes<mapping_t, decltype(tidemark::count)>);
static_assert(!pipes<std::vector<int>, mapping_t>, "not an expression");
static_assert(!pipes<numbers_t, int>);

// ---- A closure costs what its arguments cost
static_assert(std::is_empty_v<mapping_t>);
static_assert(std::is_empty_v<pair_t>);

/// Takes any expression and tells how its argument came.
struct passed_fn {
    template <typename Parent, typename Argument>
    std::pair<bool, Argument> operator()(Parent&&, Argument argument) const
    {
        return {std::is_lvalue_reference_v<Parent>, std::move(argument)};
    }
};

} // namespace

TEST_CASE("an operator called directly means the same as one that waits for the pipe", "[expression][closure]")
{
    auto const numbers = rdd_context().parallelize(std::vector{1, 2, 3}, 2);
    auto const piped = numbers | tidemark::map(twice) | tidemark::filter(is_large);
    auto const called = tidemark::filter(tidemark::map(numbers, twice), is_large);
    static_assert(std::same_as<decltype(piped), decltype(called)>);
    CHECK((piped | tidemark::collect()) == std::vector{4, 6});
    CHECK(tidemark::collect(called) == std::vector{4, 6});
}

TEST_CASE("operators joined first mean the same as one after the other", "[expression][closure]")
{
    auto const numbers = rdd_context().parallelize(std::vector{1, 2, 3}, 2);
    auto const joined = tidemark::map(twice) | tidemark::filter(is_large);
    auto const one_by_one = numbers | tidemark::map(twice) | tidemark::filter(is_large);
    static_assert(std::same_as<decltype(numbers | joined), std::remove_const_t<decltype(one_by_one)>>);
    CHECK((numbers | joined | tidemark::collect()) == std::vector{4, 6});
    CHECK((numbers | (joined | tidemark::map(twice) | tidemark::collect())) == std::vector{8, 12});
}

TEST_CASE("operators whose functions can hold anything callable can be joined", "[expression][closure]")
{
    std::function<int(int)> const doubled = twice;
    std::function<bool(int)> const large = is_large;
    auto const joined = tidemark::map(doubled) | tidemark::filter(large);
    auto const numbers = rdd_context().parallelize(std::vector{1, 2, 3}, 2);
    CHECK((numbers | joined | tidemark::collect()) == std::vector{4, 6});
}

TEST_CASE("a named closure can be used again, a temporary one gives its arguments away", "[expression][closure]")
{
    auto const numbers = rdd_context().parallelize(std::vector{1}, 1);
    auto const waiting = tidemark::closure<passed_fn, tracked>(tracked(7));

    tracked::reset();
    CHECK((numbers | waiting).second == tracked(7));
    CHECK(tracked::copies() == 1);
    CHECK((numbers | waiting).second == tracked(7));
    CHECK(tracked::copies() == 2);

    tracked::reset();
    CHECK((numbers | tidemark::closure<passed_fn, tracked>(tracked(8))).second == tracked(8));
    CHECK(tracked::copies() == 0);
}

TEST_CASE("the pipe passes the expression on as it came", "[expression][closure]")
{
    auto numbers = rdd_context().parallelize(std::vector{1}, 1);
    auto const waiting = tidemark::closure<passed_fn, int>(0);
    CHECK((numbers | waiting).first);
    CHECK_FALSE((std::move(numbers) | waiting).first);
}
