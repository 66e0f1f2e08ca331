// SPDX-License-Identifier: BSL-1.0
//
// reduce_by_window.test: one value for all records of the last batches; how many there are; and how often each occurs.

#include <tidemark/operators.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/run_batches.hpp>
#include <tidemark/time/literals.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace tidemark::literals;
using tidemark::count_by_value_and_window;
using tidemark::count_by_window;
using tidemark::group_by_key_and_window;
using tidemark::reduce_by_window;
using tidemark::testing::optional_batches;
using tidemark::testing::output_batches;

using numbers = std::vector<int>;

int plus(int left, int right) { return left + right; }
int minus(int all, int leaving) { return all - leaving; }

// ---- What the type tells

template <typename E, typename Closure>
using piped = decltype(std::declval<E>() | std::declval<Closure>());
using numbers_t = tidemark_test::stream_of<int, tidemark::static_slide<1000>, true>;

using reduced_t = piped<numbers_t, decltype(reduce_by_window<"w">(plus, minus, 2_s, 2_s))>;
static_assert(std::same_as<tidemark::record_t<reduced_t>, int>);
static_assert(std::same_as<tidemark::slide_t<reduced_t>, tidemark::static_slide<2000>>);
static_assert(tidemark::policy_of<"w", reduced_t>::interval_ms == 10'000);
static_assert(tidemark::describe<reduced_t>()
              == "map\n  reduce_by_key_and_window<\"w\"> (wide)\n    map\n      stream\n");
static_assert(tidemark::describe<piped<tidemark_test::stream_of<int>, decltype(reduce_by_window(plus, 2_s))>>()
              == "flat_map\n  reduce_by_window (wide)\n    window\n      flat_map\n        reduce_by_window (wide)\n"
                 "          stream\n");
using counted_t = piped<numbers_t, decltype(count_by_window<"w">(2_s, tidemark::checkpoint_every(3_s)))>;
static_assert(std::same_as<tidemark::record_t<counted_t>, std::int64_t>);
static_assert(tidemark::policy_of<"w", counted_t>::interval_ms == 3000);
using values_t = piped<numbers_t, decltype(count_by_value_and_window<"w">(2_s, 2_s, tidemark::checkpoint_every(4_s)))>;
static_assert(std::same_as<tidemark::record_t<values_t>, std::pair<int, std::int64_t>>);
static_assert(tidemark::policy_of<"w", values_t>::interval_ms == 4000);
using grouped_t =
    piped<tidemark_test::stream_of<std::pair<int, std::string>>, decltype(group_by_key_and_window(2_s, 2_s))>;
static_assert(std::same_as<tidemark::record_t<grouped_t>, std::pair<int, std::vector<std::string>>>);
static_assert(tidemark::describe<grouped_t>()
              == "group_by_key_and_window (wide)\n  window\n    group_by_key (wide)\n      stream\n");

// ---- What it does

template <typename Build>
auto run(optional_batches<int> input, Build build, std::size_t batches_to_run = 0)
{
    tidemark::testing::run_options const options{.batches_to_run = batches_to_run,
                                                 .input_partitions = 3,
                                                 .settings = {.partitions = 2, .key_groups = 4, .threads = 2}};
    return tidemark::testing::pipeline_under_test<int, Build>(std::move(input), std::move(build), options).uncut();
}

using int_batches = output_batches<int>;
using count_batches = output_batches<std::int64_t>;

optional_batches<int> const input{numbers{}, numbers{1, 2, 3, 4}, std::nullopt, numbers{5},
                                  numbers{}, numbers{},           numbers{6}};

} // namespace

TEST_CASE("reduce_by_window gives one value, and none when the window is empty", "[stream][reduce_by_window]")
{
    CHECK(run(input, [](auto s) { return s | reduce_by_window(plus, 2_s); })
          == int_batches{{1, {}}, {2, {10}}, {3, {10}}, {4, {5}}, {5, {5}}, {6, {}}, {7, {6}}});
    CHECK(run(
              input, [](auto s) { return reduce_by_window<"w">(s, plus, 3_s, 2_s); }, 8)
          == int_batches{{2, {10}}, {4, {15}}, {6, {5}}, {8, {6}}});
}

TEST_CASE("with an inverse one value stays after everything has left", "[stream][reduce_by_window]")
{
    CHECK(run(input, [](auto s) { return s | reduce_by_window(plus, minus, 2_s); })
          == int_batches{{1, {}}, {2, {10}}, {3, {10}}, {4, {5}}, {5, {5}}, {6, {0}}, {7, {6}}});
}

