// SPDX-License-Identifier: BSL-1.0
//
// custom_source: a source of your own, a meter with a memory, and a sum of its readings that survives a kill.
//
// A source is two classes. `meter` describes it: a value that names the kind, says what the records are and whether a
// planned batch can be read again, and opens the other. `meter_reader` is the running side. Its calls come in this
// order:
//
//   first start      open, start, plan, plan, plan ...
//   after a restart  open, seek(position of the last commit), start, replay(each batch planned since), plan ...
//
// What `plan` returns beside the data is saved before the batch runs, and given to `replay` after a crash. So it must
// be enough to make the same data again: here two numbers, because a meter can be asked for old readings.
// A source that cannot look back says `replayable = false`, gives no plan, and returns an empty dataset from `replay`;
// one that receives in a thread of its own derives from `receiving_reader` and defines only `receive`, as
// `operators/receiver.cpp` does.

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tide = tidemark;
using namespace tidemark::literals;

/// The outside world: a device that can be asked for the reading of any second.
std::int64_t reading_of(std::int64_t second) { return second % 2 == 0 ? second : 100; }

class meter_reader final : public tide::source_reader<std::int64_t> {
public:
    meter_reader(tide::duration batch, std::size_t partitions)
        : per_batch_(batch.count() / 1000)
        , partitions_(partitions)
    {}

    /// What the next batch reads: all seconds since the last one.
    tide::batch_input<std::int64_t> plan(tide::batch_time) override { return give({next_, next_ + per_batch_}); }

    /// The same data again, from the bytes that `plan` gave.
    tide::batch_input<std::int64_t> replay(tide::batch_time, std::span<std::byte const> plan) override
    {
        return give(tide::from_bytes<seconds>(plan));
    }

    /// Saved with each commit, and given to `seek` before the first batch of the next run.
    std::vector<std::byte> position() const override { return tide::to_bytes(next_); }
    void seek(std::span<std::byte const> position) override { next_ = tide::from_bytes<std::int64_t>(position); }

private:
    using seconds = std::pair<std::int64_t, std::int64_t>; // from the first up to, but not including, the last

    tide::batch_input<std::int64_t> give(seconds which)
    {
        next_ = which.second;
        std::vector<std::int64_t> readings;
        for (auto second = which.first; second != which.second; ++second)
            readings.push_back(reading_of(second));
        auto const size = readings.size();
        return {std::make_shared<tide::stored_dataset<std::int64_t>>(
                    tide::slice_evenly<std::int64_t>(std::move(readings), partitions_)),
                tide::to_bytes(which), [size] { return size; }};
    }

    std::int64_t per_batch_;
    std::size_t partitions_;
    std::int64_t next_ = 0;
};

struct meter {
    using record_type = std::int64_t;
    static constexpr std::string_view name = "meter";
    static constexpr bool replayable = true;

    std::string describe() const { return "meter"; }

    /// Called at each start, with what the application knows: its batch interval, its clock, its partitions.
    std::unique_ptr<meter_reader> open(tide::source_environment const& environment) const
    {
        return std::make_unique<meter_reader>(environment.batch, environment.partitions);
    }
};

// ---- A program with it

std::optional<std::int64_t> add(std::vector<std::int64_t> const& readings, std::optional<std::int64_t> before)
{
    auto sum = before.value_or(0);
    for (auto const reading : readings)
        sum += reading;
    return sum;
}

tide::application sums(tide::any_storage where)
{
    auto const ssc = tide::streaming_context<tide::settings{.threads = 1}>(2_s, tide::checkpoint_directory(where));
    auto const sum = ssc.source_stream<"meter">(meter())
                     | tide::map([](std::int64_t reading) { return std::pair(std::string("sum"), reading); })
                     | tide::update_state_by_key<"sum">(add, tide::checkpoint_every(4_s));
    return ssc.application(sum | tide::foreach_rdd<"show">([](auto const& rdd, tide::batch_time time) {
                               for (auto const& [name, value] : rdd | tide::collect())
                                   std::printf("%s: %s %lld\n", to_string(time).c_str(), name.c_str(),
                                               static_cast<long long>(value));
                           }));
}

int main()
{
    tide::memory_storage const disk;
    {
        tide::testing::driver first(sums(disk)); // the tests' driver: no waiting, and no clock but our own
        first.start();
        first.run_to(tide::batch_time(6000)); // commits at 4000
    }
    std::printf("killed; started again\n");
    auto const later = disk.kill();
    {
        tide::testing::driver second(sums(later), tide::batch_time(6000));
        second.start(); // runs batch 6000 again from its plan, but not its output, which was done
        second.run_to(tide::batch_time(8000)); // commits
    }
    std::printf("killed; started again\n");
    tide::testing::driver third(sums(later.kill()), tide::batch_time(8000));
    third.start(); // nothing to run again: goes on from the position in the commit
    third.run_to(tide::batch_time(12'000));
}
