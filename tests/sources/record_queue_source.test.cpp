// SPDX-License-Identifier: BSL-1.0

#include <tidemark/sources/record_queue_source.hpp>

#include <sources/reading.hpp>
#include <support/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <thread>
#include <vector>

namespace {

using reading::environment;
using reading::records_of;
using tidemark::batch_time;
using tidemark::record_queue;
using tidemark::record_queue_source;
using numbers = std::vector<int>;

static_assert(tidemark::stream_source<record_queue_source<int>>);
static_assert(record_queue_source<int>::replayable);

/// Cannot be saved.
struct handle {
    void* where = nullptr;
};
static_assert(!record_queue_source<handle>::replayable);

tidemark::source_environment checkpointed()
{
    auto changed = environment();
    changed.checkpointed = true;
    return changed;
}

TEST_CASE("what the program pushes is given one element a batch", "[sources][record_queue]")
{
    record_queue<int> queue;
    auto const reader = record_queue_source(queue).open(environment());
    reader->start();
    CHECK(reader->drained());
    CHECK(records_of(reader->plan(batch_time(1000))) == numbers{});
    queue.push({1, 2});
    queue.push_missing();
    queue.push({3});
    CHECK(queue.size() == 3);
    CHECK_FALSE(reader->drained());
    auto const input = reader->plan(batch_time(2000));
    CHECK(records_of(input) == numbers{1, 2});
    CHECK(input.plan.empty());
    CHECK(input.records() == 2);
    CHECK(records_of(reader->plan(batch_time(3000))) == std::nullopt);
    CHECK(records_of(reader->plan(batch_time(4000))) == numbers{3});
    CHECK(reader->drained());
}

TEST_CASE("all that waits is given together, when so asked", "[sources][record_queue]")
{
    record_queue<int> queue;
    auto const reader = record_queue_source(queue, {false, numbers{0}}).open(environment());
    queue.push({1});
    queue.push_missing();
    queue.push({2, 3});
    CHECK(records_of(reader->plan(batch_time(1000))) == numbers{1, 2, 3});
    queue.push_missing();
    CHECK(records_of(reader->plan(batch_time(2000))) == std::nullopt);
    CHECK(records_of(reader->plan(batch_time(3000))) == numbers{0});
}

TEST_CASE("what a batch took off the queue is in its plan, and given again from there alone", "[sources][record_queue]")
{
    record_queue<int> queue;
    auto const first = record_queue_source(queue, {true, numbers{9}}).open(checkpointed());
    queue.push({1, 2});
    queue.push_missing();
    queue.push({});
    std::vector<std::vector<std::byte>> plans;
    for (int batch = 1; batch <= 4; ++batch)
        plans.push_back(first->plan(batch_time(batch * 1000)).plan);

    queue.push({3});
    auto const second = record_queue_source(queue).open(checkpointed());
    second->seek(first->position());
    auto const again = [&](std::size_t batch) { return second->replay(batch_time(1000), plans[batch - 1]); };
    CHECK(records_of(again(1)) == numbers{1, 2});
    CHECK(again(1).records() == 2);
    CHECK(again(1).plan == plans[0]);
    CHECK(records_of(again(2)) == std::nullopt);
    CHECK(records_of(again(3)) == numbers{});
    CHECK(records_of(again(4)) == numbers{9}); // the default of the earlier run
    CHECK(queue.size() == 1);
    CHECK(records_of(second->plan(batch_time(5000))) == numbers{3});
}

TEST_CASE("without a checkpoint nothing is written down", "[sources][record_queue]")
{
    record_queue<handle> queue;
    queue.push({handle()});
    auto const reader = record_queue_source(queue).open(environment());
    auto const input = reader->plan(batch_time(1000));
    CHECK(input.plan.empty());
    CHECK(input.records() == 1);
}

TEST_CASE("records that cannot be written down are refused where they would have to be", "[sources][record_queue]")
{
    CHECK_THROWS_AS(record_queue_source(record_queue<handle>()).open(checkpointed()), tidemark::config_error);
    CHECK_THROWS_WITH(record_queue_source(record_queue<handle>()).open(checkpointed()),
                      Catch::Matchers::Contains("cannot be saved")
                          && Catch::Matchers::Contains("give them a serialize member"));
}

TEST_CASE("several threads push and nothing is lost", "[sources][record_queue]")
{
    record_queue<int> queue;
    auto const reader = record_queue_source(queue, {false, std::nullopt}).open(environment());
    numbers all;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 3; ++t)
            threads.emplace_back([queue, t]() mutable {
                for (int i = 0; i < 1000; ++i)
                    queue.push({t * 1000 + i});
            });
        while (all.size() < 3000)
            if (auto const some = records_of(reader->plan(batch_time(1000))))
                all.insert(all.end(), some->begin(), some->end());
    }
    std::sort(all.begin(), all.end());
    numbers expected(3000);
    for (int i = 0; i < 3000; ++i)
        expected[static_cast<std::size_t>(i)] = i;
    CHECK(all == expected);
}

} // namespace
