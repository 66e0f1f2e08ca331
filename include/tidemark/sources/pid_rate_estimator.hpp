// SPDX-License-Identifier: BSL-1.0
//
// pid_rate_estimator: a rate that follows the speed of processing and works the backlog off.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/core/pid_gains.hpp>
#include <tidemark/sources/rate_estimator.hpp>
#include <tidemark/time/batch_time.hpp>
#include <tidemark/time/duration.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace tidemark {

/// The rules of a `pid_rate_estimator`, one predicate each; used by the compiler and at run time. No number passes that
/// is not finite.
struct pid_rules {
    static constexpr bool gain(double value) { return pid_gains::is_gain(value); }
    static constexpr bool minimum(double value) { return pid_gains::is_minimum(value); }
    static constexpr bool interval(duration batch) { return batch > duration::zero(); }
};

/// Instantiating it with numbers that break a rule does not compile.
template <pid_gains Gains, std::int64_t IntervalMs>
struct checked_pid_gains {
    static_assert(pid_rules::interval(duration(IntervalMs)),
                  "tidemark::pid_rate_estimator: the batch interval is not positive; give that of the context");
    static_assert(pid_rules::gain(Gains.proportional),
                  "tidemark::pid_rate_estimator: the proportional gain is negative or not finite; "
                  "give 0 or more, such as 1");
    static_assert(pid_rules::gain(Gains.integral),
                  "tidemark::pid_rate_estimator: the integral gain is negative or not finite; "
                  "give 0 or more, such as 0.2");
    static_assert(pid_rules::gain(Gains.derivative),
                  "tidemark::pid_rate_estimator: the derivative gain is negative or not finite; "
                  "give 0 or more, such as 0");
    static_assert(pid_rules::minimum(Gains.minimum_rate),
                  "tidemark::pid_rate_estimator: the minimum rate is not positive or not finite; "
                  "give more than 0, such as 100");

    static constexpr pid_gains value = Gains;
};

/// What is wrong with these numbers, in the words that the compiler uses, with the value found; empty when nothing is.
[[nodiscard]] inline std::vector<std::string> problems_of(pid_gains const& gains, duration batch_interval)
{
    std::vector<std::string> found;
    auto const check = [&found](bool holds, char const* words, std::string const& value) {
        if (!holds)
            found.push_back(std::string("tidemark::pid_rate_estimator: ") + words + " (found " + value + ")");
    };
    check(pid_rules::interval(batch_interval), "the batch interval is not positive; give that of the context",
          to_string(batch_interval));
    check(pid_rules::gain(gains.proportional),
          "the proportional gain is negative or not finite; give 0 or more, such as 1",
          std::to_string(gains.proportional));
    check(pid_rules::gain(gains.integral), "the integral gain is negative or not finite; give 0 or more, such as 0.2",
          std::to_string(gains.integral));
    check(pid_rules::gain(gains.derivative), "the derivative gain is negative or not finite; give 0 or more, such as 0",
          std::to_string(gains.derivative));
    check(pid_rules::minimum(gains.minimum_rate),
          "the minimum rate is not positive or not finite; give more than 0, such as 100",
          std::to_string(gains.minimum_rate));
    return found;
}

/// A `rate_estimator` that steers the rate as a PID controller.
///
/// A sample counts if its time is later than the last one's that did, and both its records and its processing delay are
/// positive. The first that counts only sets the rate to the speed of processing. Each later one gives, delays and
/// interval in milliseconds, rates in records per second:
///
///     dt      = (time - last time) / 1000
///     speed   = records / processing delay * 1000
///     error   = rate - speed
///     backlog = scheduling delay * speed / batch interval
///     change  = (error - last error) / dt
///     rate    = max(rate - proportional * error - integral * backlog - derivative * change, minimum rate)
///
/// *Source*: the rate estimator of Apache Spark Streaming; K. J. Åström and R. M. Murray, "Feedback Systems", chapter
/// 10, for the controller. *Keeps* the last time, rate and error; a restart begins anew.
/// *Threads*: one call at a time.
class pid_rate_estimator {
public:
    /// *Throws* `config_error` for numbers that break a rule, all of them together.
    explicit constexpr pid_rate_estimator(duration batch_interval, pid_gains gains = {})
        : gains_(gains)
        , interval_(batch_interval)
    {
        if (!pid_rules::interval(batch_interval) || !pid_rules::gain(gains.proportional)
            || !pid_rules::gain(gains.integral) || !pid_rules::gain(gains.derivative)
            || !pid_rules::minimum(gains.minimum_rate))
            refuse(gains, batch_interval);
    }

    /// `pid_rate_estimator::checked<pid_gains{.integral = 0.1}>(10_s)`: a broken rule does not compile.
    template <pid_gains Gains, std::int64_t IntervalMs>
    [[nodiscard]] static constexpr pid_rate_estimator checked(static_duration<IntervalMs> batch_interval)
    {
        return pid_rate_estimator(batch_interval, checked_pid_gains<Gains, IntervalMs>::value);
    }

    [[nodiscard]] constexpr std::optional<double> estimate(rate_sample const& seen)
    {
        if (seen.time <= last_time_ || seen.records <= 0 || seen.processing_delay <= duration::zero())
            return std::nullopt;
        auto const speed =
            static_cast<double>(seen.records) / static_cast<double>(seen.processing_delay.count()) * 1000;
        if (!began_) {
            began_ = true;
            last_time_ = seen.time;
            rate_ = speed;
            return std::nullopt;
        }
        auto const dt = static_cast<double>((seen.time - last_time_).count()) / 1000;
        auto const error = rate_ - speed;
        auto const backlog =
            static_cast<double>(seen.scheduling_delay.count()) * speed / static_cast<double>(interval_.count());
        auto const change = (error - last_error_) / dt;
        last_time_ = seen.time;
        last_error_ = error;
        rate_ = within(rate_ - gains_.proportional * error - gains_.integral * backlog - gains_.derivative * change);
        return rate_;
    }

    [[nodiscard]] constexpr pid_gains const& gains() const noexcept { return gains_; }

private:
    [[noreturn]] static void refuse(pid_gains const& gains, duration batch_interval)
    {
        std::string all;
        for (auto const& problem : problems_of(gains, batch_interval))
            all += (all.empty() ? "" : "\n") + problem;
        throw config_error(all);
    }

    /// Gains without measure overflow: then the rate is the least or the largest there is, never no number.
    [[nodiscard]] constexpr double within(double rate) const
    {
        if (!(rate > gains_.minimum_rate))
            return gains_.minimum_rate;
        return rate < std::numeric_limits<double>::max() ? rate : std::numeric_limits<double>::max();
    }

    pid_gains gains_;
    duration interval_;
    batch_time last_time_{-1}; // so that a first sample at time 0 counts
    double rate_ = 0;
    double last_error_ = 0;
    bool began_ = false;
};

static_assert(rate_estimator<pid_rate_estimator>);

} // namespace tidemark
