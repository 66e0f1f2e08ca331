// SPDX-License-Identifier: BSL-1.0
//
// delivery.test: whatever change of the checkpoint a process dies at, and whatever a loss of power leaves, each message of
// a sender that forgets what it was acknowledged is in the database once, and counts once in the state; also where an output
// or the function of the state had failed before.

#include <tidemark/checkpoint.hpp>
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
#include <stdexcept>
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

/// What outlives the process: its disk, the database of its outputs, and the sender. And what goes wrong in it, until that is mended.
struct world {
    memory_storage disk;
    laws::tables tables;
    std::set<int> unacknowledged;
    int sent = 0;

    std::set<std::int64_t> refused; // batches whose totals the database does not take
    int unwanted = 0;               // the message at which the function of the state throws
    std::size_t max_uncommitted = tidemark::settings{}.max_uncommitted;
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

constexpr std::int64_t last_batch = 6000; // milliseconds

tidemark::application program(world& all, fault_plan const& plan)
{
    auto const ssc =
        tidemark::streaming_context(1_s, tidemark::checkpoint_directory(tidemark::faulty_storage(all.disk, plan)),
                                    tidemark::settings{.partitions = 2,
                                                       .key_groups = 4,
                                                       .threads = 1,
                                                       .retained_commits = 2,
                                                       .max_uncommitted = all.max_uncommitted})
            .named("laws");
    auto const add = [unwanted = all.unwanted](std::vector<int> const& values, std::optional<int> before) {
        for (auto const value : values) {
            if (value == unwanted)
                throw std::runtime_error("message " + std::to_string(value) + " cannot be added");
            before = before.value_or(0) + value;
        }
        return before;
    };
    auto const lines = ssc.source_stream<"messages">(messages{&all, plan}) | tidemark::write_ahead_log();
    auto const totals = lines | tidemark::update_state_by_key<"totals">(add, tidemark::checkpoint_every(2_s));
    return ssc.application(
        lines | tidemark::save_in_transactions<"rows">(laws::database{&all.tables, plan}) | tidemark::exactly_once(),
        totals | tidemark::save_in_transactions<"totals">(laws::database{&all.tables, plan, all.refused})
            | tidemark::exactly_once());
}

/// How a life of the process ended.
enum class end { complete, crash, failure };

/// One life of the process, up to the last batch or to what `plan` brings. Two messages come before each batch.
end live(world& all, fault_plan const& plan)
{
    tidemark::testing::driver run(program(all, plan), batch_time(std::int64_t{all.sent} / 2 * 1000));
    try {
        run.restore();
        for (auto const time : run.to_repeat())
            if (run.run(time).fatal)
                return end::failure;
        while (!plan.crashed() && run.next_time().count() <= last_batch) {
            for (int i = 0; i < 2; ++i)
                all.unacknowledged.insert(++all.sent);
            if (run.next().fatal) {
                run.stop();
                return end::failure;
            }
        }
    } catch (tidemark::simulated_crash const&) {
    }
    return plan.crashed() ? end::crash : end::complete;
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
    auto const& totals = all.tables.at("laws/totals");
    if (totals.size() != last_batch / 1000)
        return "expected the totals of each batch, found " + std::to_string(totals.size());
    auto const& last = totals.rbegin()->second;
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

/// The newest commit on the disk; 0 without one.
std::int64_t committed(world const& all)
{
    auto const commit = tidemark::read_checkpoint(all.disk, "laws").commit;
    return commit ? commit->time.count() : 0;
}

/// The law where `ill`, before it is mended, has failures: two lives that die at each change of the checkpoint, as a kill and as a loss of
/// power, and one where all is well. No commit is later than `frontier`, in milliseconds, before that.
void check_failures(world const& ill, std::int64_t frontier, end expected)
{
    fault_plan const counting;
    auto all = ill;
    all.disk = memory_storage();
    REQUIRE(live(all, counting) == expected);
    REQUIRE(committed(all) == frontier);
    REQUIRE(difference(all) != "");

    for (bool const power : {false, true})
        for (std::uint64_t at = 0; at < counting.changes(); ++at) {
            INFO("change " << at << (power ? ", loss of power" : ", kill"));
            all = ill;
            all.disk = memory_storage();
            for (std::uint64_t life = 0; life < 2; ++life) { // the second dies while it recovers, or later
                fault_plan const plan(at);
                plan.crash_after_changes(life == 0 ? at : at * 7 % counting.changes());
                live(all, plan);
                all.disk = power ? all.disk.crash(at * 31 + life) : all.disk.kill();
                REQUIRE(committed(all) <= frontier);
            }
            all.refused.clear();
            all.unwanted = 0;
            REQUIRE(live(all, fault_plan()) == end::complete);
            REQUIRE(difference(all) == "");
        }
}

} // namespace

TEST_CASE("no commit passes a batch whose output has failed, whatever change the process dies at",
          "[laws][recovery][exactly_once]")
{
    world ill;
    ill.refused = {4000};
    check_failures(ill, 2000, end::complete);
}

TEST_CASE("what too many batches without a commit have left is made up for, whatever change the process dies at",
          "[laws][recovery][exactly_once]")
{
    world ill;
    ill.refused = {2000, 3000, 4000, 5000, 6000};
    ill.max_uncommitted = 2;
    check_failures(ill, 0, end::failure);
}

TEST_CASE("a batch that was rolled back counts once, whatever change the process dies at",
          "[laws][recovery][exactly_once]")
{
    for (int const message : {7, 8}) { // one of them behind the other one of its batch, which is rolled back with it
        world ill;
        ill.unwanted = message;
        check_failures(ill, 2000, end::failure);
    }
}

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
