// SPDX-License-Identifier: BSL-1.0
//
// received_blocks.test: wherever a process with a receiver dies, what was acknowledged is delivered, and nothing more often
// than it was sent.

#include <tidemark/operators.hpp>
#include <tidemark/runtime.hpp>
#include <tidemark/sinks.hpp>
#include <tidemark/sources.hpp>
#include <tidemark/sources/block_log.hpp>
#include <tidemark/storage/fault_plan.hpp>
#include <tidemark/storage/faulty_storage.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/driver.hpp>
#include <tidemark/time/literals.hpp>

#include <laws/database.hpp>
#include <support/catch.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace tidemark::literals;
using tidemark::batch_time;
using tidemark::fault_plan;
using tidemark::memory_storage;

using laws::row;

constexpr int all_messages = 12;

/// The sender: forgets what was acknowledged, and sends all else again to each new process.
struct sender {
    std::mutex mutex;
    std::map<int, int> sent; ///< How often each message was.
    std::set<int> acknowledged;

    /// The first message behind `last` that is to be sent; 0 when there is none.
    [[nodiscard]] int send_next(int last)
    {
        std::scoped_lock const lock(mutex);
        for (int message = last + 1; message <= all_messages; ++message)
            if (!acknowledged.contains(message)) {
                ++sent[message];
                return message;
            }
        return 0;
    }

    void acknowledge(int message)
    {
        std::scoped_lock const lock(mutex);
        acknowledged.insert(message);
    }

    [[nodiscard]] bool is_done()
    {
        std::scoped_lock const lock(mutex);
        return acknowledged.size() == all_messages;
    }
};

/// What outlives the process.
struct world {
    memory_storage disk;
    memory_storage blocks;
    laws::tables tables;
    sender from;
    std::int64_t batches = 0; ///< Which time it is, in seconds.
};

class message_reader final : public tidemark::receiving_reader<row> {
public:
    explicit message_reader(sender& from)
        : receiving_reader(std::make_shared<tidemark::receive_buffer<row>>(1000), 2, 0_ms)
        , from_(&from)
    {}
    message_reader(message_reader const&) = delete;
    message_reader& operator=(message_reader const&) = delete;
    ~message_reader() override { stop(); }

private:
    void receive(std::stop_token stop) override
    {
        for (int message = from_->send_next(0); message != 0; message = from_->send_next(message)) {
            if (!store({{"key" + std::to_string(message % 3), message}}, 8, stop))
                return;
            from_->acknowledge(message);
        }
    }

    sender* from_;
};

struct messages {
    using record_type = row;
    static constexpr bool replayable = false;
    static constexpr std::string_view name = "messages";

    sender* from;

    [[nodiscard]] std::string describe() const { return "messages"; }
    [[nodiscard]] std::unique_ptr<message_reader> open(tidemark::source_environment const&) const
    {
        return std::make_unique<message_reader>(*from);
    }
};

constexpr auto add = [](std::vector<int> const& values, std::optional<int> before) {
    for (auto const value : values)
        before = before.value_or(0) + value;
    return before;
};

tidemark::application program(world& all, fault_plan const& plan)
{
    auto const ssc = tidemark::streaming_context(
                         1_s, tidemark::checkpoint_directory(tidemark::faulty_storage(all.disk, plan)),
                         tidemark::settings{.partitions = 2, .key_groups = 4, .threads = 1, .retained_commits = 2})
                         .named("laws");
    auto const lines =
        ssc.source_stream<"messages">(messages{&all.from})
        | tidemark::write_ahead_log(tidemark::block_log{tidemark::faulty_storage(all.blocks, plan), 1_ms});
    auto const totals = lines | tidemark::update_state_by_key<"totals">(add, tidemark::checkpoint_every(2_s));
    auto const into = laws::database{&all.tables, plan};
    return ssc.application(lines | tidemark::save_in_transactions<"rows">(into) | tidemark::exactly_once(),
                           totals | tidemark::save_in_transactions<"totals">(into) | tidemark::exactly_once());
}

/// One life of the process: batches until all messages are acknowledged and in one of them, or until `plan` ends it.
void live(world& all, fault_plan const& plan)
{
    try {
        tidemark::testing::driver run(program(all, plan), batch_time(all.batches * 1000));
        run.start();
        for (bool all_in = false; !all_in && !plan.crashed(); all_in = all.from.is_done() && run.engine().drained()) {
            all.batches = run.next_time().count() / 1000;
            (void)run.next();
            std::this_thread::sleep_for(std::chrono::microseconds(200)); // in which a block may be made
        }
    } catch (tidemark::simulated_crash const&) {
    }
}

/// What is wrong; `twice` counts the messages that were sent more than once and came so.
std::string difference(world& all, std::size_t& twice)
{
    std::map<int, int> times;
    std::map<std::string, int> expected;
    int newest = 0;
    for (auto const& [time, rows] : all.tables.at("laws/rows"))
        for (auto const& [key, message] : rows) {
            if (++times[message] == 1 && message < std::exchange(newest, message))
                return "message " + std::to_string(message) + " came first behind a later one";
            expected[key] += message;
        }
    for (int message = 1; message <= all_messages; ++message) {
        if (times[message] == 0)
            return "message " + std::to_string(message) + " is lost";
        if (times[message] > all.from.sent[message])
            return "message " + std::to_string(message) + " was sent " + std::to_string(all.from.sent[message])
                   + " times, and came " + std::to_string(times[message]) + " times";
        if (times[message] > 1)
            ++twice;
    }
    auto const& last = all.tables.at("laws/totals").rbegin()->second;
    if (std::map<std::string, int>(last.begin(), last.end()) != expected)
        return "the totals differ";
    return "";
}

std::size_t crashes_wanted(std::size_t otherwise)
{
    auto const* const asked = std::getenv("TIDEMARK_CRASHES");
    return asked == nullptr ? otherwise : static_cast<std::size_t>(std::atoll(asked));
}

} // namespace

TEST_CASE("what a receiver acknowledged is delivered, wherever the process dies, and no more often than sent",
          "[laws][recovery][exactly_once][block_log]")
{
    std::size_t twice = 0;
    {
        world uncut;
        live(uncut, fault_plan());
        REQUIRE(difference(uncut, twice) == "");
        REQUIRE(twice == 0);
    }
    auto const wanted = crashes_wanted(400);
    auto const began = std::chrono::steady_clock::now();
    std::size_t crashes = 0;
    for (std::uint64_t seed = 0; crashes < wanted; ++seed) {
        world all;
        for (std::uint64_t life = 0; life < 4; ++life) {
            fault_plan const plan(seed + life);
            plan.crash_after_changes((seed * 7 + life * 13) % 90);
            live(all, plan);
            if (!plan.crashed())
                break;
            ++crashes;
            bool const power = (seed + life) % 2 == 0;
            all.disk = power ? all.disk.crash(seed * 31 + life) : all.disk.kill();
            all.blocks = power ? all.blocks.crash(seed * 37 + life) : all.blocks.kill();
        }
        live(all, fault_plan());
        INFO("seed " << seed);
        REQUIRE(difference(all, twice) == "");
    }
    CHECK(twice != 0); // a crash between the log and the acknowledgement
    std::cout << crashes << " crashes in "
              << std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count() << " s, " << twice
              << " messages came again since they were sent again\n";
}
