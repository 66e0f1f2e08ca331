// SPDX-License-Identifier: BSL-1.0
//
// joins.test: cogroup and the joins on streams: batch by batch against nested loops, with sides that have no dataset, cut
// and restarted anywhere.

#include <tidemark/operators.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/crash_recovery.hpp>

#include <support/catch.hpp>
#include <support/running.hpp>
#include <support/seed.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using namespace tidemark::literals;
using tidemark::testing::difference_after_any_crash;
using tidemark::testing::difference_after_any_cut;
using tidemark::testing::first_difference;
using tidemark::testing::optional_batches;
using tidemark::testing::output_batches;
using tidemark::testing::pipeline_under_test;
using tidemark_test::contains;
using tidemark_test::what;

using count = std::pair<std::string, int>;
using some = std::vector<count>;
using maybe = std::optional<int>;

/// Positive numbers belong to the left side, negative ones to the right.
constexpr auto on_the_left = [](count const& record) { return record.second > 0; };
constexpr auto on_the_right = [](count const& record) { return record.second < 0; };

// ---- The oracle

/// What `full_outer_join` gives, by nested loops; the other joins leave out what one side lacks.
std::vector<std::pair<std::string, std::pair<maybe, maybe>>> met(some const& records, bool all_left, bool all_right)
{
    std::vector<std::pair<std::string, std::pair<maybe, maybe>>> all;
    std::map<std::string, std::pair<std::vector<int>, std::vector<int>>> sides;
    for (auto const& [key, value] : records)
        (value > 0 ? sides[key].first : sides[key].second).push_back(value);
    for (auto const& [key, both] : sides) {
        for (int const left : both.first)
            for (int const right : both.second)
                all.push_back({key, {left, right}});
        if (all_left && both.second.empty())
            for (int const left : both.first)
                all.push_back({key, {left, std::nullopt}});
        if (all_right && both.first.empty())
            for (int const right : both.second)
                all.push_back({key, {std::nullopt, right}});
    }
    return all;
}

/// Batches with keys of a few letters; some are empty, and some have no dataset.
optional_batches<count> random_input(std::mt19937& random, std::size_t length)
{
    optional_batches<count> all(length);
    for (auto& batch : all) {
        auto const kind = random() % 6;
        if (kind == 0)
            continue;
        batch.emplace();
        for (auto left = kind == 1 ? 0U : random() % 12; left != 0; --left)
            batch->emplace_back(std::string(1, static_cast<char>('a' + random() % 5)),
                                (random() % 2 == 0 ? 1 : -1) * static_cast<int>(1 + random() % 9));
    }
    return all;
}

/// The records of the windows of two batches, batch by batch: a window has a dataset even where no batch has one.
std::map<std::int64_t, some> windows_of_two(optional_batches<count> const& input)
{
    std::map<std::int64_t, some> all;
    for (std::size_t i = 0; i < input.size(); ++i) {
        auto& window = all[static_cast<std::int64_t>(i) + 1];
        for (auto const at : {i, i - 1})
            if (at < input.size() && input[at])
                window.insert(window.end(), input[at]->begin(), input[at]->end());
    }
    return all;
}

auto const windowed = tidemark::window(2_s, 1_s);

/// Compares `join(left, right)` of the windows of random batches with `met`, uncut and cut anywhere.
template <typename Join>
std::string difference(Join join, bool all_left, bool all_right, std::mt19937& random, std::size_t partitions,
                       std::size_t threads)
{
    auto const input = random_input(random, 6);
    auto const build = [join](auto pairs) {
        auto const windows = pairs | windowed;
        return join(windows | tidemark::filter(on_the_left), windows | tidemark::filter(on_the_right))
               | tidemark::map([](auto const& pair) {
                     return std::pair(pair.first, std::pair<maybe, maybe>(pair.second.first, pair.second.second));
                 });
    };
    pipeline_under_test const tested(
        input, build,
        {.input_partitions = 2, .settings = {.partitions = partitions, .key_groups = 8, .threads = threads}});
    output_batches<std::pair<std::string, std::pair<maybe, maybe>>> expected;
    for (auto const& [number, records] : windows_of_two(input))
        expected.emplace(number, met(records, all_left, all_right));
    if (auto found = first_difference(expected, tested.uncut()); !found.empty())
        return found;
    return difference_after_any_cut(tested);
}

template <typename Join>
void check(Join const& join, bool all_left, bool all_right)
{
    auto const seed = tidemark_test::random_seed();
    INFO("TIDEMARK_SEED=" << seed);
    std::mt19937 random(seed);
    for (std::size_t const partitions : {1U, 3U})
        for (std::size_t const threads : {1U, 3U}) {
            INFO(partitions << " partitions, " << threads << " threads");
            CHECK(difference(join, all_left, all_right, random, partitions, threads) == "");
        }
}

/// The words of the failure of each batch of two streams that meet: nothing for a batch that gives an output.
template <typename Meet>
std::vector<std::string> failures_of(Meet const& meet)
{
    auto const ssc = tidemark::streaming_context(1_s, tidemark::settings{.partitions = 2, .threads = 1});
    auto const left = ssc.source_stream(
        tidemark::testing::batch_source<count>({some{{"a", 1}}, std::nullopt, some{{"a", 2}}, some{}}));
    auto const right = ssc.source_stream(
        tidemark::testing::batch_source<count>({some{{"a", 3}}, some{{"a", 4}}, std::nullopt, some{}}));
    tidemark::testing::driver run(ssc.application(
        meet(left, right) | tidemark::foreach_rdd([](auto const& batch) { (void)(batch | tidemark::collect()); })));
    run.start();
    std::vector<std::string> all;
    for (int batch = 1; batch <= 4; ++batch)
        all.push_back(what(run.next().failure));
    return all;
}

} // namespace

