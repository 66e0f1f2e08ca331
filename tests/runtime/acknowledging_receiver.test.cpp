// SPDX-License-Identifier: BSL-1.0
//
// acknowledging_receiver.test: a receiver that waits for its log when the application ends.

#include <tidemark/checkpoint/checkpoint_directory.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/runtime/application.hpp>
#include <tidemark/sources/block_log.hpp>
#include <tidemark/sources/receiving_reader.hpp>
#include <tidemark/sources/write_ahead_log.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/time/literals.hpp>

#include <support/catch.hpp>

#include <chrono>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace tidemark::literals;
using tidemark::memory_storage;

/// Sends numbers in their order, each again until it is acknowledged, and outlives the application.
struct sender {
    std::mutex mutex;
    int next = 1;
    std::multiset<int> taken; ///< By batches.
};

class number_reader final : public tidemark::receiving_reader<int> {
public:
    explicit number_reader(sender& from)
        : receiving_reader(std::make_shared<tidemark::receive_buffer<int>>(1000), 2)
        , from_(&from)
    {}
    number_reader(number_reader const&) = delete;
    number_reader& operator=(number_reader const&) = delete;
    ~number_reader() override { stop(); }

private:
    void receive(std::stop_token stop) override
    {
        for (bool is_taken = true; is_taken || !stop.stop_requested();) { // until it is told to stop
            is_taken = store({from_->next}, 4, stop);                     // `next` is this thread's while it runs
            std::scoped_lock const lock(from_->mutex);
            from_->next += is_taken ? 1 : 0;
        }
    }

    sender* from_;
};

struct number_source {
    using record_type = int;
    static constexpr bool replayable = false;
    static constexpr std::string_view name = "numbers";

    sender* from;

    [[nodiscard]] std::string describe() const { return "numbers"; }
    [[nodiscard]] std::unique_ptr<number_reader> open(tidemark::source_environment const&) const
    {
        return std::make_unique<number_reader>(*from);
    }
};

template <typename Log>
tidemark::application program(sender& from, memory_storage const& disk, Log const& log)
{
    auto const ssc = tidemark::streaming_context(20_ms, tidemark::checkpoint_directory(disk),
                                                 tidemark::settings{.partitions = 2, .threads = 1});
    return ssc.application(ssc.source_stream<"numbers">(number_source{&from}) | log
                           | tidemark::foreach_rdd<"taken">([&from](auto const& rdd) {
                                 auto const all = rdd | tidemark::collect();
                                 std::scoped_lock const lock(from.mutex);
                                 from.taken.insert(all.begin(), all.end());
                             }));
}

/// Each from 1 on once, up to the last that was acknowledged.
bool once_each(sender const& from)
{
    std::multiset<int> expected;
    for (int number = 1; number < from.next; ++number)
        expected.insert(number);
    return from.taken == expected;
}

template <typename Log>
void stop_gracefully(Log const& log)
{
    sender from;
    memory_storage const disk;
    for (int run = 1; run <= 5; ++run) { // somewhere in a batch
        auto app = program(from, disk, log);
        app.start();
        std::this_thread::sleep_for(std::chrono::milliseconds(50 + 7 * run));
        app.stop();
        CHECK(once_each(from));
    }
    CHECK(from.next > 5);
}

} // namespace

TEST_CASE("a graceful stop waits for the acknowledgement of what its last batches take", "[runtime][write_ahead_log]")
{
    stop_gracefully(tidemark::write_ahead_log());
}

TEST_CASE("a graceful stop does so with a log of blocks, too", "[runtime][block_log]")
{
    stop_gracefully(tidemark::write_ahead_log(tidemark::block_log{memory_storage(), 1_ms}));
}

TEST_CASE("an immediate stop leaves no block of what its receiver was refused", "[runtime][block_log]")
{
    sender from;
    memory_storage const disk;
    auto const log = tidemark::write_ahead_log(tidemark::block_log{memory_storage(), 1_ms});
    for (int run = 1; run <= 20; ++run) {
        auto app = program(from, disk, log);
        app.start();
        std::this_thread::sleep_for(std::chrono::milliseconds(10 + run));
        app.stop(false);
    }
    auto app = program(from, disk, log);
    app.start();
    app.stop(); // takes what waits
    CHECK(once_each(from));
}

TEST_CASE("an immediate stop lets go of a receiver that waits for its log", "[runtime][write_ahead_log]")
{
    sender from;
    auto app = program(from, memory_storage(), tidemark::write_ahead_log());
    app.start();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    app.stop(false); // ends
    CHECK(from.taken.size() <= static_cast<std::size_t>(from.next));
}
