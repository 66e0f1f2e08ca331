// SPDX-License-Identifier: BSL-1.0
//
// any_clock.test: the handle to a clock of any type.

#include <tidemark/core/error.hpp>
#include <tidemark/time/any_clock.hpp>
#include <tidemark/time/literals.hpp>
#include <tidemark/time/manual_clock.hpp>
#include <tidemark/time/system_clock.hpp>

#include <support/catch.hpp>

#include <concepts>
#include <memory>
#include <stop_token>
#include <thread>
#include <utility>

namespace {

using namespace tidemark::literals;
using tidemark::any_clock;
using tidemark::batch_time;
using tidemark::manual_clock;
using tidemark::system_clock;

// ---- What it accepts, at compile time
static_assert(std::constructible_from<any_clock, manual_clock&>);
static_assert(std::constructible_from<any_clock, system_clock const&>);
static_assert(std::constructible_from<any_clock, std::shared_ptr<manual_clock>>);
static_assert(std::constructible_from<any_clock, std::shared_ptr<system_clock const> const&>);
static_assert(std::copyable<any_clock>);
static_assert(!std::constructible_from<any_clock, system_clock>, "a temporary would be gone at once");
static_assert(!std::constructible_from<any_clock, manual_clock const&>, "cannot be waited on");
static_assert(!std::constructible_from<any_clock, int&>, "not a clock");

TEST_CASE("all copies of a clock handle show the clock that it was made from", "[time][any_clock]")
{
    manual_clock clock(batch_time(1000));
    any_clock const handle(clock);
    any_clock copy = handle;
    clock.set(batch_time(2000));
    CHECK(handle.now() == batch_time(2000));
    CHECK(copy.now() == batch_time(2000));

    manual_clock other(batch_time(7));
    copy = other;
    CHECK(copy.now() == batch_time(7));
    CHECK(handle.now() == batch_time(2000));
}

TEST_CASE("a clock handle made from a shared pointer keeps the clock alive", "[time][any_clock]")
{
    auto clock = std::make_shared<manual_clock>(batch_time(1000));
    std::weak_ptr<manual_clock> const watch = clock;
    {
        any_clock const handle(std::move(clock));
        CHECK_FALSE(watch.expired());
        CHECK(handle.now() == batch_time(1000));
    }
    CHECK(watch.expired());
}

TEST_CASE("a clock handle refuses a null pointer", "[time][any_clock]")
{
    CHECK_THROWS_AS(any_clock(std::shared_ptr<manual_clock>()), tidemark::usage_error);
}

TEST_CASE("a wait through a clock handle ends with the time or with a stop request", "[time][any_clock]")
{
    manual_clock clock;
    any_clock const handle(clock);
    bool first = false;
    bool second = true;
    std::jthread waiter([&](std::stop_token stop) {
        first = handle.wait_until(batch_time(1000), stop);
        second = handle.wait_until(batch_time(2000), stop);
    });
    clock.wait_for_waiter(batch_time(1000));
    clock.advance(1_s);
    clock.wait_for_waiter(batch_time(2000));
    waiter.request_stop();
    waiter.join();
    CHECK(first);
    CHECK_FALSE(second);
}

} // namespace
