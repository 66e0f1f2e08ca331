// SPDX-License-Identifier: BSL-1.0
//
// running_count: a running count by key through map_with_state, a whole batch each time, against a loop over one
// boost::unordered_flat_map. Targets: at most 0.8 of its time; two threads at least 1.7 times as fast as one, measured twice:
// with the writer's thread on the second core, and on one core with it. What has changed is written by a thread of its own,
// and bases between batches, as an application does; the loop saves nothing.
//
// Usage: running_count [keys = 1000000 [batches = 25 [directory = the working directory [threads]]]]. A batch has 100000
// updates of uniformly drawn keys. With `threads` it is one application alone, with so many threads, and nothing beside it
// takes the caches: the medians of two such runs, in turn, are to be compared.

#include "support/measuring.hpp"
#include "support/one_core.hpp"

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <numeric>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace tidemark::literals;

using update = std::pair<std::uint64_t, std::int64_t>;

struct tally {
    std::int64_t count = 0;
    std::int64_t last = 0;

    template <typename Archive>
    void serialize(Archive& archive, unsigned)
    {
        archive & count & last;
    }
};

std::int64_t track(std::uint64_t, std::optional<std::int64_t> value, tidemark::state<tally>& state)
{
    auto next = state.exists() ? state.get() : tally{};
    next.count += value.value_or(0);
    next.last = value.value_or(0);
    state.update(next);
    return next.count;
}

/// Gives the same batch again and again, in equal partitions; the benchmark changes what is in it.
class shared_batch {
public:
    using record_type = update;
    static constexpr bool replayable = true;
    static constexpr std::string_view name = "shared_batch";

    shared_batch(std::shared_ptr<std::vector<update>> records, std::size_t partitions)
        : records_(std::move(records))
        , partitions_(partitions)
    {}

    [[nodiscard]] std::string describe() const { return "shared_batch"; }
    [[nodiscard]] std::unique_ptr<tidemark::source_reader<update>> open(tidemark::source_environment const&) const
    {
        return std::make_unique<reader>(records_, partitions_);
    }

private:
    class view final : public tidemark::dataset<update> {
    public:
        view(std::shared_ptr<std::vector<update>> records, std::size_t partitions)
            : records_(std::move(records))
            , partitions_(partitions)
        {}
        [[nodiscard]] std::size_t partitions() const override { return partitions_; }
        void prepare(tidemark::any_executor const&) override {}
        void feed(std::size_t partition, tidemark::any_sink<update>& out) override
        {
            auto const begin = records_->size() * partition / partitions_;
            auto const end = records_->size() * (partition + 1) / partitions_;
            tidemark::feed_all(std::span<update const>(*records_).subspan(begin, end - begin), out);
        }

    private:
        std::shared_ptr<std::vector<update>> records_;
        std::size_t partitions_;
    };

    class reader final : public tidemark::source_reader<update> {
    public:
        reader(std::shared_ptr<std::vector<update>> records, std::size_t partitions)
            : records_(std::move(records))
            , partitions_(partitions)
        {}
        tidemark::batch_input<update> plan(tidemark::batch_time) override
        {
            return {std::make_shared<view>(records_, partitions_), {}, {}};
        }
        tidemark::batch_input<update> replay(tidemark::batch_time time, std::span<std::byte const>) override
        {
            return plan(time);
        }
        std::vector<std::byte> position() const override { return {}; }
        void seek(std::span<std::byte const>) override {}

    private:
        std::shared_ptr<std::vector<update>> records_;
        std::size_t partitions_;
    };

    std::shared_ptr<std::vector<update>> records_;
    std::size_t partitions_;
};

