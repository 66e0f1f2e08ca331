// SPDX-License-Identifier: BSL-1.0
//
// combine_by_key.test: what three functions make of the values of a key, and how often each is called.

#include <tidemark/operators/combine_by_key.hpp>
#include <tidemark/operators/map_values.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/rdd_context.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>

#include <algorithm>
#include <atomic>
#include <concepts>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace combine_by_key_test {

using tidemark::collect;
using tidemark::combine_by_key;
using tidemark::combine_late;
using tidemark::rdd_context;

using list = std::vector<int>;
using pairs_t = tidemark_test::rdd_of<std::pair<int, int>>;

constexpr auto one_of = [](int value) { return list{value}; };
constexpr auto append = [](list so_far, int value) {
    so_far.push_back(value);
    return so_far;
};
constexpr auto append_all = [](list so_far, list const& others) {
    so_far.insert(so_far.end(), others.begin(), others.end());
    return so_far;
};

// ---- What it accepts, at compile time
using combine_fn = decltype(tidemark::combine_by_key);
static_assert(std::invocable<combine_fn, pairs_t, decltype(one_of), decltype(append), decltype(append_all)>);
static_assert(tidemark::combined_merging<decltype(append), list, int>);
static_assert(!tidemark::combined_merging<decltype(append), list, list>, "not a value");
static_assert(!tidemark::value_creation<decltype(append), pairs_t>, "takes two");
static_assert(!std::invocable<combine_fn>);

std::vector<std::pair<int, int>> numbered(int records, int keys)
{
    std::vector<std::pair<int, int>> pairs;
    for (int i = 0; i < records; ++i)
        pairs.emplace_back(i * 7 % keys, i);
    return pairs;
}

TEST_CASE("combine_by_key meets the values of a key in the order of the input", "[operators][combine_by_key]")
{
    for (int const keys : {1, 10, 900, 20'000}) {
        auto const pairs = numbered(20'000, keys);
        std::map<int, list> expected;
        for (auto const& [key, value] : pairs)
            expected[key].push_back(value);
        for (std::size_t const sources : {1U, 3U}) {
            INFO(keys << " keys, " << sources << " source partitions");
            auto const rdd = rdd_context(2).parallelize(pairs, sources);
            auto const early = rdd | combine_by_key(one_of, append, append_all) | collect();
            auto const late = rdd | combine_by_key(one_of, append, append_all, combine_late) | collect();
            bool const same = std::map(early.begin(), early.end()) == expected
                              && std::map(late.begin(), late.end()) == expected && early.size() == expected.size();
            CHECK(same);
        }
    }
}

TEST_CASE("create is called once for each key and source partition, or once for each key when combining late",
          "[operators][combine_by_key]")
{
    std::atomic<int> created{0};
    std::atomic<int> merged{0};
    std::atomic<int> joined{0};
    auto const count_create = [&created](int value) { return ++created, value; };
    auto const count_merge = [&merged](int so_far, int value) { return ++merged, so_far + value; };
    auto const count_join = [&joined](int left, int right) { return ++joined, left + right; };
    // every key in each of the four partitions, and more records than an adaptive combiner lets pass
    auto const rdd = rdd_context(2).parallelize(numbered(40'000, 10), 4);
    CHECK((rdd | combine_by_key(count_create, count_merge, count_join) | tidemark::count_records()) == 10);
    CHECK(created == 40);
    CHECK(merged == 40'000 - 40);
    CHECK(joined == 30);
    created = merged = joined = 0;
    CHECK((rdd | combine_by_key(count_create, count_merge, count_join, 3, combine_late) | tidemark::count_records())
          == 10);
    CHECK(created == 10);
    CHECK(merged == 40'000 - 10);
    CHECK(joined == 0);
}

TEST_CASE("combine_by_key computes an average", "[operators][combine_by_key]")
{
    using sum = std::pair<int, int>;
    auto const averages =
        rdd_context().parallelize(std::vector<std::pair<std::string, int>>{{"p", 1}, {"p", 2}}, 2)
        | combine_by_key([](int value) { return sum(value, 1); },
                         [](sum const& so_far, int value) { return sum(so_far.first + value, so_far.second + 1); },
                         [](sum const& a, sum const& b) { return sum(a.first + b.first, a.second + b.second); })
        | tidemark::map_values([](sum const& all) { return static_cast<double>(all.first) / all.second; });
    CHECK((averages | collect()) == std::vector<std::pair<std::string, double>>{{"p", 1.5}});
}

} // namespace combine_by_key_test
