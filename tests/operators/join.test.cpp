// SPDX-License-Identifier: BSL-1.0
//
// join.test: joins, cogroup and subtract_by_key against nested loops, with and without an exchange.

#include <tidemark/operators/cogroup.hpp>
#include <tidemark/operators/join.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/operators/map_values.hpp>
#include <tidemark/operators/partition_by.hpp>
#include <tidemark/operators/reduce_by_key.hpp>
#include <tidemark/operators/subtract_by_key.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/rdd_context.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>
#include <support/seed.hpp>
#include <support/tracked.hpp>

#include <algorithm>
#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace join_test {

using tidemark::cogroup;
using tidemark::collect;
using tidemark::dependency;
using tidemark::full_outer_join;
using tidemark::join;
using tidemark::left_outer_join;
using tidemark::partition_by;
using tidemark::rdd_context;
using tidemark::right_outer_join;
using tidemark::subtract_by_key;
using tidemark_test::tracked;

using word = std::pair<std::string, int>;
using name = std::pair<std::string, std::string>;
using words = std::vector<word>;
using names = std::vector<name>;
template <typename V, typename W>
using rows = std::vector<std::pair<std::string, std::pair<V, W>>>;

// ---- What it accepts, at compile time
using join_fn = decltype(tidemark::join);
using words_t = tidemark_test::rdd_of<word>;
using names_t = tidemark_test::rdd_of<name>;
static_assert(std::invocable<join_fn, words_t, names_t>);
static_assert(std::invocable<join_fn, words_t, names_t, int>);
static_assert(std::invocable<join_fn, tidemark_test::stream_of<word>, tidemark_test::stream_of<name>>);
static_assert(tidemark::meets_with<names_t, words_t>);
static_assert(!tidemark::meets_with<tidemark_test::rdd_of<int>, words_t>, "records are not pairs");
static_assert(!tidemark::meets_with<tidemark_test::rdd_of<std::pair<int, int>>, words_t>, "other keys");
static_assert(!tidemark::meets_with<tidemark_test::stream_of<word>, words_t>, "an rdd and a stream");
static_assert(!std::invocable<join_fn>);
template <typename Fn>
using joined_t = tidemark::record_t<std::invoke_result_t<Fn, words_t, names_t>>;
static_assert(std::same_as<joined_t<join_fn>, std::pair<std::string, std::pair<int, std::string>>>);
static_assert(std::same_as<joined_t<decltype(left_outer_join)>,
                           std::pair<std::string, std::pair<int, std::optional<std::string>>>>);
static_assert(std::same_as<joined_t<decltype(right_outer_join)>,
                           std::pair<std::string, std::pair<std::optional<int>, std::string>>>);
static_assert(std::same_as<joined_t<decltype(full_outer_join)>,
                           std::pair<std::string, std::pair<std::optional<int>, std::optional<std::string>>>>);
static_assert(std::same_as<joined_t<decltype(cogroup)>,
                           std::pair<std::string, std::pair<std::vector<int>, std::vector<std::string>>>>);
static_assert(std::same_as<joined_t<decltype(subtract_by_key)>, word>);

/// By key, the values of one staying in their order.
template <typename Records>
Records by_key(Records records)
{
    std::stable_sort(records.begin(), records.end(),
                     [](auto const& left, auto const& right) { return left.first < right.first; });
    return records;
}

bool has(auto const& pairs, auto const& key)
{
    return std::any_of(pairs.begin(), pairs.end(), [&key](auto const& pair) { return pair.first == key; });
}

/// The full join by two loops; the others are parts of it.
template <typename Key, typename V, typename W>
auto full_oracle(std::vector<std::pair<Key, V>> const& left, std::vector<std::pair<Key, W>> const& right)
{
    std::vector<std::pair<Key, std::pair<std::optional<V>, std::optional<W>>>> all;
    for (auto const& [key, value] : left) {
        for (auto const& [other_key, other] : right)
            if (key == other_key)
                all.push_back({key, {value, other}});
        if (!has(right, key))
            all.push_back({key, {value, std::nullopt}});
    }
    for (auto const& [key, value] : right)
        if (!has(left, key))
            all.push_back({key, {std::nullopt, value}});
    return by_key(std::move(all));
}

