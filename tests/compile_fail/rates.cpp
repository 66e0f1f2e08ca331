// SPDX-License-Identifier: BSL-1.0
//
// rates: numbers of a rate estimator that must not compile.

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
#else
auto const rates = tide::pid_rate_estimator::checked<tide::pid_gains{.integral = 0.1}>(10_s);
#endif
