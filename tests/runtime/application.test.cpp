// SPDX-License-Identifier: BSL-1.0
//
// application.test: phases, threads, waiting and stopping; by a manual clock, so nothing here takes time.

#include <tidemark/operators.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/runtime/get_or_create.hpp>
#include <tidemark/runtime/stop_on_signals.hpp>
#include <tidemark/sources.hpp>
#include <tidemark/storage/fault_plan.hpp>
#include <tidemark/storage/faulty_storage.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/time/duration.hpp>
#include <tidemark/time/literals.hpp>
#include <tidemark/time/manual_clock.hpp>

#include <support/catch.hpp>
#include <support/running.hpp>

#include <barrier>
#include <chrono>
#include <csignal>
#include <functional>
#include <future>
#include <latch>
#include <memory>
#include <mutex>
#include <optional>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include <unistd.h>

namespace {

using namespace tidemark::literals;
using namespace tidemark_test;
using tidemark::any_clock;
using tidemark::any_storage;
using tidemark::application;
using tidemark::application_phase;
using tidemark::batch_time;
using tidemark::checkpoint_directory;
using tidemark::foreach_rdd;
using tidemark::manual_clock;
using tidemark::memory_storage;
using tidemark::usage_error;

using totals = std::vector<int>;

constexpr auto under_one_key = [](int number) { return std::pair(std::string("all"), number); };
constexpr auto add = [](std::string const&, std::optional<int> value, tidemark::state<int>& state) {
    state.update(state.get_option().value_or(0) + *value);
    return state.get();
};

/// A program that adds 1, 2, 3 ... and what it saw; one number for each batch of 1 s.
struct world {
    memory_storage disk;
    std::shared_ptr<script> source = std::make_shared<script>();
    std::shared_ptr<totals> seen = std::make_shared<totals>(); // by the thread that runs jobs; read after the end
    std::function<void(int)> in_batch = [](int) {};
    tidemark::settings settings{.partitions = 2, .threads = 1};
    manual_clock clock;

    [[nodiscard]] application program() const { return program(checkpoint_directory(any_storage(disk))); }

    [[nodiscard]] application program(checkpoint_directory where) const
    {
        auto const ssc = tidemark::streaming_context(1_s, std::move(where), settings).named("adding");
        auto const sums = ssc.source_stream<"numbers">(counting_source(source)) | tidemark::map(under_one_key)
                          | tidemark::map_with_state<"sum">(tidemark::state_spec(add), tidemark::checkpoint_every(5_s));
        return ssc.application(sums | foreach_rdd<"out">([out = seen, then = in_batch](auto const& rdd) {
                                   for (int const total : rdd | tidemark::collect()) {
                                       out->push_back(total);
                                       then(total);
                                   }
                               }));
    }

    void start(application& app) { app.start(any_clock(clock)); }

    /// Lets the clock reach the batches up to that number, each when the one before has been generated.
    void let_pass(std::int64_t last)
    {
        for (auto time = clock.now() + 1_s; time <= batch_time(1000 * last); time += 1_s) {
            clock.wait_for_waiter(time);
            clock.set(time);
        }
        clock.wait_for_waiter(batch_time(1000 * (last + 1)));
    }
};

} // namespace

TEST_CASE("an application is initialized, then active, then stopped, and never goes back", "[runtime][application]")
{
    world in;
    auto app = in.program();
    CHECK(app.phase() == application_phase::initialized);
    CHECK_THROWS_AS(app.await_termination(), usage_error);
    CHECK_THROWS_AS(app.await_termination_for(std::chrono::seconds(1)), usage_error);

    auto never = in.program();
    never.stop(); // as in Spark, it cannot be started afterwards
    CHECK(never.phase() == application_phase::stopped);
    CHECK_THROWS_AS(in.start(never), usage_error);

    in.start(app);
    CHECK(app.phase() == application_phase::active);
    CHECK_THROWS_AS(in.start(app), usage_error);
    CHECK_THROWS_AS(app.listen([](auto const&) {}), usage_error);
    CHECK_THROWS_AS(app.when_unreadable(tidemark::on_unreadable::start_fresh), usage_error);
    CHECK_FALSE(app.await_termination_for(std::chrono::nanoseconds(0)));

    app.stop();
    CHECK(app.phase() == application_phase::stopped);
    app.stop();
    app.await_termination();
    CHECK(app.await_termination_for(std::chrono::hours(1)));
    CHECK(contains(words_of<usage_error>([&] { in.start(app); }), "\"adding\" has been started or stopped before"));
}

