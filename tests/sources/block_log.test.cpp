// SPDX-License-Identifier: BSL-1.0
//
// block_log.test: what has arrived is durable between batches, in one batch, and acknowledged when it is safe.

#include <tidemark/core/error.hpp>
#include <tidemark/sources/block_log.hpp>
#include <tidemark/sources/receiving_reader.hpp>
#include <tidemark/storage/fault_plan.hpp>
#include <tidemark/storage/faulty_storage.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/time/literals.hpp>

#include <sources/reading.hpp>
#include <support/catch.hpp>

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace tidemark::literals;
using Catch::Matchers::Contains;
using Catch::Matchers::Message;
using reading::records_of;
using tidemark::any_storage;
using tidemark::batch_time;
using tidemark::block_log;
using tidemark::duration;
using tidemark::fault_plan;
using tidemark::memory_storage;
using tidemark::on_unreadable;
using tidemark::receive_buffer;
using tidemark::source_environment;
using tidemark::storage_operation;
using numbers = std::vector<int>;

/// A receiver to which the test gives the records.
template <typename Record>
class fed_reader final : public tidemark::receiving_reader<Record> {
public:
    fed_reader()
        : tidemark::receiving_reader<Record>(std::make_shared<receive_buffer<Record>>(1000), 2)
    {}
    fed_reader(fed_reader const&) = delete;
    fed_reader& operator=(fed_reader const&) = delete;
    ~fed_reader() override { this->stop(); }

    using tidemark::receiving_reader<Record>::store;
    void add(std::vector<Record> records) { this->buffer().add(std::move(records), 4, {}); }

private:
    void receive(std::stop_token stop) override
    {
        while (!stop.stop_requested())
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
};

/// Gives the test a hand on its last reader.
template <typename Record>
struct fed_source {
    using record_type = Record;
    static constexpr bool replayable = false;
    static constexpr std::string_view name = "fed";

    std::shared_ptr<fed_reader<Record>*> opened = std::make_shared<fed_reader<Record>*>();

    [[nodiscard]] std::string describe() const { return "fed"; }
    [[nodiscard]] std::unique_ptr<fed_reader<Record>> open(source_environment const&) const
    {
        auto made = std::make_unique<fed_reader<Record>>();
        *opened = made.get();
        return made;
    }
};

/// One run of a source whose blocks are logged.
template <typename Record = int>
struct run {
    explicit run(any_storage disk, duration interval = 1_ms, std::uint64_t waiting_bytes = 1'000'000)
        : run(block_log{std::move(disk), interval, waiting_bytes})
    {}
    explicit run(block_log log, source_environment const& environment = reading::environment())
        : reader(tidemark::block_logged_source(source, std::move(log)).open(environment))
    {}

    [[nodiscard]] fed_reader<Record>& receiver() const { return **source.opened; }
    [[nodiscard]] std::vector<Record> plan(std::int64_t time)
    {
        auto input = reader->plan(batch_time(time));
        last_plan = input.plan;
        return records_of(input).value();
    }
    void write(std::int64_t time) { reader->planned(batch_time(time)); }

    fed_source<Record> source;
    std::unique_ptr<tidemark::block_logged_reader<Record>> reader;
    std::vector<std::byte> last_plan;
};

/// Stores on a thread of its own, as a receiver does.
std::future<bool> store(fed_reader<int>& receiver, numbers records, std::stop_token stop = {})
{
    return std::async(std::launch::async,
                      [&receiver, records = std::move(records), stop] { return receiver.store(records, 4, stop); });
}

bool is_ready(std::future<bool> const& answer)
{
    return answer.wait_for(std::chrono::milliseconds(30)) == std::future_status::ready;
}

constexpr duration never = duration::max(); // unless someone waits for the block

/// Turns a bit in the middle of the first file.
void damage(memory_storage const& disk)
{
    auto const name = disk.list().front();
    auto bytes = disk.read(name);
    bytes[bytes.size() / 2] ^= std::byte{1};
    disk.put(name, bytes);
}

/// A log of three blocks, and the position behind them.
std::vector<std::byte> log_three_blocks(memory_storage const& disk)
{
    run<> first(disk, never);
    first.reader->start();
    for (int i = 0; i < 3; ++i)
        CHECK(first.receiver().store({i}, 4, {}));
    return first.reader->position();
}

/// Cannot always be saved.
struct moody {
    bool refuses = false;