template <typename Full, typename Keep>
Full part_of(Full full, Keep keep)
{
    std::erase_if(full, [&](auto const& row) {
        return (!row.second.first && !keep.second) || (!row.second.second && !keep.first);
    });
    return full;
}

struct kept {
    bool first;
    bool second;
};

/// A joined record as the full join writes it.
template <typename Rows>
auto as_full(Rows const& joined)
{
    using key = typename Rows::value_type::first_type;
    auto const wrap = [](auto const& value) { return std::optional(value); };
    using first = decltype(wrap(joined.front().second.first));
    using second = decltype(wrap(joined.front().second.second));
    std::vector<std::pair<key, std::pair<first, second>>> all;
    for (auto const& [k, values] : joined)
        all.push_back({k, {first(values.first), second(values.second)}});
    return by_key(std::move(all));
}

template <typename First, typename Second>
void check_all(First const& left, Second const& right)
{
    auto const lefts = left | collect();
    auto const rights = right | collect();
    auto const full = full_oracle(lefts, rights);
    CHECK(as_full(left | join(right) | collect()) == part_of(full, kept{false, false}));
    CHECK(as_full(left | left_outer_join(right) | collect()) == part_of(full, kept{true, false}));
    CHECK(as_full(left | right_outer_join(right) | collect()) == part_of(full, kept{false, true}));
    CHECK(as_full(left | full_outer_join(right) | collect()) == full);

    std::size_t firsts = 0;
    std::size_t seconds = 0;
    auto const grouped = left | cogroup(right) | collect();
    for (auto const& [key, values] : grouped) {
        CHECK(std::count_if(grouped.begin(), grouped.end(), [&](auto const& row) { return row.first == key; }) == 1);
        typename std::remove_cvref_t<decltype(values.first)> mine;
        for (auto const& pair : lefts)
            if (pair.first == key)
                mine.push_back(pair.second);
        CHECK(values.first == mine);
        typename std::remove_cvref_t<decltype(values.second)> others;
        for (auto const& pair : rights)
            if (pair.first == key)
                others.push_back(pair.second);
        CHECK(values.second == others);
        firsts += mine.size();
        seconds += others.size();
    }
    CHECK(firsts == lefts.size());
    CHECK(seconds == rights.size());

    auto rest = lefts;
    std::erase_if(rest, [&](auto const& pair) { return has(rights, pair.first); });
    CHECK(by_key(left | subtract_by_key(right) | collect()) == by_key(rest));
}

TEST_CASE("joins give every value of the one side with every value of the other", "[operators][join]")
{
    rdd_context const rc;
    auto const left = rc.parallelize(words{{"a", 1}, {"a", 2}, {"b", 3}}, 2);
    auto const right = rc.parallelize(names{{"a", "x"}, {"a", "y"}, {"d", "z"}}, 2);
    CHECK(by_key(left | join(right) | collect())
          == rows<int, std::string>{{"a", {1, "x"}}, {"a", {1, "y"}}, {"a", {2, "x"}}, {"a", {2, "y"}}});
    CHECK(by_key(left | left_outer_join(right) | collect())
          == rows<int, std::optional<std::string>>{
              {"a", {1, "x"}}, {"a", {1, "y"}}, {"a", {2, "x"}}, {"a", {2, "y"}}, {"b", {3, std::nullopt}}});
    CHECK(by_key(left | right_outer_join(right) | collect())
          == rows<std::optional<int>, std::string>{
              {"a", {1, "x"}}, {"a", {1, "y"}}, {"a", {2, "x"}}, {"a", {2, "y"}}, {"d", {std::nullopt, "z"}}});
    CHECK((left | full_outer_join(right) | tidemark::count_records()) == 6);
    CHECK(by_key(left | cogroup(right) | collect())
          == rows<std::vector<int>, std::vector<std::string>>{
              {"a", {{1, 2}, {"x", "y"}}}, {"b", {{3}, {}}}, {"d", {{}, {"z"}}}});
    CHECK((left | subtract_by_key(right) | collect()) == words{{"b", 3}});
    CHECK(by_key(join(left, right, 3) | collect()) == by_key(left | join(right) | collect()));
}

