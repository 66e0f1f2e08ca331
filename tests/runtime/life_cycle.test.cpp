// SPDX-License-Identifier: BSL-1.0
//
// life_cycle.test: what an application is made of stays; a graceful stop ends, whatever became of the last batch.

#include <tidemark/checkpoint/policy.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/runtime/application.hpp>
#include <tidemark/sources/write_ahead_log.hpp>
#include <tidemark/storage/fault_plan.hpp>
#include <tidemark/storage/faulty_storage.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/batch_source.hpp>
#include <tidemark/testing/driver.hpp>
#include <tidemark/time/any_clock.hpp>
#include <tidemark/time/literals.hpp>
#include <tidemark/time/manual_clock.hpp>

#include <support/catch.hpp>
#include <support/running.hpp>

#include <latch>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace {

using namespace tidemark::literals;
using namespace tidemark_test;
using tidemark::batch_time;
using tidemark::foreach_rdd;
using tidemark::storage_operation;

tidemark::settings const small{.partitions = 2, .threads = 1};

/// A source that cannot be opened, and does not say why.
struct closed_source {
    using record_type = int;
    static constexpr std::string_view name = "closed";
    static constexpr bool replayable = false;

    std::string describe() const { return "a closed door"; }
    std::unique_ptr<tidemark::source_reader<int>> open(tidemark::source_environment const&) const { return nullptr; }
};

int track(int const&, std::optional<int>, tidemark::state<int>&) { return 0; }
std::optional<int> keep(std::vector<int> const&, std::optional<int> state) { return state; }

} // namespace

TEST_CASE("what is added to a stream later changes no application", "[runtime][application]")
{
    std::vector<int> seen;
    auto const ssc = tidemark::streaming_context(1_s, small);
    auto const numbers = ssc.source_stream(tidemark::testing::batch_source<int>({std::vector{1}, std::vector{2}}));
    tidemark::testing::driver run(ssc.application(numbers | foreach_rdd([&seen](auto const& rdd) {
                                                      for (int const each : rdd | tidemark::collect())
                                                          seen.push_back(each);
                                                  })));
    run.start();
    CHECK_FALSE(run.next().failure);
    bool called = false;
    auto const later = numbers | tidemark::map([&called](int number) {
                           called = true;
                           return 10 * number;
                       });
    auto const more = later | foreach_rdd([](auto const& rdd) { (void)(rdd | tidemark::collect()); });
    CHECK_FALSE(run.next().failure);
    CHECK(seen == std::vector{1, 2});
    CHECK_FALSE(called);
    (void)more;
}

TEST_CASE("a graceful stop ends without a job in the last batch, with a failed output, and without its commit",
          "[runtime][application]")
{
    enum class trouble { no_job, failed_output, lost_commit };
    for (auto const what : {trouble::no_job, trouble::failed_output, trouble::lost_commit}) {
        INFO(static_cast<int>(what));
        auto const source = std::make_shared<script>();
        if (what == trouble::no_job)
            source->no_dataset = {1, 2};
        tidemark::fault_plan const faults;
        tidemark::faulty_storage const disk(tidemark::memory_storage(), faults);
        tidemark::manual_clock clock;
        auto const ssc = tidemark::streaming_context(1_s, tidemark::checkpoint_directory(disk), small);
        auto app = ssc.application(ssc.source_stream(counting_source(source)) | foreach_rdd([what](auto const&) {
                                       if (what == trouble::failed_output)
                                           throw std::runtime_error("told to fail");
                                   }));
        std::latch ran(2);
        bool told = false; // in the thread that runs jobs, and read after the end
        app.listen([&ran, &told](tidemark::streaming_event const& event) {
            if (std::holds_alternative<tidemark::batch_completed>(event))
                ran.count_down();
            told = told || std::holds_alternative<tidemark::commit_failed>(event);
        });
        app.start(tidemark::any_clock(clock));
        for (auto const time : {batch_time(1000), batch_time(2000)}) {
            clock.wait_for_waiter(time);
            clock.set(time);
        }
        clock.wait_for_waiter(batch_time(3000));
        if (what == trouble::lost_commit) {
            ran.wait();
            faults.fail(storage_operation::sync, faults.operations(storage_operation::sync));
        }
        app.stop(); // comes back, though nothing can complete any more
        CHECK(app.phase() == tidemark::application_phase::stopped);
        CHECK(told == (what == trouble::lost_commit));
    }
}

TEST_CASE("a source whose open gives null is an error that names it", "[runtime][application]")
{
    auto const refused = [](auto const& behind) {
        auto const ssc = tidemark::streaming_context(1_s, tidemark::checkpoint_directory(tidemark::memory_storage()));
        auto app = ssc.application(behind(ssc.template source_stream<"door">(closed_source()))
                                   | foreach_rdd<"out">([](auto const&) {}));
        return words_of<tidemark::config_error>([&] { app.start(); });
    };
    auto const words = refused([](auto stream) { return stream; });
    CHECK(contains(words, "`open` of the source \"door\" (a closed door) gave a null pointer; give a reader"));
    CHECK(refused([](auto stream) { return stream | tidemark::write_ahead_log(); }) == words);
}

TEST_CASE("the default interval is ten slides for map_with_state, else the multiple of the slide from 10 s on",
          "[runtime][checkpoint_every]")
{
    auto const intervals = [](tidemark::duration slide) {
        auto const ssc = tidemark::streaming_context(slide, tidemark::checkpoint_directory(tidemark::memory_storage()));
        auto const pairs = ssc.source_stream(tidemark::testing::batch_source<std::pair<int, int>>({}));
        return std::pair((pairs | tidemark::map_with_state(tidemark::state_spec(&track))).interval().count(),
                         (pairs | tidemark::update_state_by_key(&keep)).interval().count());
    };
    using both = std::pair<std::int64_t, std::int64_t>;
    CHECK(intervals(500_ms) == both(5'000, 10'000));
    CHECK(intervals(1_s) == both(10'000, 10'000));
    CHECK(intervals(3_s) == both(30'000, 12'000));
    CHECK(intervals(7_s) == both(70'000, 14'000));
    CHECK(intervals(20_s) == both(200'000, 20'000));
    CHECK(intervals(0_s) == both(0, 0)); // application() refuses it
}
