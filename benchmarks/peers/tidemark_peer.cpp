// SPDX-License-Identifier: BSL-1.0
//
// tidemark_peer: the counterpart of spark/SparkPeer.scala: the same three streams over the same records, so that both
// can be run side by side. Not compared with a loop; see peers/README.md.
//
// Usage: tidemark_peer [words|running|max [records = 100000 [interval = 100 [warm-up = 5 [batches = 20]]]]]
// Records (lines of ten words for `words`) are those of one batch; the interval is in milliseconds.

#include "../support/measuring.hpp"

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <unistd.h>

namespace {

constexpr std::uint64_t keys = 100'000;
constexpr int checkpoint_batches = 10;
constexpr int window_batches = 10;
constexpr std::size_t partitions = 2;

/// SplitMix64: the n-th of a sequence that every language with 64-bit integers gives alike.
constexpr std::uint64_t mixed(std::uint64_t n)
{
    auto z = n + 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
}

using update = std::pair<std::int64_t, std::int64_t>;

struct make_update {
    using record_type = update;
    update operator()(std::uint64_t n) const
    {
        auto const drawn = mixed(n);
        return {static_cast<std::int64_t>((drawn >> 1U) % keys), static_cast<std::int64_t>(mixed(drawn) >> 1U)};
    }
};

/// 20,000 lines, made once and given again and again.
struct make_line {
    using record_type = std::string;

    make_line()
    {
        for (std::uint64_t line = 0; line < 20'000; ++line) {
            std::string text;
            for (std::uint64_t word = 0; word < 10; ++word) {
                auto const drawn = mixed(line * 10 + word);
                auto const rank = (drawn & 0xffffU) >> ((drawn >> 16U) & 15U);
                text += (word == 0 ? "w" : " w") + std::to_string(rank * 2654435761U % 1'000'003);
            }
            lines->push_back(std::move(text));
        }
    }
    std::string const& operator()(std::uint64_t n) const { return (*lines)[n % lines->size()]; }

    std::shared_ptr<std::vector<std::string>> lines = std::make_shared<std::vector<std::string>>();
};

/// Batch b has the records b * size to (b + 1) * size - 1, in two partitions that make them when they are read.
template <typename Make>
class numbered_batches {
public:
    using record_type = typename Make::record_type;
    static constexpr bool replayable = true;
    static constexpr std::string_view name = "numbered_batches";

    numbered_batches(Make make, std::uint64_t size)
        : make_(std::move(make))
        , size_(size)
    {}

    [[nodiscard]] std::string describe() const { return "numbered_batches"; }
    [[nodiscard]] std::unique_ptr<tidemark::source_reader<record_type>> open(tidemark::source_environment const&) const
    {
        return std::make_unique<reader>(make_, size_);
    }

private:
    class view final : public tidemark::dataset<record_type> {
    public:
        view(Make make, std::uint64_t begin, std::uint64_t size)
            : make_(std::move(make))
            , begin_(begin)
            , size_(size)
        {}
        [[nodiscard]] std::size_t partitions() const override { return ::partitions; }
        void prepare(tidemark::any_executor const&) override {}
        void feed(std::size_t part, tidemark::any_sink<record_type>& out) override
        {
            std::vector<record_type> chunk;
            auto const end = begin_ + size_ * (part + 1) / ::partitions;
            for (auto n = begin_ + size_ * part / ::partitions; n < end;) {
                chunk.clear();
                for (; chunk.size() < 1024 && n < end; ++n)
                    chunk.push_back(make_(n));
                tidemark::feed_all(std::span<record_type const>(chunk), out);
            }
        }

    private:
        Make make_;
        std::uint64_t begin_;
        std::uint64_t size_;
    };

    /// The benchmark never starts again from a checkpoint, so that a position says nothing.
    class reader final : public tidemark::source_reader<record_type> {
    public:
        reader(Make make, std::uint64_t size)
            : make_(std::move(make))
            , size_(size)
        {}
        tidemark::batch_input<record_type> plan(tidemark::batch_time) override
        {
            return {std::make_shared<view>(make_, size_ * next_++, size_), {}, {}};
        }
        tidemark::batch_input<record_type> replay(tidemark::batch_time time, std::span<std::byte const>) override
        {
            return plan(time);
        }
        std::vector<std::byte> position() const override { return {}; }
        void seek(std::span<std::byte const>) override {}

    private:
        Make make_;
        std::uint64_t size_;
        std::uint64_t next_ = 0;
    };

