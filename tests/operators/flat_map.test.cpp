// SPDX-License-Identifier: BSL-1.0
//
// flat_map.test: any number of records for each record.

#include <tidemark/operators/filter.hpp>
#include <tidemark/operators/flat_map.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/operators/reduce_by_key.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/rdd_context.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>
#include <support/records.hpp>
#include <support/tracked.hpp>

#include <range/v3/view/iota.hpp>
#include <range/v3/view/transform.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <ranges>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using tidemark::collect;
using tidemark::flat_map;
using tidemark::map;
using tidemark::rdd_context;
using tidemark_test::counted;
using tidemark_test::long_text;
using tidemark_test::tracked;

using numbers_t = tidemark_test::rdd_of<int>;
using words_t = tidemark_test::rdd_of<std::string>;

constexpr auto up_to = [](int x) { return std::views::iota(0, x); };
constexpr auto if_even = [](int x) { return x % 2 == 0 ? std::optional(x) : std::nullopt; };
constexpr auto one = [](int x) { return x; };

struct line {
    std::vector<std::string> words;
};

// ---- What it accepts, at compile time
using flat_map_fn = decltype(tidemark::flat_map);
static_assert(std::invocable<flat_map_fn, numbers_t, decltype(up_to)>);
static_assert(std::invocable<flat_map_fn, tidemark_test::stream_of<int>, decltype(if_even)>);
static_assert(std::invocable<flat_map_fn, tidemark_test::rdd_of<line>, std::vector<std::string> line::*>);
static_assert(std::invocable<flat_map_fn, tidemark_test::rdd_of<std::vector<int>>, std::identity>);
static_assert(!tidemark::record_expansion<decltype(one), numbers_t>, "gives no range and no optional");
static_assert(!tidemark::record_expansion<decltype(up_to), words_t>, "not a function of the record");
static_assert(!tidemark::record_expansion<int, numbers_t>, "not a function");
static_assert(!std::invocable<flat_map_fn, int, decltype(up_to)>, "not an expression");
static_assert(!std::invocable<flat_map_fn>);
static_assert(std::invocable<flat_map_fn, decltype(up_to)>);

// ---- What it gives
template <typename E, typename F>
using expanded = tidemark::record_t<std::invoke_result_t<flat_map_fn, E, F>>;
constexpr auto to_map = [](int x) { return std::map<std::string, int>{{"k", x}}; };
constexpr auto to_bits = [](int x) { return std::vector<bool>(static_cast<std::size_t>(x), true); };
static_assert(std::same_as<expanded<numbers_t, decltype(up_to)>, int>);
static_assert(std::same_as<expanded<numbers_t, decltype(if_even)>, int>);
static_assert(std::same_as<expanded<words_t, std::identity>, char>);
static_assert(std::same_as<expanded<numbers_t, decltype(to_map)>, std::pair<std::string, int>>);
static_assert(std::same_as<expanded<numbers_t, decltype(to_bits)>, bool>);

} // namespace

TEST_CASE("flat_map gives all elements of all ranges, in order", "[operators][flat_map]")
{
    auto const numbers = rdd_context().parallelize(std::vector{2, 0, 3}, 2);
    std::vector const expected{0, 1, 0, 1, 2};
    auto const list = [](int x) {
        std::list<int> some;
        for (int i = 0; i < x; ++i)
            some.push_back(i);
        return some;
    };
    auto const set = [](int x) {
        auto const some = counted(x);
        return std::set<int>(some.begin(), some.end());
    };
    CHECK((numbers | flat_map(up_to) | collect()) == expected);
    CHECK((numbers | flat_map([](int x) { return ranges::views::ints(0, x); }) | collect()) == expected);
    CHECK((numbers | flat_map(counted) | collect()) == expected);
    CHECK((numbers | flat_map(list) | collect()) == expected);
    CHECK((numbers | flat_map(set) | collect()) == expected);
    CHECK((numbers | flat_map([](int x) { return std::array{x, -x}; }) | collect()) == std::vector{2, -2, 0, 0, 3, -3});
}

TEST_CASE("flat_map takes an optional apart", "[operators][flat_map]")
{
    auto const numbers = rdd_context().parallelize(std::vector{4, 1, 2, 3, 6}, 2);
    CHECK((numbers | flat_map(if_even) | collect()) == std::vector{4, 2, 6});
    auto const text = [](int x) { return x > 3 ? std::optional(long_text(x)) : std::nullopt; };
    CHECK((numbers | flat_map(text) | collect()) == std::vector{long_text(4), long_text(6)});
}

TEST_CASE("flat_map gives values where a range has proxies or constant keys", "[operators][flat_map]")
{
    auto const numbers = rdd_context().parallelize(std::vector{1, 2}, 2);
    CHECK((numbers | flat_map(to_bits) | collect()) == std::vector<bool>{true, true, true});
    CHECK((numbers | flat_map(to_map) | tidemark::reduce_by_key(std::plus<>{}) | collect())
          == std::vector<std::pair<std::string, int>>{{"k", 3}});
}

