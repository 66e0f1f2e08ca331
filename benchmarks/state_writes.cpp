// SPDX-License-Identifier: BSL-1.0
//
// state_writes: batches of an application with a large state that writes what has changed of it in every batch, and commits
// every tenth, against batches of the same application after one that is not done, which write nothing. One batch at a time, of each in turn, each at
// its tick, as batches come. Targets: p50 at most 1.15 (1.25 with the bases in the time between), p99 at most 1.5.
//
// Usage: state_writes [keys = 2000000 [batches = 60 [tick in ms = 20 [directory = the working directory]]]].

#include "support/counted_keys.hpp"
#include "support/measuring.hpp"

#include <tidemark/checkpoint/inspection.hpp>
#include <tidemark/storage/local_directory.hpp>
#include <tidemark/testing/driver.hpp>
#include <tidemark/tidemark.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace tide = tidemark;

namespace {

using namespace tide::literals;
using batches = benchmark::key_batches;

constexpr std::size_t batch_size = 100'000;
constexpr std::size_t entry_bytes = 3 * 8; // a key, its count, the time of its update

constexpr auto count_up = [](std::uint64_t, std::optional<std::int64_t> value, tide::state<std::int64_t>& state) {
    state.update(state.get_option().value_or(0) + value.value_or(0));
    return std::uint64_t{0};
};
constexpr auto as_pair = [](std::uint64_t key) { return std::pair(key, std::int64_t{1}); };

template <typename Context>
tide::testing::driver running(Context const& ssc, std::uint64_t keys, batches const& input, bool writes)
{
    auto const counted = ssc.template queue_stream<"keys">(input) | tide::map(as_pair)
                         | tide::map_with_state<"counts">(
                             tide::state_spec<std::int64_t>(count_up).initial_state(benchmark::zero_counts(keys)),
                             tide::checkpoint_every(10_s));
    auto app = ssc.application(counted | tide::foreach_rdd([writes](auto const&) {
                                   if (!writes)
                                       throw std::runtime_error("not done");
                               }));
    tide::testing::driver run(std::move(app));
    run.restore();
    run.engine().write_in_background();
    return run;
}

/// What batches took, in milliseconds.
struct series {
    std::vector<double> wall;      ///< from the start of a batch until the next could run
    std::vector<double> processor; ///< of all threads, up to the next tick
};

/// Runs the batch of `time` now, and works until `tick` is there, as an application does.
void run_batch(tide::testing::driver& run, tide::batch_time time, std::chrono::steady_clock::time_point tick,
               series& taken)
{
    auto& engine = run.engine();
    auto const batch = engine.generate(time);
    auto const processor = std::clock();
    auto const begin = std::chrono::steady_clock::now();
    if (auto const outcome = engine.run(*batch); outcome.fatal)
        std::rethrow_exception(outcome.failure);
    std::chrono::duration<double, std::milli> const wall = std::chrono::steady_clock::now() - begin;
    while (std::chrono::steady_clock::now() < tick && engine.work_in_spare_time()) {
    }
    std::this_thread::sleep_until(tick);
    taken.wall.push_back(wall.count());
    taken.processor.push_back(static_cast<double>(std::clock() - processor) * 1e3 / CLOCKS_PER_SEC);
}

/// Pairs of batches, without the first two, which find every page fresh.
benchmark::pairs in_seconds(std::vector<double> const& ours_ms, std::vector<double> const& theirs_ms)
{
    benchmark::pairs times;
    for (std::size_t i = 2; i < ours_ms.size(); ++i)
        times.add(ours_ms[i] / 1e3, theirs_ms[i] / 1e3);
    return times;
}

void report(char const* clock, std::vector<double> const& with, std::vector<double> const& without)
{
    for (auto const& [name, part] :
         {std::pair("p50", 0.5), std::pair("p90", 0.9), std::pair("p99", 0.99), std::pair("max", 1.0)})
        std::printf("batch %s, %s: %8.2f ms with, %8.2f ms without, ratio %.2f\n", name, clock,
                    benchmark::quantile(with, part), benchmark::quantile(without, part),
                    benchmark::quantile(with, part) / benchmark::quantile(without, part));
    std::printf("worst batch, %s: %.2f times the median; without a checkpoint %.2f\n", clock,
                benchmark::quantile(with, 1.0) / benchmark::quantile(with, 0.5),
                benchmark::quantile(without, 1.0) / benchmark::quantile(without, 0.5));
}

/// How many bytes the deltas of the newest commit have for each entry that they tell of.
void report_deltas(tide::local_directory const& directory)
{
    auto const found = tide::inspect_checkpoint(directory);
    std::uint64_t bytes = 0;
    std::uint64_t entries = 0;
    std::uint64_t state = 0;
    for (auto const& group : found.commits.at(*found.chosen).record->stages.front().groups) {
        state += group.bytes.size();
        for (auto const& run : group.runs) {
            bytes += run.bytes.size();
            entries += run.put;
        }
    }
    if (entries != 0)
        std::printf("deltas: %.2f times the changed entries; those that a start goes through: %.2f times the state\n",
                    static_cast<double>(bytes) / static_cast<double>(entries * entry_bytes),
                    static_cast<double>(bytes) / static_cast<double>(state));
}

/// The shortest of a few runs.
template <typename Work>
double least_seconds(Work const& work)
{
    auto least = benchmark::seconds(work);
    for (int again = 0; again < 4; ++again)
        least = std::min(least, benchmark::seconds(work));
    return least;
}

int run_all(std::uint64_t keys, std::size_t count, std::chrono::milliseconds tick, std::string const& path)
{
    auto const input = benchmark::drawn_keys(keys, count, batch_size);
    tide::settings const how{.partitions = 2, .threads = 2, .max_uncommitted = count};
    tide::local_directory const directory(path + "/with");
    auto const context = [&](tide::local_directory const& where) {
        return tide::streaming_context(1_s, tide::checkpoint_directory(where), how);
    };
    series with;
    series without;
    {
        auto checkpointed = running(context(directory), keys, input, true);
        auto plain = running(context(tide::local_directory(path + "/without")), keys, input, false);
        auto next = std::chrono::steady_clock::now();
        for (std::size_t i = 1; i <= count; ++i) {
            auto const time = tide::batch_time(static_cast<std::int64_t>(i) * 1000);
            run_batch(plain, time, next += tick, without);
            run_batch(checkpointed, time, next += tick, with);
        }
        checkpointed.stop();
        plain.stop();
    }
    for (std::size_t i = 0; i < count; ++i)
        benchmark::note_batches("state writes, " + std::to_string(keys) + " keys", "without", i + 1, with.wall[i],
                                without.wall[i]);
    benchmark::report({"batch with what is written of its state",
                       "the same batch in an application that writes nothing", keys < 10'000'000 ? 1.25 : 1.15,
                       std::to_string(keys) + " keys, 100,000 updates a batch"},
                      in_seconds(with.wall, without.wall), 100'000);
    report("wall", with.wall, without.wall);
    report("processor", with.processor, without.processor);
    report_deltas(directory);
    auto const restoring = least_seconds([&] { (void)running(context(directory), 0, {}, true); });
    auto const reading = least_seconds([&] {
        for (auto const& name : directory.list())
            if (name.starts_with("state-"))
                (void)directory.read(name);
    });
    std::printf("restart: %.0f ms, %.1f times as long as reading all state files\n", restoring * 1e3,
                restoring / reading);
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    benchmark::new_folder const folder(argc, argv, 4, "state_writes");
    return run_all(benchmark::argument(argc, argv, 1, 2'000'000),
                   static_cast<std::size_t>(benchmark::argument(argc, argv, 2, 60)),
                   std::chrono::milliseconds(benchmark::argument(argc, argv, 3, 20)), folder.path());
}
