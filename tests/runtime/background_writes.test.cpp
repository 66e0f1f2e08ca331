// SPDX-License-Identifier: BSL-1.0
//
// background_writes.test: a checkpoint that a thread of its own writes: what batches wait for, and what is told when.

#include <tidemark/checkpoint/inspection.hpp>
#include <tidemark/operators.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/runtime/application.hpp>
#include <tidemark/sources/streams.hpp>
#include <tidemark/storage/fault_plan.hpp>
#include <tidemark/storage/faulty_storage.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/driver.hpp>
#include <tidemark/time/literals.hpp>

#include <support/catch.hpp>
#include <support/running.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

namespace {

using namespace tidemark::literals;
using namespace tidemark_test;
using tidemark::any_storage;
using tidemark::batch_time;
using tidemark::fault_plan;
using tidemark::memory_storage;
using tidemark::storage_operation;
using tidemark::testing::driver;
using clock = std::chrono::steady_clock;

/// Events, and those who wait for one.
class events_heard {
public:
    void operator()(tidemark::streaming_event const& event)
    {
        std::scoped_lock const lock(mutex_);
        if (auto const* const commit = std::get_if<tidemark::commit_completed>(&event))
            committed_.push_back(commit->batch_time);
        failed_ += std::holds_alternative<tidemark::commit_failed>(event) ? 1 : 0;
    }

    [[nodiscard]] std::vector<std::int64_t> committed() const
    {
        std::scoped_lock const lock(mutex_);
        return committed_;
    }
    [[nodiscard]] int failed() const
    {
        std::scoped_lock const lock(mutex_);
        return failed_;
    }

private:
    mutable std::mutex mutex_;
    std::vector<std::int64_t> committed_;
    int failed_ = 0;
};

/// Keeps what comes under the key of the batch, and commits in every batch.
driver started(any_storage const& disk, std::vector<std::vector<std::pair<int, std::string>>> const& input,
               events_heard& heard)
{
    auto const keep = [](int, std::optional<std::string> value, tidemark::state<std::string>& state) {
        state.update(state.get_option().value_or("") + value.value_or(""));
        return 0;
    };
    auto const ssc = tidemark::streaming_context(1_s, tidemark::checkpoint_directory(disk),
                                                 {.partitions = 1, .key_groups = 2, .threads = 1});
    auto app = ssc.application(
        ssc.queue_stream<"input">(input)
        | tidemark::map_with_state<"kept">(tidemark::state_spec<std::string>(keep), tidemark::checkpoint_every(1_s))
        | tidemark::foreach_rdd([](auto const&) {}));
    app.listen([&heard](tidemark::streaming_event const& event) { heard(event); });
    driver run(std::move(app));
    run.start();
    run.engine().write_in_background();
    return run;
}

/// That, on a disk that can be slow and fail.
struct run_on_faulty_disk {
    run_on_faulty_disk(memory_storage const& disk, std::vector<std::vector<std::pair<int, std::string>>> const& input)
        : run(started(any_storage(tidemark::faulty_storage(disk, faults)), input, heard))
    {}

    fault_plan faults;
    events_heard heard;
    driver run;
};

std::vector<std::vector<std::pair<int, std::string>>> batches(int count, std::string const& value)
{
    std::vector<std::vector<std::pair<int, std::string>>> all;
    for (int key = 0; key < count; ++key)
        all.push_back({{key, value}});
    return all;
}

/// The batch of the newest commit on the disk, and how many states it has.
std::pair<std::int64_t, std::uint64_t> kept_in(memory_storage const& disk)
{
    auto const found = tidemark::inspect_checkpoint(disk);
    events_heard heard;
    auto run = started(disk, {}, heard);
    run.run_next();
    run.stop(); // before the events are read, which the writer adds to
    return {found.commits.at(found.chosen.value()).record.value().time.count(), [&] {
                for (auto const& event : run.events())
                    if (auto const* const batch = std::get_if<tidemark::batch_completed>(&event))
                        return static_cast<std::uint64_t>(batch->batch.stages.at(0).keys);
                return std::uint64_t{0};
            }()};
}

template <typename Condition>
bool comes_true(Condition const& condition)
{
    auto const end = clock::now() + std::chrono::seconds(30);
    while (!condition() && clock::now() < end)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return condition();
}

} // namespace