TEST_CASE("flat_map goes from every kind of record to every other", "[operators][flat_map]")
{
    auto const numbers = counted(9'001);
    std::vector<int> thrice;
    for (int number : numbers)
        thrice.insert(thrice.end(), 3, number);
    auto const from = rdd_context().parallelize(numbers, 2);
    auto const three = [](auto const& each) { return std::vector(3, each); };
    auto const to_text = [](int x) { return std::to_string(x); };
    auto const to_number = [](std::string const& text) { return std::stoi(text); };
    CHECK((from | flat_map(three) | collect()) == thrice);
    CHECK((from | map(to_text) | flat_map(three) | map(to_number) | collect()) == thrice);
    CHECK((from | flat_map(three) | map(to_text) | map(to_number) | collect()) == thrice);
    CHECK((from | map(to_text) | map(to_number) | flat_map(three) | tidemark::filter([](int) { return true; })
           | collect())
          == thrice);
}

TEST_CASE("views into a record are used before the record goes", "[operators][flat_map]")
{
    // The texts are made on the way and live no longer than their turn.
    auto const texts = rdd_context(2).parallelize(counted(1000), 3) | map(long_text);
    auto const all_words = [](std::string const& text) { return tidemark_test::words_in(text); };

    SECTION("a view of the record's elements")
    {
        auto const letters =
            texts | flat_map([](std::string const& text) { return std::string_view(text).substr(2, 4); }) | collect();
        REQUIRE(letters.size() == 4000);
        CHECK(std::string(letters.begin(), letters.begin() + 8) == "texttext");
    }
    SECTION("elements that are views")
    {
        auto const words =
            texts | flat_map(all_words)
            | tidemark::filter([](std::string_view word) { return word.size() == 6; }) // longer, string, number
            | map([](std::string_view word) { return std::string(word); }) | collect();
        REQUIRE(words.size() == 3000);
        CHECK(words[0] == "longer");
        CHECK(words[1] == "string");
        CHECK(words[2] == "number");
    }
    SECTION("elements that are views, on their way to steps that work on chunks")
    {
        auto const initials = texts | flat_map(all_words)
                              | tidemark::filter([](std::string_view word) { return word.size() == 6; })
                              | map([](std::string_view word) { return word.front(); }) | collect();
        REQUIRE(initials.size() == 3000);
        CHECK(std::string(initials.begin(), initials.begin() + 6) == "lsnlsn");
        CHECK(std::count(initials.begin(), initials.end(), 's') == 1000);
    }
    SECTION("views taken apart again")
    {
        auto const letters = texts | flat_map(all_words)
                             | tidemark::filter([](std::string_view word) { return word == "longer"; })
                             | flat_map([](std::string_view word) { return word; }) | collect();
        REQUIRE(letters.size() == 6000);
        CHECK(std::string(letters.end() - 6, letters.end()) == "longer");
    }
}

TEST_CASE("flat_map never copies a record that it can pass on", "[operators][flat_map]")
{
    auto const numbers = rdd_context().parallelize(counted(100), 3);
    auto const two = [](int x) {
        std::vector<tracked> some;
        some.reserve(2);
        some.emplace_back(x);
        some.emplace_back(-x);
        return some;
    };
    auto const pair = [](int x) { return std::array{tracked(x), tracked(-x)}; };
    auto const maybe = [](tracked record) { return std::optional(std::move(record)); };
    auto const lazy = [](int x) {
        return std::views::iota(0, 2) | std::views::transform([x](int i) { return tracked(i == 0 ? x : -x); });
    };
    struct holder {
        std::vector<tracked> inside;
    };

    tracked::reset();
    for (auto const& records :
         {numbers | flat_map(two) | collect(), numbers | flat_map(pair) | collect(),
          numbers | flat_map(lazy) | collect(), numbers | flat_map(two) | flat_map(maybe) | collect(),
          numbers | map([two](int x) { return holder{two(x)}; }) | flat_map(&holder::inside) | collect()}) {
        REQUIRE(records.size() == 200);
        CHECK(records[199].number == -99);
        CHECK(records[199].text == long_text(-99));
    }
    CHECK(tracked::copies() == 0);
}

TEST_CASE("flat_map leaves a range that belongs to somebody else as it is", "[operators][flat_map]")
{
    static std::vector const shared{tracked(1), tracked(2)};
    auto const numbers = rdd_context().parallelize(std::vector{1, 2, 3}, 1);
    auto const by_reference = [](int) -> std::vector<tracked> const& { return shared; };
    auto const by_view = [](int) { return std::span(shared); };
    CHECK((numbers | flat_map(by_reference) | collect()).size() == 6);
    CHECK((numbers | flat_map(by_view) | collect()).size() == 6);
    CHECK(shared == std::vector{tracked(1), tracked(2)});

    tracked::reset();
    CHECK((numbers | flat_map(by_reference) | tidemark::count_records()) == 6);
    CHECK(tracked::copies() == 0);
}

TEST_CASE("flat_map stops in an endless range when nothing more is wanted", "[operators][flat_map]")
{
    auto const numbers = rdd_context().parallelize(std::vector{1, 100}, 1);
    auto const endless = [](int x) { return std::views::iota(x); };
    CHECK((numbers | flat_map(endless) | tidemark::take(3)) == std::vector{1, 2, 3});
    CHECK((numbers | flat_map(endless) | map([](int x) { return std::to_string(x); }) | tidemark::take(2))
          == std::vector<std::string>{"1", "2"});
}
