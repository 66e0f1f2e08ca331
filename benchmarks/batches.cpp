// SPDX-License-Identifier: BSL-1.0
//
// batches: what a batch costs that has nothing to do, and whether batches of one millisecond are kept up with, with
// commits to files. Targets: at most 5 us for an empty batch of two partitions; fewer than 1 in 100 batches late.
//
// Usage: batches [empty batches = 20000 [seconds at 1 ms = 60]].

#include "support/measuring.hpp"

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include <unistd.h>

namespace {

using namespace tidemark::literals;

/// A running count by key over an empty or a small queue.
template <typename Context>
auto counting(Context const& ssc, std::int64_t records_per_second, std::atomic<std::int64_t>& seen)
{
    return ssc.application(
        ssc.template rate_stream<"numbers">(records_per_second)
        | tidemark::map([](auto const& record) { return std::pair(record.second % 1000, std::int64_t{1}); })
        | tidemark::map_with_state<"count">(
            tidemark::state_spec([](std::int64_t, std::optional<std::int64_t> one, tidemark::state<std::int64_t>& sum) {
                sum.update(sum.get_option().value_or(0) + one.value_or(0));
                return sum.get();
            }),
            tidemark::checkpoint_every(100_ms))
        | tidemark::foreach_rdd([&seen](auto const& rdd) { seen += rdd | tidemark::count_records(); }));
}

void empty_batches(std::uint64_t batches)
{
    tidemark::record_queue<std::int64_t> const queue;
    auto const ssc = tidemark::streaming_context(1_s, tidemark::settings{.partitions = 2, .threads = 2});
    std::int64_t seen = 0;
    tidemark::testing::driver run(ssc.application(
        ssc.queue_stream(queue) | tidemark::map([](std::int64_t one) { return one + 1; })
        | tidemark::foreach_rdd([&seen](auto const& rdd) { seen += rdd | tidemark::count_records(); })));
    run.start();
    std::vector<double> times;
    for (std::uint64_t batch = 0; batch < batches; ++batch)
        times.push_back(benchmark::seconds([&] { (void)run.next(); }));
    auto const typical = benchmark::median(times) * 1e6;
    std::printf("empty batch, 2 partitions: %.2f us, 1 in 100 takes %.2f us or more (%llu batches), target <= 5 us%s\n",
                typical, benchmark::quantile(times, 0.99) * 1e6, static_cast<unsigned long long>(batches),
                typical <= 5 ? "" : ": falls short");
    for (auto& one : times)
        one *= 1e6;
    benchmark::note_figure({"empty batch, 2 partitions", "", 5, std::to_string(batches) + " batches"}, "us", times);
}

void short_batches(std::uint64_t seconds)
{
    auto const folder = std::filesystem::temp_directory_path() / ("tidemark-batches-" + std::to_string(::getpid()));
    std::atomic<std::int64_t> seen = 0;
    std::mutex mutex;           // of what follows
    std::vector<double> delays; // of the end of a batch behind its time, in milliseconds
    std::int64_t commits = 0;
    {
        auto const ssc = tidemark::streaming_context(1_ms, tidemark::checkpoint_directory(folder),
                                                     tidemark::settings{.partitions = 2, .threads = 1});
        auto app = counting(ssc, 100'000, seen);
        app.listen([&](tidemark::streaming_event const& event) {
            std::scoped_lock const lock(mutex);
            if (auto const* const done = std::get_if<tidemark::batch_completed>(&event))
                delays.push_back(static_cast<double>(*done->batch.processing_end - done->batch.batch_time));
            else if (std::holds_alternative<tidemark::commit_completed>(event))
                ++commits;
        });
        app.start();
        std::this_thread::sleep_for(std::chrono::seconds(seconds));
        app.stop();
    }
    std::filesystem::remove_all(folder);
    std::size_t late = 0;
    for (auto const delay : delays)
        late += delay > 2 ? 1 : 0; // its own interval, and one to run in
    auto const share = static_cast<double>(late) / static_cast<double>(delays.size());
    std::printf("batches of 1 ms for %llu s: %zu ran, %lld commits, %.2f %% late by more than an interval, "
                "median delay %.1f ms, worst %.0f ms, target < 1 %%%s\n",
                static_cast<unsigned long long>(seconds), delays.size(), static_cast<long long>(commits), share * 100,
                benchmark::median(delays), benchmark::quantile(delays, 1), share < 0.01 ? "" : ": falls short");
    benchmark::note_figure({"batches of 1 ms: late by more than one interval", "", 1,
                            std::to_string(delays.size()) + " batches, " + std::to_string(commits) + " commits"},
                           "%", {share * 100});
}

} // namespace

int main(int argc, char** argv)
{
    empty_batches(benchmark::argument(argc, argv, 1, 20'000));
    short_batches(benchmark::argument(argc, argv, 2, 60));
    return 0;
}
