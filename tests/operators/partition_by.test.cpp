// SPDX-License-Identifier: BSL-1.0
//
// partition_by.test: pairs laid out by key, the partitioners, and the exchanges that they save.

#include <tidemark/operators/combine_by_key.hpp>
#include <tidemark/operators/filter.hpp>
#include <tidemark/operators/flat_map_values.hpp>
#include <tidemark/operators/group_by_key.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/operators/map_partitions.hpp>
#include <tidemark/operators/map_values.hpp>
#include <tidemark/operators/partition_by.hpp>
#include <tidemark/operators/reduce_by_key.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/rdd_context.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>
#include <support/records.hpp>
#include <support/tracked.hpp>

#include <algorithm>
#include <atomic>
#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace partition_by_test {

using tidemark::collect;
using tidemark::config_error;
using tidemark::dependency;
using tidemark::function_partitioner;
using tidemark::hash_partitioner;
using tidemark::partition_by;
using tidemark::rdd_context;
using tidemark::reduce_by_key;
using tidemark_test::sorted;
using tidemark_test::tracked;

using count = std::pair<std::string, int>;
using number_pair = std::pair<int, int>;

/// By the last digit; it counts how often it was asked.
struct by_digit {
    std::size_t number = 10;
    std::shared_ptr<std::atomic<int>> asked = std::make_shared<std::atomic<int>>(0);

    [[nodiscard]] std::size_t partitions() const { return number; }
    [[nodiscard]] std::size_t operator()(int key) const
    {
        ++*asked;
        return static_cast<std::size_t>(key % 10) % number;
    }
    friend bool operator==(by_digit const& left, by_digit const& right) { return left.number == right.number; }
};

/// Empty and without `==`: all of them are alike.
struct by_parity {
    [[nodiscard]] static std::size_t partitions() { return 2; }
    [[nodiscard]] int operator()(int key) const { return key % 2; }
};

/// Neither empty nor comparable.
struct by_limit {
    int limit;

    [[nodiscard]] static int partitions() { return 2; }
    [[nodiscard]] int operator()(int key) const { return key < limit ? 0 : 1; }
};

// ---- What it accepts, at compile time
using partition_by_fn = decltype(tidemark::partition_by);
using pairs_t = tidemark_test::rdd_of<number_pair>;
static_assert(std::invocable<partition_by_fn, pairs_t, int>);
static_assert(std::invocable<partition_by_fn, pairs_t, std::size_t>);
static_assert(std::invocable<partition_by_fn, pairs_t, hash_partitioner>);
static_assert(std::invocable<partition_by_fn, pairs_t, by_digit>);
static_assert(std::invocable<partition_by_fn, tidemark_test::stream_of<number_pair>, by_parity>);
static_assert(!std::invocable<partition_by_fn>);
static_assert(tidemark::partitioner_for<by_limit, int>);
static_assert(!tidemark::partitioner_for<by_limit, std::string>, "another key");
static_assert(!tidemark::partitioner_argument<std::string, int>);
static_assert(!tidemark::partitioner_argument<bool, int>, "no number of partitions");

std::vector<number_pair> numbered(int records, int keys)
{
    std::vector<number_pair> pairs;
    for (int i = 0; i < records; ++i)
        pairs.emplace_back(i * 7 % keys, i);
    return pairs;
}

template <typename E>
auto partitions_of(E const& e)
{
    return tidemark::collect_partitions(tidemark::pipeline_of(e), tidemark::environment_of(e).executor);
}

/// How the dataset of `e` depends on its only parent.
template <typename E>
dependency edge_of(E const& e)
{
    return tidemark::pipeline_of(e).origin()->parents().at(0).kind;
}

template <typename E>
auto lies(E const& e)
{
    return tidemark::pipeline_of(e).partitioning();
}

