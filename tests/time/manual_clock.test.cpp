// SPDX-License-Identifier: BSL-1.0
//
// manual_clock.test: waits on a clock that the test moves.

#include <tidemark/core/error.hpp>
#include <tidemark/time/literals.hpp>
#include <tidemark/time/manual_clock.hpp>

#include <support/catch.hpp>

#include <cstdint>
#include <latch>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

namespace {

using namespace tidemark::literals;
using tidemark::batch_time;
using tidemark::duration;
using tidemark::manual_clock;

TEST_CASE("a manual clock shows what it was set to", "[time][manual_clock]")
{
    manual_clock clock;
    CHECK(clock.now() == batch_time(0));
    clock.set(batch_time(1500));
    CHECK(clock.now() == batch_time(1500));
    clock.advance(2_s);
    CHECK(clock.now() == batch_time(3500));
    clock.set(batch_time(3500));
    clock.advance(duration(0));
    CHECK(clock.now() == batch_time(3500));
    CHECK(manual_clock(batch_time(42)).now() == batch_time(42));
}

TEST_CASE("a manual clock refuses to go back, and stays where it is", "[time][manual_clock]")
{
    manual_clock clock(batch_time(3000));
    CHECK_THROWS_AS(clock.set(batch_time(2999)), tidemark::usage_error);
    CHECK_THROWS_WITH(clock.advance(duration(-1000)),
                      "tidemark::manual_clock: the clock shows 3000 ms and cannot go back to 2000 ms; "
                      "set a later time, or give the next run a clock of its own");
    CHECK(clock.now() == batch_time(3000));
}

TEST_CASE("a manual clock goes no further than the last time that there is", "[time][manual_clock]")
{
    manual_clock clock(batch_time(3000));
    clock.advance(duration::max());
    CHECK(clock.now() == batch_time(INT64_MAX));
    CHECK_THROWS_AS(clock.advance(duration::min()), tidemark::usage_error);
}

// A worker that goes from batch to batch, as the runtime does.
struct batches_until_stopped {
    manual_clock& clock;
    std::vector<std::int64_t>& done;

    void operator()(std::stop_token stop) const
    {
        for (auto next = batch_time(1000); clock.wait_until(next, stop); next += 1_s)
            done.push_back(next.count());
    }
};

TEST_CASE("all work up to a time is done when a thread is parked until it", "[time][manual_clock]")
{
    manual_clock clock;
    std::vector<std::int64_t> done; // read only while the worker is parked
    std::jthread worker(batches_until_stopped{clock, done});

    clock.wait_for_waiter(batch_time(1000));
    CHECK(done.empty());
    CHECK(clock.waiting_until() == batch_time(1000));

    clock.advance(999_ms);
    CHECK(clock.waiting_until() == batch_time(1000));
    clock.advance(1_ms);
    clock.wait_for_waiter(batch_time(2000));
    CHECK(done == std::vector<std::int64_t>{1000});

    clock.set(batch_time(5500)); // several at once
    clock.wait_for_waiter(batch_time(6000));
    CHECK(done == std::vector<std::int64_t>{1000, 2000, 3000, 4000, 5000});
    CHECK(clock.waiting_until() == batch_time(6000));

    worker.request_stop();
    worker.join();
    CHECK(clock.waiting_until() == std::nullopt);
    CHECK(done.size() == 5);
}

TEST_CASE("a time that was reached before a stop request is not lost", "[time][manual_clock]")
{
    for (int i = 0; i < 200; ++i) {
        manual_clock clock;
        std::vector<std::int64_t> done;
        std::jthread worker(batches_until_stopped{clock, done});
        clock.wait_for_waiter(batch_time(1000));
        clock.set(batch_time(3000));
        worker.request_stop(); // whether or not the worker has woken up yet
        worker.join();
        CHECK(done == std::vector<std::int64_t>{1000, 2000, 3000});
    }
}

TEST_CASE("a stop request ends a wait on a manual clock, before it or within it", "[time][manual_clock]")
{
    for (int i = 0; i < 200; ++i) {
        manual_clock clock;
        bool reached = true;
        std::latch started(2);
        std::jthread waiter([&](std::stop_token stop) {
            started.arrive_and_wait();
            reached = clock.wait_until(batch_time(1), stop);
        });
        started.arrive_and_wait(); // from here on, the request and the wait race
        waiter.request_stop();
        waiter.join();
        CHECK_FALSE(reached);
        CHECK(clock.waiting_until() == std::nullopt);
    }
}

TEST_CASE("a thread whose time has come no longer counts as parked", "[time][manual_clock]")
{
    std::stop_source patience; // at its end already: asks, and does not wait
    patience.request_stop();
    for (int i = 0; i < 200; ++i) {
        manual_clock clock;
        std::jthread early([&] { (void)clock.wait_until(batch_time(1000), {}); });
        clock.wait_for_waiter(batch_time(1000));
        std::jthread late([&] { (void)clock.wait_until(batch_time(4000), {}); });
        clock.wait_for_waiter(batch_time(4000));
        CHECK(clock.waiting_until() == batch_time(1000));

        clock.set(batch_time(1000));
        CHECK(clock.waiting_until() == batch_time(4000)); // at once, whether or not the thread has woken up yet
        clock.set(batch_time(4000));
        CHECK_FALSE(clock.wait_for_waiter(batch_time(4000), patience.get_token()));
        CHECK(clock.waiting_until() == std::nullopt);
    }
}

TEST_CASE("waiting for a waiter that never comes ends with a stop request", "[time][manual_clock]")
{
    manual_clock clock;
    bool parked = true;
    std::jthread test([&](std::stop_token stop) { parked = clock.wait_for_waiter(batch_time(1000), stop); });
    test.request_stop();
    test.join();
    CHECK_FALSE(parked);

    std::jthread worker([&](std::stop_token stop) { (void)clock.wait_until(batch_time(1000), stop); });
    CHECK(clock.wait_for_waiter(batch_time(1000), std::stop_token()));
}

} // namespace
