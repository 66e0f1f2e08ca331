// SPDX-License-Identifier: BSL-1.0
//
// crash_recovery.test: what the tools for users' pipelines find, and what they do not mind.

#include <tidemark/operators.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing.hpp>
#include <tidemark/time/literals.hpp>

#include <support/catch.hpp>

#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace tidemark::literals;
using tidemark::testing::difference_after_any_crash;
using tidemark::testing::difference_after_any_cut;
using tidemark::testing::ending;
using tidemark::testing::first_difference;
using tidemark::testing::optional_batches;
using tidemark::testing::output_batches;

using numbers = std::vector<int>;
using out = output_batches<int>;

optional_batches<int> const input{numbers{1}, numbers{2, 3}, numbers{4}, numbers{5}};

template <typename Build>
auto pipeline(Build build)
{
    return tidemark::testing::pipeline_under_test<int, Build>(
        input, std::move(build), {.settings = {.partitions = 1, .key_groups = 1, .threads = 1}});
}

} // namespace

TEST_CASE("the first difference between outputs is told in words, and order does not matter",
          "[testing][crash_recovery]")
{
    struct {
        out expected;
        out found;
        std::string words;
    } const table[] = {
        {{}, {}, ""},
        {{{1, {1, 2, 2}}, {2, {}}}, {{1, {2, 1, 2}}, {2, {}}}, ""},
        {{{1, {1}}, {2, {2}}}, {{1, {1}}}, "batch 2: expected 1 record, found no output"},
        {{{1, {1}}}, {{1, {1}}, {2, {2, 3}}}, "batch 2: expected no output, found 2 records"},
        {{{1, {1, 2}}}, {{1, {1}}}, "batch 1: expected 2 records, found 1 record"},
        {{{1, {1, 2}}, {2, {7}}}, {{1, {2, 2}}, {2, {8}}}, "batch 1: the records differ, 2 records each"},
    };
    for (auto const& row : table)
        CHECK(first_difference(row.expected, row.found) == row.words);
}

TEST_CASE("a pipeline that keeps something outside its states is found out", "[testing][crash_recovery]")
{
    // Each start of the program begins with an empty map, which no checkpoint knows of.
    auto const leaky = [](auto stream) {
        return stream | tidemark::checkpoint_every(1_s)
               | tidemark::map([total = std::make_shared<int>()](int number) { return *total += number; });
    };
    CHECK(difference_after_any_cut(pipeline(leaky))
          == "cut after batch 1: batch 2: the records differ, 2 records each");
    CHECK(difference_after_any_crash(pipeline(leaky)) != "");
}

TEST_CASE("a pipeline that keeps everything in states passes", "[testing][crash_recovery]")
{
    auto const sound = [](auto stream) {
        return stream | tidemark::map([](int number) { return std::pair(0, number); })
               | tidemark::map_with_state<"total">(
                   tidemark::state_spec<int>([](int, std::optional<int> value, tidemark::state<int>& total) {
                       total.update(total.get_option().value_or(0) + *value);
                       return total.get();
                   }),
                   tidemark::checkpoint_every(2_s));
    };
    CHECK(pipeline(sound).uncut() == out{{1, {1}}, {2, {3, 6}}, {3, {10}}, {4, {15}}});
    CHECK(difference_after_any_cut(pipeline(sound)) == "");
    CHECK(difference_after_any_crash(pipeline(sound)) == "");
    CHECK(difference_after_any_crash(pipeline(sound), ending::power_loss, 5) == "");
}

TEST_CASE("what a pipeline throws is not taken for a crash", "[testing][crash_recovery]")
{
    auto const throwing = [](auto stream) {
        return stream
               | tidemark::map([](int number) { return number == 4 ? throw std::runtime_error("four") : number; });
    };
    CHECK_THROWS_WITH(difference_after_any_crash(pipeline(throwing)), "four");
    CHECK_THROWS_WITH(tidemark::testing::run_batches<int>({{4}}, throwing), "four");
}
