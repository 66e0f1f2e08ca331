// SPDX-License-Identifier: BSL-1.0
//
// state_writes: batches of an application with a large state, with what they write of it and every tenth with a commit,
// against the same batches up to there. Targets: p50 at most 1.15, p99 at most 1.5 of that.
//
// Usage: state_writes [keys = 2000000 [batches = 60 [directory = a new one below the working directory]]].

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
#include <cstdlib>
#include <ctime>
#include <exception>
#include <filesystem>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace tide = tidemark;

namespace {

using namespace tide::literals;
using batches = std::vector<std::vector<std::uint64_t>>;

constexpr std::size_t batch_size = 100'000;
constexpr std::size_t entry_bytes = 3 * 8; // a key, its count, the time of its update

constexpr auto count_up = [](std::uint64_t, std::optional<std::int64_t> value, tide::state<std::int64_t>& state) {
    state.update(state.get_option().value_or(0) + value.value_or(0));
    return std::uint64_t{0};
};
constexpr auto as_pair = [](std::uint64_t key) { return std::pair(key, std::int64_t{1}); };
constexpr auto begin_at_zero = [](std::uint64_t key) { return std::pair(key, std::int64_t{0}); };

batches drawn(std::uint64_t keys, std::size_t count)
{
    std::mt19937_64 random(1);
    batches all(count);
    for (auto& each : all)
        for (std::size_t i = 0; i < batch_size; ++i)
            each.push_back(random() % keys);
    return all;
}

std::vector<std::pair<std::uint64_t, std::int64_t>> beginning(std::uint64_t keys)
{
    std::vector<std::pair<std::uint64_t, std::int64_t>> all;
    for (std::uint64_t key = 0; key < keys; ++key)
        all.push_back(begin_at_zero(key));
    return all;
}

/// A moment, by the wall and by the processor; the latter is what a busy machine changes less.
struct moment {
    std::chrono::steady_clock::time_point wall = std::chrono::steady_clock::now();
    std::clock_t processor = std::clock();

    [[nodiscard]] double wall_ms_since(moment const& begin) const
    {
        return std::chrono::duration<double, std::milli>(wall - begin.wall).count();
    }
    [[nodiscard]] double processor_ms_since(moment const& begin) const
    {
        return static_cast<double>(processor - begin.processor) * 1e3 / CLOCKS_PER_SEC;
    }
};

template <typename Context>
tide::testing::driver running(Context const& ssc, std::uint64_t keys, batches const& input, moment& computed)
{
    auto const counted =
        ssc.template queue_stream<"keys">(input) | tide::map(as_pair)
        | tide::map_with_state<"counts">(tide::state_spec<std::int64_t>(count_up).initial_state(beginning(keys)),
                                         tide::checkpoint_every(10_s));
    auto app = ssc.application(counted | tide::foreach_rdd([](auto const&) {}));
    app.listen([&computed](tide::streaming_event const& event) {
        if (std::holds_alternative<tide::batch_completed>(event))
            computed = {};
    });
    tide::testing::driver run(std::move(app));
    run.restore();
    return run;
}

double quantile(std::vector<double> values, double part)
{
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1))];
}

/// What batches took, in milliseconds: with what they write, and up to there.
struct series {
    std::vector<double> whole;
    std::vector<double> without;
};

struct times {
    series wall;
    series processor;
    double spare = 0; ///< between batches, in all
};

/// `computed` is set when the batch is complete, before it writes.
void run_batch(tide::testing::driver& run, moment const& computed, tide::batch_time time, times& taken)
{
    auto& engine = run.engine();
    auto const batch = engine.generate(time);
    moment const begin;
    if (auto const outcome = engine.run(*batch); outcome.failure)
        std::rethrow_exception(outcome.failure);
    moment const end;
    taken.wall.whole.push_back(end.wall_ms_since(begin));
    taken.wall.without.push_back(computed.wall_ms_since(begin));
    taken.processor.whole.push_back(end.processor_ms_since(begin));
    taken.processor.without.push_back(computed.processor_ms_since(begin));
    while (engine.work_in_spare_time()) {
    }
    taken.spare += moment().processor_ms_since(end);
}

void report(char const* clock, series const& taken)
{
    for (auto const& [name, part] :
         {std::pair("p50", 0.5), std::pair("p90", 0.9), std::pair("p99", 0.99), std::pair("max", 1.0)})
        std::printf("batch %s, %s: %8.2f ms with, %8.2f ms without, ratio %.2f\n", name, clock,
                    quantile(taken.whole, part), quantile(taken.without, part),
                    quantile(taken.whole, part) / quantile(taken.without, part));
    std::printf("worst batch, %s: %.2f times the median\n", clock,
                quantile(taken.whole, 1.0) / quantile(taken.whole, 0.5));
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

int run_all(std::uint64_t keys, std::size_t count, std::string const& path)
{
    auto const input = drawn(keys, count);
    tide::settings const how{.partitions = 2, .threads = 2};
    tide::local_directory const directory(path);
    auto const context = [&] { return tide::streaming_context(1_s, tide::checkpoint_directory(directory), how); };
    moment computed;
    times taken;
    {
        auto run = running(context(), keys, input, computed);
        for (std::size_t i = 1; i <= count; ++i)
            run_batch(run, computed, tide::batch_time(static_cast<std::int64_t>(i) * 1000), taken);
        run.stop();
    }
    report("wall", taken.wall);
    report("processor", taken.processor);
    std::printf("bases between batches: %.2f ms of processor time a batch\n", taken.spare / static_cast<double>(count));
    report_deltas(directory);
    auto const restoring = least_seconds([&] { (void)running(context(), 0, {}, computed); });
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
    auto const number = [&](int at, std::uint64_t otherwise) {
        return argc > at ? std::strtoull(argv[at], nullptr, 10) : otherwise;
    };
    std::string const path = argc > 3 ? argv[3] : "state_writes." + std::to_string(std::random_device()());
    auto const result = run_all(number(1, 2'000'000), static_cast<std::size_t>(number(2, 60)), path);
    std::filesystem::remove_all(path);
    return result;
}