    Make make_;
    std::uint64_t size_;
};

std::vector<std::pair<std::string, std::int64_t>> words_of(std::string const& line)
{
    std::vector<std::pair<std::string, std::int64_t>> found;
    for (std::size_t at = 0; at < line.size();) {
        auto const end = std::min(line.find(' ', at), line.size());
        found.emplace_back(line.substr(at, end - at), 1);
        at = end + 1;
    }
    return found;
}

std::uint64_t worth(std::string_view word, std::int64_t amount)
{
    std::uint64_t hash = 0xcbf29ce484222325U; // FNV-1a
    for (auto const letter : word)
        hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3U;
    return hash * static_cast<std::uint64_t>(amount);
}

std::uint64_t worth(std::int64_t key, std::int64_t number)
{
    return mixed(static_cast<std::uint64_t>(key)) * static_cast<std::uint64_t>(number);
}

struct options {
    std::string scenario;
    std::uint64_t records;
    std::chrono::milliseconds interval;
    std::uint64_t warm_up;
    std::uint64_t batches;
};

/// An output that adds what each record is worth to `check`; sums wrap, and the order of the records does not matter.
auto checked(std::uint64_t& check)
{
    return tidemark::foreach_rdd([&check](auto const& rdd) {
        check += rdd
                 | tidemark::aggregate_records(
                     std::uint64_t{0},
                     [](std::uint64_t sum, auto const& record) { return sum + worth(record.first, record.second); },
                     std::plus<>{});
    });
}

template <typename Application>
void drive(Application app, options const& wanted, std::uint64_t const& check)
{
    tidemark::manual_clock clock;
    auto const engine = app.engine(tidemark::any_clock(clock));
    engine->start();
    auto time = engine->plan().next;
    std::vector<double> times;
    auto due = std::chrono::steady_clock::now();
    for (std::uint64_t batch = 0; batch < wanted.warm_up + wanted.batches; ++batch) {
        due += wanted.interval;
        std::this_thread::sleep_until(due); // not at all while batches take longer than the interval
        auto const taken = benchmark::seconds([&] { (void)engine->run(*engine->generate(time)); });
        time += wanted.interval;
        if (batch >= wanted.warm_up)
            times.push_back(taken * 1000);
    }
    auto const total = std::accumulate(times.begin(), times.end(), 0.0) / 1000;
    std::printf("tidemark %-8s %8llu records/batch %12.0f records/s, processing median %8.2f ms, p99 %8.2f ms, "
                "checksum %016llx\n",
                wanted.scenario.c_str(), static_cast<unsigned long long>(wanted.records),
                static_cast<double>(wanted.records * wanted.batches) / total, benchmark::median(times),
                benchmark::quantile(times, 0.99), static_cast<unsigned long long>(check));
}

} // namespace

int main(int argc, char** argv)
{
    auto const wanted = options{.scenario = argc > 1 ? argv[1] : "words",
                                .records = benchmark::argument(argc, argv, 2, 100'000),
                                .interval = std::chrono::milliseconds(benchmark::argument(argc, argv, 3, 100)),
                                .warm_up = benchmark::argument(argc, argv, 4, 5),
                                .batches = std::max<std::uint64_t>(benchmark::argument(argc, argv, 5, 20), 1)};
    auto const settings = tidemark::settings{.partitions = partitions, .threads = 2};
    std::uint64_t check = 0;
    if (wanted.scenario == "words") {
        auto const ssc = tidemark::streaming_context(wanted.interval, settings);
        drive(ssc.application(ssc.source_stream(numbered_batches(make_line(), wanted.records))
                              | tidemark::flat_map(words_of) | tidemark::reduce_by_key(std::plus<>{}) | checked(check)),
              wanted, check);
    } else if (wanted.scenario == "running") {
        auto const folder = std::filesystem::temp_directory_path() / ("tidemark-peer-" + std::to_string(::getpid()));
        {
            auto const ssc =
                tidemark::streaming_context(wanted.interval, tidemark::checkpoint_directory(folder), settings);
            drive(ssc.application(ssc.source_stream(numbered_batches(make_update(), wanted.records))
                                  | tidemark::map_with_state<"counts">(
                                      tidemark::state_spec([](std::int64_t key, std::optional<std::int64_t>,
                                                              tidemark::state<std::int64_t>& seen) {
                                          seen.update(seen.get_option().value_or(0) + 1);
                                          return std::pair(key, seen.get());
                                      }),
                                      tidemark::checkpoint_every(wanted.interval * checkpoint_batches))
                                  | checked(check)),
                  wanted, check);
        }
        std::filesystem::remove_all(folder);
    } else if (wanted.scenario == "max") {
        auto const ssc = tidemark::streaming_context(wanted.interval, settings);
        drive(ssc.application(
                  ssc.source_stream(numbered_batches(make_update(), wanted.records))
                  | tidemark::reduce_by_key_and_window([](std::int64_t a, std::int64_t b) { return std::max(a, b); },
                                                       wanted.interval * window_batches, wanted.interval)
                  | checked(check)),
              wanted, check);
    } else {
        std::printf("there is no %s: say words, running or max\n", wanted.scenario.c_str());
        return 2;
    }
    return 0;
}