TEST_CASE("no batch waits for a disk that takes long to sync, unless four wait already", "[runtime][background_writes]")
{
    memory_storage const disk;
    {
        run_on_faulty_disk on(disk, batches(6, "x"));
        auto& [faults, heard, run] = on;
        faults.slow_down(storage_operation::sync, std::chrono::seconds(1), "state-");
        auto const began = clock::now();
        for (int batch = 1; batch <= 3; ++batch)
            CHECK(!run.next().failure);
        CHECK(clock::now() - began < std::chrono::seconds(1)); // the three commits take three seconds
        CHECK(heard.committed() == std::vector<std::int64_t>{0});
        for (int batch = 4; batch <= 6; ++batch)
            CHECK(!run.next().failure);
        CHECK(clock::now() - began >= std::chrono::seconds(1)); // the sixth waited for the first
        faults.slow_down(storage_operation::sync, std::chrono::seconds(0));
        run.stop(); // waits for what was handed over
        CHECK(heard.committed() == std::vector<std::int64_t>{0, 1000, 2000, 3000, 4000, 5000, 6000});
    }
    CHECK(kept_in(disk) == std::pair<std::int64_t, std::uint64_t>(6000, 6));
}

TEST_CASE("a commit that fails behind a batch is told by an event and by a later batch", "[runtime][background_writes]")
{
    memory_storage const disk;
    {
        run_on_faulty_disk on(disk, batches(4, "x"));
        auto& [faults, heard, run] = on;
        CHECK(!run.next().failure);
        REQUIRE(comes_true([&] { return heard.committed().back() == 1000; }));
        faults.slow_down(storage_operation::sync, std::chrono::milliseconds(100),
                         "state-"); // until the batch has ended
        faults.fail(storage_operation::sync, faults.operations(storage_operation::sync));
        CHECK(!run.next().failure);
        REQUIRE(comes_true([&] { return heard.failed() == 1; }));
        auto const third = run.next();
        CHECK(contains(what(third.failure), "planned fault"));
        CHECK(!third.fatal);
        REQUIRE(comes_true([&] { return heard.committed().back() == 3000; }));
        CHECK(!run.next().failure);
        run.stop();
        CHECK(heard.committed() == std::vector<std::int64_t>{0, 1000, 3000, 4000});
    }
    CHECK(kept_in(disk) == std::pair<std::int64_t, std::uint64_t>(4000, 4));
}

TEST_CASE("what waits for a slow disk is bounded", "[runtime][background_writes]")
{
    memory_storage const disk;
    auto const input = batches(3, std::string(25'000'000, 'x'));
    run_on_faulty_disk on(disk, input);
    auto& [faults, heard, run] = on;
    faults.slow_down(storage_operation::sync, std::chrono::seconds(4), "state-");
    auto const began = clock::now();
    CHECK(!run.next().failure); // being written
    CHECK(!run.next().failure); // waits
    CHECK(heard.committed() == std::vector<std::int64_t>{0});
    CHECK(!run.next().failure); // too much to wait before the first is written
    CHECK(clock::now() - began >= std::chrono::seconds(4));
    faults.slow_down(storage_operation::sync, std::chrono::seconds(0));
    run.stop();
    CHECK(heard.committed().back() == 3000);
}

TEST_CASE("a savepoint is of the batch that it was asked for in, though its commit is written behind it",
          "[runtime][background_writes]")
{
    memory_storage const disk;
    run_on_faulty_disk on(disk, batches(3, "x"));
    auto& [faults, heard, run] = on;
    faults.slow_down(storage_operation::sync, std::chrono::milliseconds(100), "state-");
    CHECK(!run.next().failure);
    CHECK(!run.next().failure);
    CHECK(run.save("second") == batch_time(2000));
    CHECK(heard.committed() == std::vector<std::int64_t>{0, 1000, 2000});
    run.stop();
}

TEST_CASE("what hears of a commit cannot wait for the end", "[runtime][background_writes]")
{
    memory_storage const disk;
    auto const ssc = tidemark::streaming_context(10_ms, tidemark::checkpoint_directory(disk));
    auto const some = ssc.queue_stream<"input">(std::vector<std::vector<int>>(1000));
    auto app = ssc.application(some | tidemark::checkpoint_every(10_ms) | tidemark::foreach_rdd([](auto const&) {}));
    std::atomic<int> refused = 0;
    app.listen([&refused, &app](tidemark::streaming_event const& event) {
        auto const* const commit = std::get_if<tidemark::commit_completed>(&event);
        if (commit == nullptr || refused != 0 || app.phase() != tidemark::application_phase::active)
            return;
        try {
            app.stop(true);
        } catch (tidemark::usage_error const&) {
            ++refused;
        }
    });
    app.start();
    CHECK(comes_true([&] { return refused == 1; }));
    app.stop(true);
}

TEST_CASE("an engine that is dropped writes what was handed over", "[runtime][background_writes]")
{
    memory_storage const disk;
    {
        run_on_faulty_disk on(disk, batches(2, "x"));
        auto& [faults, heard, run] = on;
        faults.slow_down(storage_operation::sync, std::chrono::milliseconds(200), "state-");
        CHECK(!run.next().failure);
        CHECK(!run.next().failure);
    }
    CHECK(kept_in(disk) == std::pair<std::int64_t, std::uint64_t>(2000, 2));
}
