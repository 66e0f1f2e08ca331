// SPDX-License-Identifier: BSL-1.0
//
// events.test: what listeners are told, in which order, with which fields.

#include <tidemark/monitoring/batch_report.hpp>
#include <tidemark/monitoring/listener.hpp>
#include <tidemark/operators.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/sinks/print.hpp>
#include <tidemark/storage/fault_plan.hpp>
#include <tidemark/storage/fault_verdict.hpp>
#include <tidemark/storage/faulty_storage.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/driver.hpp>
#include <tidemark/time/literals.hpp>

#include <support/catch.hpp>
#include <support/running.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace {

using namespace tidemark::literals;
using namespace tidemark_test;
using tidemark::any_storage;
using tidemark::batch_time;
using tidemark::checkpoint_directory;
using tidemark::foreach_rdd;
using tidemark::map;
using tidemark::memory_storage;
using tidemark::testing::driver;

constexpr auto under_one_key = [](int number) { return std::pair(std::string("all"), number); };
constexpr auto read_all = [](auto const& rdd) { (void)(rdd | tidemark::collect()); };

/// An event in short: its name, and the batch or output that it is about.
struct in_short {
    std::string operator()(tidemark::streaming_started const&) const { return "streaming started"; }
    std::string operator()(tidemark::source_problem const& told) const { return told.source + ": " + told.reason; }
    std::string operator()(tidemark::receiver_started const& told) const { return "receives " + told.receiver.source; }
    std::string operator()(tidemark::receiver_error const& told) const
    {
        return told.receiver.source + " error: " + told.receiver.last_error_message;
    }
    std::string operator()(tidemark::receiver_stopped const& told) const
    {
        return "receives no more " + told.receiver.source;
    }
    std::string operator()(tidemark::batch_submitted const& told) const { return "submitted " + batch(told.batch); }
    std::string operator()(tidemark::batch_started const& told) const { return "started " + batch(told.batch); }
    std::string operator()(tidemark::output_operation_started const& told) const
    {
        return "started " + told.operation.name;
    }
    std::string operator()(tidemark::output_operation_completed const& told) const
    {
        return "completed " + told.operation.name + (told.operation.failure ? ": " + *told.operation.failure : "");
    }
    std::string operator()(tidemark::batch_completed const& told) const { return "completed " + batch(told.batch); }
    std::string operator()(tidemark::commit_completed const& told) const
    {
        return "commit " + std::to_string(told.batch_time);
    }
    std::string operator()(tidemark::commit_failed const& told) const
    {
        return "no commit " + std::to_string(told.batch_time);
    }
    std::string operator()(tidemark::listener_problem const& event) const { return "listener: " + event.reason; }
    std::string operator()(tidemark::streaming_stopped const&) const { return "streaming stopped"; }

    static std::string batch(tidemark::batch_info const& info) { return std::to_string(info.batch_time); }
};

std::vector<std::string> all_in_short(driver const& run)
{
    std::vector<std::string> all;
    for (auto const& event : run.events())
        all.push_back(std::visit(in_short{}, event));
    return all;
}

/// The last event of one kind.
template <typename Event>
Event last(driver const& run)
{
    std::optional<Event> found;
    for (auto const& event : run.events())
        if (auto const* const one = std::get_if<Event>(&event))
            found = *one;
    REQUIRE(found);
    return *found;
}

tidemark::settings const small{.partitions = 2, .threads = 1};

} // namespace

TEST_CASE("the events of a batch come in their order", "[runtime][events]")
{
    auto const source = std::make_shared<script>();
    auto const ssc = tidemark::streaming_context(1_s, checkpoint_directory(memory_storage()), small);
    auto const numbers = ssc.source_stream(counting_source(source));
    auto const counts =
        numbers | map(under_one_key)
        | tidemark::update_state_by_key([](std::vector<int> const&, std::optional<int>) { return std::optional(1); },
                                        tidemark::checkpoint_every(2_s));
    driver run(ssc.application(numbers | foreach_rdd<"first">([](auto const&, batch_time time) {
                                   if (time == batch_time(2000))
                                       throw std::runtime_error("bad");
                               }),
                               counts | foreach_rdd<"second">(read_all)));
    run.start();
    (void)run.next();
    (void)run.next();
    run.stop();
    CHECK(all_in_short(run)
          == std::vector<std::string>{
              "streaming started", "commit 0", "submitted 1000", "started 1000", "started first", "completed first",
              "started second", "completed second", "completed 1000", "submitted 2000", "started 2000", "started first",
              "completed first: bad", "started second", "completed second", "completed 2000", "streaming stopped"});
}

