// SPDX-License-Identifier: BSL-1.0
//
// update_state_by_key.test: a new state for every known key in every batch.

#include <tidemark/operators.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/run_batches.hpp>
#include <tidemark/time/literals.hpp>

#include <support/catch.hpp>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace tidemark::literals;
using tidemark::batch_time;
using tidemark::update_state_by_key;
using tidemark::testing::optional_batches;
using tidemark::testing::output_batches;

using count = std::pair<std::string, int>;
using some = std::vector<count>;

template <typename Build>
auto run(optional_batches<count> input, Build build, std::size_t batches_to_run = 0,
         tidemark::settings settings = {.partitions = 2, .key_groups = 4, .threads = 1})
{
    tidemark::testing::run_options const options{.batches_to_run = batches_to_run, .settings = settings};
    auto out =
        tidemark::testing::pipeline_under_test<count, Build>(std::move(input), std::move(build), options).uncut();
    for (auto& [number, records] : out)
        std::sort(records.begin(), records.end());
    return out;
}

std::optional<int> sum(std::vector<int> const& values, std::optional<int> before)
{
    int total = before.value_or(0);
    for (int const value : values)
        total += value;
    return total;
}

/// Writes each call to a list: the key, the values, and the state before.
struct call_list {
    std::vector<std::string>* calls;

    std::optional<int> operator()(batch_time time, std::string const& key, std::vector<int> const& values,
                                  std::optional<int> before) const
    {
        std::string call = std::to_string(time.count() / 1000) + key;
        for (int const value : values)
            call += " " + std::to_string(value);
        calls->push_back(call + (before ? " on " + std::to_string(*before) : ""));
        if (!values.empty() && values.back() == 0)
            return std::nullopt;
        return values.empty() ? before : std::optional(values.back());
    }
};

std::vector<std::string> sorted(std::vector<std::string> calls)
{
    std::sort(calls.begin(), calls.end());
    return calls;
}

} // namespace

TEST_CASE("update_state_by_key gives every known key in every batch", "[stream][update_state_by_key]")
{
    auto const one = [](std::vector<std::string> const& keys) {
        some records;
        for (auto const& key : keys)
            records.emplace_back(key, 1);
        return records;
    };
    CHECK(run({one({"a"}), one({"a", "b"}), one({"a", "b", "c"}), one({"a", "b"}), one({"a"}), one({})},
              [](auto s) { return s | update_state_by_key<"count">(sum); })
          == output_batches<count>{{1, {{"a", 1}}},
                                   {2, {{"a", 2}, {"b", 1}}},
                                   {3, {{"a", 3}, {"b", 2}, {"c", 1}}},
                                   {4, {{"a", 4}, {"b", 3}, {"c", 1}}},
                                   {5, {{"a", 5}, {"b", 3}, {"c", 1}}},
                                   {6, {{"a", 5}, {"b", 3}, {"c", 1}}}});
}

TEST_CASE("the function is called once for each key with data or a state, with all values in their order",
          "[stream][update_state_by_key]")
{
    std::vector<std::string> calls;
    auto const build = [&](auto s) { return s | update_state_by_key<"calls">(call_list{&calls}); };
    run({some{{"a", 3}, {"b", 1}, {"a", 1}, {"a", 2}}, some{{"b", 7}}, some{}}, build);
    CHECK(sorted(calls) == std::vector<std::string>{"1a 3 1 2", "1b 1", "2a on 2", "2b 7 on 1", "3a on 2", "3b on 7"});
}

TEST_CASE("a result of nothing removes the key, and later data begins anew", "[stream][update_state_by_key]")
{
    std::vector<std::string> calls;
    auto const build = [&](auto s) { return s | update_state_by_key<"calls">(call_list{&calls}); };
    auto const out = run({some{{"a", 1}, {"b", 2}}, some{{"a", 0}}, some{}, some{{"a", 5}}, some{{"new", 0}}}, build);
    CHECK(sorted(calls)
          == std::vector<std::string>{"1a 1", "1b 2", "2a 0 on 1", "2b on 2", "3b on 2", "4a 5", "4b on 2", "5a on 5",
                                      "5b on 2", "5new 0"});
    CHECK(out
          == output_batches<count>{{1, {{"a", 1}, {"b", 2}}},
                                   {2, {{"b", 2}}},
                                   {3, {{"b", 2}}},
                                   {4, {{"a", 5}, {"b", 2}}},
                                   {5, {{"a", 5}, {"b", 2}}}});
}

