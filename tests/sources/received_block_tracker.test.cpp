// SPDX-License-Identifier: BSL-1.0
//
// received_block_tracker.test: what waits and what belongs to a batch, through failures, crashes, damage and threads.

#include <tidemark/core/error.hpp>
#include <tidemark/sources/detail/block_event.hpp>
#include <tidemark/sources/received_block_tracker.hpp>
#include <tidemark/storage/checksum.hpp>
#include <tidemark/storage/fault_plan.hpp>
#include <tidemark/storage/faulty_storage.hpp>
#include <tidemark/storage/memory_storage.hpp>

#include <checkpoint/golden/small_checkpoint.hpp>
#include <support/catch.hpp>
#include <support/hex.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace {

using tidemark::any_storage;
using tidemark::batch_time;
using tidemark::fault_plan;
using tidemark::memory_storage;
using tidemark::received_block;
using tidemark::received_block_log_options;
using tidemark::received_block_tracker;
using tidemark::storage_operation;
using ids = std::vector<std::string>;

received_block block(std::string id, std::string stream = "in") { return {std::move(stream), std::move(id), 1}; }

ids ids_of(std::vector<received_block> const& blocks)
{
    ids all;
    for (auto const& each : blocks)
        all.push_back(each.id);
    return all;
}

ids waiting(received_block_tracker const& tracker) { return ids_of(tracker.unallocated()); }
ids of_batch(received_block_tracker const& tracker, std::int64_t time)
{
    return ids_of(tracker.blocks_of(batch_time(time)));
}

any_storage faulty(memory_storage const& disk, fault_plan const& plan)
{
    return tidemark::faulty_storage(any_storage(disk), plan);
}

std::size_t files_in(memory_storage const& disk) { return disk.list().size(); }

/// A new file for each event: what is removed early shows at once.
received_block_log_options const one_event_a_file{.file_bytes = 1};

/// Starts again and again, each dying at the next change that it makes, until one comes through.
any_storage after_dying_starts(memory_storage const& disk, bool power)
{
    auto left = disk;
    for (std::uint64_t change = 0;; ++change) {
        fault_plan const plan;
        plan.crash_after_changes(change);
        try {
            received_block_tracker const tracker(faulty(left, plan));
            return any_storage(left.kill());
        } catch (tidemark::simulated_crash const&) {
            left = power ? left.crash(change) : left.kill();
        }
    }
}

// ---- Accounts

TEST_CASE("a batch takes all waiting blocks of all streams, in the order in which they came",
          "[sources][received_block]")
{
    received_block_tracker tracker;
    CHECK_FALSE(tracker.has_unallocated());
    tracker.add(block("a1", "a"));
    tracker.add(block("b1", "b"));
    tracker.add(block("a2", "a"));
    CHECK(tracker.has_unallocated());
    CHECK(tracker.allocate(batch_time(1)));
    CHECK_FALSE(tracker.has_unallocated());
    CHECK(of_batch(tracker, 1) == ids{"a1", "b1", "a2"});
    CHECK(ids_of(tracker.blocks_of(batch_time(1), "a")) == ids{"a1", "a2"});
    CHECK(ids_of(tracker.blocks_of(batch_time(1), "c")).empty());
}

TEST_CASE("only a newer batch takes blocks", "[sources][received_block]")
{
    received_block_tracker tracker;
    CHECK_FALSE(tracker.last_allocated());
    tracker.add(block("1"));
    CHECK(tracker.allocate(batch_time(5)));
    tracker.add(block("2"));
    CHECK_FALSE(tracker.allocate(batch_time(5)));
    CHECK_FALSE(tracker.allocate(batch_time(4)));
    CHECK(tracker.last_allocated() == batch_time(5));
    CHECK(of_batch(tracker, 5) == ids{"1"});
    CHECK(of_batch(tracker, 4).empty());
    CHECK(waiting(tracker) == ids{"2"});
    CHECK(tracker.allocate(batch_time(6)));
    CHECK(of_batch(tracker, 6) == ids{"2"});
}

