// SPDX-License-Identifier: BSL-1.0
//
// partitions.test: neither the number of partitions nor that of threads changes a result.

#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/rdd_context.hpp>
#include <tidemark/rdd/top.hpp>

#include <laws/pipelines.hpp>
#include <support/catch.hpp>
#include <support/seed.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <random>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using tidemark::collect;
using tidemark::rdd_settings;
using tidemark::rdd_context;
using tidemark_test::number;

template <typename Rdd>
auto result_of(Rdd rdd)
{
    return rdd | collect();
}

template <typename Rdd, typename Step, typename... Steps>
auto result_of(Rdd rdd, Step const& step, Steps const&... steps)
{
    return result_of(rdd | step, steps...);
}

template <typename Records>
Records sorted(Records records)
{
    std::sort(records.begin(), records.end());
    return records;
}

std::vector<number> some_numbers(std::size_t how_many, std::mt19937& random)
{
    std::uniform_int_distribution<number> any(0, 2000);
    std::vector<number> numbers(how_many);
    for (auto& each : numbers)
        each = any(random);
    return numbers;
}

/// Calls `check(context, partitions)` for one thread and one partition, then for others.
template <typename Check>
void for_each_split(Check const& check)
{
    for (std::size_t const threads : {1U, 2U, 5U})
        for (std::size_t const partitions : {1U, 2U, 3U, 16U}) {
            INFO(threads << " threads, " << partitions << " partitions");
            check(rdd_context(threads), partitions);
        }
}

} // namespace

TEST_CASE("narrow steps give the same records in the same order, however they are split", "[laws][partitions]")
{
    auto const seed = tidemark_test::random_seed();
    INFO("TIDEMARK_SEED=" << seed);
    std::mt19937 random(seed);
    auto const numbers = some_numbers(15'000, random);
    int row = 0;
    auto const check = [&](auto const&... steps) {
        INFO("pipeline " << row++);
        auto const expected = result_of(rdd_context().parallelize(numbers, 1), steps...);
        for_each_split([&](rdd_context<> const& rc, std::size_t partitions) {
            bool const same = result_of(rc.parallelize(numbers, partitions), steps...) == expected;
            CHECK(same);
        });
    };
    std::apply([&check](auto const&... pipelines) { (std::apply(check, pipelines), ...); },
               tidemark_test::narrow_pipelines(random));
}

TEST_CASE("wide steps give the same records, however their input and their keys are split", "[laws][partitions]")
{
    auto const seed = tidemark_test::random_seed();
    INFO("TIDEMARK_SEED=" << seed);
    std::mt19937 random(seed);
    auto const numbers = some_numbers(15'000, random);
    int row = 0;
    auto const check = [&](auto const&... steps) {
        INFO("pipeline " << row++);
        auto const expected = sorted(result_of(rdd_context().parallelize(numbers, 1), steps...));
        for_each_split([&](rdd_context<> const& rc, std::size_t partitions) {
            bool const same = sorted(result_of(rc.parallelize(numbers, partitions), steps...)) == expected;
            CHECK(same);
        });
        for (rdd_settings const& layout : {rdd_settings{1, 256}, rdd_settings{13, 256}, rdd_settings{300, 4}}) {
            INFO(layout.partitions << " partitions of " << layout.key_groups << " key-groups");
            bool const same = sorted(result_of(rdd_context(2, layout).parallelize(numbers, 4), steps...)) == expected;
            CHECK(same);
        }
    };
    std::apply([&check](auto const&... pipelines) { (std::apply(check, pipelines), ...); },
               tidemark_test::wide_pipelines(random));
}

TEST_CASE("the number of threads changes not a bit of a floating-point sum, nor the order of the keys",
          "[laws][partitions]")
{
    auto const seed = tidemark_test::random_seed();
    INFO("TIDEMARK_SEED=" << seed);
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> any(-1e10, 1e-3);
    std::vector<std::pair<int, double>> pairs;
    for (int i = 0; i < 60'000; ++i)
        pairs.emplace_back(static_cast<int>(random() % 300), any(random));
    for (std::size_t const partitions : {1U, 4U, 7U}) {
        auto const expected =
            rdd_context(1).parallelize(pairs, partitions) | tidemark::reduce_by_key(std::plus<>{}) | collect();
        for (std::size_t const threads : {2U, 3U, 8U}) {
            INFO(threads << " threads, " << partitions << " partitions");
            auto const sums = rdd_context(threads).parallelize(pairs, partitions)
                              | tidemark::reduce_by_key(std::plus<>{}) | collect();
            bool const same = sums == expected;
            CHECK(same);
        }
    }
}

TEST_CASE("actions give the same, however their rdd is split", "[laws][partitions]")
{
    auto const seed = tidemark_test::random_seed();
    INFO("TIDEMARK_SEED=" << seed);
    std::mt19937 random(seed);
    auto const numbers = some_numbers(5000, random);
    std::vector<number> const first(numbers.begin(), numbers.begin() + 777);
    auto largest = sorted(numbers);
    std::reverse(largest.begin(), largest.end());
    largest.resize(50);
    for_each_split([&](rdd_context<> const& rc, std::size_t partitions) {
        auto const rdd = rc.parallelize(numbers, partitions);
        CHECK((rdd | tidemark::count_records()) == 5000);
        CHECK((rdd | tidemark::take(777)) == first);
        CHECK((rdd | tidemark::top(50)) == largest);
    });
}
