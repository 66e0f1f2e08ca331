// SPDX-License-Identifier: BSL-1.0
//
// pid_rate_estimator.test: which samples count, what each gain does, what no sample can do, and what is refused.

#include <tidemark/core/error.hpp>
#include <tidemark/sources/pid_rate_estimator.hpp>
#include <tidemark/time/literals.hpp>

#include <support/catch.hpp>
#include <support/seed.hpp>

#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace tidemark::literals;
using tidemark::batch_time;
using tidemark::duration;
using tidemark::pid_gains;
using tidemark::pid_rate_estimator;
using tidemark::rate_sample;
using rate = std::optional<double>;

// ---- What it accepts, at compile time

struct silent_estimator {
    rate estimate(rate_sample const&) { return {}; }
};
static_assert(tidemark::rate_estimator<silent_estimator>);
static_assert(!tidemark::rate_estimator<int>);
static_assert(tidemark::pid_rules::gain(0) && tidemark::pid_rules::minimum(1));
static_assert(!tidemark::pid_rules::gain(-0.1) && !tidemark::pid_rules::minimum(0));
static_assert(!tidemark::pid_rules::gain(std::numeric_limits<double>::quiet_NaN()));
static_assert(!tidemark::pid_rules::minimum(std::numeric_limits<double>::infinity()));
static_assert(pid_rate_estimator::checked<pid_gains{.integral = 0.5}>(10_s).gains().integral == 0.5);
static_assert(pid_rate_estimator(duration(20)).gains() == pid_gains{1.0, 0.2, 0.0, 100.0}, "Spark's defaults");

constexpr rate_sample sample(std::int64_t time, std::int64_t records, std::int64_t processing,
                             std::int64_t scheduling = 0)
{
    return {batch_time(time), records, duration(processing), duration(scheduling)};
}

constexpr double second_estimate(pid_gains gains, rate_sample first, rate_sample second)
{
    pid_rate_estimator estimator(duration(1000), gains);
    (void)estimator.estimate(first);
    return estimator.estimate(second).value();
}

// 1000 records in 1 s, then 500 in 1 s: the error is 500 per second.
constexpr auto half_as_fast = [](pid_gains gains, std::int64_t waited) {
    return second_estimate(gains, sample(1000, 1000, 1000), sample(3000, 500, 1000, waited));
};
static_assert(half_as_fast({0, 0, 0, 1}, 0) == 1000, "no gain: the rate stays");
static_assert(half_as_fast({1, 0, 0, 1}, 0) == 500, "the error is taken back");
static_assert(half_as_fast({0.5, 0, 0, 1}, 0) == 750);
static_assert(half_as_fast({0, 1, 0, 1}, 500) == 750, "500 ms of 500 records a second wait");
static_assert(half_as_fast({0, 0, 1, 1}, 0) == 750, "500 more of error in 2 s");
static_assert(half_as_fast({1, 1, 1, 300}, 5000) == 300, "the minimum");

} // namespace

TEST_CASE("the first sample that counts sets the rate and gives no estimate", "[sources][pid_rate_estimator]")
{
    pid_rate_estimator estimator(duration(20), {1, 0, 0, 10});
    CHECK(estimator.estimate(sample(0, 10, 10)) == rate());
    CHECK(estimator.estimate(sample(10, 10, 10)) == 1000.0);
}

TEST_CASE("a sample that is not later, or has no records or no delay, changes nothing", "[sources][pid_rate_estimator]")
{
    auto const answers = [](std::vector<rate_sample> const& samples) {
        pid_rate_estimator estimator(duration(20), {1, 0.2, 0.3, 10});
        std::vector<rate> all;
        for (auto const& each : samples)
            all.push_back(estimator.estimate(each));
        return all;
    };
    auto const first = sample(10, 10, 10, 5);
    auto const second = sample(30, 70, 10, 5);
    auto const third = sample(50, 20, 10, 5);
    auto const plain = answers({first, second, third});
    REQUIRE(plain[1].has_value());
    for (auto const& useless : {sample(30, 50, 10), sample(29, 50, 10), sample(-1, 50, 10), sample(40, 0, 10),
                                sample(40, -10, 10), sample(40, 50, 0), sample(40, 50, -10)}) {
        auto const found = answers({first, second, useless, third});
        CHECK(found[2] == rate());
        CHECK(found[3] == plain[2]);
    }
    CHECK(answers({sample(-1, 10, 10), sample(0, 10, 10), sample(1, 10, 10)})
          == std::vector<rate>{rate(), rate(), 1000.0});
}

