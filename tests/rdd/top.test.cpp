// SPDX-License-Identifier: BSL-1.0
//
// top.test: the largest records of an rdd.

#include <tidemark/operators/map.hpp>
#include <tidemark/rdd/rdd_context.hpp>
#include <tidemark/rdd/top.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>
#include <support/seed.hpp>

#include <algorithm>
#include <atomic>
#include <concepts>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace {

using tidemark::rdd_context;
using tidemark::top;

using count = std::pair<std::string, int>;
using counts_t = tidemark_test::rdd_of<count>;

struct plain {
    int size;
    int number;

    friend bool operator==(plain const&, plain const&) = default;
};
using plain_t = tidemark_test::rdd_of<plain>;
constexpr auto size_of = [](plain const& each) { return each.size; };
constexpr auto itself = [](plain const& each) { return each; };

// ---- What it accepts, at compile time
using top_fn = decltype(tidemark::top);
static_assert(std::invocable<top_fn, counts_t, std::size_t>);
static_assert(std::invocable<top_fn, counts_t, std::size_t, int count::*>);
static_assert(std::invocable<top_fn, plain_t, std::size_t, decltype(size_of)>);
static_assert(!tidemark::record_projection<std::identity, plain_t>, "records without an order");
static_assert(!tidemark::record_projection<decltype(itself), plain_t>, "projections without an order");
static_assert(!tidemark::record_projection<int, counts_t>, "not a function");
static_assert(!tidemark::record_projection<decltype(size_of), counts_t>, "not a function of the record");
static_assert(!std::invocable<top_fn, tidemark_test::stream_of<int>, std::size_t>, "an action, for rdds alone");
static_assert(!std::invocable<top_fn>);

} // namespace

TEST_CASE("top gives the largest records, largest first", "[rdd][top]")
{
    for (std::size_t const partitions : {1U, 2U, 5U, 9U}) {
        INFO(partitions << " partitions");
        auto const numbers = rdd_context(2).parallelize(std::vector{3, 9, 1, 7, 9, 2}, partitions);
        CHECK((numbers | top(3)) == std::vector{9, 9, 7});
        CHECK((numbers | top(100)) == std::vector{9, 9, 7, 3, 2, 1});
        CHECK((numbers | top(0)).empty());
        CHECK((numbers | top(2, std::negate<>{})) == std::vector{1, 2});
        CHECK(top(numbers, 1) == std::vector{9});
    }
    CHECK((rdd_context().parallelize(std::vector<int>{}, 3) | top(3)).empty());
}

TEST_CASE("among equal projections the smaller key of a pair comes first, else the smaller record", "[rdd][top]")
{
    std::vector<count> const counts{{"d", 1}, {"c", 2}, {"b", 2}, {"a", 1}, {"e", 2}};
    for (std::size_t const partitions : {1U, 2U, 5U}) {
        INFO(partitions << " partitions");
        auto const rdd = rdd_context(2).parallelize(counts, partitions);
        CHECK((rdd | top(4, &count::second)) == std::vector<count>{{"b", 2}, {"c", 2}, {"e", 2}, {"a", 1}});
        auto const numbers = rdd_context().parallelize(std::vector{15, 23, 12, 21}, partitions);
        CHECK((numbers | top(3, [](int x) { return x / 10; })) == std::vector{21, 23, 12});
    }
}

TEST_CASE("records that cannot be ordered stay as they came among equals", "[rdd][top]")
{
    for (std::size_t const partitions : {1U, 3U}) {
        INFO(partitions << " partitions");
        auto const rdd = rdd_context().parallelize(std::vector<plain>{{2, 1}, {5, 2}, {2, 3}, {4, 4}}, partitions);
        CHECK((rdd | top(3, size_of)) == std::vector<plain>{{5, 2}, {4, 4}, {2, 1}});
        CHECK((rdd | top(4, size_of)) == std::vector<plain>{{5, 2}, {4, 4}, {2, 1}, {2, 3}});
    }
}

TEST_CASE("top takes NaN for larger than every number, wherever it stands", "[rdd][top]")
{
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    auto const whole = [](double x) { return x != x ? -1 : static_cast<int>(x); }; // NaN as -1
    std::vector<double> numbers{nan, 3, 9, 1, 7, nan};
    std::sort(numbers.begin(), numbers.end(), [](double l, double r) { return l < r || (r != r && l == l); });
    for (std::size_t turn = 0; turn < numbers.size(); ++turn) { // every beginning, so NaN in each place
        std::rotate(numbers.begin(), numbers.begin() + 1, numbers.end());
        for (std::size_t const partitions : {1U, 2U, 3U, 6U}) {
            INFO(partitions << " partitions, turned " << turn);
            auto const rdd = rdd_context(2).parallelize(numbers, partitions);
            std::vector<int> all;
            for (double const number : rdd | top(5))
                all.push_back(whole(number));
            CHECK(all == std::vector{-1, -1, 9, 7, 3});
            std::vector<int> pairs;
            for (auto const& pair : rdd | tidemark::map([](double x) { return std::pair(x, 1); })
                                        | top(6, &std::pair<double, int>::second))
                pairs.push_back(whole(pair.first)); // among equals the smaller key
            CHECK(pairs == std::vector{1, 3, 7, 9, -1, -1});
        }
    }
}

TEST_CASE("top of many is the beginning of a full sort", "[rdd][top]")
{
    auto const seed = tidemark_test::random_seed();
    INFO("TIDEMARK_SEED=" << seed);
    std::mt19937 random(seed);
    std::uniform_int_distribution<int> any(0, 1000);
    std::vector<std::pair<int, int>> pairs;
    for (int key = 0; key < 20'000; ++key)
        pairs.emplace_back(key, any(random));
    auto sorted = pairs;
    std::sort(sorted.begin(), sorted.end(), [](auto const& left, auto const& right) {
        return left.second != right.second ? left.second > right.second : left.first < right.first;
    });
    for (std::size_t const limit : {1U, 10U, 500U, 19'999U}) {
        INFO("top " << limit);
        auto const best = rdd_context(2).parallelize(pairs, 7) | top(limit, &std::pair<int, int>::second);
        bool const same = best.size() == limit && std::equal(best.begin(), best.end(), sorted.begin());
        CHECK(same);
    }
    auto const all = rdd_context().parallelize(pairs, 2)
                     | top(std::numeric_limits<std::size_t>::max(), &std::pair<int, int>::second);
    CHECK(all == sorted);
}

TEST_CASE("top 0 computes nothing", "[rdd][top]")
{
    std::atomic<int> calls{0};
    auto const numbers =
        rdd_context().parallelize(std::vector{1, 2}, 1) | tidemark::map([&calls](int x) { return ++calls, x; });
    CHECK((numbers | top(0)).empty());
    CHECK(calls == 0);
}

TEST_CASE("top takes records of bool", "[rdd][top]")
{
    auto const flags = rdd_context().parallelize(std::vector<bool>{false, true, false, true, true}, 2);
    CHECK((flags | top(4)) == std::vector<bool>{true, true, true, false});
}