TEST_CASE("a complete batch tells times, delays, inputs, outputs and states", "[runtime][events]")
{
    auto const source = std::make_shared<script>();
    auto const ssc = tidemark::streaming_context(1_s, checkpoint_directory(memory_storage()), small);
    auto const numbers = ssc.source_stream<"numbers">(counting_source(source));
    tidemark::manual_clock* clock = nullptr;
    driver run(ssc.application(numbers | foreach_rdd<"slow">([&clock](auto const&) { clock->advance(30_ms); }),
                               numbers | map(under_one_key)
                                   | tidemark::update_state_by_key<"states">(
                                       [](std::vector<int> const&, std::optional<int>) { return std::optional(1); })
                                   | tidemark::print(10, [](std::string_view) {})));
    clock = &run.clock();
    run.start();
    clock->set(batch_time(1000));
    auto const batch = run.engine().generate(batch_time(1000));
    auto const submitted = last<tidemark::batch_submitted>(run).batch;
    CHECK(submitted.batch_time == 1000);
    CHECK(submitted.submission_time == 1000);
    CHECK_FALSE(submitted.processing_start);
    CHECK_FALSE(submitted.scheduling_delay());
    CHECK_FALSE(submitted.total_delay());

    clock->advance(200_ms);
    CHECK_FALSE(run.engine().run(*batch).failure);
    auto const told = last<tidemark::batch_completed>(run).batch;
    CHECK(told.batch_time == 1000);
    CHECK(told.processing_start == 1200);
    CHECK(told.processing_end == 1230);
    CHECK(told.scheduling_delay() == 200);
    CHECK(told.processing_delay() == 30);
    CHECK(told.total_delay() == 230);
    REQUIRE(told.inputs.size() == 1);
    CHECK(told.inputs[0].source == "numbers");
    CHECK(told.records() == 1);
    REQUIRE(told.outputs.size() == 2);
    CHECK(told.outputs[0].id == 0);
    CHECK(told.outputs[0].name == "slow");
    CHECK(told.outputs[0].description == "foreach_rdd");
    CHECK(told.outputs[0].start == 1200);
    CHECK(told.outputs[0].end == 1230);
    CHECK(told.outputs[0].duration() == 30);
    CHECK_FALSE(told.outputs[0].failure);
    CHECK(told.outputs[1].id == 1);
    CHECK(told.outputs[1].name == "print#1");
    CHECK(told.outputs[1].description == "print");
    REQUIRE(told.stages.size() == 1);
    CHECK(told.stages[0].name == "states");
    CHECK(told.stages[0].kind == "update_state_by_key");
    CHECK(told.stages[0].keys == 1);
    CHECK(told.stages[0].bytes > 0);
}