TEST_CASE("cleanup forgets the batches strictly before its time", "[sources][received_block]")
{
    memory_storage const disk;
    received_block_tracker tracker{any_storage(disk)};
    for (std::int64_t time = 1; time <= 3; ++time) {
        tracker.add(block(std::to_string(time)));
        (void)tracker.allocate(batch_time(time));
    }
    tracker.cleanup(batch_time(2));
    CHECK(of_batch(tracker, 1).empty());
    CHECK(of_batch(tracker, 2) == ids{"2"});
    CHECK(of_batch(tracker, 3) == ids{"3"});
    received_block_tracker const again{any_storage(disk.kill())};
    CHECK(of_batch(again, 1).empty());
    CHECK(of_batch(again, 2) == ids{"2"});
    CHECK(of_batch(again, 3) == ids{"3"});
}

TEST_CASE("a recovered block has all its fields, and says that it is recovered", "[sources][received_block]")
{
    memory_storage const disk;
    received_block const sent{"in", "7", 42, {std::byte{1}, std::byte{0}}};
    {
        received_block_tracker tracker{any_storage(disk)};
        tracker.add(sent);
        CHECK(tracker.unallocated() == std::vector{sent});
    }
    received_block_tracker const again{any_storage(disk)};
    auto expected = sent;
    expected.recovered = true;
    CHECK(again.unallocated() == std::vector{expected});
    CHECK(again.notes().empty());
}

TEST_CASE("two trackers do not share a directory", "[sources][received_block]")
{
    memory_storage const disk;
    received_block_tracker const tracker{any_storage(disk)};
    CHECK_THROWS_AS(received_block_tracker(any_storage(disk)), tidemark::storage_error);
}

// ---- What went wrong elsewhere

TEST_CASE("a log file goes only when nothing in it waits or belongs to a kept batch (SPARK-6222, early deletion)",
          "[sources][received_block]")
{
    memory_storage const disk;
    received_block_tracker tracker{any_storage(disk), one_event_a_file};
    tracker.add(block("1"));
    (void)tracker.allocate(batch_time(1));
    tracker.add(block("2")); // waits through all that follows
    auto const check = [&] {
        received_block_tracker const again{any_storage(disk.kill())};
        CHECK(waiting(again) == waiting(tracker));
        for (std::int64_t time = 1; time <= 3; ++time)
            CHECK(of_batch(again, time) == of_batch(tracker, time));
    };
    tracker.cleanup(batch_time(1)); // nothing is before it
    CHECK(files_in(disk) == 4);
    check();
    tracker.cleanup(batch_time(2)); // the files of batch 1 go; the block stays
    CHECK(files_in(disk) == 3);
    check();
    CHECK(waiting(tracker) == ids{"2"});
    (void)tracker.allocate(batch_time(3));
    tracker.cleanup(batch_time(3));
    check();
    CHECK(of_batch(tracker, 3) == ids{"2"});
    tracker.cleanup(batch_time(4)); // only the file of this very event is left
    CHECK(files_in(disk) == 1);
    check();
    received_block_tracker again{any_storage(disk.kill())};
    CHECK_FALSE(again.allocate(batch_time(3)));
}

TEST_CASE("an allocation that cannot be logged leaves the blocks waiting (SPARK-23991, failed allocation write)",
          "[sources][received_block]")
{
    for (auto const kind : {storage_operation::append, storage_operation::sync}) {
        memory_storage const disk;
        fault_plan const plan;
        received_block_tracker tracker{faulty(disk, plan)};
        tracker.add(block("1"));
        tracker.add(block("2"));
        plan.fail(kind, plan.operations(kind), tidemark::fault_effect::all); // the bytes arrive all the same
        CHECK_THROWS_AS(tracker.allocate(batch_time(1)), tidemark::storage_error);
        CHECK(waiting(tracker) == ids{"1", "2"});
        CHECK_FALSE(tracker.last_allocated());
        tracker.add(block("3"));
        CHECK(tracker.allocate(batch_time(2)));
        CHECK(of_batch(tracker, 2) == ids{"1", "2", "3"});
        received_block_tracker const again{any_storage(disk.kill())};
        CHECK(of_batch(again, 1).empty());
        CHECK(of_batch(again, 2) == ids{"1", "2", "3"});
        CHECK_FALSE(again.has_unallocated());
        CHECK(again.notes().empty());
    }
}

