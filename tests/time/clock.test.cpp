// SPDX-License-Identifier: BSL-1.0
//
// clock.test: what is a clock, and the laws that each one keeps.

#include <tidemark/time/any_clock.hpp>
#include <tidemark/time/clock.hpp>
#include <tidemark/time/manual_clock.hpp>
#include <tidemark/time/system_clock.hpp>

#include <support/catch.hpp>

#include <chrono>
#include <cstdint>
#include <stop_token>

namespace {

using tidemark::batch_time;

struct deaf_clock { // cannot be stopped
    batch_time now() const { return {}; }
    bool wait_until(batch_time) const { return true; }
};

struct unitless_clock {
    std::int64_t now() const { return 0; }
    bool wait_until(batch_time, std::stop_token) const { return true; }
};

static_assert(tidemark::clock<tidemark::system_clock>);
static_assert(tidemark::clock<tidemark::system_clock const>);
static_assert(tidemark::clock<tidemark::manual_clock>);
static_assert(!tidemark::clock<tidemark::manual_clock const>, "waiting is noted in the clock");
static_assert(tidemark::clock<tidemark::any_clock>);
static_assert(tidemark::clock<tidemark::any_clock const>);
static_assert(!tidemark::clock<deaf_clock>);
static_assert(!tidemark::clock<unitless_clock>);
static_assert(!tidemark::clock<std::chrono::system_clock>);

// What every clock must do, whichever it is; each is given at a time of its own.
template <typename Clock>
void check_laws(Clock& clock)
{
    auto const now = clock.now();
    auto const far = now + std::chrono::hours(24 * 365 * 1000); // beyond what 64 bits of nanoseconds can tell
    std::stop_source stopped;
    stopped.request_stop();

    CHECK(clock.wait_until(now, {}));
    CHECK(clock.wait_until(now - tidemark::duration(1), {}));
    CHECK_FALSE(clock.wait_until(far, stopped.get_token()));
    CHECK(clock.wait_until(now, stopped.get_token())); // what was reached stays reached
    CHECK(clock.now() >= now);
}

TEST_CASE("every clock keeps the laws of waiting", "[time][clock]")
{
    tidemark::system_clock system;
    check_laws(system);
    tidemark::manual_clock manual(batch_time(1000));
    check_laws(manual);
    tidemark::any_clock any(manual);
    check_laws(any);
}

} // namespace
