// SPDX-License-Identifier: BSL-1.0
//
// pid_gains: the numbers by which back-pressure follows the speed of processing.

#pragma once

#include <limits>

namespace tidemark {

/// The numbers of a `pid_rate_estimator`.
struct pid_gains {
    double proportional = 1.0;   ///< How much of the error, rate minus processing speed, is taken back at once.
    double integral = 0.2;       ///< How much of what waits for its batch counts.
    double derivative = 0.0;     ///< How much a change of the error counts.
    double minimum_rate = 100.0; ///< No estimate is below it, in records per second.

    /// Whether the number can be a gain, or the minimum; nothing can that is not finite.
    static constexpr bool is_gain(double value) { return value >= 0 && value <= std::numeric_limits<double>::max(); }
    static constexpr bool is_minimum(double value) { return value > 0 && value <= std::numeric_limits<double>::max(); }
    [[nodiscard]] constexpr bool valid() const
    {
        return is_gain(proportional) && is_gain(integral) && is_gain(derivative) && is_minimum(minimum_rate);
    }

    friend constexpr bool operator==(pid_gains const&, pid_gains const&) = default;
};

} // namespace tidemark