TEST_CASE("building an application touches nothing", "[runtime][application]")
{
    world in;
    tidemark::fault_plan const counting;
    auto const app = in.program(checkpoint_directory(any_storage(tidemark::faulty_storage(in.disk, counting))));
    CHECK(counting.operations() == 0);
    CHECK(in.source->calls.empty());
    CHECK(app.directory() == "memory");
    CHECK(app.name() == "adding");
}

TEST_CASE("a batch runs when the clock reaches its time", "[runtime][application]")
{
    world in;
    in.clock.set(batch_time(0));
    auto app = in.program();
    in.start(app);
    in.let_pass(4);
    app.stop();
    CHECK(*in.seen == totals{1, 3, 6, 10});
    CHECK(in.source->calls.size() == 4);
    CHECK(in.source->stopped);
}

TEST_CASE("a clean stop commits, and a restart repeats nothing", "[runtime][application]")
{
    world in;
    {
        auto app = in.program();
        in.start(app);
        in.let_pass(3);
        app.stop();
    }
    in.source->calls.clear();
    auto app = in.program();
    in.start(app);
    in.let_pass(4);
    app.stop();
    CHECK(in.source->calls == std::vector<std::string>{"plan 4"});
    CHECK(*in.seen == totals{1, 3, 6, 10});
}

TEST_CASE("an immediate stop ends after the running batch, and planned batches run after a restart",
          "[runtime][application]")
{
    world in;
    std::mutex gate;
    std::unique_lock closed(gate);
    std::promise<void> begun;
    in.in_batch = [&](int total) {
        if (total != 1)
            return;
        begun.set_value();
        std::scoped_lock const passes(gate);
    };
    {
        auto app = in.program();
        in.start(app);
        in.let_pass(3); // batch 1 runs and waits, 2 and 3 are generated
        begun.get_future().wait();
        app.request_stop(false);
        closed.unlock();
        app.await_termination();
        CHECK(*in.seen == totals{1});
    }
    in.source->calls.clear();
    in.in_batch = [](int) {};
    auto app = in.program();
    in.start(app);
    in.let_pass(4);
    app.stop();
    CHECK(in.source->calls == std::vector<std::string>{"replay 1", "replay 2", "replay 3", "plan 4"});
    CHECK(*in.seen == totals{1, 3, 6, 10}); // the output of batch 1 was done
}

TEST_CASE("the last handle ends the run, as a kill would", "[runtime][application]")
{
    world in;
    {
        auto app = in.program();
        in.start(app);
        in.let_pass(2);
        auto const same = app;
    }
    CHECK(in.source->stopped);
    in.source->calls.clear();
    auto app = in.program();
    in.start(app);
    in.let_pass(3);
    app.stop();
    CHECK(in.source->calls == std::vector<std::string>{"replay 1", "replay 2", "plan 3"});
    CHECK(in.seen->back() == 6);
}

TEST_CASE("the last handle may go in a batch", "[runtime][application]")
{
    world in;
    std::optional<application> kept;
    std::mutex holding;
    in.in_batch = [&](int) {
        std::scoped_lock const lock(holding);
        kept.reset();
    };
    std::promise<void> over;
    {
        auto app = in.program();
        app.listen([&over](tidemark::streaming_event const& event) {
            if (std::holds_alternative<tidemark::streaming_stopped>(event))
                over.set_value();
        });
        in.start(app);
        std::scoped_lock const lock(holding);
        kept.emplace(std::move(app));
    }
    in.clock.wait_for_waiter(batch_time(1000));
    in.clock.set(batch_time(1000));
    over.get_future().wait();
    CHECK(*in.seen == totals{1});
    CHECK_FALSE(tidemark::get_active());
}

