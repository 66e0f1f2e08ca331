// SPDX-License-Identifier: BSL-1.0
//
// system_clock.test: waits on the wall clock.

#include <tidemark/time/system_clock.hpp>

#include <support/catch.hpp>

#include <chrono>
#include <cstdint>
#include <latch>
#include <limits>
#include <stop_token>
#include <thread>

namespace {

using tidemark::batch_time;
using tidemark::duration;
using tidemark::system_clock;

TEST_CASE("the system clock shows the milliseconds since the epoch", "[time][system_clock]")
{
    using std::chrono::duration_cast;
    auto const before = std::chrono::system_clock::now().time_since_epoch();
    auto const shown = system_clock().now();
    auto const after = std::chrono::system_clock::now().time_since_epoch();
    CHECK(shown.count() >= duration_cast<std::chrono::milliseconds>(before).count());
    CHECK(shown.count() <= duration_cast<std::chrono::milliseconds>(after).count());
}

// The one kind of test here that lets real time pass: a few milliseconds, and none of them decides its outcome.
TEST_CASE("a wait on the system clock does not end before its time", "[time][system_clock]")
{
    system_clock const clock;
    auto time = clock.now();
    for (int i = 0; i < 5; ++i) {
        time += duration(1);
        CHECK(clock.wait_until(time, {}));
        CHECK(clock.now() >= time);
    }
}

TEST_CASE("a stop request ends a wait on the system clock at once, before it or within it", "[time][system_clock]")
{
    system_clock const clock;
    auto const never = GENERATE(batch_time(std::numeric_limits<std::int64_t>::max()),
                                batch_time(std::numeric_limits<std::int64_t>::max() / 1'000'000 + 1),
                                system_clock().now() + duration(600'000));
    for (int i = 0; i < 200; ++i) {
        bool reached = true;
        std::latch started(2);
        std::jthread waiter([&](std::stop_token stop) {
            started.arrive_and_wait();
            reached = clock.wait_until(never, stop);
        });
        started.arrive_and_wait(); // from here on, the request and the wait race
        waiter.request_stop();
        waiter.join();
        CHECK_FALSE(reached);
    }
}

} // namespace
