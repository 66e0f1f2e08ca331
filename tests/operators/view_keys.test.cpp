// SPDX-License-Identifier: BSL-1.0
//
// view_keys.test: keys that are views into a record become strings where they leave its stage.

#include <tidemark/operators/combine_by_key.hpp>
#include <tidemark/operators/count_by_value.hpp>
#include <tidemark/operators/distinct.hpp>
#include <tidemark/operators/flat_map.hpp>
#include <tidemark/operators/group_by_key.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/operators/partition_by.hpp>
#include <tidemark/operators/reduce_by_key.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/collect_as_map.hpp>
#include <tidemark/rdd/rdd_context.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>
#include <support/records.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using tidemark::collect;
using tidemark::collect_as_map;
using tidemark::rdd_context;
using tidemark_test::sorted;
using tidemark_test::words_in;

using word_counts = std::map<std::string, int>;
using viewed = tidemark_test::rdd_of<std::pair<std::string_view, int>>;

// ---- What becomes of the types
static_assert(
    std::same_as<tidemark::record_t<decltype(std::declval<viewed>() | tidemark::reduce_by_key(std::plus<>{}))>,
                 std::pair<std::string, int>>);
static_assert(std::same_as<tidemark::record_t<decltype(std::declval<viewed>() | tidemark::group_by_key())>,
                           std::pair<std::string, std::vector<int>>>);
static_assert(
    std::same_as<
        tidemark::record_t<decltype(std::declval<tidemark_test::rdd_of<std::string_view>>() | tidemark::distinct())>,
        std::string>);
static_assert(std::same_as<tidemark::owned_t<std::wstring_view>, std::wstring>);
static_assert(std::same_as<tidemark::owned_t<std::string const*>, std::string const*>);

/// Lines of two words each, of which the second is too long to lie within a string; one key in `keys`.
std::vector<std::string> lines_of(int count, int keys)
{
    std::vector<std::string> lines;
    for (int number = 0; number < count; ++number) {
        auto const key = std::to_string(number % keys);
        lines.push_back("w" + key + " a-word-that-is-rather-long-" + key);
    }
    return lines;
}

word_counts counted_by_hand(std::vector<std::string> const& lines)
{
    word_counts counts;
    for (auto const& line : lines)
        for (auto const word : words_in(line))
            ++counts[std::string(word)];
    return counts;
}

/// The words of lines that are gone as soon as their words have been taken.
auto words_of(std::vector<std::string> const& lines)
{
    return rdd_context(2).parallelize(lines, 3) | tidemark::map([](std::string const& line) { return line + ""; })
           | tidemark::flat_map(words_in);
}

auto ones(std::vector<std::string> const& lines)
{
    return words_of(lines) | tidemark::map([](std::string_view word) { return std::pair(word, 1); });
}

} // namespace

TEST_CASE("values under views are joined under strings", "[operators][reduce_by_key][views]")
{
    // Few are joined in a small table before they travel, many in one that grows.
    for (auto const& [count, keys] : {std::pair(0, 1), {50, 7}, {30'000, 10}, {60'000, 9'000}}) {
        auto const lines = lines_of(count, keys);
        INFO(count << " lines of " << keys << " words");
        CHECK((ones(lines) | tidemark::reduce_by_key(std::plus<>{}) | collect_as_map()) == counted_by_hand(lines));
    }
}

TEST_CASE("views are grouped and combined under strings, in the order of their records", "[operators][views]")
{
    auto const [count, keys] = GENERATE(std::pair(90, 4), std::pair(20'000, 900), std::pair(20'000, 9'000));
    INFO(count << " lines of " << keys << " words"); // of many, some drive others out of their places
    auto const lines = lines_of(count, keys);
    std::map<std::string, std::vector<int>> expected;
    std::vector<std::pair<std::string, int>> numbered;
    for (int number = 0; auto const& line : lines) {
        for (auto const word : words_in(line))
            expected[std::string(word)].push_back(number);
        numbered.emplace_back(line, number++);
    }
    auto const pairs =
        rdd_context(2).parallelize(numbered, 4) | tidemark::flat_map([](std::pair<std::string, int> const& line) {
            std::vector<std::pair<std::string_view, int>> words;
            for (auto const word : words_in(line.first))
                words.emplace_back(word, line.second);
            return words;
        });
    CHECK((pairs | tidemark::group_by_key() | collect_as_map()) == expected);

    auto const first = [](int value) { return std::vector{value}; };
    auto const next = [](std::vector<int> all, int value) {
        all.push_back(value);
        return all;
    };
    auto const joined = [](std::vector<int> all, std::vector<int> const& more) {
        all.insert(all.end(), more.begin(), more.end());
        return all;
    };
    CHECK((pairs | tidemark::combine_by_key(first, next, joined) | collect_as_map()) == expected);
    CHECK((pairs | tidemark::combine_by_key(first, next, joined, tidemark::combine_late) | collect_as_map())
          == expected);
}

TEST_CASE("views are counted, and told apart, as strings", "[operators][count_by_value][distinct][views]")
{
    auto const lines = lines_of(20'000, 300);
    auto const expected = counted_by_hand(lines);
    auto const counts = words_of(lines) | tidemark::count_by_value() | collect_as_map();
    CHECK(word_counts(counts.begin(), counts.end()) == expected);

    auto const words = sorted(words_of(lines) | tidemark::distinct() | collect());
    REQUIRE(words.size() == expected.size());
    CHECK(std::equal(words.begin(), words.end(), expected.begin(),
                     [](std::string const& word, auto const& entry) { return word == entry.first; }));
}

TEST_CASE("a program's partitioner is asked for the string of a view", "[operators][reduce_by_key][views]")
{
    struct by_length {
        [[nodiscard]] std::size_t partitions() const { return 2; }
        std::size_t operator()(std::string const& word) const { return word.size() < 10 ? 0 : 1; }
        bool operator==(by_length const&) const = default;
    };
    auto const lines = lines_of(40, 5);
    auto const counts = ones(lines) | tidemark::reduce_by_key(std::plus<>{}, by_length{});
    CHECK((counts | collect_as_map()) == counted_by_hand(lines));
    auto const words = counts | collect();
    CHECK(std::is_partitioned(words.begin(), words.end(), [](auto const& each) { return each.first.size() < 10; }));
}