TEST_CASE("a block whose write failed was never there, even if its bytes are", "[sources][received_block]")
{
    memory_storage const disk;
    fault_plan const plan;
    received_block_tracker tracker{faulty(disk, plan)};
    tracker.add(block("1"));
    plan.fail(storage_operation::sync, plan.operations(storage_operation::sync));
    CHECK_THROWS_AS(tracker.add(block("2")), tidemark::storage_error);
    CHECK(waiting(tracker) == ids{"1"});
    tracker.add(block("2")); // received again
    received_block_tracker const again{any_storage(disk.kill())};
    CHECK(waiting(again) == ids{"1", "2"});
}

TEST_CASE("recovery takes only a batch's own blocks out of the queue (SPARK-23438, wrong queue clearing)",
          "[sources][received_block]")
{
    memory_storage const disk;
    {
        received_block_tracker tracker{any_storage(disk)};
        tracker.add(block("1"));
        (void)tracker.allocate(batch_time(1));
        tracker.add(block("2"));
        tracker.add(block("3"));
    }
    received_block_tracker again{any_storage(disk)};
    CHECK(of_batch(again, 1) == ids{"1"});
    CHECK(waiting(again) == ids{"2", "3"});
    again.add(block("4"));
    (void)again.allocate(batch_time(2));
    CHECK(of_batch(again, 2) == ids{"2", "3", "4"});
}

TEST_CASE("blocks that no batch had at the crash go to the first newer one (SPARK-5233, dangling blocks)",
          "[sources][received_block]")
{
    memory_storage const disk;
    {
        received_block_tracker tracker{any_storage(disk)};
        tracker.add(block("1"));
        (void)tracker.allocate(batch_time(3));
        tracker.add(block("2"));
    }
    received_block_tracker again{any_storage(disk)};
    CHECK_FALSE(again.allocate(batch_time(3))); // runs again with what it had
    CHECK(of_batch(again, 3) == ids{"1"});
    CHECK(again.allocate(batch_time(4)));
    CHECK(of_batch(again, 4) == ids{"2"});
}

TEST_CASE("a very long queue is given to a batch and recovered (SPARK-26734, very long queues)",
          "[sources][received_block]")
{
    constexpr std::size_t many = 100'000;
    memory_storage const disk;
    {
        received_block_tracker tracker{any_storage(disk)};
        for (std::size_t i = 0; i < many; ++i)
            tracker.add(block(std::to_string(i)));
        auto const before = files_in(disk);
        CHECK(before > 1);
        CHECK(tracker.allocate(batch_time(1)));
        CHECK(files_in(disk) == before); // an event of a few bytes, however long the queue
    }
    received_block_tracker const again{any_storage(disk)};
    auto const found = of_batch(again, 1);
    REQUIRE(found.size() == many);
    CHECK(found.front() == "0");
    CHECK(found.back() == std::to_string(many - 1));
}

// ---- Crashes

/// What a run has been told, and so may count on.
struct promises {
    ids added;                                                 ///< In order.
    std::vector<std::pair<std::int64_t, std::size_t>> batches; ///< With how many of `added` it and earlier ones have.
    std::int64_t cleaned = 0;
    std::string maybe; ///< What was under way at the end.
};

