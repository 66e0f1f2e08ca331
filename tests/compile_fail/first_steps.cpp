// SPDX-License-Identifier: BSL-1.0
//
// first_steps: what those write who come from elsewhere, and what the compiler says of it.

#include <tidemark/monitoring.hpp>
#include <tidemark/operators.hpp>
#include <tidemark/rdd.hpp>
#include <tidemark/runtime.hpp>
#include <tidemark/sinks.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/batch_source.hpp>
#include <tidemark/time/batch_time.hpp>
#include <tidemark/time/literals.hpp>
#include <tidemark/time/manual_clock.hpp>

#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tide = tidemark;
using namespace tidemark::literals;

using count = std::pair<std::string, int>;

int track(std::string const&, std::optional<int>, tide::state<int>&) { return 0; }
std::optional<int> update(std::vector<int> const&, std::optional<int> before) { return before; }
bool keep(count const& pair) { return pair.second != 0; }

struct listener {
    void on(tide::batch_completed const&) {}
};
struct changes_one {
    void on(tide::batch_completed&) {}
};
struct changes_one_of_two : listener {
    using listener::on;
    void on(tide::batch_started&) {}
};

void program(tide::checkpoint_directory where, std::string const& path)
{
    auto const ssc = tide::streaming_context(2_s, where);
    auto const pairs = ssc.source_stream<"in">(tide::testing::batch_source<count>({}));
    auto const numbers = tide::rdd_context(1).parallelize(std::vector{1, 2});
    auto const spec = tide::state_spec(track);
    auto app = ssc.application(pairs | tide::print());
    tide::manual_clock clock(tide::batch_time(0));
    auto const create = [&](tide::checkpoint_directory const& place) {
        return tide::streaming_context(2_s, place).application(pairs | tide::print());
    };

#if TIDEMARK_EXPECT_FAILURE == 1
    // expect: a path is given as `checkpoint_directory("state")`
    (void)tide::streaming_context(2_s, "state");
#elif TIDEMARK_EXPECT_FAILURE == 2
    // expect: a path is given as `checkpoint_directory("state")`
    (void)tide::streaming_context<tide::settings{.threads = 1}>(2_s, path);
#elif TIDEMARK_EXPECT_FAILURE == 3
    // expect: it takes a directory: `checkpoint_directory("state")`
    (void)tide::get_or_create("state", create);
#elif TIDEMARK_EXPECT_FAILURE == 4
    // expect: call the output: `stream | print()`
    (void)ssc.application(pairs | tide::print);
#elif TIDEMARK_EXPECT_FAILURE == 5
    // expect: write `checkpoint_every(10_s)`, or `spec.timeout(10_s)`
    (void)(pairs | tide::map_with_state<"s">(spec, 10_s));
#elif TIDEMARK_EXPECT_FAILURE == 6
    // expect: the interval is given as `checkpoint_every(10_s)`
    (void)(pairs | tide::update_state_by_key<"s">(update, 10_s));
#elif TIDEMARK_EXPECT_FAILURE == 7
    // expect: `sample(0.1, 42)`, `sample_with_replacement(0.1, 42)`
    (void)(numbers | tide::sample(false, 0.5, 1));
#elif TIDEMARK_EXPECT_FAILURE == 8
    // expect: an action gives the records: `for (auto const& x : rdd | collect())`
    for (auto const& x : numbers)
        (void)x;
#elif TIDEMARK_EXPECT_FAILURE == 9
    // expect: `<<` binds tighter than `|`: `out << (rdd | reduce(f))`
    std::cout << numbers | tide::take(1);
#elif TIDEMARK_EXPECT_FAILURE == 10
    // expect: a filter or policy needs an inverse behind `f`
    (void)(pairs | tide::reduce_by_key_and_window(std::plus<>{}, 4_s, 2_s, keep));
#elif TIDEMARK_EXPECT_FAILURE == 11
    // expect: a filter or policy needs an inverse behind `f`
    (void)(pairs | tide::reduce_by_key_and_window(std::plus<>{}, 4_s, tide::checkpoint_every(4_s)));

    // ---- Builders and listeners
#elif TIDEMARK_EXPECT_FAILURE == 12
    // expect: the function must take the checkpoint_directory and give an application
    (void)tide::get_or_create(where, [&] { return app; });
#elif TIDEMARK_EXPECT_FAILURE == 13
    // expect: the function must take the checkpoint_directory and give an application
    (void)tide::get_or_create(
        where, [](tide::checkpoint_directory const& place) { return tide::streaming_context(2_s, place); });
#elif TIDEMARK_EXPECT_FAILURE == 14
    // expect: the function must give an application, of nothing or of `where`
    (void)tide::get_active_or_create(create);
#elif TIDEMARK_EXPECT_FAILURE == 15
    // expect: of an object with `on`: `app.listen(listening(std::make_shared<my_listener>()))`
    app.listen(std::make_shared<listener>());
#elif TIDEMARK_EXPECT_FAILURE == 16
    // expect: of an object with `on`: `app.listen(listening(std::make_shared<my_listener>()))`
    app.listen(listener());
#elif TIDEMARK_EXPECT_FAILURE == 17
    // expect: it takes a std::shared_ptr of what has an `on(event const&)`, for any event
    app.listen(tide::listening(listener()));
#elif TIDEMARK_EXPECT_FAILURE == 18
    // expect: it takes a std::shared_ptr of what has an `on(event const&)`, for any event
    app.listen(tide::listening(std::make_shared<changes_one>()));
#elif TIDEMARK_EXPECT_FAILURE == 19
    // expect alone: tidemark::listening: an `on` takes an event that it may change, and would not be called
    app.listen(tide::listening(std::make_shared<changes_one_of_two>()));

    // ---- Durations without a unit
#elif TIDEMARK_EXPECT_FAILURE == 20
    // expect: a duration needs a unit: `spec.timeout(10_s)`
    (void)(pairs | tide::map_with_state<"s">(spec.timeout(10)));
#elif TIDEMARK_EXPECT_FAILURE == 21
    // expect: a duration needs a unit: `spec.timeout(10_s)`
    (void)spec.timeout(10, tide::at_checkpoints);
#elif TIDEMARK_EXPECT_FAILURE == 22
    // expect: a duration needs a unit: `checkpoint_every(10_s)`
    (void)(pairs | tide::checkpoint_every(10));
#elif TIDEMARK_EXPECT_FAILURE == 23
    // expect: a duration needs a unit: `ssc.remembering(10_s)`
    (void)ssc.remembering(10);
#elif TIDEMARK_EXPECT_FAILURE == 24
    // expect: with a unit: `app.await_termination_for(5_s)`
    (void)app.await_termination_for(5);
#elif TIDEMARK_EXPECT_FAILURE == 25
    // expect: a duration needs a unit: `clock.advance(10_s)`
    clock.advance(10);
#else
    (void)tide::streaming_context<tide::settings{.threads = 1}>(2_s, tide::checkpoint_directory(path));
    (void)tide::get_or_create(where, create);
    (void)ssc.application(pairs | tide::map_with_state<"s">(spec, tide::checkpoint_every(10_s)) | tide::print(),
                          pairs | tide::update_state_by_key<"u">(update, tide::checkpoint_every(10_s)) | tide::print());
    (void)(numbers | tide::sample(0.5, 1));
    for (auto const& x : numbers | tide::collect())
        (void)x;
    std::cout << (numbers | tide::reduce(std::plus<>{}) | tide::take(1)).size();
    (void)(pairs | tide::reduce_by_key_and_window(std::plus<>{}, std::minus<>{}, 4_s, 2_s, keep));
    (void)tide::get_or_create(where, create, tide::on_unreadable::fail);
    (void)tide::get_active_or_create([&] { return app; });
    (void)tide::get_active_or_create(where, create);
    app.listen(tide::listening(std::make_shared<listener>())).listen([](auto const&) {}).listen(nullptr);
    (void)(pairs | tide::map_with_state<"s">(spec.timeout(10_s).timeout(tide::duration(10), tide::at_checkpoints))
           | tide::checkpoint_every(20_s));
    (void)ssc.remembering(10_s);
    (void)app.await_termination_for(5_s);
    clock.advance(10_s);
#endif
}
