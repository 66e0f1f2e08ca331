// SPDX-License-Identifier: BSL-1.0
//
// accumulator.test: what the tasks of an action add counts when they have succeeded, each task once.

#include <tidemark/operators/count.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/operators/reduce_by_key.hpp>
#include <tidemark/rdd.hpp>

#include <support/catch.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

using tidemark::collect;
using tidemark::count_records;
using tidemark::map;
using tidemark::rdd_context;

std::vector<int> counted(int last)
{
    std::vector<int> all(static_cast<std::size_t>(last));
    std::iota(all.begin(), all.end(), 1);
    return all;
}

/// Counts every record, and throws at some, `failures` times in all.
auto counting(tidemark::accumulator<std::int64_t> const& hits, int failures)
{
    auto const left = std::make_shared<std::atomic<int>>(failures);
    return map([hits, left](int x) {
        hits += 1;
        if (x % 10 == 0 && (*left)-- > 0)
            throw std::runtime_error("not yet");
        return x;
    });
}

/// A type of a program's own.
struct longest {
    std::string word;
    void add(std::string_view other)
    {
        if (other.size() > word.size())
            word = other;
    }
    void merge(longest const& other) { add(other.word); }
};

} // namespace

TEST_CASE("an action adds what its tasks have added, attempts that failed left out", "[rdd][accumulator]")
{
    for (std::size_t const threads : {1U, 4U}) {
        INFO(threads << " threads");
        rdd_context const rc(threads);
        auto const numbers = rc.parallelize(counted(100), 10);
        auto const hits = rc.accumulator();
        CHECK((numbers | counting(hits, 3) | count_records()) == 100);
        CHECK(hits.value() == 100);
        CHECK((numbers | counting(hits, 2) | collect()) == counted(100));
        CHECK(hits.value() == 200);
        (void)(numbers | counting(hits, 1) | tidemark::top(3));
        CHECK(hits.value() == 300);
        (void)(numbers | counting(hits, 1) | tidemark::take(20)); // two partitions are enough
        CHECK(hits.value() == 320);
    }
}

TEST_CASE("an action that fails adds nothing, not even of the tasks that succeeded", "[rdd][accumulator]")
{
    rdd_context const rc(2);
    auto const numbers = rc.parallelize(counted(100), 10);
    auto const hits = rc.accumulator(5);
    auto const broken = numbers | counting(hits, 1000) | map([](int x) { return std::pair(x % 2, x); });
    CHECK_THROWS_WITH(broken | collect(), "not yet");
    CHECK_THROWS_WITH(broken | count_records(), "not yet");
    CHECK_THROWS_WITH(broken | tidemark::take(100), "not yet");
    CHECK_THROWS_WITH(broken | tidemark::reduce_by_key(std::plus<>{}) | collect(), "not yet");
    CHECK(hits.value() == 5);
}

TEST_CASE("what crosses a wide dependency counts when it is computed, and not when it is read again",
          "[rdd][accumulator]")
{
    rdd_context const rc(2);
    auto const hits = rc.accumulator();
    auto const joins = rc.accumulator();
    auto fail = std::make_shared<bool>(true);
    auto const sums = rc.parallelize(counted(20), 4) | counting(hits, 1)
                      | map([](int x) { return std::pair(x % 2, x); })
                      | tidemark::reduce_by_key([joins, fail](int x, int y) {
                            joins += 1;
                            return *fail ? throw std::string("no join") : x + y;
                        });
    CHECK_THROWS_AS(sums | collect(), std::string);
    CHECK(hits.value() == 0); // what was sent is thrown away, and sent again
    CHECK(joins.value() == 0);
    *fail = false;
    CHECK((sums | count_records()) == 2);
    CHECK((sums | count_records()) == 2);
    CHECK(hits.value() == 20);
    CHECK(joins.value() == 18);
}

TEST_CASE("an action within a function adds to the task that called it", "[rdd][accumulator]")
{
    rdd_context const rc(3);
    auto const hits = rc.accumulator();
    auto const inner = rc.parallelize(counted(3), 2);
    auto const left = std::make_shared<std::atomic<int>>(2);
    auto const outer = rc.parallelize(counted(4), 2) | map([=](int x) {
                           (void)(inner | map([hits](int y) { return hits += 1, y; }) | collect());
                           if (x == 4 && (*left)-- > 0)
                               throw std::runtime_error("again");
                           return x;
                       });
    CHECK((outer | collect()) == counted(4));
    CHECK(hits.value() == 4 * 3);
}

TEST_CASE("outside of an action an addition counts at once", "[rdd][accumulator]")
{
    rdd_context const rc;
    auto const hits = rc.accumulator();
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([hits] {
                for (int j = 0; j < 1000; ++j)
                    hits += 1;
            });
    }
    CHECK(hits.value() == 4000);
    CHECK(hits.name().empty());
}

TEST_CASE("sums of whole numbers wrap", "[rdd][accumulator]")
{
    rdd_context const rc(2);
    auto const sum = rc.accumulator(std::numeric_limits<std::int64_t>::max());
    (void)(rc.range(0, 2) | map([=](std::int64_t n) {
               sum += 1;
               return n;
           })
           | collect());
    CHECK(sum.value() == std::numeric_limits<std::int64_t>::min() + 1);
}

TEST_CASE("numbers, collections and types of one's own can be added up", "[rdd][accumulator]")
{
    rdd_context const rc(2);
    auto const every = rc.accumulator(std::vector<std::string>{"begin"});
    auto const some = rc.accumulator(std::set<std::size_t>());
    auto const best = rc.accumulator(longest());
    auto const sum = rc.accumulator(0.5f);
    std::vector<std::string> const words{"ebb", "flow", "tide", "moon", "spring"};
    (void)(rc.parallelize(words, 3) | map([=](std::string const& word) {
               every.add(word);
               some.add(word.size());
               best += word;
               sum += 0.25;
               return word;
           })
           | collect());
    auto expected = words;
    expected.insert(expected.begin(), "begin");
    CHECK(every.value() == expected);
    CHECK(some.value() == std::set<std::size_t>{3, 4, 6});
    CHECK(best.value().word == "spring");
    CHECK(sum.value() == 1.75);
}
