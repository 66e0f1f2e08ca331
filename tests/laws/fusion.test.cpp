// SPDX-License-Identifier: BSL-1.0
//
// fusion.test: a chain of steps gives what its steps give one by one.

#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/rdd_context.hpp>

#include <laws/pipelines.hpp>
#include <support/catch.hpp>
#include <support/seed.hpp>

#include <cstddef>
#include <optional>
#include <random>
#include <ranges>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using tidemark::collect;
using tidemark::rdd_context;
using tidemark_test::number;

template <typename Rdd>
auto fused(Rdd rdd)
{
    return rdd | collect();
}

template <typename Rdd, typename Step, typename... Steps>
auto fused(Rdd rdd, Step const& step, Steps const&... steps)
{
    return fused(rdd | step, steps...);
}

/// The same, each step for itself: what it gives is collected and put into a new rdd.
template <typename Record>
std::vector<Record> one_by_one(rdd_context<> const&, std::size_t, std::vector<Record> records)
{
    return records;
}

template <typename Record, typename Step, typename... Steps>
auto one_by_one(rdd_context<> const& rc, std::size_t partitions, std::vector<Record> records, Step const& step,
                Steps const&... steps)
{
    return one_by_one(rc, partitions, rc.parallelize(std::move(records), partitions) | step | collect(), steps...);
}

std::vector<number> some_numbers(std::size_t how_many, std::mt19937& random)
{
    std::uniform_int_distribution<number> any(0, 2000);
    std::vector<number> numbers(how_many);
    for (auto& each : numbers)
        each = any(random);
    return numbers;
}

} // namespace

TEST_CASE("fusing the steps of a stage changes nothing", "[laws][fusion]")
{
    auto const seed = tidemark_test::random_seed();
    INFO("TIDEMARK_SEED=" << seed);
    std::mt19937 random(seed);
    rdd_context const rc(2);
    for (int round = 0; round < 12; ++round) {
        auto const partitions = 1 + random() % 6;
        auto const numbers = some_numbers(random() % 9'000, random);
        INFO("round " << round << ", " << numbers.size() << " records in " << partitions << " partitions");
        int row = 0;
        auto const check = [&](auto const&... steps) {
            INFO("pipeline " << row++);
            auto const chain = fused(rc.parallelize(numbers, partitions), steps...);
            auto const separate = one_by_one(rc, partitions, numbers, steps...);
            bool const same = chain == separate;
            CHECK(same);
        };
        std::apply([&check](auto const&... pipelines) { (std::apply(check, pipelines), ...); },
                   tidemark_test::narrow_pipelines(random));
    }
}

TEST_CASE("two maps are one map of both functions", "[laws][fusion]")
{
    auto const numbers = rdd_context(2).parallelize(std::vector<number>{5, 3, 8, 1}, 3);
    auto const f = [](number x) { return x * x; };
    auto const g = [](number x) { return std::to_string(x); };
    CHECK((numbers | tidemark::map(f) | tidemark::map(g) | collect())
          == (numbers | tidemark::map([f, g](number x) { return g(f(x)); }) | collect()));
}

TEST_CASE("filter and map are special cases of flat_map", "[laws][fusion]")
{
    auto const numbers = rdd_context(2).parallelize(std::vector<number>{5, 3, 8, 1, 12}, 2);
    auto const is_odd = [](number x) { return x % 2 == 1; };
    auto const f = [](number x) { return x * x; };
    CHECK((numbers | tidemark::filter(is_odd) | collect())
          == (numbers | tidemark::flat_map([is_odd](number x) { return is_odd(x) ? std::optional(x) : std::nullopt; })
              | collect()));
    CHECK((numbers | tidemark::map(f) | collect())
          == (numbers | tidemark::flat_map([f](number x) { return std::vector{f(x)}; }) | collect()));
    CHECK((numbers | tidemark::map(f) | collect())
          == (numbers | tidemark::map_partitions([f](auto part) { return part | std::views::transform(f); })
              | collect()));
}