/// Adds, allocates and cleans up until it is done or the storage fails.
template <typename Storage>
promises run(Storage const& storage, received_block_log_options options)
{
    promises kept;
    try {
        received_block_tracker tracker{any_storage(storage), options};
        for (std::int64_t time = 1; time <= 5; ++time) {
            for (int i = 0; i < 2; ++i) {
                auto const id = std::to_string(time) + "." + std::to_string(i);
                kept.maybe = "add " + id;
                tracker.add(block(id));
                kept.added.push_back(id);
            }
            kept.maybe = "allocate " + std::to_string(time);
            (void)tracker.allocate(batch_time(time));
            kept.batches.emplace_back(time, kept.added.size());
            kept.maybe = "cleanup " + std::to_string(time - 1);
            tracker.cleanup(batch_time(time - 1));
            kept.cleaned = time - 1;
        }
        kept.maybe.clear();
    } catch (tidemark::storage_error const&) {
    } catch (tidemark::simulated_crash const&) {
    }
    return kept;
}

/// The blocks of each batch, and those that wait.
std::vector<ids> shown(received_block_tracker const& tracker)
{
    std::vector<ids> all;
    for (std::int64_t time = 1; time <= 5; ++time)
        all.push_back(of_batch(tracker, time));
    all.push_back(waiting(tracker));
    return all;
}

/// Every promise holds; the event under way has happened or not; nothing else is there.
void expect_kept(promises const& kept, memory_storage const& left)
{
    received_block_tracker const again{any_storage(left)};
    ids found;
    for (std::int64_t time = 1; time <= 5; ++time)
        for (auto const& id : of_batch(again, time))
            found.push_back(id);
    for (auto const& id : waiting(again))
        found.push_back(id);
    CHECK(std::is_sorted(found.begin(), found.end()));
    CHECK(std::adjacent_find(found.begin(), found.end()) == found.end());

    std::size_t gone = 0; // with forgotten batches, for sure or perhaps
    std::size_t before = 0;
    for (auto const& [time, upto] : kept.batches) {
        ids const own(kept.added.begin() + static_cast<std::ptrdiff_t>(before),
                      kept.added.begin() + static_cast<std::ptrdiff_t>(upto));
        bool const may_be_gone = kept.maybe.starts_with("cleanup") && time < std::stoll(kept.maybe.substr(8));
        if (time < kept.cleaned || (may_be_gone && of_batch(again, time).empty()))
            gone = upto;
        else
            CHECK(of_batch(again, time) == own);
        before = upto;
    }
    ids expected(kept.added.begin() + static_cast<std::ptrdiff_t>(gone), kept.added.end());
    if (kept.maybe.starts_with("add ") && found.size() > expected.size())
        expected.push_back(kept.maybe.substr(4));
    CHECK(found == expected);
}

TEST_CASE("no acknowledged event is lost and none is doubled, wherever it crashes",
          "[sources][received_block][recovery]")
{
    for (auto const& options : {received_block_log_options{}, one_event_a_file, received_block_log_options{200}}) {
        fault_plan const counting;
        memory_storage const whole;
        (void)run(faulty(whole, counting), options);
        for (std::uint64_t point = 0; point <= counting.changes(); ++point)
            for (std::uint64_t seed = 0; seed < 8; ++seed) {
                memory_storage const disk;
                fault_plan const plan(seed);
                plan.crash_after_changes(point);
                auto const kept = run(faulty(disk, plan), options);
                INFO("crashed after change " << point << ", seed " << seed << ", during " << kept.maybe);
                expect_kept(kept, seed == 0 ? disk.kill() : disk.crash(seed));
                // What a restart has shown stays true, though the power fails afterwards.
                memory_storage const killed = disk.kill();
                std::vector<ids> found;
                {
                    received_block_tracker const between{any_storage(killed)};
                    found = shown(between);
                }
                CHECK(shown(received_block_tracker(any_storage(killed.crash(seed)))) == found);
            }
    }
}

