// SPDX-License-Identifier: BSL-1.0
//
// map.test: one record for each record.

#include <tidemark/operators/filter.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/rdd_context.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>
#include <support/records.hpp>
#include <support/tracked.hpp>

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using tidemark::collect;
using tidemark::map;
using tidemark::rdd_context;
using tidemark_test::counted;
using tidemark_test::long_text;
using tidemark_test::tracked;

using numbers_t = tidemark_test::rdd_of<int>;
using words_t = tidemark_test::rdd_of<std::string>;
using ticks_t = tidemark_test::stream_of<int>;

struct person {
    std::string name;
    int age = 0;

    [[nodiscard]] bool is_adult() const { return age >= 18; }
    void grow() { ++age; }
};
using people_t = tidemark_test::rdd_of<person>;

constexpr auto twice = [](int x) { return 2 * x; };
constexpr auto size = [](std::string const& word) { return word.size(); };
constexpr auto changes_it = [](int& x) { return ++x; };
constexpr auto forgets = [](int) {};
constexpr auto makes_unique = [](int x) { return std::make_unique<int>(x); };
struct by_hand {
    int operator()(int x) { return x; } // not const
};

// ---- What it accepts, at compile time
using map_fn = decltype(tidemark::map);
static_assert(std::invocable<map_fn, numbers_t, decltype(twice)>);
static_assert(std::invocable<map_fn, ticks_t, decltype(twice)>);
static_assert(std::invocable<map_fn, words_t, decltype(size)>);
static_assert(std::invocable<map_fn, people_t, std::string person::*>);
static_assert(std::invocable<map_fn, people_t, bool (person::*)() const>);
static_assert(std::invocable<map_fn, numbers_t, int (*)(int)>);
static_assert(!tidemark::record_mapping<decltype(twice), words_t>, "not a function of the record");
static_assert(!tidemark::record_mapping<void (person::*)(), people_t>, "records cannot be changed");
static_assert(!tidemark::record_mapping<decltype(changes_it), numbers_t>, "records cannot be changed");
static_assert(!tidemark::record_mapping<by_hand, numbers_t>, "called from several threads, so it must be const");
static_assert(!tidemark::record_mapping<decltype(forgets), numbers_t>, "gives no record");
static_assert(!tidemark::record_mapping<decltype(makes_unique), numbers_t>, "gives what cannot be copied");
static_assert(!tidemark::record_mapping<int, numbers_t>, "not a function");
static_assert(!std::invocable<map_fn, std::vector<int>, decltype(twice)>, "not an expression");
static_assert(std::invocable<map_fn, decltype(twice)>);
static_assert(!std::invocable<map_fn>);

// ---- What it gives
template <typename E, typename F>
using mapped = tidemark::record_t<std::invoke_result_t<map_fn, E, F>>;
static_assert(std::same_as<mapped<words_t, decltype(size)>, std::size_t>);
static_assert(std::same_as<mapped<people_t, std::string person::*>, std::string>, "a value, not a reference");
static_assert(std::same_as<tidemark::slide_t<std::invoke_result_t<map_fn, ticks_t, decltype(twice)>>,
                           tidemark::static_slide<1000>>);

} // namespace

TEST_CASE("map applies its function to each record, in order", "[operators][map]")
{
    auto const numbers = rdd_context().parallelize(std::vector{3, 1, 2}, 2);
    CHECK((numbers | map(twice) | collect()) == std::vector{6, 2, 4});
    CHECK((numbers | map([](int x) { return std::string(static_cast<std::size_t>(x), 'x'); }) | collect())
          == std::vector<std::string>{"xxx", "x", "xx"});
    CHECK((rdd_context().parallelize(std::vector<int>{}, 3) | map(twice) | collect()).empty());
}

TEST_CASE("map takes pointers to functions and to members", "[operators][map]")
{
    auto const people = rdd_context().parallelize(std::vector<person>{{"Ada", 36}, {"Tim", 7}}, 2);
    CHECK((people | map(&person::name) | collect()) == std::vector<std::string>{"Ada", "Tim"});
    CHECK((people | map(&person::is_adult) | collect()) == std::vector<bool>{true, false});
    CHECK((people | map(&person::name) | map(size) | collect()) == std::vector<std::size_t>{3, 3});
    int (*const negated)(int) = [](int x) { return -x; };
    CHECK((people | map(&person::age) | map(negated) | collect()) == std::vector{-36, -7});
}