TEST_CASE("a commit tells what each stage has given since the one before, or since one that failed",
          "[runtime][events]")
{
    tidemark::fault_plan const faults;
    auto const ssc = tidemark::streaming_context(
        1_s, checkpoint_directory(tidemark::faulty_storage(memory_storage(), faults)), small);
    auto const numbers = ssc.source_stream<"numbers">(counting_source(std::make_shared<script>()));
    auto const keep = [](std::vector<int> const&, std::optional<int> state) {
        return std::optional(state.value_or(0) + 1);
    };
    driver run(ssc.application(
        numbers | map(under_one_key) | tidemark::update_state_by_key<"one">(keep, tidemark::checkpoint_every(2_s))
            | foreach_rdd<"a">(read_all),
        numbers | tidemark::flat_map([](int) { return std::vector<std::pair<int, int>>{{1, 1}, {2, 2}}; })
            | tidemark::update_state_by_key<"two">(keep, tidemark::checkpoint_every(2_s))
            | foreach_rdd<"b">(read_all)));
    run.start();
    run.run_to(batch_time(2000));
    auto const first = last<tidemark::commit_completed>(run);
    REQUIRE(first.batch_time == 2000);
    REQUIRE(first.stages.size() == 2);
    CHECK(first.stages[0].name == "one");
    CHECK(first.stages[1].name == "two");
    CHECK(first.stages[0].bytes > 0);
    CHECK(first.stages[0].collecting.count() > 0);

    run.run_to(batch_time(3000));
    faults.fail(tidemark::storage_operation::sync, faults.operations(tidemark::storage_operation::sync));
    CHECK(run.next().failure);
    REQUIRE(last<tidemark::commit_failed>(run).batch_time == 4000);
    run.run_to(batch_time(6000));
    auto const second = last<tidemark::commit_completed>(run);
    REQUIRE(second.batch_time == 6000);
    REQUIRE(second.stages.size() == 2);
    run.run_to(batch_time(8000));
    auto const third = last<tidemark::commit_completed>(run);
    REQUIRE(third.batch_time == 8000);
    REQUIRE(third.stages.size() == 2);
    CHECK(second.stages[0].bytes == 2 * third.stages[0].bytes); // four batches instead of two
    CHECK(second.stages[1].bytes == 2 * third.stages[1].bytes);
}

TEST_CASE("a batch without a job makes no events, and is done", "[runtime][events]")
{
    auto const source = std::make_shared<script>();
    source->no_dataset = {2};
    memory_storage const disk;
    auto const ssc = tidemark::streaming_context(1_s, checkpoint_directory(disk), small);
    driver run(ssc.application(ssc.source_stream(counting_source(source)) | tidemark::checkpoint_every(1_s)
                               | foreach_rdd<"out">(read_all)));
    run.start();
    run.run_to(batch_time(3000));
    CHECK(all_in_short(run)
          == std::vector<std::string>{"streaming started", "commit 0", "submitted 1000", "started 1000", "started out",
                                      "completed out", "completed 1000", "commit 1000", "commit 2000", "submitted 3000",
                                      "started 3000", "started out", "completed out", "completed 3000", "commit 3000"});
}

TEST_CASE("an output without a job because its batch could not be generated tells why", "[runtime][events]")
{
    auto const good = std::make_shared<script>();
    auto const bad = std::make_shared<script>();
    bad->fail_plan = {1};
    auto const ssc = tidemark::streaming_context(1_s, small);
    driver run(ssc.application(ssc.source_stream(counting_source(bad)) | foreach_rdd<"bad">(read_all),
                               ssc.source_stream(counting_source(good)) | foreach_rdd<"good">(read_all)));
    run.start();
    (void)run.next();
    CHECK(all_in_short(run)
          == std::vector<std::string>{"streaming started", "submitted 1000", "started 1000", "started good",
                                      "completed good", "completed 1000"});
    for (auto const& info : {last<tidemark::batch_submitted>(run).batch, last<tidemark::batch_completed>(run).batch}) {
        CHECK(info.outputs.at(0).failure == "no plan for 1");
        CHECK_FALSE(info.outputs.at(0).start);
        CHECK_FALSE(info.outputs.at(1).failure);
    }
}

TEST_CASE("what is wrong with a source is told before the batch, and again only when it changes or comes back",
          "[runtime][events]")
{
    auto const source = std::make_shared<script>();
    auto const ssc = tidemark::streaming_context(1_s, small);
    driver run(ssc.application(ssc.source_stream<"line">(counting_source(source)) | foreach_rdd<"out">(read_all)));
    run.start();
    auto const told_in_next = [&](std::optional<std::string> problem) {
        source->problem = std::move(problem);
        auto const before = run.events().size();
        CHECK_FALSE(run.next().failure);
        auto const all = all_in_short(run);
        std::string first = all.at(before);
        return first.starts_with("submitted") ? "" : first;
    };
    CHECK(told_in_next("refused") == "line: refused");
    CHECK(told_in_next("refused").empty());
    CHECK(told_in_next("reset") == "line: reset");
    CHECK(told_in_next(std::nullopt).empty());
    CHECK(told_in_next("reset") == "line: reset");
    CHECK(last<tidemark::source_problem>(run).batch_time == 5000);
}

