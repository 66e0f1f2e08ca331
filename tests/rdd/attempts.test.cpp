// SPDX-License-Identifier: BSL-1.0
//
// attempts.test: a partition that fails and is tried again gives its records once, whatever action asked for them.

#include <tidemark/execution/executor_with.hpp>
#include <tidemark/operators/count.hpp>
#include <tidemark/operators/flat_map.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/operators/reduce_by_key.hpp>
#include <tidemark/operators/union_.hpp>
#include <tidemark/rdd.hpp>

#include <support/catch.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
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

/// Throws at every 10th record, the first `failures` times that it comes.
struct flaky {
    explicit flaky(int times)
        : failures(times)
    {}

    int operator()(int number) const
    {
        if (number % 10 == 0 && (*seen)[static_cast<std::size_t>(number)]++ < failures)
            throw std::runtime_error("record " + std::to_string(number));
        return number;
    }

    int failures;
    std::shared_ptr<std::vector<std::atomic<int>>> seen = std::make_shared<std::vector<std::atomic<int>>>(101);
};

constexpr auto by_parity = [](int number) { return std::pair(number % 2, number); };

/// Neither default constructible nor assignable.
struct rigid {
    explicit rigid(int number)
        : value(number)
    {}
    int const value;
};

} // namespace

TEST_CASE("a partition that fails up to three times gives its records once", "[rdd][attempts]")
{
    for (std::size_t const threads : {1U, 3U}) {
        INFO(threads << " threads");
        auto const numbers = rdd_context(threads).parallelize(counted(100), 10);
        CHECK((numbers | map(flaky(3)) | collect()) == counted(100));
        CHECK((numbers | map(flaky(3)) | count_records()) == 100);
        CHECK((numbers | map(flaky(1)) | tidemark::top(3)) == std::vector{100, 99, 98});
        CHECK((numbers | map(flaky(1)) | tidemark::take(25)) == counted(25));
        CHECK((numbers | map(flaky(3)) | tidemark::take(100)) == counted(100));
        CHECK((numbers | map(flaky(2)) | tidemark::count() | collect()) == std::vector<std::int64_t>{100});
        auto sums = numbers | map(flaky(1)) | map(by_parity) | tidemark::reduce_by_key(std::plus<>{}) | collect();
        std::sort(sums.begin(), sums.end());
        CHECK(sums == std::vector<std::pair<int, int>>{{0, 2550}, {1, 2500}});
        CHECK((numbers | map(flaky(1)) | tidemark::union_(numbers | map(flaky(2))) | count_records()) == 200);
    }
}

TEST_CASE("values that cannot be joined behind an exchange are sent again", "[rdd][attempts][reduce_by_key]")
{
    for (std::size_t const threads : {1U, 3U}) {
        INFO(threads << " threads");
        rdd_context const context(threads);
        auto const records = context.accumulator();
        auto const fails_at = std::make_shared<std::atomic<int>>(3); // few records are joined nowhere else
        auto const add = [fails_at](std::string const& one, std::string const& other) {
            if (fails_at->fetch_sub(1) == 1)
                throw std::runtime_error("not now");
            return one + other;
        };
        auto const letters = context.parallelize(counted(40), 8) | map([records](int number) {
                                 records.add(1);
                                 return std::pair(number % 4, std::string(20, static_cast<char>('a' + number % 7)));
                             });
        auto const joined = letters | tidemark::reduce_by_key(add) | collect();
        CHECK(joined.size() == 4);
        for (auto const& [key, text] : joined)
            CHECK(text.size() == 200);
        CHECK(fails_at->load() < 0);
        CHECK(records.value() == 40);
    }
    auto const never = [](int, int) -> int { throw std::runtime_error("never"); };
    CHECK_THROWS_WITH(rdd_context(2).parallelize(counted(40), 8) | map(by_parity) | tidemark::reduce_by_key(never)
                          | collect(),
                      "never");
}

TEST_CASE("a partition that goes on failing fails the action, which may be asked again", "[rdd][attempts]")
{
    auto const numbers = rdd_context(2).parallelize(counted(15), 1);
    auto const broken = numbers | map(flaky(6));
    CHECK_THROWS_WITH(broken | collect(), "record 10");  // four attempts
    CHECK((broken | tidemark::take(15)) == counted(15)); // the fifth and the sixth fail, the seventh does not
}

TEST_CASE("a context says how often a partition is tried", "[rdd][attempts]")
{
    auto const numbers = [](std::size_t attempts) {
        return rdd_context(2, {.partition_attempts = attempts}).parallelize(counted(10), 2);
    };
    CHECK_THROWS_WITH(numbers(1) | map(flaky(1)) | collect(), "record 10");
    CHECK((numbers(20) | map(flaky(19)) | collect()) == counted(10));
    CHECK_THROWS_WITH(numbers(0), "tidemark::any_executor: 0 attempts for a partition; give 1 to 100");
    auto const callers = rdd_context(tidemark::executor_with(1), {.partition_attempts = 2});
    CHECK((callers.parallelize(counted(10), 2) | map(flaky(1)) | collect()) == counted(10));
}

TEST_CASE("records of an attempt that failed are dropped, whatever they are", "[rdd][attempts]")
{
    auto const rigids =
        rdd_context(2).parallelize(counted(30), 2) | map(flaky(1)) | map([](int x) { return rigid(x); });
    auto const first = rigids | tidemark::take(30);
    REQUIRE(first.size() == 30);
    CHECK(first.back().value == 30);
    auto const texts = rdd_context(2).parallelize(counted(30), 2) | map(flaky(1))
                       | map([](int x) { return std::make_shared<int>(x); });
    for (auto const& one : texts | collect())
        CHECK(one.use_count() == 1);
}