/// An application that counts what is in `records`, one batch after the other.
class counting {
public:
    counting(std::shared_ptr<std::vector<update>> const& records, std::size_t threads, std::string const& path)
        : directory_(path)
        , application_(
              counted(tidemark::streaming_context(1_s, tidemark::checkpoint_directory(directory_),
                                                  tidemark::settings{.threads = threads, .max_uncommitted = 100'000}),
                      shared_batch(records, threads)))
        , engine_(application_.engine(tidemark::any_clock(clock_)))
    {
        engine_->start();
        engine_->write_in_background();
        time_ = engine_->plan().next;
    }

    counting(counting const&) = delete;
    counting& operator=(counting const&) = delete;

    void batch()
    {
        auto const next = engine_->generate(time_);
        (void)engine_->run(*next);
        time_ += 1_s;
    }
    /// Long enough for the bases that are due, and for the writer to have nothing left.
    void spare_time()
    {
        while (engine_->work_in_spare_time()) {
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    /// Of the last batch.
    [[nodiscard]] std::int64_t results() const { return results_; }
    /// The sum of the counts that one more batch gives, and is not timed.
    [[nodiscard]] std::int64_t sum_of_batch()
    {
        sums_ = true;
        batch();
        sums_ = false;
        return results_;
    }

private:
    template <typename Context>
    [[nodiscard]] tidemark::application counted(Context const& ssc, shared_batch const& batches)
    {
        return ssc.application(
            ssc.source_stream(batches)
            | tidemark::map_with_state<"count">(tidemark::state_spec(track), tidemark::checkpoint_every(1000_h))
            | tidemark::foreach_rdd([this](auto const& rdd) {
                  if (!sums_) {
                      results_ = rdd | tidemark::count_records();
                      return;
                  }
                  results_ = 0;
                  for (auto const count : rdd | tidemark::collect())
                      results_ += count;
              }));
    }

    tidemark::local_directory directory_;
    std::int64_t results_ = 0;
    bool sums_ = false;
    tidemark::manual_clock clock_;
    tidemark::application application_;
    tidemark::owner<tidemark::batch_engine> engine_;
    tidemark::batch_time time_;
};

constexpr std::size_t updates = 100'000;

/// Calls `run` with each key in one of the batches, so that all are there before anything is measured.
template <typename Run>
void with_every_key(std::vector<update>& records, std::size_t keys, Run const& run)
{
    for (std::uint64_t key = 0; key < keys;) {
        records.clear();
        for (; records.size() < 1'000'000 && key < keys; ++key)
            records.emplace_back(key * 0x9e3779b97f4a7c15ULL, 1);
        run();
    }
}

void draw(std::vector<update>& records, std::size_t keys, std::mt19937_64& random)
{
    records.clear();
    for (std::size_t i = 0; i < updates; ++i)
        records.emplace_back(random() % keys * 0x9e3779b97f4a7c15ULL, static_cast<std::int64_t>(i));
}

void run_alone(std::size_t keys, std::size_t batches, std::string const& path, std::size_t threads)
{
    auto const records = std::make_shared<std::vector<update>>();
    counting ours(records, threads, path + "/alone");
    with_every_key(*records, keys, [&ours] {
        ours.batch();
        ours.spare_time();
    });
    std::mt19937_64 random(1);
    std::vector<double> times;
    for (std::size_t round = 0; round < batches; ++round) {
        draw(*records, keys, random);
        times.push_back(benchmark::seconds([&ours] { ours.batch(); }));
        ours.spare_time();
    }
    std::printf("%.1f ns for an update\n", benchmark::median(times) * 1e9 / static_cast<double>(updates));
}

int run_all(std::size_t keys, std::size_t batches, std::string const& path)
{
    auto const records = std::make_shared<std::vector<update>>();
    counting ours(records, 1, path + "/one");
    counting by_two(records, 2, path + "/two");
    boost::unordered_flat_map<std::uint64_t, tally> by_hand;
    std::vector<std::int64_t> results;
    auto const one_loop = [&] {
        results.clear();
        for (auto const& [key, value] : *records) {
            auto& state = by_hand[key];
            state.count += value;
            state.last = value;
            results.push_back(state.count);
        }
    };

    with_every_key(*records, keys, [&] {
        one_loop();
        for (auto* const each : {&ours, &by_two}) {
            each->batch();
            each->spare_time();
        }
    });
    std::mt19937_64 random(1);
    benchmark::pairs to_loop;
    benchmark::pairs to_one;
    benchmark::pairs to_one_core;
    for (std::size_t round = 0; round < batches; ++round) {
        draw(*records, keys, random);
        auto const time = benchmark::seconds([&] { ours.batch(); });
        ours.spare_time();
        to_loop.add(time, benchmark::seconds(one_loop));
        auto const time_of_two = benchmark::seconds([&] { by_two.batch(); });
        by_two.spare_time();
        to_one.add(time_of_two, time);
        {
            benchmark::one_core const shared; // by the batch and the writer
            to_one_core.add(time_of_two, benchmark::seconds([&] { ours.batch(); }));
        }
        ours.spare_time();
        auto const expected = static_cast<std::int64_t>(results.size());
        if (ours.results() != expected || by_two.results() != expected) {
            std::printf("the results differ\n");
            return 1;
        }
    }
    one_loop();
    auto const expected = std::accumulate(results.begin(), results.end(), std::int64_t{0});
    if (by_two.sum_of_batch() != expected) {
        std::printf("the counts differ\n");
        return 1;
    }
    bool const large = keys >= 1'000'000; // what the targets are for
    auto const words = "running count, " + std::to_string(keys) + " keys";
    auto const size = std::to_string(updates) + " updates a batch";
    benchmark::report({words, "loop over boost::unordered_flat_map", large ? 0.8 : 0, size + ", 1 thread",
                       "running count by key", static_cast<double>(keys), "keys"},
                      to_loop, updates);
    benchmark::report({words + ", 2 threads", "1 thread", large ? 1 / 1.7 : 0, size}, to_one, updates);
    benchmark::report({words + ", 2 threads", "1 thread on one core, with the writer's", large ? 1 / 1.7 : 0, size},
                      to_one_core, updates);
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    benchmark::new_folder const folder(argc, argv, 3, "running_count");
    auto const keys = benchmark::argument(argc, argv, 1, 1'000'000);
    auto const batches = benchmark::argument(argc, argv, 2, 25);
    if (argc <= 4)
        return run_all(keys, batches, folder.path());
    run_alone(keys, batches, folder.path(), benchmark::argument(argc, argv, 4, 1));
    return 0;
}
