// SPDX-License-Identifier: BSL-1.0

#include <tidemark/sources/record_queue_source.hpp>

#include <sources/reading.hpp>
#include <support/catch.hpp>

#include <algorithm>
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
static_assert(!record_queue_source<int>::replayable);

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

TEST_CASE("a batch that runs again is empty, and takes nothing from the queue", "[sources][record_queue]")
{
    record_queue<int> queue;
    queue.push({1});
    auto const reader = record_queue_source(queue).open(environment());
    reader->seek(reader->position());
    CHECK(records_of(reader->replay(batch_time(1000), {})) == numbers{});
    CHECK(records_of(reader->plan(batch_time(2000))) == numbers{1});
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