TEST_CASE("map goes from every kind of record to every other", "[operators][map]")
{
    // Numbers travel in chunks, texts one by one; more records than a chunk has, and not a multiple of it.
    auto const numbers = counted(10'001);
    std::vector<std::string> texts;
    for (int number : numbers)
        texts.push_back(long_text(number));
    auto const to_text = [](int x) { return long_text(x); };
    auto const to_number = [](std::string const& text) { return std::stoi(text.substr(text.find_last_of(' '))); };

    auto const from_numbers = rdd_context().parallelize(numbers, 2);
    CHECK((from_numbers | map(twice) | map([](int x) { return x / 2; }) | collect()) == numbers);
    CHECK((from_numbers | map(to_text) | collect()) == texts);
    CHECK((from_numbers | map(to_text) | map(to_number) | map(twice) | map([](int x) { return x / 2; }) | collect())
          == numbers);
    CHECK((rdd_context().parallelize(texts, 3) | map(to_number) | collect()) == numbers);

    using triple = std::tuple<int, std::pair<double, char>, std::int64_t>;
    auto const packed = from_numbers | map([](int x) { return triple(x, {x / 2.0, 'c'}, -x); });
    CHECK((packed | map([](triple const& t) { return static_cast<int>(-std::get<2>(t)); }) | collect()) == numbers);
}

TEST_CASE("map makes records of bool that later steps and actions take", "[operators][map]")
{
    auto const even = rdd_context().parallelize(counted(10'000), 3) | map([](int x) { return x % 2 == 0; });
    auto const found = even | collect();
    REQUIRE(found.size() == 10'000);
    CHECK(found[0]);
    CHECK_FALSE(found[1]);
    CHECK(found[9998]);
    CHECK((even | tidemark::filter([](bool is) { return is; }) | tidemark::count_records()) == 5000);
    CHECK((even | tidemark::take(3)) == std::vector<bool>{true, false, true});
    CHECK((rdd_context().parallelize(found, 7) | collect()) == found);
}

TEST_CASE("map never copies a record that it can pass on", "[operators][map]")
{
    auto const numbers = rdd_context().parallelize(counted(100), 3);
    auto const by_value = [](tracked record) { return record; };
    auto const by_reference = [](tracked&& record) { return std::move(record); };
    auto const either = [](auto&& record) { return tracked(std::forward<decltype(record)>(record)); };
    struct holder {
        tracked inside;
    };

    tracked::reset();
    auto const records = numbers | map([](int x) { return tracked(x); }) | map(by_value) | map(either)
                         | map([](tracked record) { return holder{std::move(record)}; }) | map(&holder::inside)
                         | collect();
    CHECK(tracked::copies() == 0);
    REQUIRE(records.size() == 100);
    CHECK(records[99] == tracked(99));

    static_assert(!tidemark::record_mapping<decltype(by_reference), tidemark_test::rdd_of<tracked>>,
                  "what is shared cannot be given away");
}

TEST_CASE("map leaves records that are shared as they are", "[operators][map]")
{
    auto const texts = rdd_context().parallelize(std::vector{long_text(1), long_text(2)}, 1);
    auto const taken = texts | map([](std::string text) { return std::move(text) + "!"; });
    CHECK((taken | collect()) == std::vector{long_text(1) + "!", long_text(2) + "!"});
    CHECK((taken | collect()) == std::vector{long_text(1) + "!", long_text(2) + "!"});
    CHECK((texts | collect()) == std::vector{long_text(1), long_text(2)});
}

TEST_CASE("what a mapped function throws comes out of the action", "[operators][map]")
{
    struct broken {};
    auto const numbers = rdd_context(2).parallelize(counted(10), 4);
    CHECK_THROWS_AS(numbers | map([](int x) { return x == 7 ? throw broken() : x; }) | collect(), broken);
    CHECK((numbers | map(twice) | tidemark::count_records()) == 10);
}
