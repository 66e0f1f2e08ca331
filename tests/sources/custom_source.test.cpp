// SPDX-License-Identifier: BSL-1.0

#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/execution/plain_datasets.hpp>
#include <tidemark/sources/receiving_reader.hpp>
#include <tidemark/stream/source.hpp>

#include <sources/reading.hpp>
#include <support/catch.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace {

using reading::environment;
using reading::records_of;
using tidemark::batch_time;
using numbers = std::vector<std::int64_t>;

// ---- A source that can say the same again: the batch time, and how many batches there were before

class ticks_reader final : public tidemark::source_reader<std::int64_t> {
public:
    tidemark::batch_input<std::int64_t> plan(batch_time time) override { return input(time, batches_++); }

    tidemark::batch_input<std::int64_t> replay(batch_time time, std::span<std::byte const> plan) override
    {
        batches_ = tidemark::from_bytes<std::int64_t>(plan);
        return input(time, batches_++);
    }

    std::vector<std::byte> position() const override { return tidemark::to_bytes(batches_); }
    void seek(std::span<std::byte const> position) override { batches_ = tidemark::from_bytes<std::int64_t>(position); }

private:
    static tidemark::batch_input<std::int64_t> input(batch_time time, std::int64_t before)
    {
        tidemark::partitioned<std::int64_t> records{{time.count(), before}};
        return {std::make_shared<tidemark::stored_dataset<std::int64_t>>(std::move(records)),
                tidemark::to_bytes(before), [] { return std::uint64_t{2}; }};
    }

    std::int64_t batches_ = 0;
};

struct ticks {
    using record_type = std::int64_t;
    static constexpr std::string_view name = "ticks";
    static constexpr bool replayable = true;

    std::string describe() const { return "ticks"; }
    std::unique_ptr<ticks_reader> open(tidemark::source_environment const&) const
    {
        return std::make_unique<ticks_reader>();
    }
};

static_assert(tidemark::stream_source<ticks> && ticks::name == "ticks");

TEST_CASE("a program's own source says what a batch is, and the same again", "[sources][custom]")
{
    auto const first = ticks().open(environment());
    (void)first->plan(batch_time(1000));
    auto const planned = first->plan(batch_time(2000));
    CHECK(records_of(planned) == numbers{2000, 1});
    auto const again = ticks().open(environment());
    CHECK(records_of(again->replay(batch_time(2000), planned.plan)) == numbers{2000, 1});
    CHECK(records_of(again->plan(batch_time(3000))) == numbers{3000, 2});
}

// ---- A source with a thread: only `receive` is left to write

class countdown_reader final : public tidemark::receiving_reader<std::int64_t> {
public:
    countdown_reader(std::int64_t from, std::size_t partitions)
        : receiving_reader(std::make_shared<tidemark::receive_buffer<std::int64_t>>(1 << 20), partitions)
        , from_(from)
    {}
    countdown_reader(countdown_reader const&) = delete;
    countdown_reader& operator=(countdown_reader const&) = delete;
    ~countdown_reader() override { stop(); }

private:
    void receive(std::stop_token stop) override
    {
        for (auto number = from_; number > 0 && !stop.stop_requested(); --number)
            buffer().add({number}, sizeof number, stop);
        buffer().end();
    }

    std::int64_t from_;
};

struct countdown {
    using record_type = std::int64_t;
    static constexpr std::string_view name = "countdown";
    static constexpr bool replayable = false;

    std::string describe() const { return "countdown"; }
    std::unique_ptr<countdown_reader> open(tidemark::source_environment const& environment) const
    {
        return std::make_unique<countdown_reader>(from, environment.partitions);
    }

    std::int64_t from;
};

static_assert(tidemark::stream_source<countdown> && countdown::name == "countdown");

TEST_CASE("a program's own receiver fills batches from its thread", "[sources][custom]")
{
    auto const reader = countdown{3}.open(environment());
    reader->start();
    REQUIRE(reader->received().wait_until_received(3));
    CHECK(records_of(reader->plan(batch_time(1000))) == numbers{3, 2, 1});
    CHECK(reader->drained());
}

} // namespace