    template <typename Archive>
    void serialize(Archive& archive, unsigned)
    {
        if (refuses)
            throw std::runtime_error("moody");
        archive & refuses;
    }
};

} // namespace

TEST_CASE("what a receiver stored is there after a loss of power, though no batch took it", "[sources][block_log]")
{
    memory_storage const disk;
    memory_storage lost_power;
    {
        run<> first(disk, never);
        first.reader->start();
        CHECK(first.receiver().store({1, 2}, 8, {}));
        CHECK(first.receiver().store({3}, 4, {}));
        lost_power = disk.crash(1);
    }
    run<> second(lost_power);
    CHECK_FALSE(second.reader->drained());
    second.reader->start();
    CHECK(second.plan(1000) == numbers{1, 2, 3});
    CHECK(second.reader->drained());
    CHECK(second.plan(2000).empty());
}

TEST_CASE("what nobody waits for is a block after the interval", "[sources][block_log]")
{
    memory_storage const disk;
    run<> first(disk, 1_ms);
    first.reader->start();
    first.receiver().add({1});
    while (run<>(disk.crash(1)).plan(1000).empty())
        std::this_thread::yield();
    CHECK(first.plan(1000) == numbers{1});
}

TEST_CASE("a batch has the blocks and what came behind them, in order, and its files go with its plan",
          "[sources][block_log]")
{
    memory_storage const disk;
    run<> first(disk, never);
    first.reader->start();
    CHECK(first.receiver().store({1, 2}, 8, {}));
    first.receiver().add({3});
    CHECK(first.plan(1000) == numbers{1, 2, 3});
    first.write(1000);
    CHECK(run<>(disk.crash(1)).plan(2000).empty());
    CHECK(first.receiver().store({4}, 4, {}));
    CHECK(first.plan(2000) == numbers{4});
    first.write(2000);
    auto const files = disk.list().size();
    for (std::int64_t time = 3000; time < 30'000; time += 1000) {
        CHECK(first.receiver().store({5}, 4, {}));
        CHECK(first.plan(time) == numbers{5});
        first.write(time);
    }
    CHECK(disk.list().size() <= files);
}

TEST_CASE("blocks whose batch has no plan go to the first new batch, before those that waited", "[sources][block_log]")
{
    memory_storage const disk;
    {
        run<> first(disk, never);
        first.reader->start();
        CHECK(first.receiver().store({1}, 4, {}));
        CHECK(first.plan(1000) == numbers{1}); // its plan is not written
        auto later = store(first.receiver(), {2});
        CHECK_FALSE(is_ready(later)); // behind what is only in that plan
        first.write(1000);
        CHECK(later.get());
        CHECK(first.plan(2000) == numbers{2});
    }
    run<> second(disk.crash(1));            // has not heard of a plan
    CHECK(second.plan(2000) == numbers{2}); // the blocks of 1000 went when its plan was written
}

TEST_CASE("a plan that was lost with its process gives its blocks to the next batch", "[sources][block_log]")
{
    memory_storage const disk;
    memory_storage lost_power;
    {
        run<> first(disk, never);
        first.reader->start();
        CHECK(first.receiver().store({1}, 4, {}));
        CHECK(first.plan(1000) == numbers{1});
        lost_power = disk.crash(1);
    }
    run<> second(lost_power, never);
    second.reader->start();
    CHECK(second.receiver().store({2}, 4, {}));
    CHECK(second.plan(2000) == numbers{1, 2});
    CHECK(second.plan(3000).empty());
}

TEST_CASE("blocks that are in a plan are not given again, though their files are still there", "[sources][block_log]")
{
    memory_storage const disk;
    run<> first(disk, never);
    first.reader->start();
    CHECK(first.receiver().store({1}, 4, {}));
    CHECK(first.plan(1000) == numbers{1});
    auto const plan = first.last_plan;
    auto const position = first.reader->position();
    auto const before_cleanup = disk.crash(1); // the plan is written, and the process dies

    SECTION("the batch runs again")
    {
        run<> second(before_cleanup);
        CHECK(records_of(second.reader->replay(batch_time(1000), plan)) == numbers{1});
        CHECK(second.plan(2000).empty());
    }
    SECTION("the batch is committed")
    {
        run<> second(before_cleanup);
        second.reader->seek(position);
        CHECK(second.reader->drained());
        CHECK(second.plan(2000).empty());
        second.write(2000); // the files go
        CHECK(run<>(before_cleanup.crash(1)).plan(3000).empty());
    }
}

