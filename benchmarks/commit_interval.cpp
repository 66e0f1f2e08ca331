// SPDX-License-Identifier: BSL-1.0
//
// commit_interval: how long a start takes that follows a death right before a commit, over the number of batches between commits: until the
// state is there, and until the batches that no commit covers have run again. The counts of the batch after those are compared with those of a
// table by hand.
//
// Usage: commit_interval [keys = 1000000 [rounds = 7 [directory = the working directory]]].

#include "support/counted_keys.hpp"
#include "support/measuring.hpp"

#include <tidemark/storage/local_directory.hpp>
#include <tidemark/testing/driver.hpp>
#include <tidemark/tidemark.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tide = tidemark;

namespace {

using namespace tide::literals;
using batches = benchmark::key_batches;

constexpr std::size_t batch_size = 100'000;
constexpr std::size_t most_between_commits = 100;

constexpr auto count_up = [](std::uint64_t, std::optional<std::int64_t> value, tide::state<std::int64_t>& state) {
    state.update(state.get_option().value_or(0) + value.value_or(0));
    return state.get();
};

/// An application that counts keys and commits every so many batches, and the sum of what its batches gave.
class counting_application {
public:
    counting_application(tide::local_directory const& where, std::uint64_t keys, batches const& input,
                         std::size_t between_commits)
        : run_(made(where, keys, input, between_commits, *sum_))
    {}

    void restore()
    {
        run_.restore();
        run_.engine().write_in_background();
    }
    void repeat()
    {
        for (auto const time : run_.to_repeat())
            run(time);
    }
    void run_next(std::size_t count)
    {
        for (auto time = run_.next_time(); count != 0; --count, time += 1_s)
            run(time);
    }

    [[nodiscard]] std::int64_t sum() const { return *sum_; }

private:
    static tide::testing::driver made(tide::local_directory const& where, std::uint64_t keys, batches const& input,
                                      std::size_t between_commits, std::atomic<std::int64_t>& sum)
    {
        tide::settings const how{.partitions = 2, .threads = 2, .max_uncommitted = 2 * most_between_commits};
        auto const ssc = tide::streaming_context(1_s, tide::checkpoint_directory(where), how);
        auto const counted = ssc.queue_stream<"keys">(input)
                             | tide::map([](std::uint64_t key) { return std::pair(key, std::int64_t{1}); })
                             | tide::map_with_state<"counts">(
                                 tide::state_spec<std::int64_t>(count_up).initial_state(benchmark::zero_counts(keys)),
                                 tide::checkpoint_every(std::chrono::seconds(between_commits)));
        return tide::testing::driver(ssc.application(counted | tide::foreach_rdd([&sum](auto const& rdd) {
                                                         for (auto const each : rdd | tide::collect())
                                                             sum += each;
                                                     })));
    }

    /// With no time between batches, which writes no bases but those that must be.
    void run(tide::batch_time time)
    {
        if (auto const outcome = run_.engine().run(*run_.engine().generate(time)); outcome.failure)
            std::rethrow_exception(outcome.failure);
    }

    std::unique_ptr<std::atomic<std::int64_t>> sum_ = std::make_unique<std::atomic<std::int64_t>>(0);
    tide::testing::driver run_;
};

/// What the batch with this number gives: the count of each record's key behind it.
std::int64_t expected_sum(batches const& input, std::uint64_t keys, std::size_t batch)
{
    std::vector<std::int64_t> counts(keys);
    std::int64_t sum = 0;
    for (std::size_t i = 0; i <= batch; ++i)
        for (auto const key : input[i])
            if (++counts[key]; i == batch)
                sum += counts[key];
    return sum;
}

/// Dies right before the second commit, and starts, as often as asked for: a start alone commits nothing.
bool measure(tide::local_directory const& where, std::uint64_t keys, batches const& input, std::size_t between_commits,
             std::size_t rounds)
{
    auto const run = 2 * between_commits - 1;
    {
        counting_application first(where, keys, input, between_commits);
        first.restore();
        first.run_next(run);
    }
    benchmark::pairs times; // until all has run again, until the state is there
    for (std::size_t round = 0; round < rounds + 1; ++round) {
        counting_application again(where, keys, input, between_commits);
        auto const state = benchmark::seconds([&] { again.restore(); });
        auto const batches_again = benchmark::seconds([&] { again.repeat(); });
        if (round != 0)
            times.add(state + batches_again, state);
    }
    auto const [all, state] = std::pair(1e3 * benchmark::median(times.ours), 1e3 * benchmark::median(times.theirs));
    std::printf("a commit every %3zu batches: %6.0f ms until the %2zu batches behind it have run again, of which the "
                "state %6.0f ms\n",
                between_commits, all, between_commits - 1, state);
    std::fflush(stdout);
    benchmark::note_recovery("recovery time by commit interval", "all that was not committed", "of which the state",
                             "batches between commits", between_commits, all, state);

    counting_application last(where, keys, input, between_commits);
    last.restore();
    last.repeat();
    auto const before = last.sum(); // of outputs that were not done
    last.run_next(1);
    auto const expected = expected_sum(input, keys, run);
    if (last.sum() - before != expected)
        std::printf("the batch after those gave %lld, expected %lld\n", static_cast<long long>(last.sum() - before),
                    static_cast<long long>(expected));
    return last.sum() - before == expected;
}

} // namespace

int main(int argc, char** argv)
{
    benchmark::new_folder const folder(argc, argv, 3, "commit_interval");
    auto const keys = benchmark::argument(argc, argv, 1, 1'000'000);
    auto const rounds = benchmark::argument(argc, argv, 2, 7);
    auto const input = benchmark::drawn_keys(keys, 2 * most_between_commits, batch_size);
    for (std::size_t const between_commits : {std::size_t{1}, std::size_t{2}, std::size_t{5}, std::size_t{10},
                                              std::size_t{20}, std::size_t{50}, most_between_commits}) {
        tide::local_directory const where(folder.path() + "/" + std::to_string(between_commits));
        if (!measure(where, keys, input, between_commits, rounds))
            return 1;
    }
}
