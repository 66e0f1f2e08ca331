// SPDX-License-Identifier: BSL-1.0
//
// slice.test: what a running application has of its streams, and for how long.

#include <tidemark/operators.hpp>
#include <tidemark/rdd.hpp>
#include <tidemark/runtime.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/run_batches.hpp>
#include <tidemark/time/literals.hpp>

#include <support/catch.hpp>
#include <support/running.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace tidemark::literals;
using tidemark::batch_time;
using tidemark::collect;
using tidemark::foreach_rdd;
using tidemark::map;
using tidemark::usage_error;
using tidemark::window;
using tidemark::testing::batch_source;
using tidemark::testing::driver;
using tidemark_test::contains;
using tidemark_test::counting_source;
using tidemark_test::script;
using tidemark_test::words_of;

using count = std::pair<std::string, int>;
using numbers = std::vector<int>;
using batches = std::vector<numbers>;

tidemark::settings const small{.partitions = 2, .key_groups = 4, .threads = 1};
auto const nothing = [](auto const&) {};

/// Number n in batch n; cannot give a batch again.
auto counting(std::set<std::int64_t> no_dataset = {})
{
    auto what = std::make_shared<script>();
    what->no_dataset = std::move(no_dataset);
    return counting_source(what);
}

template <typename Driver, typename Stream>
batches sliced(Driver const& run, Stream const& stream, int from, int to)
{
    batches all;
    for (auto const& one : run.slice(stream, batch_time(from), batch_time(to)))
        all.push_back(one | collect());
    return all;
}

std::optional<int> sum(std::vector<int> const& values, std::optional<int> before)
{
    int total = before.value_or(0);
    for (int const value : values)
        total += value;
    return total;
}

} // namespace

TEST_CASE("slice gives the batches of a span of time, both ends included", "[runtime][slice]")
{
    auto const ssc = tidemark::streaming_context(1_s, small).remembering(100_s);
    auto const s = ssc.source_stream(counting({3}));
    auto const more = s | map([](int x) { return 10 * x; });
    driver run(ssc.application(more | foreach_rdd(nothing)));
    run.start();
    run.run_to(batch_time(5000));
    CHECK(sliced(run, s, 0, 1000) == batches{{1}});
    CHECK(sliced(run, s, -5000, 2000) == batches{{1}, {2}});
    CHECK(sliced(run, s, 2999, 4999) == batches{{2}, {4}}); // ends go down onto the grid; batch 3 has no dataset
    CHECK(sliced(run, more, 4000, 5000) == batches{{40}, {50}});
    CHECK(sliced(run, more | map([](int x) { return x + 1; }), 5000, 99000)
          == batches{{51}}); // what is to come is not there
    CHECK(sliced(run, s, 2000, 1000) == batches{});
}

TEST_CASE("an end of a slice goes down onto the grid of its stream, from the zero time", "[runtime][slice]")
{
    auto const ssc = tidemark::streaming_context(1_s, small).remembering(100_s);
    auto const slow = ssc.source_stream(counting()) | window(2_s, 2_s);
    driver run(ssc.application(slow | foreach_rdd(nothing)), batch_time(500)); // zero time 0
    run.start();
    run.run_to(batch_time(6000));
    CHECK(sliced(run, slow, 3000, 5000) == batches{{1, 2}, {3, 4}});
    CHECK(sliced(run, slow, 4000, 6999) == batches{{3, 4}, {5, 6}});
}

