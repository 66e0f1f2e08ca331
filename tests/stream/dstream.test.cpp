// SPDX-License-Identifier: BSL-1.0
//
// dstream.test: a stream whose type says its records and no more.

#include <stream/dstream_functions.hpp>

#include <tidemark/operators.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/crash_recovery.hpp>
#include <tidemark/testing/run_batches.hpp>
#include <tidemark/time/literals.hpp>

#include <support/catch.hpp>
#include <support/running.hpp>

#include <concepts>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace tidemark::literals;
using tidemark::config_error;
using tidemark::dstream;
using tidemark::foreach_rdd;
using tidemark::map;
using tidemark::update_state_by_key;
using tidemark::window;
using tidemark::testing::batch_source;
using tidemark::testing::batches;
using tidemark::testing::optional_batches;
using tidemark::testing::run_batches;
using tidemark_test::contains;
using tidemark_test::words_of;

using count = std::pair<std::string, int>;
using some = std::vector<count>;

tidemark::settings const small{.partitions = 2, .key_groups = 4, .threads = 1};
auto const nothing = [](auto const&) {};

std::optional<int> sum(std::vector<int> const& values, std::optional<int> before)
{
    int total = before.value_or(0);
    for (int const value : values)
        total += value;
    return total;
}

/// A class with streams as members.
struct report {
    dstream<int> halves;
    dstream<int> all;
};

template <typename Stream>
report make_report(Stream const& s)
{
    return {tidemark_test::even_halves(s), s | map([](int x) { return x + 100; })};
}

static_assert(
    std::same_as<decltype(dstream(std::declval<dstream<int>>() | map([](int) { return 0.5; }))), dstream<double>>);
static_assert(!std::convertible_to<dstream<int>, dstream<double>>);
static_assert(tidemark::stream_expression<dstream<int>> && tidemark::checkpointed_stream<dstream<int>>);

} // namespace

TEST_CASE("a dstream gives what the stream gives that it was made of", "[stream][dstream]")
{
    CHECK(run_batches<int>({{1, 2, 4}, {}, {6}}, [](auto s) { return tidemark_test::even_halves(s); })
          == batches<int>{{1, 2}, {}, {3}});
    CHECK(run_batches<int>({{1, 2}, {4}},
                           [](auto s) {
                               auto made = make_report(s);
                               made.halves = made.halves | map([](int x) { return -x; }); // may be assigned
                               return made.all | tidemark::union_(made.halves);
                           })
          == batches<int>{{101, 102, -1}, {104, -2}});
}

TEST_CASE("a dstream that was moved from is still the same stream", "[stream][dstream]")
{
    CHECK(run_batches<int>({{1, 2}},
                           [](auto s) {
                               auto made = make_report(s);
                               auto const taken = std::move(made.halves);
                               return made.halves | tidemark::union_(taken); // NOLINT(bugprone-use-after-move)
                           })
          == batches<int>{{1, 1}});
}

TEST_CASE("the hidden steps run once for all who read a dstream, and pass a missing dataset on", "[stream][dstream]")
{
    int calls = 0;
    tidemark::testing::pipeline_under_test const pipeline(
        optional_batches<int>{std::vector{1}, std::nullopt, std::vector{2, 3}}, [&calls](auto s) {
            dstream<int> const d = s | map([&calls](int x) {
                                       ++calls;
                                       return x;
                                   });
            dstream<int> const same = d;
            return d | tidemark::transform_with(same, [](auto const& a, auto const& b) {
                       return a | tidemark::union_(b);
                   });
        });
    CHECK(words_of<tidemark::source_error>([&] { (void)pipeline.uncut(); })
          == "tidemark::transform_with: stream 1 of 2 has no dataset for batch 2000 ms; let its source give an empty "
             "one");
    CHECK(calls == 1);
    tidemark::testing::pipeline_under_test const passes(
        optional_batches<int>{std::vector{1}, std::nullopt, std::vector{2, 3}},
        [](auto s) { return dstream<int>(s | map([](int x) { return x; })); });
    CHECK(passes.uncut() == tidemark::testing::output_batches<int>{{1, {1}}, {3, {2, 3}}});
}

TEST_CASE("a state and a window on a dstream go on after any cut and crash", "[stream][dstream]")
{
    tidemark::testing::pipeline_under_test const pipeline(
        optional_batches<count>{some{{"a", 1}, {"b", 2}}, some{{"a", 3}}, std::nullopt, some{{"c", 1}}, some{}},
        [](auto s) {
            dstream<count> const d = s | tidemark::filter([](count const&) { return true; });
            dstream<count> const sums = d | update_state_by_key<"sum">(sum);
            return sums | window(2_s, 2_s);
        },
        {.settings = small});
    CHECK(pipeline.uncut().size() == 2);
    CHECK(tidemark::testing::difference_after_any_cut(pipeline) == "");
    CHECK(tidemark::testing::difference_after_any_crash(pipeline) == "");
}

TEST_CASE("what the type of a dstream hides is checked by application, in the words of the compiler",
          "[stream][dstream][config_error]")
{
    auto const plain = tidemark::streaming_context(1_s, small);
    dstream<count> const pairs = plain.source_stream(batch_source<count>({}));
    auto const track = [](std::string const&, std::optional<int>, tidemark::state<int>&) { return 0; };
    auto const words = words_of<config_error>([&] {
        (void)plain.application(pairs | update_state_by_key<"u">(sum) | foreach_rdd(nothing),
                                pairs | tidemark::map_with_state<"m">(tidemark::state_spec<int>(track))
                                    | foreach_rdd(nothing),
                                pairs | tidemark::checkpoint_every(2_s) | foreach_rdd(nothing),
                                pairs | window(1500_ms) | foreach_rdd(nothing));
    });
    std::string const no_directory =
        ": the context has no checkpoint directory; pass a tide::checkpoint_directory to streaming_context";
    CHECK(contains(words, "4 problems"));
    CHECK(contains(words, "tidemark::update_state_by_key" + no_directory));
    CHECK(contains(words, "tidemark::map_with_state" + no_directory));
    CHECK(contains(words, "tidemark::checkpoint_every" + no_directory));
    CHECK(contains(words, "tidemark::window: the window duration is not a positive multiple of the parent's slide"));
}

TEST_CASE("hidden streams of another slide, another context or one name are found by application",
          "[stream][dstream][config_error]")
{
    tidemark::memory_storage const storage;
    auto const where = tidemark::checkpoint_directory(tidemark::any_storage(storage));
    auto const ssc = tidemark::streaming_context(1_s, where, small);
    auto const other = tidemark::streaming_context(1_s, where, small);
    dstream<count> const pairs = ssc.source_stream(batch_source<count>({}));
    dstream<count> const slow = pairs | window(2_s, 2_s);
    dstream<count> const foreign = other.source_stream(batch_source<count>({}));
    auto const refusal = [&ssc](auto const& stream) {
        return words_of<config_error>([&] { (void)ssc.application(stream | foreach_rdd(nothing)); });
    };
    CHECK(contains(refusal(pairs | tidemark::union_(slow)), "tidemark::union_: the two streams have different slides"));
    CHECK(contains(refusal(ssc.union_(std::vector{pairs, slow})),
                   "tidemark::union_all: the two streams have different slides"));
    CHECK(contains(refusal(foreign), "belongs to another streaming context"));
    dstream<count> const named = pairs | update_state_by_key<"same">(sum);
    CHECK(contains(refusal(named | update_state_by_key<"same">(sum)), "two stages have the name \"same\""));
}