TEST_CASE("a storage that fails now and then loses nothing that was acknowledged",
          "[sources][received_block][recovery]")
{
    for (std::uint64_t number = 0; number < 60; ++number)
        for (auto const effect : {tidemark::fault_effect::none, tidemark::fault_effect::all}) {
            memory_storage const disk;
            fault_plan const plan;
            for (auto const kind : {storage_operation::create, storage_operation::append, storage_operation::sync,
                                    storage_operation::sync_directory, storage_operation::remove})
                plan.fail(kind, number % 17, effect);
            received_block_tracker tracker{faulty(disk, plan), received_block_log_options{100 + number * 10}};
            ids added;
            for (int i = 10; i < 60; ++i) // the faults are over long before the last
                try {
                    tracker.add(block(std::to_string(i)));
                    added.push_back(std::to_string(i));
                } catch (tidemark::storage_error const&) {
                }
            CHECK(added.size() >= 46);
            CHECK(waiting(tracker) == added);
            received_block_tracker const again{any_storage(disk.crash(number))};
            CHECK(waiting(again) == added);
        }
}

TEST_CASE("an old file that cannot be removed is told, and removed the next time", "[sources][received_block]")
{
    memory_storage const disk;
    fault_plan const plan;
    received_block_tracker tracker{faulty(disk, plan), one_event_a_file};
    tracker.add(block("1"));
    (void)tracker.allocate(batch_time(1));
    plan.fail(storage_operation::remove, 0);
    tracker.cleanup(batch_time(2));
    REQUIRE(tracker.notes().size() == 1);
    CHECK(files_in(disk) == 2);
    CHECK_FALSE(received_block_tracker(any_storage(disk.kill())).has_unallocated());
    tracker.cleanup(batch_time(3));
    CHECK(tracker.notes().empty());
    CHECK(files_in(disk) == 1);
}

// ---- Damage

TEST_CASE("a torn end is dropped and told, and every other damage is an error", "[sources][received_block]")
{
    memory_storage const disk;
    {
        received_block_tracker tracker{any_storage(disk)};
        for (auto const* id : {"1", "2", "3"})
            tracker.add(block(id));
    }
    auto const name = disk.list().front();
    auto const bytes = disk.read(name);
    std::size_t dropped = 0;
    auto const look = [&](std::vector<std::byte> const& damaged) {
        memory_storage const copy = disk.kill();
        copy.put(name, damaged);
        try {
            received_block_tracker const again{any_storage(copy)};
            auto const left = waiting(again);
            if (left == ids{"1", "2", "3"} && damaged == bytes)
                return;
            CHECK((left.empty() || left == ids{"1"} || left == ids{"1", "2"}));
            CHECK((again.notes().size() == 1 || left.empty() || damaged.size() < bytes.size()));
            ++dropped;
        } catch (tidemark::corrupt_checkpoint const& refusal) {
            CHECK(std::string(refusal.what()).find(name) != std::string::npos);
        }
    };
    look(bytes);
    CHECK(dropped == 0);
    for (std::size_t size = 0; size < bytes.size(); ++size)
        look({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)});
    dropped = 0;
    auto const frame = bytes.size() / 3; // more than an event has
    for (std::size_t at = 0; at < bytes.size(); ++at)
        for (unsigned bit = 0; bit < 8; ++bit) {
            auto damaged = bytes;
            damaged[at] ^= std::byte{1} << bit;
            look(damaged);
        }
    CHECK(dropped > 0);
    CHECK(dropped <= 8 * frame); // only those in the last event
}

TEST_CASE("an event that is missing among others is an error that names both numbers", "[sources][received_block]")
{
    memory_storage const disk;
    {
        received_block_tracker tracker{any_storage(disk)};
        for (auto const* id : {"1", "2", "3"})
            tracker.add(block(id));
    }
    auto const name = disk.list().front();
    auto bytes = disk.read(name);
    auto const end_of_frame = [&](std::size_t begin) { // its length stands behind its first four bytes
        return begin + tidemark::detail::block_frame_head
               + tidemark::detail::load_low_first<std::uint32_t>(bytes.data() + begin + 4);
    };
    auto const first = end_of_frame(0); // behind the file's start
    auto const second = end_of_frame(first);
    bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(second),
                bytes.begin() + static_cast<std::ptrdiff_t>(end_of_frame(second)));
    disk.put(name, bytes);
    CHECK_THROWS_WITH(
        received_block_tracker(any_storage(disk)),
        Catch::Matchers::Contains(name + ", offset " + std::to_string(second) + ": expected event 1, found event 2"));
}