TEST_CASE("the start is told before its commit", "[runtime][events]")
{
    auto const ssc = tidemark::streaming_context(1_s, checkpoint_directory(memory_storage()), small);
    driver run(ssc.application(ssc.source_stream(counting_source(std::make_shared<script>())) | foreach_rdd(read_all)));
    run.start();
    CHECK(all_in_short(run) == std::vector<std::string>{"streaming started", "commit 0"});
}

TEST_CASE("the start tells what was restored and what comes first", "[runtime][events]")
{
    memory_storage const disk;
    auto const source = std::make_shared<script>();
    auto const program = [&](memory_storage const& where) {
        auto const ssc = tidemark::streaming_context(1_s, checkpoint_directory(where), small);
        return ssc.application(ssc.source_stream(counting_source(source)) | tidemark::checkpoint_every(2_s)
                               | foreach_rdd<"out">(read_all));
    };
    {
        driver run(program(disk), batch_time(500));
        run.start();
        CHECK(last<tidemark::streaming_started>(run).time == 500);
        CHECK_FALSE(last<tidemark::streaming_started>(run).restored_commit);
        CHECK(last<tidemark::streaming_started>(run).batches_to_repeat == 0);
        run.run_to(batch_time(3000));
    }
    driver run(program(disk.kill()), batch_time(5500));
    run.restore();
    CHECK(last<tidemark::streaming_started>(run).restored_commit == 2000);
    CHECK(last<tidemark::streaming_started>(run).batches_to_repeat == 3); // 3, 4 and 5
}

TEST_CASE("what a listener throws is told to the others, once for the same words", "[runtime][events]")
{
    auto const ssc = tidemark::streaming_context(1_s, small);
    auto app = ssc.application(ssc.source_stream(counting_source(std::make_shared<script>())) | foreach_rdd(read_all));
    std::string words = "no ink";
    auto const throws_words = [&words](tidemark::streaming_event const& event) {
        if (std::holds_alternative<tidemark::batch_completed>(event))
            throw std::runtime_error(words);
    };
    std::vector<std::pair<std::size_t, std::string>> told;
    app.listen(throws_words).listen([&](tidemark::streaming_event const& event) {
        if (auto const* const problem = std::get_if<tidemark::listener_problem>(&event)) {
            told.emplace_back(problem->listener, problem->reason);
            throw std::runtime_error("me, too");
        }
    });
    driver run(app);
    run.start();
    CHECK_FALSE(run.next().failure);
    CHECK_FALSE(run.next().failure);
    words = "no paper";
    CHECK_FALSE(run.next().failure);
    CHECK(told == std::vector<std::pair<std::size_t, std::string>>{{0, "no ink"}, {0, "no paper"}});
    CHECK(last<tidemark::listener_problem>(run).reason == "no paper");
}

TEST_CASE("a listener that is null is refused", "[runtime][events]")
{
    struct deaf {
        void on(tidemark::batch_completed const&) {}
    };
    CHECK_THROWS_WITH(tidemark::listening(std::shared_ptr<deaf>()),
                      "tidemark::listening: the pointer is null; pass a pointer to a listener");
    auto const ssc = tidemark::streaming_context(1_s, small);
    auto app = ssc.application(ssc.source_stream(counting_source(std::make_shared<script>())) | foreach_rdd(read_all));
    CHECK_THROWS_WITH(app.listen(nullptr),
                      "tidemark::application::listen: the function is empty; pass one that takes a streaming_event");
}

TEST_CASE("what a listener throws changes nothing, and all listeners are told", "[runtime][events]")
{
    struct counting {
        int complete = 0;
        void on(tidemark::batch_completed const&)
        {
            ++complete;
            throw std::runtime_error("not interested");
        }
    };
    auto const first = std::make_shared<counting>();
    auto const second = std::make_shared<counting>();
    auto const ssc = tidemark::streaming_context(1_s, small);
    auto app = ssc.application(ssc.source_stream(counting_source(std::make_shared<script>())) | foreach_rdd(read_all));
    app.listen(tidemark::listening(first)).listen(tidemark::listening(second));
    driver run(app);
    run.start();
    CHECK_FALSE(run.next().failure);
    CHECK(first->complete == 1);
    CHECK(second->complete == 1);
}
