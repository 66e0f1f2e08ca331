// SPDX-License-Identifier: BSL-1.0
//
// map_values.test: a new value for each pair.

#include <tidemark/operators/map.hpp>
#include <tidemark/operators/map_values.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/rdd_context.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>
#include <support/tracked.hpp>

#include <concepts>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace {

using tidemark::collect;
using tidemark::map;
using tidemark::map_values;
using tidemark::rdd_context;
using tidemark_test::tracked;

using count = std::pair<std::string, int>;
using counts_t = tidemark_test::rdd_of<count>;
using numbers_t = tidemark_test::rdd_of<int>;
using triples_t = tidemark_test::rdd_of<std::tuple<int, int, int>>;

constexpr auto twice = [](int x) { return 2 * x; };

// ---- What it accepts, at compile time
using map_values_fn = decltype(tidemark::map_values);
static_assert(std::invocable<map_values_fn, counts_t, decltype(twice)>);
static_assert(std::invocable<map_values_fn, tidemark_test::stream_of<count>, decltype(twice)>);
static_assert(!tidemark::value_mapping<decltype(twice), numbers_t>, "records are not pairs");
static_assert(!tidemark::value_mapping<decltype(twice), triples_t>, "records are not pairs");
static_assert(!tidemark::value_mapping<int, counts_t>, "not a function");
static_assert(!tidemark::value_mapping<std::string (*)(std::string), counts_t>, "not a function of the value");
static_assert(!tidemark::value_mapping<void (*)(int), counts_t>, "gives no value");
static_assert(!std::invocable<map_values_fn>);
static_assert(std::same_as<tidemark::record_t<std::invoke_result_t<map_values_fn, counts_t, double (*)(int)>>,
                           std::pair<std::string, double>>);

} // namespace

TEST_CASE("map_values changes the value and keeps the key", "[operators][map_values]")
{
    auto const counts = rdd_context().parallelize(std::vector<count>{{"a", 1}, {"a", 2}, {"b", 3}}, 2);
    CHECK((counts | map_values(twice) | collect()) == std::vector<count>{{"a", 2}, {"a", 4}, {"b", 6}});
    CHECK((counts | map_values([](int x) { return std::to_string(x); }) | collect())
          == std::vector<std::pair<std::string, std::string>>{{"a", "1"}, {"a", "2"}, {"b", "3"}});
    CHECK((rdd_context().parallelize(std::vector<count>{}, 2) | map_values(twice) | collect()).empty());
}

TEST_CASE("map_values works on pairs that travel in chunks", "[operators][map_values]")
{
    using small = std::pair<std::int64_t, int>;
    std::vector<small> pairs;
    std::vector<std::pair<std::int64_t, std::int16_t>> narrowed;
    std::vector<std::pair<std::int64_t, std::string>> told;
    for (int number = 0; number < 10'001; ++number) {
        pairs.emplace_back(number, number % 100);
        narrowed.emplace_back(number, static_cast<std::int16_t>(number % 100 - 7));
        told.emplace_back(number, std::to_string(number % 100));
    }
    auto const rdd = rdd_context().parallelize(pairs, 2);
    CHECK((rdd | map_values([](int x) { return static_cast<std::int16_t>(x - 7); }) | collect()) == narrowed);
    CHECK((rdd | map_values([](int x) { return std::to_string(x); }) | collect()) == told);
    CHECK((rdd | map_values([](int x) { return std::to_string(x); })
           | map_values([](std::string const& text) { return std::stoi(text); }) | map_values(twice)
           | map_values([](int x) { return x / 2; }) | collect())
          == pairs);
}

TEST_CASE("map_values never copies a key or value that it can pass on", "[operators][map_values]")
{
    struct holder {
        tracked inside;
    };
    std::vector<int> numbers(100, 5);
    tracked::reset();
    auto const pairs =
        rdd_context().parallelize(numbers, 3) | map([](int x) { return std::pair(tracked(x), tracked(x + 1)); })
        | map_values([](tracked value) { return holder{std::move(value)}; }) | map_values(&holder::inside)
        | map_values([](tracked const& value) { return value.number; }) | collect();
    CHECK(tracked::copies() == 0);
    REQUIRE(pairs.size() == 100);
    CHECK(pairs[99].first == tracked(5));
    CHECK(pairs[99].second == 6);
}

TEST_CASE("map_values takes the whole value of a nested pair", "[operators][map_values]")
{
    using nested = std::pair<int, std::pair<int, int>>;
    auto const pairs = rdd_context().parallelize(std::vector<nested>{{1, {2, 3}}}, 1);
    CHECK((pairs | map_values([](std::pair<int, int> const& both) { return both.first * both.second; }) | collect())
          == std::vector<std::pair<int, int>>{{1, 6}});
}