TEST_CASE("datasets are kept as long as the context remembers them, and below a window as long as it looks back",
          "[runtime][slice]")
{
    auto const ssc = tidemark::streaming_context(1_s, small).remembering(3_s);
    auto const s = ssc.source_stream(counting());
    auto const inner = s | window(2_s, 1_s);
    auto const outer = inner | window(4_s, 2_s);
    driver run(ssc.application(outer | foreach_rdd(nothing)));
    run.start();
    run.run_to(batch_time(10'000));
    auto const kept = [&run](auto const& stream, std::vector<int> const& times) {
        std::vector<int> found;
        for (int const time : times)
            if (words_of<usage_error>([&] { (void)run.slice(stream, batch_time(time), batch_time(time)); }) == "")
                found.push_back(time / 1000);
        return found;
    };
    std::vector<int> each;
    for (int time = 1000; time <= 10'000; time += 1000)
        each.push_back(time);
    CHECK(kept(s, each) == std::vector<int>{2, 3, 4, 5, 6, 7, 8, 9, 10});            // remember 9
    CHECK(kept(inner, each) == std::vector<int>{4, 5, 6, 7, 8, 9, 10});              // 7
    CHECK(kept(outer, {2000, 4000, 6000, 8000, 10'000}) == std::vector<int>{8, 10}); // 3
    CHECK(contains(words_of<usage_error>([&] { (void)run.slice(s, batch_time(1000), batch_time(1000)); }),
                   "the dataset of batch 1000 ms is not kept any more; give the context remembering(d)"));
}

TEST_CASE("without remembering a dataset goes with its batch, unless the source can give it again", "[runtime][slice]")
{
    auto const ssc = tidemark::streaming_context(1_s, small);
    auto const gone = ssc.source_stream<"gone">(counting());
    auto const again = ssc.source_stream<"again">(batch_source<int>({numbers{1}, numbers{2}}));
    auto const added = again | map([](int x) { return std::pair(x, 1); }) | tidemark::reduce_by_key(std::plus<>{})
                       | map([](auto const& pair) { return pair.first; });
    driver run(ssc.application(gone | foreach_rdd(nothing), added | foreach_rdd(nothing)));
    run.start();
    run.run_to(batch_time(3000));
    auto const before = run.engine().datasets_kept();
    CHECK_THROWS_AS(run.slice(gone, batch_time(1000), batch_time(1000)), usage_error);
    CHECK(sliced(run, added, 1000, 2000) == batches{{1}, {2}});
    run.run_to(batch_time(4000));
    CHECK(run.engine().datasets_kept() == before); // what was made for the slice has gone
}

TEST_CASE("the states of earlier batches are copies, and stay what they were", "[runtime][slice]")
{
    tidemark::memory_storage const storage;
    auto const ssc =
        tidemark::streaming_context(1_s, tidemark::checkpoint_directory(tidemark::any_storage(storage)), small)
            .remembering(2_s);
    auto const pairs = ssc.source_stream(counting()) | map([](int x) { return count(x % 2 == 0 ? "even" : "odd", x); });
    auto const sums = pairs | tidemark::update_state_by_key<"sums">(sum);
    auto const tracked = pairs
                         | tidemark::map_with_state<"tracked">(tidemark::state_spec<int>(
                             [](std::string const& key, std::optional<int> value, tidemark::state<int>& it) {
                                 it.update(it.get_option().value_or(0) + *value);
                                 return count(key, -it.get());
                             }));
    auto const shown = tracked | tidemark::state_snapshots();
    std::vector<std::vector<count>> now;
    auto const look = foreach_rdd([&now](auto const& rdd) { now.push_back(rdd | collect()); });
    driver run(ssc.application(sums | look, tracked | look, shown | look));
    run.start();
    run.run_to(batch_time(4000));
    auto const at = [&run](auto const& stream, int time) {
        auto all = run.slice(stream, batch_time(time), batch_time(time)).at(0) | collect();
        std::sort(all.begin(), all.end());
        return all;
    };
    using some = std::vector<count>;
    CHECK(at(sums, 3000) == some{{"even", 2}, {"odd", 4}});
    CHECK(at(sums, 4000) == some{{"even", 6}, {"odd", 4}});
    CHECK(at(tracked, 3000) == some{{"odd", -4}});
    CHECK(at(shown, 3000) == some{{"even", 2}, {"odd", 4}});
    CHECK(at(shown, 4000) == some{{"even", 6}, {"odd", 4}});
    CHECK_THROWS_AS(at(sums, 2000), usage_error);
    CHECK_THROWS_AS(at(tracked, 2000), usage_error);
    CHECK_THROWS_AS(at(shown, 2000), usage_error);
    for (auto& records : now)
        std::sort(records.begin(), records.end());
    CHECK(now.at(9) == some{{"even", 6}, {"odd", 4}}); // the outputs saw the same
    CHECK(now.at(11) == some{{"even", 6}, {"odd", 4}});
}

TEST_CASE("a slice of another application's stream, or before the start, is refused in words", "[runtime][slice]")
{
    auto const ssc = tidemark::streaming_context(1_s, small).named("mine");
    auto const s = ssc.source_stream(counting());
    auto const other = ssc.source_stream(counting());
    auto app = ssc.application(s | foreach_rdd(nothing));
    CHECK(words_of<usage_error>([&] { (void)app.slice(s, batch_time(0), batch_time(1000)); })
          == "tidemark::application::slice: the application \"mine\" has not been initialised; call start() first");
    driver run(app);
    CHECK(words_of<usage_error>([&] { (void)run.slice(s, batch_time(0), batch_time(1000)); })
          == "tidemark::slice: the application \"mine\" has not been initialised; call start() first");
    run.start();
    CHECK(words_of<usage_error>([&] { (void)run.slice(other, batch_time(0), batch_time(1000)); })
          == "tidemark::slice: the stream does not belong to the application \"mine\"; pass a stream that one of its "
             "outputs stands on");
    CHECK(sliced(run, s, 0, 9000).empty());
}

TEST_CASE("remembering is said once, and for a positive span", "[runtime][slice][config_error]")
{
    auto const ssc = tidemark::streaming_context(1_s, small).remembering(3_s);
    CHECK(words_of<usage_error>([&] { (void)ssc.remembering(4_s); })
          == "tidemark::streaming_context::remembering: the context remembers 3 s already; say it once");
    auto const wrong = tidemark::streaming_context(1_s, small).remembering(0_s);
    CHECK(contains(words_of<tidemark::config_error>(
                       [&] { (void)wrong.application(wrong.source_stream(counting()) | foreach_rdd(nothing)); }),
                   "tidemark::streaming_context::remembering: the span is not positive"));
}

TEST_CASE("a restart does not have the batches of the run before", "[runtime][slice]")
{
    tidemark::memory_storage const storage;
    auto const look = [](tidemark::memory_storage const& where, int last, auto const& check) {
        auto const ssc =
            tidemark::streaming_context(1_s, tidemark::checkpoint_directory(tidemark::any_storage(where)), small)
                .remembering(100_s);
        auto const s = ssc.source_stream<"s">(counting());
        driver run(ssc.application(s | window<"w">(2_s) | foreach_rdd<"o">(nothing)), batch_time(last == 3 ? 0 : 3000));
        run.start();
        run.run_to(batch_time(last * 1000));
        if (last == 3)
            run.stop();
        check(run, s);
    };
    look(storage, 3, [](auto const& run, auto const& s) { CHECK(sliced(run, s, 1000, 3000).size() == 3); });
    look(storage.kill(), 5, [](auto const& run, auto const& s) {
        CHECK(sliced(run, s, 4000, 5000) == batches{{4}, {5}});
        CHECK_THROWS_AS(sliced(run, s, 3000, 5000), usage_error);
        CHECK_THROWS_AS(run.slice(s | window<"w">(2_s), batch_time(4000), batch_time(4000)),
                        usage_error); // another node
    });
}

TEST_CASE("an application can be sliced while it runs, from any thread and from its own functions", "[runtime][slice]")
{
    auto const clock = std::make_shared<tidemark::manual_clock>();
    auto const ssc =
        tidemark::streaming_context(1_s, tidemark::settings{.partitions = 2, .threads = 2}).remembering(1000_s);
    auto const s = ssc.source_stream(counting());
    std::optional<tidemark::application> handle;
    std::atomic<int> seen_in_transform{0};
    std::atomic<int> seen_in_output{0};
    std::atomic<int> done{0};
    auto const stream = s | tidemark::transform([&](auto const& batch, batch_time time) {
                            if (time > batch_time(1000)) // the handle is there by then
                                seen_in_transform += int(handle->slice(s, batch_time(0), time).size());
                            return batch;
                        });
    handle = ssc.application(stream | foreach_rdd([&](auto const& batch, batch_time time) {
                                 (void)(batch | collect());
                                 if (time > batch_time(1000))
                                     seen_in_output += int((handle->slice(stream, time, time).at(0) | collect()).at(0));
                                 ++done;
                             }));
    handle->start(tidemark::any_clock(clock));
    std::atomic<bool> over{false};
    std::string refused;
    std::thread asks([&] {
        while (!over && refused.empty())
            refused = words_of<usage_error>([&] {
                for (auto const& one : handle->slice(stream, batch_time(0), batch_time(50'000)))
                    (void)(one | collect());
            });
    });
    for (int batch = 1; batch <= 20; ++batch) {
        clock->set(batch_time(batch * 1000));
        while (done < batch)
            std::this_thread::yield();
    }
    over = true;
    asks.join();
    CHECK(refused == "");
    handle->stop();
    CHECK(handle->slice(stream, batch_time(0), batch_time(20'000)).size() == 20);
    CHECK(seen_in_output == 20 * 21 / 2 - 1);
    // In the generation of batch n the batches before it are there: their number, from batch 2 on.
    CHECK(seen_in_transform == 19 * 20 / 2);
    handle.reset();
}
