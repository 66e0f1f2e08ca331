// SPDX-License-Identifier: BSL-1.0
//
// pipeline.test: chains of steps over datasets, and datasets that compute their parent once.

#include <tidemark/execution/boundary_dataset.hpp>
#include <tidemark/execution/collect_sink.hpp>
#include <tidemark/execution/inline_executor.hpp>
#include <tidemark/execution/pipeline.hpp>
#include <tidemark/execution/thread_pool_executor.hpp>
#include <tidemark/operators/count.hpp>
#include <tidemark/operators/filter.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/operators/reduce_by_key.hpp>
#include <tidemark/operators/union_.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>

#include <algorithm>
#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using tidemark::any_executor;
using tidemark::chain_start;
using tidemark::chain_t;
using tidemark::dataset_ptr;
using tidemark::key_layout;
using tidemark::origin_t;
using tidemark::partitioned;
using tidemark::pipeline;

constexpr auto twice = [](int x) { return 2 * x; };
constexpr auto is_large = [](int x) { return x > 3; };
constexpr auto with_sign = [](int x) { return std::pair(x < 0, x); };

// ---- A stage begins at a leaf or boundary, and its type knows the steps and the first record type alone
using ticks = tidemark_test::stream_of<int>;
using numbers = tidemark_test::rdd_of<int>;
template <typename E, typename C>
using piped = decltype(std::declval<E>() | std::declval<C>());
using steps = decltype(tidemark::map(twice) | tidemark::filter(is_large));
using reduced = piped<numbers, decltype(tidemark::map(with_sign) | tidemark::reduce_by_key(std::plus<>{}))>;
static_assert(std::same_as<origin_t<piped<numbers, steps>>, numbers>);
static_assert(
    std::same_as<origin_t<piped<reduced, decltype(tidemark::count())>>, piped<reduced, decltype(tidemark::count())>>);
static_assert(std::same_as<chain_t<numbers>, chain_start<int>>);
static_assert(std::same_as<chain_t<reduced>, chain_start<std::pair<bool, int>>>);
static_assert(std::same_as<chain_t<piped<numbers, steps>>, chain_t<piped<ticks, steps>>>,
              "stage code is the same behind every boundary");

any_executor inlined() { return any_executor(std::make_shared<tidemark::inline_executor>()); }

tidemark::environment_ptr somewhere(key_layout layout = {})
{
    return std::make_shared<tidemark::rdd_environment const>(
        tidemark::rdd_environment{inlined(), layout, std::nullopt});
}

/// Counts how often its partitions are read, and on request fails.
struct watched_dataset : tidemark::dataset<int> {
    std::atomic<int> reads{0};
    std::atomic<bool> broken{false};

    [[nodiscard]] std::size_t partitions() const override { return 3; }
    void feed(std::size_t partition, tidemark::any_sink<int>& out) override
    {
        ++reads;
        if (broken)
            throw std::string("broken");
        out.take(static_cast<int>(partition));
        out.take(-1);
    }
};

template <typename Record>
partitioned<Record> all_of(dataset_ptr<Record> const& data, any_executor const& executor = inlined())
{
    return tidemark::collect_partitions(pipeline(data, chain_start<Record>{}), executor);
}

auto line_over(std::shared_ptr<watched_dataset> const& source)
{
    auto const chain = tidemark::steps_of(ticks() | tidemark::map(twice));
    return pipeline(dataset_ptr<int>(source), chain);
}

} // namespace

TEST_CASE("a pipeline runs the steps of one partition in their order", "[execution][pipeline]")
{
    auto const source = std::make_shared<watched_dataset>();
    auto const chain = tidemark::steps_of(ticks() | tidemark::map(twice) | tidemark::filter(is_large)
                                          | tidemark::map([](int x) { return std::to_string(x); }));
    pipeline const line(dataset_ptr<int>(source), chain);
    CHECK(line.partitions() == 3);
    CHECK(tidemark::collect_partitions(line, inlined()) == partitioned<std::string>{{}, {}, {"4"}});
    CHECK(source->reads == 3);
}

TEST_CASE("a pipeline without steps is the dataset that it stands on", "[execution][pipeline]")
{
    auto const source = std::make_shared<watched_dataset>();
    CHECK(tidemark::as_dataset(pipeline(dataset_ptr<int>(source), chain_start<int>{})) == source);
    auto const piped_on = tidemark::as_dataset(line_over(source));
    CHECK(piped_on->partitions() == 3);
    CHECK(all_of(piped_on) == partitioned<int>{{0, -2}, {2, -2}, {4, -2}});
    CHECK(all_of(piped_on) == partitioned<int>{{0, -2}, {2, -2}, {4, -2}});
    CHECK(source->reads == 6);
}

TEST_CASE("a kept dataset computes once and lets go of what it was made from", "[execution][pipeline]")
{
    auto source = std::make_shared<watched_dataset>();
    std::weak_ptr<watched_dataset> const watch = source;
    dataset_ptr<int> const kept =
        std::make_shared<tidemark::kept_dataset<decltype(steps_of(ticks() | tidemark::map(twice)))>>(line_over(source));
    CHECK(source->reads == 0);
    CHECK(all_of(kept) == partitioned<int>{{0, -2}, {2, -2}, {4, -2}});
    CHECK(all_of(kept) == partitioned<int>{{0, -2}, {2, -2}, {4, -2}});
    CHECK(source->reads == 3);
    source.reset();
    CHECK(watch.expired());
    CHECK(all_of(kept) == partitioned<int>{{0, -2}, {2, -2}, {4, -2}});
}

TEST_CASE("a boundary that failed can be tried again", "[execution][pipeline]")
{
    auto const source = std::make_shared<watched_dataset>();
    auto const total = tidemark::boundary_dataset(ticks() | tidemark::count(), line_over(source), somewhere());
    source->broken = true;
    CHECK_THROWS_AS(all_of(total), std::string);
    source->broken = false;
    CHECK(all_of(total) == partitioned<std::int64_t>{{6}});
    CHECK(source->reads == 6);
}

TEST_CASE("a boundary that several threads ask for at once is computed once", "[execution][pipeline]")
{
    auto const sums = ticks() | tidemark::map(with_sign) | tidemark::reduce_by_key(std::plus<>{});
    any_executor const pool(std::make_shared<tidemark::thread_pool_executor>(2));
    for (int round = 0; round < 50; ++round) {
        auto const source = std::make_shared<watched_dataset>();
        auto const asked = tidemark::boundary_dataset(
            sums, pipeline(dataset_ptr<int>(source), tidemark::steps_of(sums.parent)), somewhere({1, 1}));
        std::vector<partitioned<std::pair<bool, int>>> seen(4);
        std::latch all_there(4);
        {
            std::vector<std::jthread> threads;
            for (auto& mine : seen)
                threads.emplace_back([&mine, &asked, &pool, &all_there] {
                    all_there.arrive_and_wait();
                    mine = all_of(asked, pool);
                });
        }
        CHECK(source->reads == 3);
        for (auto& one : seen) {
            REQUIRE(one.size() == 1);
            std::sort(one[0].begin(), one[0].end());
            CHECK(one[0] == std::vector<std::pair<bool, int>>{{false, 3}, {true, -3}});
        }
    }
}