TEST_CASE("a stop from within a batch or a listener is refused, and a request is not", "[runtime][application]")
{
    world in;
    std::vector<std::string> refusals;
    std::optional<application> app;
    auto const try_to_stop = [&] { refusals.push_back(words_of<usage_error>([&] { app->stop(); })); };
    in.in_batch = [&](int total) {
        if (total == 3) {
            try_to_stop();
            app->request_stop();
        }
    };
    app.emplace(in.program());
    app->listen([&](tidemark::streaming_event const& event) {
        if (std::holds_alternative<tidemark::streaming_stopped>(event))
            try_to_stop();
    });
    in.start(*app);
    in.clock.wait_for_waiter(batch_time(1000));
    in.clock.set(batch_time(2000));
    app->await_termination();
    CHECK(app->phase() == application_phase::stopped);
    CHECK(*in.seen == totals{1, 3});
    CHECK(refusals.size() == 2);
    for (auto const& words : refusals)
        CHECK(contains(words, "called from within a batch or a listener of \"adding\""));
}

TEST_CASE("a wait for the end from within a batch is refused", "[runtime][application]")
{
    world in;
    std::string refusal;
    std::optional<application> app;
    in.in_batch = [&](int) {
        refusal = words_of<usage_error>([&] { app->await_termination(); });
        refusal += words_of<usage_error>([&] { (void)app->await_termination_for(std::chrono::hours(1)); });
    };
    app.emplace(in.program());
    in.start(*app);
    in.let_pass(1);
    app->stop();
    CHECK(contains(refusal, "application::await_termination: called from within a batch"));
    CHECK(contains(refusal, "application::await_termination_for: called from within a batch"));
}

TEST_CASE("a wait may be as long as it can be said", "[runtime][application]")
{
    world in;
    std::optional<application> app;
    in.in_batch = [&](int) { app->request_stop(); };
    app.emplace(in.program());
    in.start(*app);
    in.clock.wait_for_waiter(batch_time(1000));
    in.clock.set(batch_time(1000));
    CHECK(app->await_termination_for(std::chrono::nanoseconds::max()));
    CHECK(app->await_termination_for(std::chrono::hours::max()));
}

TEST_CASE("a wait is as long as it says, in any unit", "[runtime][application]")
{
    world in;
    auto app = in.program();
    in.start(app);
    std::latch waiting(1);
    std::thread stopper([&] {
        waiting.wait();
        in.clock.wait_for_waiter(batch_time(1000));
        app.stop();
    });
    CHECK_FALSE(app.await_termination_for(std::chrono::hours::min()));
    CHECK_FALSE(app.await_termination_for(std::chrono::duration<double>(0.001)));
    CHECK_FALSE(app.await_termination_for(tidemark::static_duration<1>()));
    waiting.count_down();
    SECTION("hours") { CHECK(app.await_termination_for(std::chrono::hours::max())); }
    SECTION("milliseconds") { CHECK(app.await_termination_for(std::chrono::milliseconds::max())); }
    SECTION("real seconds") { CHECK(app.await_termination_for(std::chrono::duration<double>(1e300))); }
    stopper.join();
}