TEST_CASE("all joins are what two loops give, on any layout", "[operators][join]")
{
    auto const seed = tidemark_test::random_seed();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 12; ++round) {
        auto const keys = std::vector{1, 5, 40, 1000}[random() % 4];
        auto const some = [&](std::size_t size) {
            std::vector<std::pair<int, std::int64_t>> pairs;
            for (std::size_t i = 0; i < size; ++i)
                pairs.emplace_back(static_cast<int>(random() % static_cast<unsigned>(keys)), pairs.size());
            return pairs;
        };
        rdd_context const rc(1 + random() % 3, {1 + random() % 9, std::size_t{1} << (random() % 9)});
        auto const left = rc.parallelize(some(random() % 80), 1 + random() % 4);
        auto const right = rc.parallelize(some(random() % 80), 1 + random() % 4);
        check_all(left, right);
        check_all(left | partition_by(3), right | partition_by(3));
        check_all(left | partition_by(3), right);
        check_all(left, right | partition_by(5));
        check_all(left | partition_by(3), right | partition_by(5));
        check_all(left, left);
    }
}

/// By the last digit; it counts how often it was asked, which is once for each record that travels.
struct by_digit {
    std::shared_ptr<std::atomic<int>> asked = std::make_shared<std::atomic<int>>(0);

    [[nodiscard]] static std::size_t partitions() { return 5; }
    [[nodiscard]] std::size_t operator()(int key) const
    {
        ++*asked;
        return static_cast<std::size_t>(key) % 5;
    }
    friend bool operator==(by_digit const&, by_digit const&) { return true; }
};

std::vector<std::pair<int, int>> numbered(int records, int keys)
{
    std::vector<std::pair<int, int>> pairs;
    for (int i = 0; i < records; ++i)
        pairs.emplace_back(i % keys, i);
    return pairs;
}

template <typename E>
std::vector<dependency> edges_of(E const& e)
{
    std::vector<dependency> kinds;
    for (auto const& edge : tidemark::pipeline_of(e).origin()->parents())
        kinds.push_back(edge.kind);
    return kinds;
}

TEST_CASE("a side that lies as the result will is read without an exchange", "[operators][join]")
{
    using kinds = std::vector<dependency>;
    by_digit const digit;
    rdd_context const rc(2);
    auto const left = rc.parallelize(numbered(100, 20), 3);
    auto const right = rc.parallelize(numbered(30, 25), 4);
    auto const expected = by_key(left | join(right) | collect());

    auto const laid = left | partition_by(digit);
    (void)(laid | collect());
    REQUIRE(*digit.asked == 100);
    auto const one_side = laid | tidemark::map_values(std::identity{}) | join(right);
    CHECK(edges_of(one_side) == kinds{dependency::narrow, dependency::wide});
    CHECK(tidemark::pipeline_of(one_side).partitioning() == tidemark::pipeline_of(laid).partitioning());
    CHECK(by_key(one_side | collect()) == expected);
    CHECK(*digit.asked == 130); // the right side alone has travelled

    auto const others = right | partition_by(digit);
    (void)(others | collect());
    REQUIRE(*digit.asked == 160);
    auto const both = laid | join(others);
    CHECK(edges_of(both) == kinds{dependency::narrow, dependency::narrow});
    CHECK(by_key(both | collect()) == expected);
    CHECK(*digit.asked == 160);

    CHECK(edges_of(laid | join(others, 4)) == kinds{dependency::wide, dependency::wide});
    CHECK(edges_of(left | join(right)) == kinds{dependency::wide, dependency::wide});
    CHECK(edges_of(left | join(right | partition_by(4))) == kinds{dependency::wide, dependency::narrow});
    auto const larger = (left | partition_by(3)) | join(right | partition_by(40));
    CHECK(edges_of(larger) == kinds{dependency::wide, dependency::narrow});
    CHECK(by_key(larger | collect()) == expected);
    auto const reduced = left | tidemark::reduce_by_key(std::plus<>{});
    CHECK(edges_of(reduced | join(reduced)) == kinds{dependency::narrow, dependency::narrow});
}

