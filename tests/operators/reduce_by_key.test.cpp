// SPDX-License-Identifier: BSL-1.0
//
// reduce_by_key.test: one value for each key, joined from left to right.

#include <tidemark/operators/flat_map.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/operators/reduce_by_key.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/rdd_context.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>
#include <support/records.hpp>
#include <support/tracked.hpp>

#include <boost/hana/adapt_struct.hpp>

#include <algorithm>
#include <atomic>
#include <concepts>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace reduce_by_key_test {

using tidemark::collect;
using tidemark::rdd_context;
using tidemark::rdd_settings;
using tidemark::reduce_by_key;
using tidemark_test::sorted;
using tidemark_test::tracked;

using count = std::pair<std::string, int>;
using counts_t = tidemark_test::rdd_of<count>;
using numbers_t = tidemark_test::rdd_of<int>;

struct place {
    std::string city;
    int number;

    friend bool operator==(place const&, place const&) = default;
    friend auto operator<=>(place const&, place const&) = default;
};
struct clashing { // all of them have one hash
    int number;

    friend bool operator==(clashing, clashing) = default;
    friend auto operator<=>(clashing, clashing) = default;
    friend std::uint64_t tidemark_key_hash(clashing) { return 7; }
};
struct unhashed {
    friend bool operator==(unhashed const&, unhashed const&) = default;
};
struct fixed {
    int const value; // cannot be assigned
};

constexpr auto gives_text = [](int, int) { return std::string(); };
constexpr auto fixed_sum = [](fixed const& a, fixed const& b) { return fixed{a.value + b.value}; };

/// Joins texts: not commutative, so it shows the order of the values.
constexpr auto join = [](std::string const& left, std::string const& right) { return left + right; };

// ---- What it accepts, at compile time
using reduce_by_key_fn = decltype(tidemark::reduce_by_key);
static_assert(std::invocable<reduce_by_key_fn, counts_t, std::plus<>>);
static_assert(std::invocable<reduce_by_key_fn, counts_t, std::plus<int>>);
static_assert(std::invocable<reduce_by_key_fn, tidemark_test::stream_of<count>, std::plus<>>);
static_assert(std::invocable<reduce_by_key_fn, counts_t, long (*)(int, int)>, "what converts to a value");
static_assert(!tidemark::value_reduction<std::plus<>, numbers_t>, "records are not pairs");
static_assert(!tidemark::value_reduction<std::negate<>, counts_t>, "not a function of two values");
static_assert(!tidemark::value_reduction<decltype(gives_text), counts_t>, "gives no value of that type");
static_assert(!tidemark::value_reduction<int, counts_t>, "not a function");
static_assert(!tidemark::keyed_expression<tidemark_test::rdd_of<std::pair<unhashed, int>>>, "a key without a hash");
static_assert(!tidemark::value_reduction<decltype(fixed_sum), tidemark_test::rdd_of<std::pair<int, fixed>>>,
              "a value that cannot be replaced");
static_assert(!std::invocable<reduce_by_key_fn>);

/// The same, in one loop.
template <typename Key, typename Value, typename F>
std::vector<std::pair<Key, Value>> expected(std::vector<std::pair<Key, Value>> const& pairs, F const& f)
{
    std::map<Key, Value> sums;
    for (auto const& [key, value] : pairs) {
        auto const [found, fresh] = sums.try_emplace(key, value);
        if (!fresh)
            found->second = f(found->second, value);
    }
    return {sums.begin(), sums.end()};
}

} // namespace reduce_by_key_test

BOOST_HANA_ADAPT_STRUCT(reduce_by_key_test::place, city, number);