TEST_CASE("joins of streams are those of nested loops over the datasets of one batch, after any cut",
          "[stream][join][recovery]")
{
    check([](auto left, auto right) { return left | tidemark::join(right); }, false, false);
    check([](auto left, auto right) { return left | tidemark::left_outer_join(right); }, true, false);
    check([](auto left, auto right) { return left | tidemark::right_outer_join(right); }, false, true);
    check([](auto left, auto right) { return left | tidemark::full_outer_join(right, 5); }, true, true);
    check([](auto left, auto right) { return left | tidemark::partition_by(3) | tidemark::join(right); }, false, false);
}

TEST_CASE("cogroup of streams gives the values of each side, once for each key of the batch, after any cut",
          "[stream][cogroup][recovery]")
{
    auto const seed = tidemark_test::random_seed();
    INFO("TIDEMARK_SEED=" << seed);
    std::mt19937 random(seed);
    auto const input = random_input(random, 6);
    using lists = std::pair<std::string, std::pair<std::vector<int>, std::vector<int>>>;
    auto const build = [](auto pairs) {
        auto const windows = pairs | windowed;
        return windows | tidemark::filter(on_the_left) | tidemark::cogroup(windows | tidemark::filter(on_the_right))
               | tidemark::map([](auto const& found) {
                     lists sorted(found.first, {});
                     auto const& [left, right] = found.second;
                     sorted.second.first.assign(left.begin(), left.end());
                     sorted.second.second.assign(right.begin(), right.end());
                     std::ranges::sort(sorted.second.first);
                     std::ranges::sort(sorted.second.second);
                     return sorted;
                 });
    };
    pipeline_under_test const tested(
        input, build, {.input_partitions = 2, .settings = {.partitions = 2, .key_groups = 8, .threads = 2}});
    output_batches<lists> expected;
    for (auto const& [number, records] : windows_of_two(input)) {
        std::map<std::string, std::pair<std::vector<int>, std::vector<int>>> sides;
        for (auto const& [key, value] : records)
            (value > 0 ? sides[key].first : sides[key].second).push_back(value);
        auto& all = expected[number];
        for (auto& [key, both] : sides) {
            std::ranges::sort(both.first);
            std::ranges::sort(both.second);
            all.emplace_back(key, both);
        }
    }
    CHECK(first_difference(expected, tested.uncut()) == "");
    CHECK(difference_after_any_cut(tested) == "");
}

TEST_CASE("a state joined with the data of its batch gives the same after any crash", "[stream][join][recovery]")
{
    auto const seed = tidemark_test::random_seed();
    INFO("TIDEMARK_SEED=" << seed);
    std::mt19937 random(seed);
    auto const build = [](auto pairs) {
        auto const totals = pairs
                            | tidemark::update_state_by_key<"totals">(
                                [](auto const& values, std::optional<int> const& before) -> std::optional<int> {
                                    auto total = before.value_or(0);
                                    for (int const each : values)
                                        total += each;
                                    return total;
                                },
                                tidemark::checkpoint_every(2_s));
        return totals | tidemark::left_outer_join(pairs | tidemark::reduce_by_key(std::plus<>{}))
               | tidemark::map([](auto const& pair) {
                     return std::pair(pair.first, std::pair<int, maybe>(pair.second.first, pair.second.second));
                 });
    };
    auto input = random_input(random, 5);
    for (auto& batch : input)
        if (!batch)
            batch.emplace(); // a join needs both
    pipeline_under_test const tested(input, build, {.settings = {.partitions = 2, .key_groups = 4, .threads = 1}});
    std::map<std::string, int> totals;
    output_batches<std::pair<std::string, std::pair<int, maybe>>> expected;
    for (std::size_t i = 0; i < input.size(); ++i) {
        std::map<std::string, int> now;
        for (auto const& [key, value] : *input[i]) {
            now[key] += value;
            totals[key] += value;
        }
        auto& all = expected[static_cast<std::int64_t>(i) + 1];
        for (auto const& [key, total] : totals)
            all.push_back({key, {total, now.contains(key) ? maybe(now.at(key)) : std::nullopt}});
    }
    CHECK(first_difference(expected, tested.uncut()) == "");
    CHECK(difference_after_any_crash(tested) == "");
}

TEST_CASE("joins and cogroup fail for a batch in which one stream has no dataset, and say which",
          "[stream][join][cogroup][missing]")
{
    auto const fails = [](std::string const& name, auto const& meet) {
        INFO(name);
        auto const found = failures_of(meet);
        CHECK(found[0].empty());
        CHECK(contains(found[1], "tidemark::" + name + ": the first stream has no dataset for batch"));
        CHECK(contains(found[2], "tidemark::" + name + ": the second stream has no dataset for batch"));
        CHECK(found[3].empty());
    };
    fails("join", [](auto left, auto right) { return left | tidemark::join(right); });
    fails("left_outer_join", [](auto left, auto right) { return left | tidemark::left_outer_join(right); });
    fails("right_outer_join", [](auto left, auto right) { return left | tidemark::right_outer_join(right); });
    fails("full_outer_join", [](auto left, auto right) { return left | tidemark::full_outer_join(right); });
    fails("cogroup", [](auto left, auto right) { return left | tidemark::cogroup(right); });
    fails("subtract_by_key", [](auto left, auto right) { return left | tidemark::subtract_by_key(right); });
}