TEST_CASE("a lost partition of a join is made again, from one partition where the sides are narrow",
          "[operators][join]")
{
    std::atomic<int> calls{0};
    auto const counted = [&calls](int x) {
        ++calls;
        return x;
    };
    rdd_context const rc(2);
    auto const left = rc.parallelize(numbered(100, 100), 3);
    auto const laid = left | partition_by(by_digit{});
    auto const joined = laid | tidemark::map_values(counted) | join(left | tidemark::map_values(counted));
    auto const before = joined | collect();
    CHECK(before.size() == 100);
    CHECK(calls == 200);
    auto const node = tidemark::pipeline_of(joined).origin();
    node->lose(2);
    CHECK(!node->holds_records());
    CHECK((joined | collect()) == before);
    CHECK(calls == 200 + 20 + 100);
    CHECK((joined | collect()) == before);
    CHECK(calls == 320);
}

TEST_CASE("joins do not depend on threads", "[operators][join]")
{
    std::vector<std::pair<std::string, int>> pairs;
    for (int i = 0; i < 2000; ++i)
        pairs.emplace_back("key " + std::to_string(i * 37 % 500), i);
    auto const run = [&](std::size_t threads) {
        rdd_context const rc(threads);
        auto const left = rc.parallelize(pairs, 7);
        return left | full_outer_join(left | tidemark::map_values(std::negate<>{})) | collect();
    };
    auto const one = run(1);
    CHECK(one.size() == 8000);
    CHECK(run(2) == one);
    CHECK(run(4) == one);
}

struct clashing { // all of them have one hash
    int number;

    friend bool operator==(clashing, clashing) = default;
    friend auto operator<=>(clashing, clashing) = default;
    friend std::uint64_t tidemark_key_hash(clashing) { return 7; }
};

TEST_CASE("keys with the same hash are told apart by joins", "[operators][join]")
{
    std::vector<std::pair<clashing, std::int64_t>> pairs;
    for (int i = 0; i < 40; ++i)
        pairs.emplace_back(clashing{i % 13}, i);
    auto const left = rdd_context().parallelize(pairs, 2);
    check_all(left, rdd_context().parallelize(std::vector(pairs.begin() + 5, pairs.begin() + 15), 3));
}

TEST_CASE("joins copy a value only where it is needed again", "[operators][join]")
{
    auto const tracked_pairs = [](std::vector<std::pair<int, int>> pairs) {
        return rdd_context().parallelize(std::move(pairs), 2) | tidemark::map([](std::pair<int, int> const& pair) {
                   return std::pair(pair.first, tracked(pair.second));
               });
    };
    auto const left = tracked_pairs({{1, 10}, {2, 20}, {3, 30}});
    auto const right = tracked_pairs({{1, 11}, {2, 21}, {4, 41}});
    auto const copies_of = [](auto const& joined) {
        tracked::reset();
        (void)(joined | tidemark::count_records());
        return tracked::copies().load();
    };
    CHECK(copies_of(left | join(right)) == 0);
    CHECK(copies_of(left | full_outer_join(right)) == 0);
    CHECK(copies_of(left | cogroup(right)) == 0);
    CHECK(copies_of(left | subtract_by_key(right)) == 0);
    auto const twice = tracked_pairs({{1, 12}, {1, 13}});
    CHECK(copies_of(left | join(twice)) == 1);
    CHECK(copies_of(twice | join(left)) == 1);
    CHECK(copies_of(twice | join(twice)) == 4); // eight values in four records, of which four were there
}

TEST_CASE("what a step below a join throws comes out of the action, and the next action tries again",
          "[operators][join]")
{
    std::atomic<bool> broken{true};
    auto const left = rdd_context(2).parallelize(numbered(10, 10), 2)
                      | tidemark::map_values([&broken](int x) { return broken ? throw std::string("broken") : x; });
    auto const joined = left | join(left);
    CHECK_THROWS_AS(joined | collect(), std::string);
    broken = false;
    CHECK((joined | tidemark::count_records()) == 10);
}

} // namespace join_test