TEST_CASE("a log file that is missing is an error that names it", "[sources][received_block]")
{
    memory_storage const disk;
    {
        received_block_tracker tracker{any_storage(disk), one_event_a_file};
        for (auto const* id : {"1", "2", "3"})
            tracker.add(block(id));
    }
    auto const names = disk.list();
    REQUIRE(names.size() == 3);
    for (std::size_t i = 0; i < 2; ++i) {
        memory_storage const copy = disk.kill();
        copy.remove(names[i]);
        CHECK_THROWS_AS(received_block_tracker(any_storage(copy)), tidemark::corrupt_checkpoint);
        CHECK(copy.list().size() == 2);
    }
}

TEST_CASE("other files in the directory are left alone", "[sources][received_block]")
{
    memory_storage const disk;
    for (auto const* name : {"received-1.log", "received-x.log", "notes", "received-99999999999999999999.log"})
        disk.put(name, {});
    received_block_tracker tracker{any_storage(disk)};
    tracker.add(block("1"));
    tracker.cleanup(batch_time(1));
    CHECK(files_in(disk) == 5);
}

// ---- Threads

TEST_CASE("receivers add while batches take, and each block is in exactly one batch",
          "[sources][received_block][threads]")
{
    memory_storage const disk;
    constexpr int each_adds = 200;
    {
        received_block_tracker tracker{any_storage(disk)};
        std::vector<std::thread> receivers;
        for (int stream = 0; stream < 4; ++stream)
            receivers.emplace_back([&tracker, stream] {
                for (int i = 0; i < each_adds; ++i)
                    tracker.add(block(std::to_string(stream) + "." + std::to_string(i), std::to_string(stream)));
            });
        for (std::int64_t time = 1; time <= 50; ++time) {
            (void)tracker.allocate(batch_time(time));
            (void)tracker.has_unallocated();
        }
        for (auto& receiver : receivers)
            receiver.join();
        (void)tracker.allocate(batch_time(51));
    }
    received_block_tracker const again{any_storage(disk)};
    CHECK_FALSE(again.has_unallocated());
    ids all;
    for (std::int64_t time = 1; time <= 51; ++time)
        for (auto& id : of_batch(again, time))
            all.push_back(std::move(id));
    CHECK(all.size() == 4 * each_adds);
    std::sort(all.begin(), all.end());
    CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
}

} // namespace

TEST_CASE("starts that die while they take the log over lose no block that was acknowledged",
          "[sources][received_block]")
{
    bool const power = GENERATE(false, true);
    memory_storage const disk;
    {
        received_block_tracker tracker{any_storage(disk)};
        tracker.add(block("1"));
        CHECK(tracker.allocate(batch_time(1)));
        tracker.add(block("2"));
        tracker.add(block("3"));
    }
    received_block_tracker const tracker(after_dying_starts(disk.kill(), power));
    CHECK(waiting(tracker) == ids{"2", "3"});
    CHECK(of_batch(tracker, 1) == ids{"1"});
}