TEST_CASE("a block that cannot be written is told, acknowledged by nobody, and in the next one", "[sources][block_log]")
{
    memory_storage const disk;
    fault_plan const plan;
    run<> first(tidemark::faulty_storage(any_storage(disk), plan), 1_ms);
    first.reader->start();
    plan.fail(storage_operation::sync, plan.operations(storage_operation::sync));
    CHECK(first.receiver().store({1}, 4, {})); // tried again after the interval
    CHECK_THAT(first.reader->take_error().value_or(""), Contains("the log of received blocks: "));
    CHECK(run<>(disk.crash(1)).plan(1000) == numbers{1});
    CHECK(first.plan(1000) == numbers{1});
}

TEST_CASE("what no block could hold is in the plan of the next batch, and acknowledged with it", "[sources][block_log]")
{
    memory_storage const disk;
    fault_plan const plan;
    run<> first(tidemark::faulty_storage(any_storage(disk), plan), 1_ms);
    first.reader->start();
    plan.limit_space(0);
    auto stored = store(first.receiver(), {1});
    CHECK_FALSE(is_ready(stored));
    CHECK_FALSE(first.reader->drained());
    CHECK(first.plan(1000) == numbers{1});
    CHECK_FALSE(is_ready(stored));
    first.write(1000);
    CHECK(stored.get());
    CHECK(first.plan(2000).empty());
}

