// SPDX-License-Identifier: BSL-1.0
//
// count_by_value.test: how often each record occurs; distinct: each once.

#include <tidemark/operators/count_by_value.hpp>
#include <tidemark/operators/distinct.hpp>
#include <tidemark/operators/glom.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/collect_as_map.hpp>
#include <tidemark/rdd/rdd_context.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>
#include <support/records.hpp>
#include <support/seed.hpp>
#include <support/tracked.hpp>

#include <concepts>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace {

using tidemark::collect;
using tidemark::count_by_value;
using tidemark::distinct;
using tidemark::rdd_context;
using tidemark_test::long_text;
using tidemark_test::sorted;

// ---- What they accept, at compile time
using fn = decltype(tidemark::count_by_value);
using distinct_fn = decltype(tidemark::distinct);
static_assert(std::invocable<fn, tidemark_test::rdd_of<std::string>>);
static_assert(std::invocable<fn, tidemark_test::stream_of<int>, std::size_t>);
static_assert(std::invocable<fn, std::size_t>, "waits for the pipe");
static_assert(std::invocable<distinct_fn, tidemark_test::stream_of<int>>);
static_assert(std::same_as<tidemark::record_t<std::invoke_result_t<fn, tidemark_test::rdd_of<char>>>,
                           std::pair<char, std::int64_t>>);
static_assert(!std::invocable<fn, std::vector<int>>, "not an expression");

/// Equal to another of the same number, whatever the name says.
struct named {
    int number;
    std::string name;

    friend bool operator==(named const& left, named const& right) { return left.number == right.number; }
    friend std::uint64_t tidemark_key_hash(named const& each) { return tidemark::key_hash(each.number); }
};

} // namespace

TEST_CASE("count_by_value counts what a map counts", "[operators][count_by_value]")
{
    auto const seed = tidemark_test::random_seed();
    INFO("TIDEMARK_SEED=" << seed);
    std::mt19937 random(seed);
    for (int const different : {1, 5, 3000}) {
        std::vector<std::string> words;
        std::map<std::string, std::int64_t> expected;
        for (int i = 0; i < 15'000; ++i) {
            words.push_back(long_text(static_cast<int>(random()) % different));
            ++expected[words.back()];
        }
        for (std::size_t const partitions : {1U, 3U, 300U}) {
            INFO(different << " different ones, " << partitions << " partitions");
            auto const counted = rdd_context(2).parallelize(words, 4) | count_by_value(partitions);
            CHECK((counted | tidemark::collect_as_map()) == expected);
            CHECK((counted | tidemark::glom() | tidemark::count_records()) == static_cast<std::int64_t>(partitions));
            std::vector<std::string> keys;
            for (auto const& each : expected)
                keys.push_back(each.first);
            CHECK(sorted(rdd_context(2).parallelize(words, 4) | distinct(partitions) | collect()) == keys);
        }
    }
}

TEST_CASE("of nothing there is nothing to count, and no value is in it twice", "[operators][count_by_value]")
{
    auto const none = rdd_context().parallelize(std::vector<int>{}, 2);
    CHECK((none | count_by_value() | collect()).empty());
    CHECK((none | distinct() | collect()).empty());
    auto const one = rdd_context().parallelize(std::vector{4, 4}, 2);
    CHECK((count_by_value(one) | collect()) == std::vector<std::pair<int, std::int64_t>>{{4, 2}});
    CHECK((distinct(one) | collect()) == std::vector{4});
}

TEST_CASE("of equal records distinct keeps the first", "[operators][distinct]")
{
    auto const same = rdd_context(3).parallelize(std::vector<named>{{1, "a"}, {2, "b"}, {1, "c"}, {2, "d"}}, 3);
    auto const names = same | distinct() | tidemark::map([](named const& each) { return each.name; });
    CHECK(sorted(names | collect()) == std::vector<std::string>{"a", "b"});
}

TEST_CASE("the order of distinct and count_by_value does not depend on the number of threads",
          "[operators][distinct][count_by_value]")
{
    std::vector<int> numbers;
    for (int i = 0; i < 5000; ++i)
        numbers.push_back(i * 7919 % 1000);
    auto const with = [&](std::size_t threads) { return rdd_context(threads).parallelize(numbers, 5); };
    for (std::size_t const threads : {2U, 4U}) {
        CHECK((with(threads) | distinct() | collect()) == (with(1) | distinct() | collect()));
        CHECK((with(threads) | count_by_value() | collect()) == (with(1) | count_by_value() | collect()));
    }
}

TEST_CASE("count_by_value and distinct refuse 0 partitions", "[operators][count_by_value][distinct]")
{
    auto const one = rdd_context().parallelize(std::vector{4, 4}, 2);
    CHECK_THROWS_WITH(one | count_by_value(0), "tidemark::count_by_value: 0 partitions; give 1 to 65536");
    CHECK_THROWS_WITH(distinct(one, 65'537), "tidemark::distinct: 65537 partitions; give 1 to 65536");
}