TEST_CASE("a state of other bytes is stored, though it equals the one before", "[stream][update_state_by_key]")
{
    using measured = std::pair<std::string, double>;
    auto const flip = [](std::vector<double> const& values, std::optional<double> before) {
        return values.empty() ? std::optional(-before.value()) : std::optional(values.back());
    };
    auto const build = [&](auto s) { return s | update_state_by_key<"sign">(flip); };
    tidemark::testing::run_options const options{.settings = {.partitions = 1, .key_groups = 1, .threads = 1}};
    optional_batches<measured> const input{std::vector<measured>{{"a", 0.0}}, std::vector<measured>{},
                                           std::vector<measured>{}, std::vector<measured>{}};
    auto const out = tidemark::testing::pipeline_under_test<measured, decltype(build)>(input, build, options).uncut();
    std::string signs;
    for (auto const& [number, records] : out)
        signs += std::signbit(records.at(0).second) ? '-' : '+';
    CHECK(signs == "+-+-");
}

TEST_CASE("the state may be of another type than the values", "[stream][update_state_by_key]")
{
    auto const join = [](std::vector<int> const& values,
                         std::optional<std::string> before) -> std::optional<std::string> {
        auto text = before.value_or("");
        for (int const value : values)
            text += std::to_string(value);
        return text;
    };
    tidemark::testing::pipeline_under_test const pipeline(
        optional_batches<count>{some{{"a", 1}, {"a", 2}}, some{{"a", 3}}},
        [&](auto s) { return s | update_state_by_key<"text">(join); });
    CHECK(pipeline.uncut()
          == output_batches<std::pair<std::string, std::string>>{{1, {{"a", "12"}}}, {2, {{"a", "123"}}}});
}

TEST_CASE("without a dataset the function still runs for the keys that have a state", "[stream][update_state_by_key]")
{
    std::vector<std::string> calls;
    auto const build = [&](auto s) { return s | update_state_by_key<"calls">(call_list{&calls}); };
    auto const out = run({std::nullopt, some{{"a", 1}}, std::nullopt, some{{"b", 2}}}, build);
    CHECK(sorted(calls) == std::vector<std::string>{"2a 1", "3a on 1", "4a on 1", "4b 2"});
    CHECK(out
          == output_batches<count>{
              {2, {{"a", 1}}}, {3, {{"a", 1}}}, {4, {{"a", 1}, {"b", 2}}}}); // nothing at all for batch 1
}

TEST_CASE("initial states are taken with the first dataset, and of equal keys the first is used",
          "[stream][update_state_by_key]")
{
    std::vector<count> const beginning{{"a", 10}, {"z", 26}, {"a", 99}};
    std::vector<std::string> calls;
    auto const build = [&](auto s) {
        return (s | update_state_by_key<"calls">(call_list{&calls})).initial_state(beginning);
    };
    auto const out = run({std::nullopt, some{{"a", 1}, {"b", 2}}, some{}}, build);
    CHECK(sorted(calls)
          == std::vector<std::string>{"2a 1 on 10", "2b 2", "2z on 26", "3a on 1", "3b on 2", "3z on 26"});
    CHECK(out == output_batches<count>{{2, {{"a", 1}, {"b", 2}, {"z", 26}}}, {3, {{"a", 1}, {"b", 2}, {"z", 26}}}});

    calls.clear();
    CHECK(run({some{}}, build) == output_batches<count>{{1, {{"a", 10}, {"z", 26}}}}); // an empty dataset is one
}

TEST_CASE("neither partitions nor threads change a result of update_state_by_key", "[stream][update_state_by_key]")
{
    optional_batches<count> input;
    for (int batch = 0; batch < 10; ++batch) {
        some records;
        for (int i = 0; i < 100; ++i)
            records.emplace_back("k" + std::to_string((batch + i * i) % 40), i);
        input.emplace_back(std::move(records));
    }
    auto const keep_odd = [](std::vector<int> const& values, std::optional<int> before) {
        auto const total = sum(values, before);
        return *total % 5 == 0 ? std::nullopt : total;
    };
    auto const build = [&](auto s) { return s | update_state_by_key<"odd">(keep_odd); };
    auto const expected = run(input, build, 12, {.partitions = 1, .key_groups = 1, .threads = 1});
    CHECK(run(input, build, 12, {.partitions = 8, .threads = 3}) == expected);
    CHECK(run(input, build, 12, {.partitions = 3, .key_groups = 32, .threads = 2}) == expected);
}

TEST_CASE("a state over a window runs at the window's slide", "[stream][update_state_by_key]")
{
    CHECK(run({some{{"a", 1}}, some{{"a", 2}}, some{{"a", 4}}, some{{"a", 8}}},
              [](auto s) { return s | tidemark::window(2_s, 2_s) | update_state_by_key<"sum">(sum); })
          == output_batches<count>{{2, {{"a", 3}}}, {4, {{"a", 15}}}});
}
