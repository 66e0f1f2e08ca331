// SPDX-License-Identifier: BSL-1.0
//
// running_count: a running count by key through map_with_state, a whole batch each time, against a loop over one
// boost::unordered_flat_map. Target: at most 0.8 of its time. What has changed is written by a thread of its own, and bases between
// batches, as an application does; the loop saves nothing.
//
// Usage: running_count [keys = 1000000 [batches = 25 [directory = a new one below the working directory]]]. A batch has 100000
// updates of uniformly drawn keys; one thread computes.

#include "support/measuring.hpp"

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
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

/// Gives the same batch again and again; the benchmark changes what is in it.
class shared_batch {
public:
    using record_type = update;
    static constexpr bool replayable = true;
    static constexpr std::string_view name = "shared_batch";

    explicit shared_batch(std::shared_ptr<std::vector<update>> records)
        : records_(std::move(records))
    {}

    [[nodiscard]] std::string describe() const { return "shared_batch"; }
    [[nodiscard]] std::unique_ptr<tidemark::source_reader<update>> open(tidemark::source_environment const&) const
    {
        return std::make_unique<reader>(records_);
    }

private:
    class view final : public tidemark::dataset<update> {
    public:
        explicit view(std::shared_ptr<std::vector<update>> records)
            : records_(std::move(records))
        {}
        [[nodiscard]] std::size_t partitions() const override { return 1; }
        void prepare(tidemark::any_executor const&) override {}
        void feed(std::size_t, tidemark::any_sink<update>& out) override
        {
            tidemark::feed_all(std::span<update const>(*records_), out);
        }

    private:
        std::shared_ptr<std::vector<update>> records_;
    };

    class reader final : public tidemark::source_reader<update> {
    public:
        explicit reader(std::shared_ptr<std::vector<update>> records)
            : records_(std::move(records))
        {}
        tidemark::batch_input<update> plan(tidemark::batch_time) override
        {
            return {std::make_shared<view>(records_), {}, {}};
        }
        tidemark::batch_input<update> replay(tidemark::batch_time time, std::span<std::byte const>) override
        {
            return plan(time);
        }
        std::vector<std::byte> position() const override { return {}; }
        void seek(std::span<std::byte const>) override {}

    private:
        std::shared_ptr<std::vector<update>> records_;
    };

    std::shared_ptr<std::vector<update>> records_;
};

int run_all(std::size_t keys, std::size_t batches, std::string const& path)
{
    constexpr std::size_t updates = 100'000;

    auto const records = std::make_shared<std::vector<update>>();
    tidemark::local_directory const directory(path);
    auto const ssc = tidemark::streaming_context(1_s, tidemark::checkpoint_directory(directory),
                                                 tidemark::settings{.threads = 1, .max_uncommitted = 100'000});
    auto const counts =
        ssc.source_stream(shared_batch(records))
        | tidemark::map_with_state<"count">(tidemark::state_spec(track), tidemark::checkpoint_every(1000_h));
    std::int64_t ours = 0;
    auto app = ssc.application(
        counts | tidemark::foreach_rdd([&ours](auto const& rdd) { ours = rdd | tidemark::count_records(); }));
    tidemark::manual_clock clock;
    auto const engine = app.engine(tidemark::any_clock(clock));
    engine->start();
    engine->write_in_background();

    boost::unordered_flat_map<std::uint64_t, tally> by_hand;
    auto time = engine->plan().next;
    auto const one_batch = [&] {
        auto const batch = engine->generate(time);
        (void)engine->run(*batch);
        time += 1_s;
    };
    auto const between_batches = [&] {
        while (engine->work_in_spare_time()) {
        }
    };
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

    for (std::uint64_t key = 0; key < keys;) { // every key is there before anything is measured
        records->clear();
        for (; records->size() < 1'000'000 && key < keys; ++key)
            records->emplace_back(key * 0x9e3779b97f4a7c15ULL, 1);
        one_batch();
        one_loop();
        between_batches();
    }
    std::mt19937_64 random(1);
    benchmark::pairs times;
    for (std::size_t round = 0; round < batches; ++round) {
        records->clear();
        for (std::size_t i = 0; i < updates; ++i)
            records->emplace_back(random() % keys * 0x9e3779b97f4a7c15ULL, static_cast<std::int64_t>(i));
        auto const our_time = benchmark::seconds(one_batch);
        between_batches();
        times.add(our_time, benchmark::seconds(one_loop));
        if (ours != static_cast<std::int64_t>(results.size())) {
            std::printf("the results differ\n");
            return 1;
        }
    }
    benchmark::report({"running count, " + std::to_string(keys) + " keys", "loop over boost::unordered_flat_map", 0.8,
                       std::to_string(updates) + " updates a batch, 1 thread", "running count by key",
                       static_cast<double>(keys), "keys"},
                      times, updates);
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    std::string const path = argc > 3 ? argv[3] : "running_count." + std::to_string(std::random_device()());
    auto const result =
        run_all(benchmark::argument(argc, argv, 1, 1'000'000), benchmark::argument(argc, argv, 2, 25), path);
    std::filesystem::remove_all(path);
    return result;
}