TEST_CASE("while the log cannot be written batches get nothing, no files pile up, and nothing is lost",
          "[sources][block_log]")
{
    memory_storage const disk;
    fault_plan const plan;
    run<> first(tidemark::faulty_storage(any_storage(disk), plan), 1_ms);
    first.reader->start();
    CHECK(first.receiver().store({1}, 4, {}));
    plan.limit_space(0);
    first.receiver().add({2});
    for (std::int64_t time = 1000; time < 20'000; time += 1000) {
        CHECK(first.plan(time).empty());
        CHECK_THAT(first.reader->take_error().value_or(""), Contains("the log of received blocks: "));
        first.write(time);
    }
    CHECK(disk.list().size() <= 2);
    CHECK_FALSE(first.reader->drained());
    plan.limit_space(1'000'000);
    CHECK(first.plan(20'000) == numbers{1, 2});
    CHECK(first.reader->drained());
}

TEST_CASE("a block whose sync failed does not come back beside the plan that has its records", "[sources][block_log]")
{
    memory_storage const disk;
    fault_plan const plan;
    run<> first(tidemark::faulty_storage(any_storage(disk), plan), never);
    first.reader->start();
    CHECK(first.receiver().store({1}, 4, {})); // so that the file is there, and stays
    CHECK(first.plan(1000) == numbers{1});
    first.write(1000);
    plan.fail(storage_operation::sync, plan.operations(storage_operation::sync));
    auto stored = store(first.receiver(), {2});
    while (!first.reader->take_error())
        std::this_thread::yield();
    CHECK(first.plan(2000) == numbers{2});
    first.write(2000);
    CHECK(stored.get());
    CHECK(run<>(disk.kill()).plan(3000).empty());
}

TEST_CASE("waiting blocks come before what is newer, though the clock was set back", "[sources][block_log]")
{
    memory_storage const disk;
    {
        run<> first(disk, never);
        first.reader->start();
        CHECK(first.receiver().store({1}, 4, {}));
        CHECK(first.plan(50'000) == numbers{1}); // its plan is lost with the process
    }
    run<> second(disk.kill(), never);
    second.reader->start();
    CHECK(second.receiver().store({2}, 4, {}));
    second.receiver().add({3});
    CHECK(second.plan(1000) == numbers{1, 2, 3});
    second.write(1000);
    CHECK(second.plan(2000).empty());
}

TEST_CASE("starts without a record leave no files behind", "[sources][block_log]")
{
    memory_storage disk;
    {
        run<> first(disk, never);
        first.reader->start();
        CHECK(first.receiver().store({1}, 4, {}));
    }
    for (int i = 0; i < 20; ++i) {
        disk = disk.kill();
        CHECK_FALSE(run<>(disk).reader->drained());
    }
    CHECK(disk.list().size() <= 3);
    CHECK(run<>(disk.kill()).plan(1000) == numbers{1});
}

TEST_CASE("while too much waits for a batch no block is made, and the sender waits", "[sources][block_log]")
{
    memory_storage const disk;
    run<> first(disk, 1_ms, 1);
    first.reader->start();
    CHECK(first.receiver().store({1}, 4, {}));
    auto second = store(first.receiver(), {2});
    CHECK_FALSE(is_ready(second));
    CHECK(first.plan(1000) == numbers{1, 2});
    first.write(1000);
    CHECK(second.get());
    CHECK(first.receiver().store({3}, 4, {}));
    CHECK(first.plan(2000) == numbers{3});
}

TEST_CASE("a stop ends what waits for a log, and makes a last block", "[sources][block_log]")
{
    memory_storage const disk;
    {
        run<> first(disk, never, 1);
        first.reader->start();
        CHECK(first.receiver().store({1}, 4, {}));
        std::stop_source stop;
        auto waiting = store(first.receiver(), {2}, stop.get_token());
        CHECK_FALSE(is_ready(waiting));
        stop.request_stop();
        CHECK_FALSE(waiting.get());
        CHECK(first.plan(1000) == numbers{1, 2});
        first.write(1000);
        first.receiver().add({3});
        first.reader->stop();
        CHECK_FALSE(first.reader->drained());
    }
    CHECK(run<>(disk.crash(1)).plan(2000) == numbers{3});
}

TEST_CASE("what cannot be logged is acknowledged by no plan, nor is what comes behind it", "[sources][write_ahead_log]")
{
    fed_source<moody> source;
    auto const logged = tidemark::logged_source(source).open(reading::environment());
    auto& receiver = **source.opened;
    auto bad = std::async(std::launch::async, [&] { return receiver.store({moody{true}}, 4, {}); });
    CHECK(receiver.received().wait_until_received(1));
    CHECK_THROWS_WITH(logged->plan(batch_time(1000)), "moody");
    std::stop_source stop;
    auto good = std::async(std::launch::async, [&] { return receiver.store({moody{}}, 4, stop.get_token()); });
    CHECK(receiver.received().wait_until_received(2));
    CHECK_THROWS_WITH(logged->plan(batch_time(2000)), "moody");
    CHECK_FALSE(is_ready(good));
    CHECK_FALSE(is_ready(bad));
    stop.request_stop();
    CHECK_FALSE(good.get());
    receiver.begin_log().note_logged(2); // to let the other one go
    CHECK(bad.get());
}

TEST_CASE("a receiver acknowledges with the batch's plan where blocks are not logged, and at once without a log",
          "[sources][block_log][write_ahead_log]")
{
    fed_source<int> source;
    auto const alone = source.open(reading::environment());
    CHECK(alone->store({1}, 4, {}));

    auto const logged = tidemark::logged_source(source).open(reading::environment());
    auto& receiver = **source.opened;
    auto first = store(receiver, {1});
    CHECK(receiver.received().wait_until_received(1) == true);
    CHECK(records_of(logged->plan(batch_time(1000))) == numbers{1});
    auto second = store(receiver, {2});
    CHECK_FALSE(is_ready(first));
    logged->planned(batch_time(1000));
    CHECK(first.get());
    CHECK_FALSE(is_ready(second));
    CHECK(records_of(logged->plan(batch_time(2000))) == numbers{2});
    logged->planned(batch_time(2000));
    CHECK(second.get());
}

TEST_CASE("blocks of other records are refused, and named", "[sources][block_log]")
{
    memory_storage const disk;
    {
        run<std::string> first(disk, never);
        first.receiver().add({"a"});
        first.reader->start();
        first.reader->stop();
    }
    CHECK_THROWS_MATCHES(run<int>(disk), tidemark::incompatible_checkpoint,
                         Catch::Matchers::Predicate<tidemark::incompatible_checkpoint>([](auto const& refusal) {
                             auto const words = std::string(refusal.what());
                             return words.find("hold records string, and this program expects int32")
                                    != std::string::npos;
                         }));
    CHECK(run<std::string>(disk).plan(1000) == std::vector<std::string>{"a"}); // nothing was touched
}

TEST_CASE("the blocks of one application are not given to another", "[sources][block_log]")
{
    memory_storage const disk;
    {
        run<> first(disk, never);
        first.reader->start();
        CHECK(first.receiver().store({1}, 4, {}));
    }
    auto other = reading::environment();
    other.application = "other";
    CHECK_THROWS_MATCHES(
        run<>({.directory = disk, .unreadable = on_unreadable::start_fresh}, other), tidemark::incompatible_checkpoint,
        Message("the log of received blocks in memory belongs to \"test\", and this is \"other\"; give each "
                "application a directory of its own for it"));
    CHECK(run<>(disk).plan(1000) == numbers{1}); // nothing was touched
}

TEST_CASE("a log of blocks that is gone, is another one, or has lost its end is missed", "[sources][block_log]")
{
    memory_storage const disk;
    memory_storage before_the_end;
    std::vector<std::byte> position;
    {
        run<> first(disk, never);
        first.reader->start();
        CHECK(first.receiver().store({1}, 4, {}));
        before_the_end = disk.kill();
        CHECK(first.receiver().store({2}, 4, {}));
        CHECK(first.receiver().store({3}, 4, {}));
        position = first.reader->position();
    }
    memory_storage const another;
    {
        run<> stranger(another, never);
        stranger.reader->start();
        CHECK(stranger.receiver().store({7}, 4, {}));
    }
    auto const unreadable = GENERATE(on_unreadable::fail, on_unreadable::start_fresh); // at the start after that
    memory_storage found;
    std::string words = "holds none";
    SECTION("gone") {}
    SECTION("another one")
    {
        found = another;
        words = "holds number ";
    }
    SECTION("without its end")
    {
        found = before_the_end;
        words = " with 2; ";
    }
    auto const files = found.list();
    CHECK_THROWS_AS(run<>(found).reader->seek(position), tidemark::corrupt_checkpoint);
    CHECK_THROWS_WITH(run<>(found).reader->seek(position), Contains(words) && Contains("bring its files back"));
    CHECK(found.list().size() == files.size());

    run<> fresh({.directory = found, .interval = never, .unreadable = on_unreadable::start_fresh});
    fresh.reader->seek(position);
    CHECK(found.list().size() == files.size()); // another source may still refuse the start
    fresh.reader->start();
    auto const notes = fresh.reader->start_notes();
    REQUIRE(notes.size() == 1);
    CHECK_THAT(notes.front(), Contains(words) && Contains("a log without blocks was begun"));
    CHECK(fresh.receiver().store({4}, 4, {}));
    auto const before_commit = found.crash(1); // so the checkpoint still tells of the log that was given up
    CHECK(fresh.plan(1000) == numbers{4});
    run<> again({.directory = before_commit, .unreadable = unreadable});
    again.reader->seek(position);
    again.reader->start();
    CHECK_THAT(again.reader->start_notes().at(0), Contains("an earlier start has given up log "));
    CHECK(again.plan(1000) == numbers{4});

    run<> kept(disk); // the log that the position tells of
    kept.reader->seek(position);
    CHECK(kept.plan(1000) == numbers{1, 2, 3});
}

TEST_CASE("the log is there before its first block, so that it is missed from the first commit on",
          "[sources][block_log]")
{
    memory_storage const disk;
    run<> first(disk, never);
    first.reader->start();
    auto const position = first.reader->position();
    CHECK_THROWS_AS(run<>(memory_storage()).reader->seek(position), tidemark::corrupt_checkpoint);
    CHECK_NOTHROW(run<>(disk.crash(1)).reader->seek(position));
}

TEST_CASE("a damaged log of blocks is refused, or set aside where that is asked for", "[sources][block_log]")
{
    memory_storage const disk;
    auto const position = log_three_blocks(disk);
    damage(disk);
    auto const name = disk.list().front();
    auto const bytes = disk.read(name);
    CHECK_THROWS_AS(run<>(disk), tidemark::corrupt_checkpoint);
    CHECK_THROWS_WITH(run<>(disk), Contains("sound events from offset") && Contains("bring its files back"));
    block_log const fresh{.directory = disk, .interval = never, .unreadable = on_unreadable::start_fresh};
    {
        auto other = reading::environment();
        other.application = "other";
        CHECK_THROWS_AS(run<>(fresh, other), tidemark::incompatible_checkpoint); // though it is damaged
        run<> refused(fresh); // by another source, before this one starts
        refused.reader->seek(position);
    }
    CHECK(disk.list() == std::vector{name});
    CHECK(disk.read(name) == bytes);

    run<> second(fresh);
    second.reader->seek(position);
    second.reader->start();
    auto const notes = second.reader->start_notes();
    REQUIRE(notes.size() == 1);
    CHECK_THAT(notes.front(), Contains("sound events from offset") && Contains("it was set aside as "));
    CHECK(second.receiver().store({4}, 4, {}));
    CHECK(second.plan(1000) == numbers{4});
}

TEST_CASE("a log of blocks is not set aside with a folder in it", "[sources][block_log]")
{
    memory_storage const disk;
    disk.folder("checkpoint").put("manifest", {});
    std::vector<std::byte> position;
    {
        run<> elsewhere(memory_storage(), never);
        elsewhere.reader->start();
        position = elsewhere.reader->position();
    }
    run<> fresh({.directory = disk, .unreadable = on_unreadable::start_fresh});
    CHECK_THROWS_WITH(fresh.reader->seek(position), Contains("there is a folder checkpoint in it"));
    CHECK(disk.folder("checkpoint").exists("manifest"));
}

TEST_CASE("opening a log of blocks changes nothing, and starts without a batch leave no files behind",
          "[sources][block_log]")
{
    memory_storage disk;
    {
        run<> first(disk, never);
        first.reader->start();
        CHECK(first.receiver().store({1}, 4, {}));
        CHECK(first.receiver().store({2}, 4, {}));
    }
    auto const files = disk.list();
    CHECK_FALSE(run<>(disk).reader->drained());
    CHECK(disk.list() == files);
    for (int i = 0; i < 20; ++i) {
        disk = disk.crash(1);
        run<>(disk, never).reader->start();
    }
    CHECK(disk.list().size() <= 3);
    CHECK(run<>(disk.kill()).plan(1000) == numbers{1, 2});
}

TEST_CASE("a log of blocks tells when the checkpoint is older than it, or another one", "[sources][block_log]")
{
    memory_storage const disk;
    std::vector<std::byte> before;
    std::vector<std::byte> after;
    {
        run<> first(disk, never);
        first.reader->start();
        CHECK(first.receiver().store({1}, 4, {}));
        before = first.reader->position();
        CHECK(first.plan(1000) == numbers{1});
        first.write(1000);
        after = first.reader->position();
        CHECK(first.receiver().store({2}, 4, {}));
    }
    auto const told = [&disk](std::optional<std::vector<std::byte>> const& position) {
        run<> next(disk.crash(1), never);
        if (position)
            next.reader->seek(*position);
        next.reader->start();
        CHECK(next.plan(2000) == numbers{2});
        return next.reader->take_error().value_or("");
    };
    CHECK_THAT(told(before), Contains("blocks up to number 1 went with batches that it does not have"));
    CHECK_THAT(told(std::nullopt), Contains("the checkpoint is older than this log, or another one"));
    CHECK(told(after).empty());
    CHECK(told(std::vector<std::byte>()).empty()); // of a run without a log of blocks, which counted nothing
}

TEST_CASE("a log of blocks that is older than a plan fails the plan's batch", "[sources][block_log]")
{
    memory_storage const disk;
    memory_storage older;
    std::vector<std::byte> plan;
    {
        run<> first(disk, never);
        first.reader->start();
        for (std::int64_t time = 1000; time <= 2000; time += 1000) {
            CHECK(first.receiver().store({1}, 4, {}));
            CHECK(first.plan(time) == numbers{1});
            if (time == 1000)
                older = disk.kill();
            first.write(time);
        }
        plan = first.last_plan;
    }
    run<> second(older, never);
    second.reader->start();
    CHECK_THROWS_WITH(second.reader->replay(batch_time(2000), plan),
                      Contains("blocks up to number 2") && Contains("it is an older copy"));
    run<> third(disk, never); // the one of that plan
    third.reader->start();
    CHECK(records_of(third.reader->replay(batch_time(2000), plan)) == numbers{1});
}

TEST_CASE("a log that was set aside is named though the new one cannot be written", "[sources][block_log]")
{
    memory_storage const disk;
    (void)log_three_blocks(disk);
    damage(disk);
    fault_plan const plan;
    run<> fresh(
        {.directory = tidemark::faulty_storage(any_storage(disk), plan), .unreadable = on_unreadable::start_fresh});
    plan.limit_space(0);
    CHECK_THROWS_WITH(fresh.reader->start(), Contains("it was set aside as ") && Contains("cannot "));
}

TEST_CASE("a log of blocks that cannot work is refused", "[sources][block_log]")
{
    memory_storage const disk;
    CHECK_THROWS_WITH(run<>(disk, 0_ms), "tidemark::block_log: interval is 0 s; give at least 1 ms");
    CHECK_THROWS_WITH(run<>(disk, 1_ms, 0), "tidemark::block_log: waiting_bytes is 0; give at least 1");
    run<> const first(disk);
    CHECK_THROWS_AS(run<>(disk), tidemark::storage_error);
}