TEST_CASE("no estimate is below the minimum or no number, whatever comes", "[sources][pid_rate_estimator]")
{
    auto const seed = tidemark_test::random_seed();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    auto const any = [&random](std::int64_t least, std::int64_t most) {
        return std::uniform_int_distribution(least, most)(random);
    };
    constexpr double wild[] = {0, 0.2, 1, 1e6, std::numeric_limits<double>::max()};
    for (int round = 0; round < 200; ++round) {
        pid_gains const gains{wild[any(0, 4)], wild[any(0, 4)], wild[any(0, 4)], wild[any(1, 4)]};
        pid_rate_estimator estimator(duration(any(1, 10'000)), gains);
        std::int64_t time = 0;
        int estimates = 0;
        int useful = 0;
        std::int64_t latest = -1;
        for (int i = 0; i < 100; ++i) {
            time += any(-1, 1000);
            auto const one = sample(time, any(-1, 1'000'000'000), any(-1, 100), any(-10, 1'000'000'000));
            if (time > latest && one.records > 0 && one.processing_delay > duration(0)) {
                latest = time;
                ++useful;
            }
            if (auto const found = estimator.estimate(one)) {
                ++estimates;
                CHECK(*found >= gains.minimum_rate);
                CHECK(std::isfinite(*found));
            }
        }
        CHECK(estimates == (useful == 0 ? 0 : useful - 1)); // all but the first
    }
}

TEST_CASE("steady processing that keeps up is left alone, and a backlog lowers the rate",
          "[sources][pid_rate_estimator]")
{
    pid_rate_estimator steady(duration(1000));
    pid_rate_estimator late(duration(1000));
    for (int i = 1; i <= 10; ++i) {
        auto const kept_up = steady.estimate(sample(i * 1000, 5000, 1000));
        auto const fell_behind = late.estimate(sample(i * 1000, 5000, 1000, 500));
        CHECK(kept_up.value_or(5000) == 5000);
        CHECK(fell_behind.value_or(4500) == 4500); // 5000 - 0.2 * 2500
    }
}

TEST_CASE("numbers that cannot work are refused together, with what was found", "[sources][pid_rate_estimator]")
{
    CHECK_NOTHROW(pid_rate_estimator(duration(1), {0, 0, 0, 0.001}));
    auto const problems = tidemark::problems_of({-1, -2, -3, 0}, duration(0));
    REQUIRE(problems.size() == 5);
    CHECK(problems[0].find("the batch interval is not positive; give that of the context (found 0 s)")
          != std::string::npos);
    CHECK(problems[4].find("minimum rate is not positive or not finite; give more than 0, such as 100 (found 0.0")
          != std::string::npos);
    try {
        pid_rate_estimator(duration(0), {-1, -2, -3, 0});
        FAIL("not refused");
    } catch (tidemark::config_error const& refusal) {
        for (auto const& problem : problems)
            CHECK(std::string(refusal.what()).find(problem) != std::string::npos);
    }
    for (auto const& wrong : {pid_gains{-1, 0, 0, 1}, pid_gains{0, -1, 0, 1}, pid_gains{0, 0, -1, 1},
                              pid_gains{0, 0, 0, 0}, pid_gains{0, 0, 0, -10}, pid_gains{std::numeric_limits<double>::quiet_NaN(), 0, 0, 1}}) {
        CHECK(tidemark::problems_of(wrong, duration(100)).size() == 1);
        CHECK_THROWS_AS(pid_rate_estimator(duration(100), wrong), tidemark::config_error);
    }
    CHECK_THROWS_AS(pid_rate_estimator(duration(-1)), tidemark::config_error);
}