TEST_CASE("partition_by puts each pair into the partition of its key, in the order of the input",
          "[operators][partition_by]")
{
    auto const all = numbered(500, 30);
    for (std::size_t const threads : {1U, 3U})
        for (std::size_t const sources : {1U, 4U}) {
            INFO(threads << " threads, " << sources << " source partitions");
            auto const parts =
                partitions_of(rdd_context(threads).parallelize(all, sources) | partition_by(by_digit{7}));
            REQUIRE(parts.size() == 7);
            for (std::size_t part = 0; part < 7; ++part) {
                std::vector<number_pair> expected;
                std::copy_if(all.begin(), all.end(), std::back_inserter(expected), [part](number_pair const& pair) {
                    return static_cast<std::size_t>(pair.first % 10) % 7 == part;
                });
                CHECK(parts[part] == expected);
            }
        }
}

TEST_CASE("a number of partitions and a hash_partitioner lay out by hash", "[operators][partition_by]")
{
    auto const pairs = rdd_context(2).parallelize(numbered(1000, 300), 3);
    for (int const number : {1, 2, 5, 300, 1000}) {
        INFO(number << " partitions");
        auto const parts = partitions_of(pairs | partition_by(number));
        CHECK(parts == partitions_of(pairs | partition_by(hash_partitioner(number))));
        CHECK(parts.size() == static_cast<std::size_t>(number));
        std::set<int> seen;
        std::size_t used = 0;
        std::size_t total = 0;
        for (auto const& part : parts) {
            std::set<int> here;
            int last = -1;
            for (auto const& [key, value] : part) {
                here.insert(key);
                CHECK(last < value); // values count up in the input
                last = value;
            }
            used += part.empty() ? 0U : 1U;
            total += part.size();
            for (auto const key : here)
                CHECK(seen.insert(key).second);
        }
        CHECK(total == 1000);
        CHECK(used > static_cast<std::size_t>(std::min(number, 300)) / 2);
    }
    CHECK(partitions_of(rdd_context().parallelize(std::vector<number_pair>{}, 2) | partition_by(3))
          == tidemark::partitioned<number_pair>(3));
}

TEST_CASE("every operator by key takes a partitioner", "[operators][partition_by]")
{
    auto const pairs = rdd_context(2).parallelize(numbered(100, 10), 3);
    auto const first_key = [](auto const& parts, std::size_t part) { return parts.at(part).at(0).first; };
    auto const check = [&](auto const& result) {
        auto const parts = partitions_of(result);
        REQUIRE(parts.size() == 10);
        for (std::size_t part = 0; part < 10; ++part) {
            CHECK(parts[part].size() == 1);
            CHECK(first_key(parts, part) == static_cast<int>(part));
        }
    };
    check(pairs | reduce_by_key(std::plus<>{}, by_digit{}));
    check(reduce_by_key(pairs, std::plus<>{}, by_digit{}));
    check(pairs | tidemark::group_by_key(by_digit{}));
    check(tidemark::group_by_key(pairs, by_digit{}));
    check(pairs | tidemark::combine_by_key(std::identity{}, std::plus<>{}, std::plus<>{}, by_digit{}));
    check(
        pairs
        | tidemark::combine_by_key(std::identity{}, std::plus<>{}, std::plus<>{}, by_digit{}, tidemark::combine_late));
    CHECK(partitions_of(pairs | reduce_by_key(std::plus<>{}, 3)).size() == 3);
    CHECK(partitions_of(pairs | reduce_by_key(std::plus<>{})).size() == 8);
}

