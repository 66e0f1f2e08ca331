// SPDX-License-Identifier: BSL-1.0
//
// sample.test: records drawn by chance that a seed fixes.

#include <tidemark/operators/filter.hpp>
#include <tidemark/operators/glom.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/operators/sample.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/rdd_context.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>
#include <support/records.hpp>
#include <support/tracked.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <limits>
#include <string>
#include <vector>

namespace {

using tidemark::collect;
using tidemark::rdd_context;
using tidemark::sample;
using tidemark::sample_with_replacement;
using tidemark_test::counted;

// ---- What it accepts, at compile time
using fn = decltype(tidemark::sample);
static_assert(std::invocable<fn, tidemark_test::rdd_of<std::string>, double, std::uint64_t>);
static_assert(std::invocable<fn, tidemark_test::stream_of<int>, double, std::uint64_t>);
static_assert(std::invocable<fn, double, std::uint64_t>, "waits for the pipe");
static_assert(!std::invocable<fn, double>, "a seed is asked for");
static_assert(!std::invocable<fn>);

/// Whether `found` is nearer to `expected` than five standard deviations.
bool near(double found, double expected, double variance)
{
    return std::abs(found - expected) < 5 * std::sqrt(variance);
}

} // namespace

TEST_CASE("sample keeps the order and draws no record twice", "[operators][sample]")
{
    auto const drawn = rdd_context(2).parallelize(counted(20'000), 3) | sample(0.3, 1) | collect();
    CHECK(std::adjacent_find(drawn.begin(), drawn.end(), std::greater_equal<>()) == drawn.end());
    CHECK(near(static_cast<double>(drawn.size()), 6000, 20'000 * 0.3 * 0.7));
    auto const numbers = rdd_context().parallelize(counted(10'000), 2);
    CHECK((numbers | sample(0, 1) | collect()).empty());
    CHECK((sample(numbers, 1, 1) | collect()) == counted(10'000));
}

TEST_CASE("sample_with_replacement draws each record a number of times that is spread as Poisson's",
          "[operators][sample]")
{
    for (double const fraction : {0.0, 0.4, 3.0, 200.0}) {
        INFO("fraction " << fraction);
        int const records = 3000;
        auto const drawn =
            rdd_context(2).parallelize(counted(records), 3) | sample_with_replacement(fraction, 5) | collect();
        CHECK(std::is_sorted(drawn.begin(), drawn.end()));
        std::vector<double> times(static_cast<std::size_t>(records));
        for (auto const each : drawn)
            ++times[static_cast<std::size_t>(each)];
        double sum = 0;
        double squares = 0;
        for (auto const each : times) {
            sum += each;
            squares += (each - fraction) * (each - fraction);
        }
        if (fraction == 0) {
            CHECK(drawn.empty());
            continue;
        }
        CHECK(near(sum, records * fraction, records * fraction));
        // the variance is the mean; its own variance is (fraction + 2 fraction^2) / records
        CHECK(near(squares / records, fraction, (fraction + 2 * fraction * fraction) / records));
    }
}

TEST_CASE("what is drawn depends on the seed and the partition alone", "[operators][sample]")
{
    auto const draw = [](std::size_t threads, std::uint64_t seed, auto step) {
        return rdd_context(threads).parallelize(counted(6000), 6) | step(seed) | collect();
    };
    auto const bernoulli = [](std::uint64_t seed) { return sample(0.5, seed); };
    auto const poisson = [](std::uint64_t seed) { return sample_with_replacement(0.5, seed); };
    for (std::size_t const threads : {2U, 5U}) {
        CHECK(draw(threads, 9, bernoulli) == draw(1, 9, bernoulli));
        CHECK(draw(threads, 9, poisson) == draw(1, 9, poisson));
    }
    CHECK(draw(1, 9, bernoulli) != draw(1, 10, bernoulli));
    CHECK(draw(1, 9, poisson) != draw(1, 10, poisson));
}

TEST_CASE("partitions are not drawn from alike, and a sample can be read again", "[operators][sample]")
{
    auto const places = rdd_context().parallelize(counted(4000), 4) | tidemark::map([](int x) { return x % 1000; })
                        | sample(0.5, 3) | tidemark::glom();
    auto const parts = places | collect();
    for (std::size_t one = 0; one < parts.size(); ++one)
        for (std::size_t other = 0; other < one; ++other)
            CHECK(parts[one] != parts[other]);
    CHECK((places | collect()) == parts);
}

TEST_CASE("single records are drawn as those in chunks are, without copies where they move", "[operators][sample]")
{
    auto const numbers = rdd_context().parallelize(counted(1000), 2);
    auto const drawn = numbers | sample(0.4, 8) | collect();
    auto const records = numbers | tidemark::map([](int x) { return tidemark_test::tracked(x); });
    tidemark_test::tracked::reset();
    auto const same =
        records | sample(0.4, 8) | tidemark::map([](tidemark_test::tracked const& x) { return x.number; }) | collect();
    CHECK(same == drawn);
    CHECK(tidemark_test::tracked::copies() == 0);
}

TEST_CASE("a sample is drawn behind the steps before it, and take stops it", "[operators][sample]")
{
    auto const numbers = rdd_context().parallelize(counted(1000), 1);
    auto const even = numbers | tidemark::filter([](int x) { return x % 2 == 0; });
    auto const all = even | sample(0.5, 2) | collect();
    CHECK(std::all_of(all.begin(), all.end(), [](int x) { return x % 2 == 0; }));
    CHECK((even | sample(0.5, 2) | tidemark::take(3)) == std::vector<int>(all.begin(), all.begin() + 3));
}

TEST_CASE("sample refuses what is no fraction", "[operators][sample]")
{
    auto const numbers = rdd_context().parallelize(counted(2), 1);
    CHECK_THROWS_WITH(numbers | sample(1.5, 1), "tidemark::sample: a fraction of 1.500000; give 0 to 1");
    CHECK_THROWS_AS(sample(numbers, -0.1, 1), tidemark::config_error);
    CHECK_THROWS_AS(sample(numbers, std::numeric_limits<double>::quiet_NaN(), 1), tidemark::config_error);
    CHECK_THROWS_AS(sample_with_replacement(-1.0, 1), tidemark::config_error);
    CHECK_THROWS_AS(sample_with_replacement(std::numeric_limits<double>::infinity(), 1), tidemark::config_error);
}