TEST_CASE("records are joined in their order, whatever the type", "[stream][reduce_by_window]")
{
    auto const words = tidemark::map([](int number) { return std::make_shared<std::string>(std::to_string(number)); });
    auto const join = [](std::shared_ptr<std::string> const& left, std::shared_ptr<std::string> const& right) {
        return std::make_shared<std::string>(*left + "," + *right);
    };
    auto const ssc = tidemark::streaming_context(1_s, tidemark::settings{.threads = 2}); // they need not be saved
    std::vector<std::string> last;
    tidemark::testing::driver running(ssc.application(
        ssc.source_stream(tidemark::testing::batch_source<int>({numbers{1, 2, 3}, numbers{4}, numbers{5, 6}}, 2))
        | words | reduce_by_window(join, 2_s) | tidemark::foreach_rdd([&last](auto const& rdd) {
              last.clear();
              for (auto const& each : rdd | tidemark::collect())
                  last.push_back(*each);
          })));
    running.start();
    running.run_to(tidemark::batch_time(3000));
    CHECK(last == std::vector<std::string>{"4,5,6"});
}

TEST_CASE("count_by_window gives nothing before the first element and 0 after the last", "[stream][count_by_window]")
{
    CHECK(run(input, [](auto s) { return s | count_by_window(2_s); })
          == count_batches{{1, {}}, {2, {4}}, {3, {4}}, {4, {1}}, {5, {1}}, {6, {0}}, {7, {1}}});
    CHECK(run(
              {std::nullopt, numbers{}, numbers{7, 7}}, [](auto s) { return count_by_window<"w">(s, 4_s, 2_s); }, 10)
          == count_batches{{2, {}}, {4, {2}}, {6, {2}}, {8, {0}}, {10, {0}}});
    CHECK(run(
              {numbers{1}, numbers{}, numbers{2}}, [](auto s) { return s | count_by_window(1_s, 2_s); }, 4)
          == count_batches{{2, {}}, {4, {}}}); // what no window covers is not seen
}

TEST_CASE("count_by_value_and_window gives what occurs, and how often", "[stream][count_by_value_and_window]")
{
    auto out = run({numbers{1}, numbers{2, 2}, numbers{1, 2}, std::nullopt, numbers{}, numbers{1, 1}},
                   [](auto s) { return s | count_by_value_and_window(2_s); });
    for (auto& [number, records] : out)
        std::sort(records.begin(), records.end());
    CHECK(out
          == output_batches<std::pair<int, std::int64_t>>{{1, {{1, 1}}},
                                                          {2, {{1, 1}, {2, 2}}},
                                                          {3, {{1, 1}, {2, 3}}},
                                                          {4, {{1, 1}, {2, 1}}},
                                                          {5, {}},
                                                          {6, {{1, 2}}}});
}

TEST_CASE("group_by_key_and_window gives all values of a key, the oldest batch first",
          "[stream][group_by_key_and_window]")
{
    auto const by_parity = tidemark::map([](int number) { return std::pair(number % 2, number); });
    auto out = run({numbers{1, 2, 3}, numbers{5, 4}, std::nullopt, numbers{6}, numbers{}},
                   [=](auto s) { return s | by_parity | group_by_key_and_window<"w">(2_s); });
    for (auto& [number, records] : out)
        std::sort(records.begin(), records.end());
    CHECK(out
          == output_batches<std::pair<int, numbers>>{{1, {{0, {2}}, {1, {1, 3}}}},
                                                     {2, {{0, {2, 4}}, {1, {1, 3, 5}}}},
                                                     {3, {{0, {4}}, {1, {5}}}},
                                                     {4, {{0, {6}}}},
                                                     {5, {{0, {6}}}}});
}

TEST_CASE("a batch whose reduction fails takes the windows that cover it along, and no others",
          "[stream][reduce_by_window]")
{
    auto const ssc = tidemark::streaming_context(1_s, tidemark::settings{.threads = 1});
    auto const fails_at_ten = [](int left, int right) {
        if (left + right == 10)
            throw std::runtime_error("ten");
        return left + right;
    };
    numbers seen;
    std::vector<bool> failed;
    tidemark::testing::driver running(
        ssc.application(ssc.source_stream(tidemark::testing::batch_source<int>(
                            {numbers{1}, numbers{4, 6}, numbers{2}, numbers{3}, numbers{4}}))
                        | reduce_by_window(fails_at_ten, 2_s) | tidemark::foreach_rdd([&seen](auto const& rdd) {
                              for (int const each : rdd | tidemark::collect())
                                  seen.push_back(each);
                          })));
    running.start();
    for (int batch = 0; batch < 5; ++batch)
        failed.push_back(running.next().failure != nullptr);
    CHECK(failed == std::vector<bool>{false, true, true, false, false});
    CHECK(seen == numbers{1, 5, 7});
}
