// SPDX-License-Identifier: BSL-1.0
//
// filter.test: the records that satisfy a predicate.

#include <tidemark/operators/filter.hpp>
#include <tidemark/operators/flat_map.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/operators/map_values.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/rdd_context.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>
#include <support/records.hpp>
#include <support/tracked.hpp>

#include <array>
#include <atomic>
#include <concepts>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using tidemark::collect;
using tidemark::filter;
using tidemark::map;
using tidemark::rdd_context;
using tidemark_test::counted;
using tidemark_test::long_text;
using tidemark_test::tracked;

using numbers_t = tidemark_test::rdd_of<int>;
using words_t = tidemark_test::rdd_of<std::string>;

constexpr auto is_even = [](int x) { return x % 2 == 0; };
constexpr auto gives_number = [](int x) { return x % 2; };
constexpr auto gives_text = [](int) { return std::string(); };

// ---- What it accepts, at compile time
using filter_fn = decltype(tidemark::filter);
static_assert(std::invocable<filter_fn, numbers_t, decltype(is_even)>);
static_assert(std::invocable<filter_fn, tidemark_test::stream_of<int>, decltype(is_even)>);
static_assert(std::invocable<filter_fn, numbers_t, decltype(gives_number)>, "what converts to bool answers");
static_assert(std::invocable<filter_fn, words_t, bool (std::string::*)() const>);
static_assert(!tidemark::record_predicate<decltype(is_even), words_t>, "not a function of the record");
static_assert(!tidemark::record_predicate<decltype(gives_text), numbers_t>, "not an answer");
static_assert(!tidemark::record_predicate<bool, numbers_t>, "not a function");
static_assert(!std::invocable<filter_fn, int, decltype(is_even)>, "not an expression");
static_assert(!std::invocable<filter_fn>);
static_assert(std::same_as<tidemark::record_t<std::invoke_result_t<filter_fn, words_t, bool (std::string::*)() const>>,
                           std::string>);

} // namespace

TEST_CASE("filter keeps what satisfies its predicate, in order", "[operators][filter]")
{
    auto const numbers = rdd_context().parallelize(std::vector{4, 1, 2, 3, 6}, 2);
    CHECK((numbers | filter(is_even) | collect()) == std::vector{4, 2, 6});
    CHECK((numbers | filter([](int) { return true; }) | collect()) == std::vector{4, 1, 2, 3, 6});
    CHECK((numbers | filter([](int) { return false; }) | collect()).empty());
    CHECK((rdd_context().parallelize(std::vector<int>{}, 2) | filter(is_even) | collect()).empty());
    auto const words = rdd_context().parallelize(std::vector<std::string>{"", "a", "", "b"}, 3);
    CHECK((words | filter([](std::string const& word) { return !word.empty(); }) | collect())
          == std::vector<std::string>{"a", "b"});
}

TEST_CASE("filter works the same on records that travel in chunks and on those that do not", "[operators][filter]")
{
    using pair = std::pair<int, char>;
    std::vector<pair> pairs;
    std::vector<pair> expected;
    for (int number : counted(9'999)) {
        pairs.emplace_back(number, 'p');
        if (number % 3 == 0)
            expected.emplace_back(number, 'p');
    }
    auto const third = [](pair const& each) { return each.first % 3 == 0; };
    CHECK((rdd_context().parallelize(pairs, 2) | filter(third) | collect()) == expected);

    auto const texts =
        rdd_context().parallelize(pairs, 2) | map([](pair const& each) { return long_text(each.first); });
    auto const ends_in_7 = [](std::string const& text) { return text.back() == '7'; };
    auto const kept = texts | filter(ends_in_7) | collect();
    REQUIRE(kept.size() == 1000);
    CHECK(kept.front() == long_text(7));
    CHECK(kept.back() == long_text(9997));
}

TEST_CASE("a function is never called on a record that an earlier filter dropped", "[operators][filter]")
{
    auto const wanted = [](int x) { return x % 5 != 0; };
    std::atomic<int> forbidden{0};
    auto const seen = [&forbidden](int x) {
        if (x % 5 == 0)
            ++forbidden;
        return true;
    };
    auto const numbers = rdd_context().parallelize(counted(20'000), 3) | filter(wanted);

    SECTION("in chunks")
    {
        auto const all = numbers | filter(seen) | map([seen](int x) { return seen(x), x; })
                         | tidemark::flat_map([seen](int x) { return seen(x), std::optional(x); })
                         | map([seen](int x) { return seen(x), std::pair(x, x); })
                         | tidemark::map_values([seen](int x) { return seen(x), x; }) | tidemark::count_records();
        CHECK(all == 16'000);
    }
    SECTION("one by one")
    {
        auto const all = numbers | map([](int x) { return tracked(x); })
                         | filter([seen](tracked const& record) { return seen(record.number); })
                         | tidemark::count_records();
        CHECK(all == 16'000);
    }
    CHECK(forbidden == 0);
}

TEST_CASE("filter never copies a record that it can pass on", "[operators][filter]")
{
    tracked::reset();
    auto const records = rdd_context().parallelize(counted(100), 3) | map([](int x) { return tracked(x); })
                         | filter([](tracked const& record) { return record.number % 2 == 0; })
                         | filter([](tracked const& record) { return record.number % 3 == 0; }) | collect();
    CHECK(tracked::copies() == 0);
    REQUIRE(records.size() == 17); // 0, 6 ... 96
    CHECK(records[16] == tracked(96));
}

TEST_CASE("filter does not copy what it drops", "[operators][filter]")
{
    std::vector<tracked> many;
    for (int number = 0; number < 10; ++number)
        many.emplace_back(number);
    auto const records = rdd_context().parallelize(std::move(many), 2);
    tracked::reset();
    CHECK((records | filter([](tracked const& record) { return record.number == 3; }) | tidemark::count_records())
          == 1);
    CHECK(tracked::copies() == 0);
}

TEST_CASE("a large trivial record is passed on whole", "[operators][filter]")
{
    using large = std::array<int, 100>; // too large for a chunk
    auto const records = rdd_context().parallelize(counted(50), 2) | map([](int x) {
                             large all{};
                             all.fill(x);
                             return all;
                         })
                         | filter([](large const& all) { return all[99] % 10 == 4; }) | collect();
    REQUIRE(records.size() == 5);
    CHECK(records[4][0] == 44);
}
