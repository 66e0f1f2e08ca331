// SPDX-License-Identifier: BSL-1.0
//
// attempts.test: a task that fails is begun anew, so many times and no more, and what must not be tried again is not.

#include <tidemark/core/error.hpp>
#include <tidemark/core/settings.hpp>
#include <tidemark/execution/executor_with.hpp>
#include <tidemark/storage/fault_verdict.hpp>

#include <support/catch.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

namespace {

using tidemark::any_executor;
using tidemark::executor_with;

constexpr std::size_t tasks = 20;

/// Fails in the first `failures` calls of each task that is a multiple of 5, by what `fail` throws.
template <typename Fail>
struct flaky {
    int failures;
    Fail fail;
    std::array<std::atomic<int>, tasks> calls{};

    flaky(int times, Fail how)
        : failures(times)
        , fail(how)
    {}

    void operator()(std::size_t number)
    {
        if (++calls[number] <= failures && number % 5 == 0)
            fail(number);
    }
};

constexpr auto ordinary = [](std::size_t number) { throw std::runtime_error("task " + std::to_string(number)); };

} // namespace

TEST_CASE("a task is tried as often as the executor says", "[execution][attempts]")
{
    for (std::size_t const threads : {1U, 4U}) {
        INFO(threads << " threads");
        auto const executor = executor_with(threads, 3);
        CHECK(executor.attempts() == 3);
        flaky twice(2, ordinary);
        executor.attempt(tasks, twice);
        for (std::size_t number = 0; number < tasks; ++number)
            CHECK(twice.calls[number] == (number % 5 == 0 ? 3 : 1));
        CHECK(executor.retries() == 2 * 4);

        flaky always(1000, ordinary);
        CHECK_THROWS_WITH(executor.attempt(tasks, always), "task 0");
        for (std::size_t number = 0; number < tasks; ++number)
            CHECK(always.calls[number] == (number % 5 == 0 ? 3 : 1));
        CHECK(executor.retries() == 2 * 4 + 2 * 4);
    }
}

TEST_CASE("run tries every task once, and so does an executor that says nothing", "[execution][attempts]")
{
    flaky once(1, ordinary);
    CHECK_THROWS_WITH(executor_with(2, 5).run(tasks, once), "task 0");
    CHECK(once.calls[0] == 1);
    CHECK(once.calls[5] == 1);
    flaky again(1, ordinary);
    auto const plain = executor_with(2);
    CHECK(plain.attempts() == 1);
    CHECK_THROWS_WITH(plain.attempt(tasks, again), "task 0");
    CHECK(again.calls[0] == 1);
    CHECK(plain.retries() == 0);
}

TEST_CASE("what cannot end otherwise another time is thrown at once", "[execution][attempts]")
{
    auto const executor = executor_with(1, 4);
    auto const check = [&executor](auto fail, auto const& caught) {
        flaky task(1, fail);
        bool thrown = false;
        try {
            executor.attempt(tasks, task);
        } catch (std::remove_cvref_t<decltype(caught)> const&) {
            thrown = true;
        }
        CHECK(thrown);
        CHECK(task.calls[0] == 1);
    };
    check([](std::size_t) { throw tidemark::usage_error("wrong call"); }, tidemark::usage_error(""));
    check([](std::size_t) { throw tidemark::config_error("wrong setting"); }, tidemark::config_error(""));
    check([](std::size_t) { throw tidemark::simulated_crash{7}; }, tidemark::simulated_crash{0}); // a dead process
    check([](std::size_t) { throw std::string("no exception"); }, std::string());
    CHECK(executor.retries() == 0);
}

TEST_CASE("one task alone is tried in the calling thread", "[execution][attempts]")
{
    auto const executor = executor_with(4, 3);
    auto const mine = std::this_thread::get_id();
    int calls = 0;
    auto task = [&](std::size_t number) {
        CHECK(number == 6);
        CHECK(std::this_thread::get_id() == mine);
        if (++calls < 3)
            throw std::runtime_error("not yet");
    };
    executor.attempt_here(6, task);
    CHECK(calls == 3);
    CHECK(executor.retries() == 2);
}

TEST_CASE("the number of attempts is checked, and can be changed for a copy", "[execution][attempts]")
{
    auto const executor = executor_with(1, 2);
    CHECK(executor.with_attempts(7).attempts() == 7);
    CHECK(executor.attempts() == 2);
    CHECK_THROWS_WITH(executor.with_attempts(0),
                      "tidemark::any_executor: 0 attempts for a partition; give 1 to 100");
    CHECK_THROWS_WITH(executor_with(2, 101), "tidemark::any_executor: 101 attempts for a partition; give 1 to 100");
    CHECK(executor_with(2, tidemark::most_attempts).attempts() == 100);
}