TEST_CASE("a clean end does not wait for the batches that were slept through, and a restart finds them",
          "[runtime][application]")
{
    world in;
    {
        auto app = in.program();
        in.start(app);
        in.let_pass(1);
        app.stop();
    }
    in.clock.set(batch_time(20'000));
    {
        std::optional<application> app;
        in.in_batch = [&](int total) {
            if (total == 3)
                app->request_stop();
        };
        app.emplace(in.program());
        in.start(*app);
        app->await_termination();
        CHECK(in.seen->size()
              < 8); // the second batch, and those that were in hand by then: each waits for the one before
    }
    in.in_batch = [](int) {};
    auto app = in.program();
    in.start(app);
    in.let_pass(21);
    app.stop();
    totals all;
    for (int batch = 1, total = 1; batch <= 21; total += ++batch)
        all.push_back(total);
    CHECK(*in.seen == all);
}

TEST_CASE("a handle that was moved from is still a handle", "[runtime][application]")
{
    world in;
    auto app = in.program();
    auto const other = std::move(app);
    CHECK(app.name() == other.name()); // NOLINT(bugprone-use-after-move)
}

TEST_CASE("a stop from a function on a thread of the pool is refused, too", "[runtime][application]")
{
    world in;
    std::optional<application> app;
    std::mutex mutex;
    std::vector<std::string> refusals;
    std::barrier both(2);
    auto const ssc = tidemark::streaming_context(1_s, tidemark::settings{.partitions = 2, .threads = 2});
    auto const stopping = [&](int number) {
        both.arrive_and_wait(); // so that each of the two threads has one
        auto words = words_of<usage_error>([&] { app->stop(); });
        std::scoped_lock const lock(mutex);
        refusals.push_back(std::move(words));
        return number;
    };
    app.emplace(ssc.application(ssc.queue_stream(std::vector<std::vector<int>>{{1, 2}}) | tidemark::map(stopping)
                                | foreach_rdd([](auto const& rdd) { (void)(rdd | tidemark::collect()); })));
    in.start(*app);
    in.let_pass(1);
    app->stop();
    REQUIRE(refusals.size() == 2);
    for (auto const& words : refusals)
        CHECK(contains(words, "it would wait for itself; call request_stop() there"));
}

TEST_CASE("a listener may ask for the end as soon as it is told of the start", "[runtime][application]")
{
    world in;
    std::string refusal;
    auto app = in.program();
    app.listen([&](tidemark::streaming_event const& event) {
        if (std::holds_alternative<tidemark::streaming_started>(event)) {
            refusal = words_of<usage_error>([&] { app.stop(); });
            app.request_stop();
        }
    });
    in.start(app);
    app.await_termination();
    CHECK(contains(refusal, "call request_stop() there"));
    CHECK(app.phase() == application_phase::stopped);
    CHECK(in.seen->empty());
}

TEST_CASE("a graceful stop gives out what has been received, at batch times", "[runtime][application]")
{
    world in;
    in.source->not_drained_before = 4; // numbers up to 3 have arrived
    auto app = in.program();
    in.start(app);
    in.let_pass(1);
    app.request_stop();
    in.let_pass(2);
    in.clock.set(batch_time(3000));
    app.await_termination();
    CHECK(*in.seen == totals{1, 3, 6});
}

TEST_CASE("several threads may stop, wait and ask at once", "[runtime][application]")
{
    world in;
    auto app = in.program();
    in.start(app);
    std::vector<std::thread> callers;
    for (int i = 0; i < 4; ++i) {
        callers.emplace_back([app]() mutable { app.stop(); });
        callers.emplace_back([app]() mutable { app.await_termination(); });
        callers.emplace_back([app] { (void)app.phase(); });
        callers.emplace_back([] { (void)tidemark::get_active(); });
    }
    for (auto& caller : callers)
        caller.join();
    CHECK(app.phase() == application_phase::stopped);
}

TEST_CASE("a failure is thrown to the one who waits, and the application goes on", "[runtime][application]")
{
    world in;
    in.in_batch = [](int total) {
        if (total == 3)
            throw std::runtime_error("no good");
    };
    auto app = in.program();
    in.start(app);
    in.let_pass(2);
    CHECK(words_of<std::runtime_error>([&] { app.await_termination(); }) == "no good");
    CHECK(app.phase() == application_phase::active);
    in.let_pass(3);
    app.stop();
    app.await_termination(); // each failure once
    CHECK(*in.seen == totals{1, 3, 6});
}

TEST_CASE("a failure in a state ends the application", "[runtime][application]")
{
    world in;
    auto const ssc = tidemark::streaming_context(1_s, checkpoint_directory(any_storage(in.disk)), in.settings);
    auto app = ssc.application(
        ssc.source_stream(counting_source(in.source)) | tidemark::map(under_one_key)
        | tidemark::update_state_by_key([](std::vector<int> const&, std::optional<int>) -> std::optional<int> {
              throw std::runtime_error("no state");
          })
        | foreach_rdd([](auto const&) {}));
    in.start(app);
    in.clock.wait_for_waiter(batch_time(1000));
    in.clock.set(batch_time(1000));
    CHECK(words_of<std::runtime_error>([&] { app.await_termination(); }) == "no state");
    app.await_termination();
    CHECK(app.phase() == application_phase::stopped);
}

TEST_CASE("a directory belongs to one running application, and is free when it has stopped", "[runtime][application]")
{
    world in;
    auto first = in.program();
    in.start(first);
    auto second = in.program();
    CHECK(words_of<tidemark::storage_error>([&] { in.start(second); }) != "");
    CHECK(second.phase() == application_phase::stopped);
    first.stop();
    auto third = in.program();
    in.start(third); // though the first handle is still there
    third.stop();
}

TEST_CASE("a start that fails leaves the application stopped and the directory free", "[runtime][application]")
{
    struct unopenable : counting_source {
        using counting_source::counting_source;
        std::unique_ptr<tidemark::source_reader<int>> open(tidemark::source_environment const&) const
        {
            throw tidemark::source_error("not there");
        }
    };
    world in;
    auto const ssc = tidemark::streaming_context(1_s, checkpoint_directory(any_storage(in.disk))).named("adding");
    auto app = ssc.application(ssc.source_stream(unopenable(in.source)) | foreach_rdd([](auto const&) {}));
    CHECK(words_of<tidemark::source_error>([&] { in.start(app); }) == "not there");
    CHECK(app.phase() == application_phase::stopped);
    auto other = in.program();
    in.start(other);
    other.stop();
}

TEST_CASE("get_or_create always builds the program, and gives it what the directory holds", "[runtime][get_or_create]")
{
    world in;
    int built = 0;
    auto const create = [&](checkpoint_directory where) {
        ++built;
        return in.program(std::move(where));
    };
    for (int start = 1; start <= 2; ++start) {
        auto app = tidemark::get_or_create(checkpoint_directory(any_storage(in.disk)), create);
        CHECK(built == start);
        in.start(app);
        in.let_pass(2 * start);
        app.stop();
    }
    CHECK(*in.seen == totals{1, 3, 6, 10});
    auto const elsewhere = [&](checkpoint_directory) {
        return in.program(checkpoint_directory(any_storage(memory_storage("elsewhere"))));
    };
    CHECK(words_of<tidemark::config_error>(
              [&] { (void)tidemark::get_or_create(checkpoint_directory(any_storage(in.disk)), elsewhere); })
          == "tidemark::get_or_create: the application \"adding\" keeps its checkpoints in elsewhere, not in memory; "
             "pass the directory that the function is given to streaming_context");
}

TEST_CASE("get_active gives the running application that was started last", "[runtime][get_or_create]")
{
    CHECK_FALSE(tidemark::get_active());
    world one;
    world two;
    auto first = one.program();
    CHECK_FALSE(tidemark::get_active());
    one.start(first);
    CHECK(tidemark::get_active());
    {
        two.settings.partitions = 4;
        auto second = two.program(checkpoint_directory(any_storage(memory_storage("two"))));
        two.start(second);
        CHECK(tidemark::get_active()->directory() == "two");
        auto const same =
            tidemark::get_active_or_create([&]() -> application { throw std::logic_error("not called"); });
        CHECK(same.directory() == "two");
    }
    CHECK(tidemark::get_active()->directory() == "memory");
    first.stop();
    CHECK_FALSE(tidemark::get_active());
    auto const made =
        tidemark::get_active_or_create(checkpoint_directory(any_storage(one.disk)),
                                       [&](checkpoint_directory where) { return one.program(std::move(where)); });
    CHECK(made.phase() == application_phase::initialized);
}

TEST_CASE("an unreadable checkpoint is an error, or is set aside on request", "[runtime][get_or_create]")
{
    world in;
    {
        auto app = in.program();
        in.start(app);
        in.let_pass(2);
        app.stop();
    }
    for (auto const& name : in.disk.list())
        in.disk.put(name, std::as_bytes(std::span("damaged")));
    auto const create = [&](checkpoint_directory where) { return in.program(std::move(where)); };
    auto strict = tidemark::get_or_create(checkpoint_directory(any_storage(in.disk)), create);
    CHECK_THROWS_AS(in.start(strict), tidemark::corrupt_checkpoint);
    auto fresh = tidemark::get_or_create(checkpoint_directory(any_storage(in.disk)), create,
                                         tidemark::on_unreadable::start_fresh);
    std::vector<std::string> notes;
    fresh.listen([&notes](tidemark::streaming_event const& event) {
        if (auto const* const started = std::get_if<tidemark::streaming_started>(&event))
            notes = started->notes;
    });
    in.start(fresh);
    fresh.stop();
    REQUIRE_FALSE(notes.empty());
    CHECK(contains(notes.back(), "was set aside as memory.unreadable-1"));
}

TEST_CASE("SIGTERM ends an application cleanly", "[runtime][stop_on_signals]")
{
    world in;
    tidemark::stop_on_signals signals;
    auto app = in.program();
    in.start(app);
    in.let_pass(2);
    signals.watch(app);
    ::kill(::getpid(), SIGTERM);
    app.await_termination();
    CHECK(*in.seen == totals{1, 3});
}

namespace {

/// What its stop will tell.
std::shared_ptr<std::optional<std::size_t>> unfinished_of(application& app)
{
    auto told = std::make_shared<std::optional<std::size_t>>();
    app.listen([told](tidemark::streaming_event const& event) {
        if (auto const* const stopped = std::get_if<tidemark::streaming_stopped>(&event))
            *told = stopped->unfinished;
    });
    return told;
}

} // namespace

TEST_CASE("a stop tells how many batches have not been done, those that failed among them", "[runtime][application]")
{
    world in;
    in.in_batch = [](int total) {
        if (total == 3)
            throw std::runtime_error("the second batch fails");
    };
    auto app = in.program();
    auto const unfinished = unfinished_of(app);
    in.start(app);
    in.let_pass(3);
    app.stop();
    CHECK(*unfinished == 1U);
}

TEST_CASE("a SIGTERM right behind another one does not cut a graceful stop short, and a later one does",
          "[runtime][stop_on_signals]")
{
    bool const later = GENERATE(false, true);
    world in;
    tidemark::stop_on_signals signals;
    std::binary_semaphore began(0);
    std::binary_semaphore go_on(0);
    in.in_batch = [&](int total) {
        if (total == 1) {
            began.release();
            go_on.acquire();
        }
    };
    auto app = in.program();
    auto const unfinished = unfinished_of(app);
    in.start(app);
    in.let_pass(2);
    began.acquire();
    signals.watch(app);
    ::kill(::getpid(), SIGTERM);
    std::this_thread::sleep_for(std::chrono::milliseconds(later ? 1100 : 50));
    ::kill(::getpid(), SIGTERM);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    go_on.release();
    app.await_termination();
    CHECK(*in.seen == (later ? totals{1} : totals{1, 3}));
    CHECK(*unfinished == (later ? 1U : 0U));
}