TEST_CASE("a key of which the partition is none is an error that names it", "[operators][partition_by]")
{
    auto const pairs = rdd_context(2).parallelize(numbered(10, 10), 2);
    CHECK_THROWS_WITH(pairs | partition_by(function_partitioner(4, [](int) { return 4; })) | collect(),
                      "tidemark::partitioner: a key was given partition 4 of 4; give 0 to 3");
    CHECK_THROWS_WITH(pairs | partition_by(function_partitioner(4, [](int) { return -1; })) | collect(),
                      "tidemark::partitioner: a key was given partition -1 of 4; give 0 to 3");
    CHECK_THROWS_AS(pairs | reduce_by_key(std::plus<>{}, function_partitioner(1, [](int x) { return x; })) | collect(),
                    config_error);
    CHECK_THROWS_WITH(pairs | partition_by(0), "tidemark::hash_partitioner: 0 partitions; give 1 to 65536");
    CHECK_THROWS_WITH(pairs | partition_by(-3), "tidemark::hash_partitioner: -3 partitions; give 1 to 65536");
    CHECK_THROWS_AS(hash_partitioner(65'537), config_error);
    CHECK_THROWS_WITH(pairs | partition_by(by_digit{0}), "tidemark::partitioner: 0 partitions; give 1 to 65536");
}

TEST_CASE("what a partitioner throws comes out of the action, and the next action tries again",
          "[operators][partition_by]")
{
    std::atomic<bool> broken{true};
    auto const laid =
        rdd_context(2).parallelize(numbered(10, 10), 2) | partition_by(function_partitioner(2, [&broken](int key) {
            return broken ? throw std::string("broken") : key % 2;
        }));
    CHECK_THROWS_AS(laid | collect(), std::string);
    broken = false;
    CHECK((laid | tidemark::count_records()) == 10);
}

TEST_CASE("collections lie alike when their partitioners are equal", "[operators][partition_by]")
{
    auto const pairs = rdd_context().parallelize(numbered(10, 10), 2);
    CHECK(!lies(pairs));
    CHECK(lies(pairs | partition_by(4)));
    CHECK(lies(pairs | partition_by(4)) == lies(pairs | reduce_by_key(std::plus<>{}, hash_partitioner(4))));
    CHECK(lies(pairs | partition_by(4)) != lies(pairs | partition_by(5)));
    CHECK(lies(pairs | partition_by(8)) == lies(pairs | reduce_by_key(std::plus<>{})));

    CHECK(lies(pairs | partition_by(by_digit{4})) == lies(pairs | partition_by(by_digit{4})));
    CHECK(lies(pairs | partition_by(by_digit{4})) != lies(pairs | partition_by(by_digit{5})));
    CHECK(lies(pairs | partition_by(by_digit{4})) != lies(pairs | partition_by(4)));

    CHECK(lies(pairs | partition_by(by_parity{})) == lies(pairs | partition_by(by_parity{})));
    CHECK(lies(pairs | partition_by(by_limit{3})) != lies(pairs | partition_by(by_limit{3})));
    auto const laid = pairs | partition_by(by_limit{3});
    auto const copy = laid;
    CHECK(lies(laid) == lies(copy | tidemark::map_values(std::negate<>{})));

    function_partitioner const halves(2, [](int key) { return key < 5 ? 0 : 1; });
    auto const same = halves;
    CHECK(lies(pairs | partition_by(halves)) == lies(pairs | partition_by(same)));
    CHECK(lies(pairs | partition_by(halves))
          != lies(pairs | partition_by(function_partitioner(2, [](int key) { return key < 5 ? 0 : 1; }))));
}

TEST_CASE("steps that keep keys keep the layout, others lose it", "[operators][partition_by]")
{
    auto const laid = rdd_context().parallelize(numbered(20, 10), 2) | partition_by(by_digit{});
    auto const whole = [](auto view) { return view; };
    CHECK(lies(laid | tidemark::map_values(std::negate<>{})) == lies(laid));
    CHECK(lies(laid | tidemark::filter([](number_pair const& pair) { return pair.second > 3; })) == lies(laid));
    CHECK(lies(laid | tidemark::flat_map_values([](int x) { return std::vector{x, x}; })) == lies(laid));
    CHECK(lies(laid | tidemark::map_partitions(whole, tidemark::keep_partitioning)) == lies(laid));
    CHECK(lies(tidemark::map_partitions(laid, whole, tidemark::keep_partitioning)) == lies(laid));
    CHECK(!lies(laid | tidemark::map_partitions(whole)));
    CHECK(!lies(laid | tidemark::map(std::identity{})));
    CHECK(!lies(laid | tidemark::map(std::identity{}) | tidemark::map_values(std::negate<>{})));
}

TEST_CASE("pairs that lie as they should are not exchanged again", "[operators][partition_by]")
{
    by_digit const digit;
    auto const pairs = rdd_context(2).parallelize(numbered(1000, 100), 3);
    auto const laid = pairs | partition_by(digit);
    CHECK(edge_of(laid) == dependency::wide);
    CHECK((laid | tidemark::count_records()) == 1000);
    CHECK(*digit.asked == 1000);

    auto const reduced = laid | tidemark::map_values(std::negate<>{}) | reduce_by_key(std::plus<>{}); // told nothing
    CHECK(edge_of(reduced) == dependency::narrow);
    CHECK(sorted(reduced | collect())
          == sorted(pairs | tidemark::map_values(std::negate<>{}) | reduce_by_key(std::plus<>{}) | collect()));
    auto const grouped = reduced | tidemark::group_by_key(digit);
    CHECK(edge_of(grouped) == dependency::narrow);
    CHECK((grouped | tidemark::count_records()) == 100);
    auto const again = grouped | partition_by(by_digit{});
    CHECK(edge_of(again) == dependency::narrow);
    CHECK((again | tidemark::count_records()) == 100);
    CHECK(lies(again) == lies(laid));
    CHECK(*digit.asked == 1000);

    auto const elsewhere = laid | reduce_by_key(std::plus<>{}, by_digit{3});
    CHECK(edge_of(elsewhere) == dependency::wide);
    CHECK(sorted(elsewhere | collect()) == sorted(pairs | reduce_by_key(std::plus<>{}) | collect()));
}

TEST_CASE("joining without an exchange meets values in the same order", "[operators][partition_by]")
{
    using text = std::pair<int, std::string>;
    std::vector<text> texts;
    for (int i = 0; i < 3000; ++i)
        texts.emplace_back(i * 31 % 700, std::string(1, static_cast<char>('a' + i % 26)));
    auto const pairs = rdd_context(2).parallelize(texts, 5);
    auto const append = [](std::string const& left, std::string const& right) { return left + right; };
    auto const right = sorted(pairs | reduce_by_key(append) | collect());
    CHECK(sorted(pairs | partition_by(6) | reduce_by_key(append) | collect()) == right);
    auto const late = tidemark::combine_by_key(std::identity{}, append, append, tidemark::combine_late);
    auto const early = tidemark::combine_by_key(std::identity{}, append, append);
    CHECK(sorted(pairs | partition_by(6) | late | collect()) == right);
    CHECK(sorted(pairs | partition_by(6) | early | collect()) == right);
}

TEST_CASE("a lost partition is made again, without an exchange from its own parent partition only",
          "[operators][partition_by]")
{
    std::atomic<int> calls{0};
    auto const counted = [&calls](int x) {
        ++calls;
        return x;
    };
    auto const pairs = rdd_context(2).parallelize(numbered(100, 100), 4);
    auto const laid = pairs | partition_by(by_digit{});
    auto const narrow = laid | tidemark::map_values(counted) | reduce_by_key(std::plus<>{});
    auto const before = narrow | collect();
    CHECK(calls == 100);
    tidemark::pipeline_of(narrow).origin()->lose(3);
    CHECK((narrow | collect()) == before);
    CHECK(calls == 110);

    auto const wide = pairs | tidemark::map_values(counted) | partition_by(by_digit{});
    auto const first = wide | collect();
    calls = 0;
    tidemark::pipeline_of(wide).origin()->lose(3);
    CHECK((wide | collect()) == first);
    CHECK(calls == 100);
}

TEST_CASE("partition_by moves what is on its way", "[operators][partition_by]")
{
    auto const pairs = rdd_context().parallelize(std::vector{1, 2, 3, 4, 5, 6}, 2)
                       | tidemark::map([](int x) { return std::pair(x, tracked(x)); });
    tracked::reset();
    CHECK((pairs | partition_by(by_digit{}) | tidemark::count_records()) == 6);
    CHECK(tracked::copies() == 0);
}

} // namespace partition_by_test