namespace reduce_by_key_test {

TEST_CASE("reduce_by_key gives each key once, with its values joined", "[operators][reduce_by_key]")
{
    auto const counts =
        rdd_context().parallelize(std::vector<count>{{"a", 1}, {"b", 2}, {"a", 3}, {"c", 4}, {"b", 5}}, 2);
    CHECK(sorted(counts | reduce_by_key(std::plus<>{}) | collect())
          == std::vector<count>{{"a", 4}, {"b", 7}, {"c", 4}});
    CHECK(sorted(counts | reduce_by_key([](int x, int y) { return std::max(x, y); }) | collect())
          == std::vector<count>{{"a", 3}, {"b", 5}, {"c", 4}});
    CHECK((rdd_context().parallelize(std::vector<count>{}, 3) | reduce_by_key(std::plus<>{}) | collect()).empty());
}

TEST_CASE("reduce_by_key takes every kind of key", "[operators][reduce_by_key]")
{
    rdd_context const rc(2);
    using place_count = std::pair<place, int>;
    CHECK(sorted(rc.parallelize(std::vector<place_count>{{{"Rom", 1}, 1}, {{"Rom", 2}, 2}, {{"Rom", 1}, 4}}, 2)
                 | reduce_by_key(std::plus<>{}) | collect())
          == std::vector<place_count>{{{"Rom", 1}, 5}, {{"Rom", 2}, 2}});
    using flag_count = std::pair<bool, bool>;
    CHECK(sorted(rc.parallelize(std::vector<flag_count>{{true, false}, {false, false}, {true, true}}, 2)
                 | reduce_by_key(std::logical_or<>{}) | collect())
          == std::vector<flag_count>{{false, false}, {true, true}});
    CHECK((rc.parallelize(std::map<std::string, int>{{"a", 1}}, 1) | reduce_by_key(std::plus<>{}) | collect())
          == std::vector<count>{{"a", 1}});
}

TEST_CASE("reduce_by_key works on values that a sum makes wider", "[operators][reduce_by_key]")
{
    using small = std::pair<std::int16_t, std::int16_t>;
    auto const made = [](int key, int value) {
        return small(static_cast<std::int16_t>(key), static_cast<std::int16_t>(value));
    };
    auto const pairs = rdd_context().parallelize(std::vector{made(1, 2), made(1, 3)}, 1);
    CHECK((pairs | reduce_by_key(std::plus<>{}) | collect()) == std::vector{made(1, 5)});
}

TEST_CASE("reduce_by_key joins values from left to right by partition and position", "[operators][reduce_by_key]")
{
    using text = std::pair<int, std::string>;
    std::vector<text> const texts{{1, "a"}, {2, "k"}, {1, "b"}, {1, "c"}, {2, "l"}, {1, "d"}, {2, "m"}, {1, "e"}};
    for (std::size_t const threads : {1U, 3U})
        for (std::size_t const partitions : {1U, 2U, 5U, 8U, 11U}) {
            INFO(threads << " threads, " << partitions << " partitions");
            auto const joined = rdd_context(threads).parallelize(texts, partitions) | reduce_by_key(join) | collect();
            CHECK(sorted(joined) == std::vector<text>{{1, "abcde"}, {2, "klm"}});
        }
}

TEST_CASE("reduce_by_key calls its function once for each value but the first of a key", "[operators][reduce_by_key]")
{
    struct {
        int records;
        int keys;
    } const table[] = {{1, 1}, {100, 100}, {100, 7}, {30'000, 30'000}, {30'000, 1}, {30'000, 500}, {30'000, 20'000}};
    for (auto const& row : table) {
        std::vector<std::pair<int, int>> pairs;
        for (int number = 0; number < row.records; ++number)
            pairs.emplace_back(number % row.keys, 1);
        std::atomic<int> calls{0};
        auto const sums = rdd_context(2).parallelize(pairs, 3) | reduce_by_key([&calls](int x, int y) {
                              ++calls;
                              return x + y;
                          })
                          | collect();
        INFO(row.records << " records of " << row.keys << " keys");
        CHECK(sums.size() == static_cast<std::size_t>(row.keys));
        CHECK(calls == row.records - row.keys);
    }
}

TEST_CASE("values joined before they travel give the same as values joined after", "[operators][reduce_by_key]")
{
    // A partition of more than some ten thousand records decides whether joining early pays: it does for few keys, not
    // for many, and half and half is near the edge.
    using text = std::pair<int, std::string>;
    struct {
        char const* name;
        int (*key)(int);
    } const table[] = {{"one key", [](int) { return 7; }},
                       {"few keys", [](int number) { return number * 31 % 50; }},
                       {"as many keys as records", [](int number) { return number; }},
                       {"each key twice, far apart", [](int number) { return number % 12'500; }},
                       {"few, then many", [](int number) { return number < 12'000 ? number % 10 : number; }},
                       {"many, then few", [](int number) { return number < 12'000 ? number : number % 10; }},
                       {"skewed", [](int number) { return number % 10 < 8 ? 1 : number; }}};
    for (auto const& row : table) {
        std::vector<text> texts;
        for (int number = 0; number < 25'000; ++number)
            texts.emplace_back(row.key(number), std::string(1, static_cast<char>('a' + number % 26)));
        auto const right = expected(texts, join);
        for (std::size_t const partitions : {1U, 2U, 8U}) {
            INFO(row.name << ", " << partitions << " partitions");
            bool const same =
                sorted(rdd_context(2).parallelize(texts, partitions) | reduce_by_key(join) | collect()) == right;
            CHECK(same);
        }
    }
}

TEST_CASE("the layout of keys decides where they are, and nothing else", "[operators][reduce_by_key]")
{
    std::vector<count> counts;
    for (int number = 0; number < 1000; ++number)
        counts.emplace_back("key " + std::to_string(number % 77), number);
    auto const right = expected(counts, std::plus<>{});
    for (rdd_settings const& layout :
         {rdd_settings{1, 1}, rdd_settings{1, 256}, rdd_settings{8, 256}, rdd_settings{300, 256}, rdd_settings{5, 2}}) {
        INFO(layout.partitions << " partitions, " << layout.key_groups << " groups");
        auto const sums = rdd_context(1, layout).parallelize(counts, 3) | reduce_by_key(std::plus<>{});
        CHECK(sorted(sums | collect()) == right);
    }
}

TEST_CASE("keys of one group are told apart", "[operators][reduce_by_key]")
{
    std::vector<std::pair<int, int>> pairs;
    for (int number = 0; number < 3000; ++number)
        pairs.emplace_back(number % 1000, number / 1000 + 1);
    auto const sums = rdd_context(1, {2, 1}).parallelize(pairs, 4) | reduce_by_key(std::plus<>{}) | collect();
    CHECK(sums.size() == 1000);
    CHECK(std::all_of(sums.begin(), sums.end(), [](auto const& sum) { return sum.second == 1 + 2 + 3; }));
}

TEST_CASE("keys with the same hash are told apart", "[operators][reduce_by_key]")
{
    // Few records meet behind the exchange; many meet in front of it already.
    for (int const each : {100, 7'000}) {
        std::vector<std::pair<clashing, int>> pairs;
        for (int number = 0; number < 3 * each; ++number)
            pairs.emplace_back(clashing{number % 3}, 1);
        INFO(each << " records of each key");
        CHECK(sorted(rdd_context().parallelize(pairs, 1) | reduce_by_key(std::plus<>{}) | collect())
              == std::vector<std::pair<clashing, int>>{{{0}, each}, {{1}, each}, {{2}, each}});
    }
}

TEST_CASE("reduce_by_key moves keys and values that are on their way", "[operators][reduce_by_key]")
{
    auto const larger = [](tracked const& left, tracked const& right) {
        return tracked(std::max(left.number, right.number));
    };
    auto const pairs = rdd_context().parallelize(std::vector{1, 2, 3, 4, 5, 6}, 2)
                       | tidemark::map([](int x) { return std::pair(x % 3, tracked(x)); });
    tracked::reset();
    auto const reduced = pairs | reduce_by_key(larger);
    CHECK((reduced | tidemark::count_records()) == 3);
    CHECK(tracked::copies() == 0);
    CHECK(sorted(reduced | tidemark::map([](std::pair<int, tracked> const& pair) {
                     return std::pair(pair.first, pair.second.number);
                 })
                 | collect())
          == std::vector<std::pair<int, int>>{{0, 6}, {1, 4}, {2, 5}});
}

TEST_CASE("what a reduction throws comes out of the action, and the next action tries again",
          "[operators][reduce_by_key]")
{
    std::atomic<bool> broken{true};
    auto const pairs = rdd_context(2).parallelize(std::vector<std::pair<int, int>>{{1, 1}, {1, 2}, {2, 2}}, 2);
    auto const sums =
        pairs | reduce_by_key([&broken](int x, int y) { return broken ? throw std::string("broken") : x + y; });
    CHECK_THROWS_AS(sums | collect(), std::string);
    broken = false;
    CHECK(sorted(sums | collect()) == std::vector<std::pair<int, int>>{{1, 3}, {2, 2}});
}

TEST_CASE("reduce_by_key over reduce_by_key works on the results of the first", "[operators][reduce_by_key]")
{
    auto const words = rdd_context(2).parallelize(std::vector<std::string>{"a", "b", "a", "c", "b", "a"}, 3);
    auto const how_often = words | tidemark::map([](std::string const& word) { return std::pair(word, 1); })
                           | reduce_by_key(std::plus<>{});
    auto const how_many = how_often | tidemark::map([](count const& each) { return std::pair(each.second, 1); })
                          | reduce_by_key(std::plus<>{});
    CHECK(sorted(how_many | collect()) == std::vector<std::pair<int, int>>{{1, 1}, {2, 1}, {3, 1}});
}

} // namespace reduce_by_key_test
