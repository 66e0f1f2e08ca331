// SPDX-License-Identifier: BSL-1.0
//
// rates: numbers of a rate estimator, and limits of receivers, that must not compile.

#include <tidemark/core/settings.hpp>
#include <tidemark/sources/pid_rate_estimator.hpp>
#include <tidemark/time/literals.hpp>

namespace tide = tidemark;
using namespace tidemark::literals;

#if TIDEMARK_EXPECT_FAILURE == 1
// expect: tidemark::pid_rate_estimator: the integral gain is negative or not finite; give 0 or more, such as 0.2
auto const rates = tide::pid_rate_estimator::checked<tide::pid_gains{.integral = -0.1}>(10_s);
#elif TIDEMARK_EXPECT_FAILURE == 2
// expect: tidemark::pid_rate_estimator: the minimum rate is not positive or not finite; give more than 0, such as 100
auto const rates = tide::pid_rate_estimator::checked<tide::pid_gains{.minimum_rate = 0}>(10_s);
#elif TIDEMARK_EXPECT_FAILURE == 3
// expect: tidemark::pid_rate_estimator: the batch interval is not positive; give that of the context
auto const rates = tide::pid_rate_estimator::checked<tide::pid_gains{}>(0_s);
#elif TIDEMARK_EXPECT_FAILURE == 4
// expect: tidemark::pid_rate_estimator: the proportional gain is negative or not finite; give 0 or more, such as 1
auto const rates = tide::pid_rate_estimator::checked<tide::pid_gains{.proportional = -1}>(10_s);
#elif TIDEMARK_EXPECT_FAILURE == 5
// expect: tidemark::pid_rate_estimator: the derivative gain is negative or not finite; give 0 or more, such as 0
auto const rates = tide::pid_rate_estimator::checked<tide::pid_gains{.derivative = -1}>(10_s);
#elif TIDEMARK_EXPECT_FAILURE == 6
// expect: tidemark::settings: gains has a number that is negative or not finite, or a minimum_rate of 0
auto const rates = tide::checked_settings<tide::settings{.gains = {.integral = -0.1}}>::value;
#elif TIDEMARK_EXPECT_FAILURE == 7
// expect: tidemark::settings: initial_receive_rate is above max_receive_rate; lower it
auto const rates = tide::checked_settings<tide::settings{.max_receive_rate = 10, .initial_receive_rate = 11}>::value;
#else
auto const limits = tide::checked_settings<tide::settings{
    .max_receive_rate = 10, .backpressure = true, .initial_receive_rate = 9}>::value;
auto const rates = tide::pid_rate_estimator::checked<tide::pid_gains{.integral = 0.1}>(10_s);
#endif
