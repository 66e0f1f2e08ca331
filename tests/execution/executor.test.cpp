// SPDX-License-Identifier: BSL-1.0
//
// executor.test: every task once, whoever runs it.

#include <tidemark/core/error.hpp>
#include <tidemark/execution/executor.hpp>
#include <tidemark/execution/inline_executor.hpp>
#include <tidemark/execution/thread_pool_executor.hpp>

#include <support/catch.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using tidemark::any_executor;
using tidemark::inline_executor;
using tidemark::thread_pool_executor;

static_assert(tidemark::executor<inline_executor>);
static_assert(tidemark::executor<thread_pool_executor>);
static_assert(tidemark::executor<any_executor const>);
static_assert(!tidemark::executor<int>);

struct named_executor {
    std::string name;
    any_executor executor;
};

std::vector<named_executor> executors()
{
    std::vector<named_executor> all{{"inline", any_executor(std::make_shared<inline_executor>())}};
    for (std::size_t const threads : {1U, 2U, 3U, 8U})
        all.push_back(
            {std::to_string(threads) + " threads", any_executor(std::make_shared<thread_pool_executor>(threads))});
    return all;
}

struct failure : std::runtime_error {
    explicit failure(std::size_t task)
        : std::runtime_error("task " + std::to_string(task))
        , number(task)
    {}
    std::size_t number;
};

} // namespace

TEST_CASE("an executor runs every task once and comes back when all have ended", "[execution][executor]")
{
    for (auto const& [name, executor] : executors())
        for (std::size_t const tasks : {0U, 1U, 2U, 7U, 100U, 5000U}) {
            INFO(name << ", " << tasks << " tasks");
            std::vector<int> runs(tasks, 0); // plain: what a task has written is seen after the run
            auto task = [&runs](std::size_t number) { ++runs[number]; };
            executor.run(tasks, task);
            CHECK(std::count(runs.begin(), runs.end(), 1) == static_cast<std::ptrdiff_t>(tasks));
        }
}

TEST_CASE("an executor says how many threads it has, the caller's included", "[execution][executor]")
{
    CHECK(inline_executor().threads() == 1);
    CHECK(thread_pool_executor(1).threads() == 1);
    CHECK(thread_pool_executor(3).threads() == 3);
    CHECK_THROWS_AS(thread_pool_executor(0), tidemark::config_error);
}

TEST_CASE("the inline executor runs its tasks in order in the calling thread", "[execution][executor]")
{
    std::vector<std::size_t> order;
    auto const caller = std::this_thread::get_id();
    auto task = [&](std::size_t number) {
        if (std::this_thread::get_id() == caller)
            order.push_back(number);
    };
    inline_executor().run(4, task);
    CHECK(order == std::vector<std::size_t>{0, 1, 2, 3});
}

TEST_CASE("when tasks throw, the rest still run and the exception of the lowest number comes out",
          "[execution][executor]")
{
    for (auto const& [name, executor] : executors())
        for (int round = 0; round < 20; ++round) {
            INFO(name << ", round " << round);
            std::atomic<int> ran{0};
            auto task = [&ran](std::size_t number) {
                ++ran;
                if (number % 10 == 7)
                    throw failure(number);
            };
            std::size_t caught = 0;
            try {
                executor.run(100, task);
            } catch (failure const& thrown) {
                caught = thrown.number;
            }
            CHECK(caught == 7);
            CHECK(ran == 100);
            auto calm = [&ran](std::size_t) { ++ran; };
            executor.run(10, calm);
            CHECK(ran == 110);
        }
}

TEST_CASE("a pool takes many short and empty runs one after another", "[execution][executor]")
{
    for (auto const& [name, executor] : executors()) {
        INFO(name);
        std::size_t sum = 0; // changed by one task at a time, seen by the next run: the runs keep order
        auto one = [&sum](std::size_t) { ++sum; };
        auto none = [](std::size_t) {};
        for (int round = 0; round < 3000; ++round) {
            executor.run(1, one);
            executor.run(0, none);
            executor.run(8, none);
        }
        CHECK(sum == 3000);
    }
}

TEST_CASE("runs from several threads go one after another", "[execution][executor]")
{
    thread_pool_executor pool(3);
    std::vector<int> slots(5, 0); // plain: two runs at once would be a data race, and lose additions
    {
        std::vector<std::jthread> callers;
        for (int caller = 0; caller < 4; ++caller)
            callers.emplace_back([&pool, &slots] {
                auto task = [&slots](std::size_t number) { ++slots[number]; };
                for (int round = 0; round < 500; ++round)
                    pool.run(slots.size(), task);
            });
    }
    CHECK(slots == std::vector<int>(5, 4 * 500));
}

TEST_CASE("a run that a task begins is done by the thread of that task", "[execution][executor]")
{
    auto const pool = std::make_shared<thread_pool_executor>(3);
    auto const other = std::make_shared<thread_pool_executor>(2);
    for (auto const& inner : {pool, other})
        for (int round = 0; round < 50; ++round) {
            std::atomic<int> ran{0};
            std::atomic<int> elsewhere{0};
            auto outer_task = [&](std::size_t) {
                auto const mine = std::this_thread::get_id();
                auto inner_task = [&](std::size_t) {
                    ++ran;
                    if (std::this_thread::get_id() != mine)
                        ++elsewhere;
                };
                inner->run(4, inner_task);
            };
            pool->run(6, outer_task);
            CHECK(ran == 24);
            CHECK(elsewhere == 0);
        }
}

TEST_CASE("what a task of an inner run throws passes through the outer one", "[execution][executor]")
{
    thread_pool_executor pool(2);
    auto inner = [](std::size_t number) {
        if (number >= 2)
            throw failure(number);
    };
    auto outer = [&](std::size_t) { pool.run(5, inner); };
    CHECK_THROWS_WITH(pool.run(3, outer), "task 2");
    auto calm = [](std::size_t) {};
    CHECK_NOTHROW(pool.run(3, calm));
}

TEST_CASE("a pool ends whether or not it was used", "[execution][executor]")
{
    for (int round = 0; round < 200; ++round) {
        thread_pool_executor const unused(3);
        thread_pool_executor used(3);
        std::atomic<int> ran{0};
        auto task = [&ran](std::size_t) { ++ran; };
        used.run(3, task);
        CHECK(ran == 3);
    }
}

TEST_CASE("copies of any_executor share one executor", "[execution][executor]")
{
    struct counting {
        int runs = 0;
        void run(std::size_t tasks, tidemark::task_ref task)
        {
            ++runs;
            inline_executor().run(tasks, task);
        }
        [[nodiscard]] std::size_t threads() const { return 7; }
    };
    auto const counter = std::make_shared<counting>();
    any_executor const first(counter);
    any_executor const second = first; // NOLINT(performance-unnecessary-copy-initialization)
    auto task = [](std::size_t) {};
    first.run(1, task);
    second.run(1, task);
    CHECK(counter->runs == 2);
    CHECK(second.threads() == 7);
}