TEST_CASE("a log of received blocks has the bytes that the format's page describes",
          "[sources][received_block][format]")
{
    using tidemark_test::from_hex;
    auto const golden_bytes = from_hex(golden::received::log);
    std::string const name = "received-00000000000000000001.log";
    received_block const two{"orders", "1", 2, from_hex("aabb")};
    received_block const another{"orders", "2", 1, from_hex("cc")};
    received_block const waiting_one{"clicks", "1", 3};

    memory_storage const written;
    {
        received_block_tracker tracker{any_storage(written), {.owner = "shop", .log = 7, .replaces = 3}};
        tracker.add(two);
        tracker.add(another);
        CHECK(tracker.allocate(batch_time(2000)));
        tracker.add(waiting_one);
        tracker.cleanup(batch_time(3000));
    }
    CHECK(written.list() == ids{name});
    CHECK(written.read(name) == golden_bytes);

    auto const version = GENERATE(1, 2);
    memory_storage const found;
    found.put(name, version == 1 ? from_hex(golden::received_version_1::log) : golden_bytes);
    received_block_tracker const tracker{any_storage(found), {.owner = "shop"}};
    CHECK(tracker.notes() == ids{});
    CHECK(tracker.last_allocated() == batch_time(2000));
    CHECK(!tracker.has_allocated_after(batch_time(0)));
    auto recovered = waiting_one;
    recovered.recovered = true;
    CHECK(tracker.unallocated() == std::vector{recovered});
    CHECK(tracker.extent().events == 5);
    CHECK((tracker.extent().log == 7) == (version == 2));
    CHECK(tracker.extent().replaces == (version == 2 ? 3 : 0));
}

TEST_CASE("a log of received blocks is given to its owner alone, once someone has said who that is",
          "[sources][received_block]")
{
    memory_storage const disk;
    {
        received_block_tracker tracker{any_storage(disk)};
        tracker.add(block("1"));
    }
    {
        received_block_tracker const taken_over{any_storage(disk), {.owner = "shop"}};
        CHECK(waiting(taken_over) == ids{"1"});
    }
    auto const files = disk.list();
    for (auto const* const other : {"bank", ""})
        CHECK_THROWS_AS(received_block_tracker(any_storage(disk), {.owner = other}), tidemark::incompatible_checkpoint);
    CHECK(disk.list() == files);
    CHECK(waiting(received_block_tracker{any_storage(disk), {.owner = "shop"}}) == ids{"1"});
}

TEST_CASE("a log of received blocks has a number of its own, and counts its events", "[sources][received_block]")
{
    CHECK(received_block_tracker().extent() == tidemark::received_block_log_extent{});
    memory_storage const disk;
    tidemark::received_block_log_extent end;
    {
        received_block_tracker tracker{any_storage(disk), one_event_a_file};
        CHECK(tracker.extent() == tidemark::received_block_log_extent{});
        tracker.add(block("1"));
        tracker.add(block("2"));
        end = tracker.extent();
        CHECK(end.log != 0);
        CHECK(end.events == 2);
    }
    CHECK(received_block_tracker(any_storage(disk)).extent() == end);
    memory_storage const another;
    {
        received_block_tracker tracker{any_storage(another), one_event_a_file};
        tracker.add(block("1"));
        tracker.add(block("2"));
        CHECK(tracker.extent().log != end.log);
    }
    auto const first = another.list().front();
    disk.put(first, another.read(first));
    CHECK_THROWS_WITH(received_block_tracker(any_storage(disk)), Catch::Matchers::Contains("expected a file of log "));
}

TEST_CASE("a log that is opened without a change is written with the first event, or when it is settled",
          "[sources][received_block]")
{
    received_block_log_options const opened{.file_bytes = 1, .settles = false};
    memory_storage const disk;
    {
        received_block_tracker tracker{any_storage(disk), opened};
        tracker.add(block("1"));
        CHECK(tracker.allocate(batch_time(1)));
        tracker.add(block("2"));
    }
    auto const files = disk.list();
    {
        received_block_tracker tracker{any_storage(disk), opened};
        CHECK(waiting(tracker) == ids{"2"});
        CHECK(tracker.extent().events == 3);
        CHECK(disk.list() == files);
        SECTION("settled")
        {
            tracker.settle();
            CHECK(tracker.extent().events == 3);
        }
        SECTION("not settled") {}
        tracker.cleanup(batch_time(2)); // what is needed is in another file now
        CHECK(tracker.extent().events == 4);
    }
    received_block_tracker const again{any_storage(disk.kill()), opened};
    CHECK(waiting(again) == ids{"2"});
    CHECK(of_batch(again, 1).empty());
}
