// SPDX-License-Identifier: BSL-1.0
//
// delivery.test: whatever change of the checkpoint a process dies at, and whatever a loss of power leaves, each message of
// a sender that forgets what it was acknowledged is in the database once, and counts once in the state.

#include <tidemark/operators.hpp>
#include <tidemark/runtime.hpp>
#include <tidemark/sinks.hpp>
#include <tidemark/sources.hpp>
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
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace tidemark::literals;
using tidemark::batch_time;
using tidemark::fault_plan;
using tidemark::memory_storage;

using laws::row;

/// What outlives the process: its disk, the database of its outputs, and the sender.
struct world {
    memory_storage disk;
    laws::tables tables;
    std::set<int> unacknowledged;
    int sent = 0;
};

/// Messages 1, 2, 3 ...: a key of three, and the message.
struct messages {
    using record_type = row;
    static constexpr bool replayable = false;
    static constexpr std::string_view name = "messages";

    world* all;
    fault_plan plan;

    struct reader final : tidemark::source_reader<row> {
        reader(world& from, fault_plan of_process)
            : all(&from)
            , process(std::move(of_process))
        {}

        tidemark::batch_input<row> plan(batch_time time) override
        {
            tidemark::partitioned<row> parts(2);
            for (auto const message : all->unacknowledged)
                if (message > last) {
                    parts[static_cast<std::size_t>(message % 2)].emplace_back("key" + std::to_string(message % 3),
                                                                              message);
                    last = message;
                }
            given[time] = last;
            return {std::make_shared<tidemark::stored_dataset<row>>(std::move(parts)), tidemark::to_bytes(last), {}};
        }
        tidemark::batch_input<row> replay(batch_time time, std::span<std::byte const> plan) override
        {
            last = given[time] = tidemark::from_bytes<int>(plan);
            return {std::make_shared<tidemark::stored_dataset<row>>(tidemark::partitioned<row>()), {}, {}};
        }
        void planned(batch_time time) override
        {
            if (!process.crashed())
                all->unacknowledged.erase(all->unacknowledged.begin(), all->unacknowledged.upper_bound(given.at(time)));
        }
        std::vector<std::byte> position() const override { return tidemark::to_bytes(last); }
        void seek(std::span<std::byte const> position) override { last = tidemark::from_bytes<int>(position); }

        world* all;
        fault_plan process;
        int last = 0;
        std::map<batch_time, int> given;
    };

    [[nodiscard]] std::string describe() const { return "messages"; }
    [[nodiscard]] std::unique_ptr<reader> open(tidemark::source_environment const&) const
    {
        return std::make_unique<reader>(*all, plan);
    }
};

constexpr auto add = [](std::vector<int> const& values, std::optional<int> before) {
    for (auto const value : values)
        before = before.value_or(0) + value;
    return before;
};

constexpr std::int64_t last_batch = 6000; // milliseconds

tidemark::application program(world& all, fault_plan const& plan)
{
    auto const ssc = tidemark::streaming_context(
                         1_s, tidemark::checkpoint_directory(tidemark::faulty_storage(all.disk, plan)),
                         tidemark::settings{.partitions = 2, .key_groups = 4, .threads = 1, .retained_commits = 2})
                         .named("laws");
    auto const lines = ssc.source_stream<"messages">(messages{&all, plan}) | tidemark::write_ahead_log();
    auto const totals = lines | tidemark::update_state_by_key<"totals">(add, tidemark::checkpoint_every(2_s));
    auto const into = laws::database{&all.tables, plan};
    return ssc.application(lines | tidemark::save_in_transactions<"rows">(into) | tidemark::exactly_once(),
                           totals | tidemark::save_in_transactions<"totals">(into) | tidemark::exactly_once());
}

/// One life of the process, up to the last batch or to what `plan` brings. Two messages come before each batch.
void live(world& all, fault_plan const& plan)
{
    tidemark::testing::driver run(program(all, plan), batch_time(std::int64_t{all.sent} / 2 * 1000));
    try {
        run.start();
        while (!plan.crashed() && run.next_time().count() <= last_batch) {
            for (int i = 0; i < 2; ++i)
                all.unacknowledged.insert(++all.sent);
            (void)run.next();
        }
    } catch (tidemark::simulated_crash const&) {
    }
}

std::string difference(world const& all)
{
    std::map<int, int> times;
    for (auto const& [time, rows] : all.tables.at("laws/rows"))
        for (auto const& [key, message] : rows)
            ++times[message];
    std::map<std::string, int> expected;
    for (int message = 1; message <= all.sent; ++message) {
        if (times[message] != 1)
            return "message " + std::to_string(message) + ": expected once, found " + std::to_string(times[message]);
        expected["key" + std::to_string(message % 3)] += message;
    }
    auto const& last = all.tables.at("laws/totals").rbegin()->second;
    if (std::map<std::string, int>(last.begin(), last.end()) != expected)
        return "the totals differ";
    return "";
}

/// How often the process is to die; a number in the environment replaces `otherwise`.
std::size_t crashes_wanted(std::size_t otherwise)
{
    auto const* const asked = std::getenv("TIDEMARK_CRASHES");
    return asked == nullptr ? otherwise : static_cast<std::size_t>(std::atoll(asked));
}

} // namespace

TEST_CASE("each message is delivered once, whatever change of the checkpoint the process dies at",
          "[laws][recovery][exactly_once]")
{
    fault_plan const counting;
    world uncut;
    live(uncut, counting);
    REQUIRE(difference(uncut) == "");
    auto const changes = counting.changes();
    REQUIRE(changes > 20);

    auto const wanted = crashes_wanted(10'000);
    auto const began = std::chrono::steady_clock::now();
    std::size_t crashes = 0;
    for (std::uint64_t seed = 0; crashes < wanted; ++seed)
        for (bool const power : {false, true})
            for (std::uint64_t at = 0; at < changes && crashes < wanted; ++at) {
                world all;
                for (std::uint64_t life = 0; life < 2; ++life) { // the second dies while it recovers, or later
                    fault_plan const plan(seed + at);
                    plan.crash_after_changes(life == 0 ? at : (at * 7 + seed) % changes);
                    live(all, plan);
                    if (!plan.crashed())
                        break;
                    ++crashes;
                    all.disk = power ? all.disk.crash(seed * 31 + at + life) : all.disk.kill();
                }
                live(all, fault_plan());
                INFO("seed " << seed << ", change " << at << (power ? ", loss of power" : ", kill"));
                REQUIRE(difference(all) == "");
            }
    std::cout << crashes << " crashes in "
              << std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count() << " s\n";
}
