// SPDX-License-Identifier: BSL-1.0
//
// reduce_by_key_and_window.test: one value for each key of the last batches, with and without an inverse.

#include <tidemark/checkpoint.hpp>
#include <tidemark/operators.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/crash_recovery.hpp>
#include <tidemark/time/literals.hpp>

#include <support/catch.hpp>
#include <support/expressions.hpp>
#include <support/running.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace tidemark::literals;
using tidemark::checkpoint_every;
using tidemark::duration;
using tidemark::reduce_by_key_and_window;
using tidemark::testing::first_difference;
using tidemark::testing::optional_batches;
using tidemark::testing::output_batches;

using count = std::pair<std::string, int>;
using some = std::vector<count>;
using out_batches = output_batches<count>;

int plus(int left, int right) { return left + right; }
int minus(int all, int leaving) { return all - leaving; }
bool above_five(count const& pair) { return pair.second > 5; }

// ---- What the type tells

using pairs_t = tidemark_test::stream_of<count, tidemark::static_slide<1000>, true>;
using plain_t = tidemark_test::stream_of<count>;

template <typename E, typename Closure>
using piped = decltype(std::declval<E>() | std::declval<Closure>());
template <typename E, typename... Arguments>
using reduced = piped<E, decltype(reduce_by_key_and_window<"w">(std::declval<Arguments>()...))>;
using f_t = int (*)(int, int);
using two_t = decltype(2_s);

using naive_t = reduced<plain_t, f_t, two_t>;
static_assert(std::same_as<tidemark::record_t<naive_t>, count>);
static_assert(std::same_as<tidemark::slide_t<naive_t>, tidemark::static_slide<1000>>, "the parent's slide");
static_assert(std::same_as<tidemark::slide_t<reduced<plain_t, f_t, two_t, two_t>>, tidemark::static_slide<2000>>);
static_assert(tidemark::is_wide_v<naive_t>);
static_assert(tidemark::describe<naive_t>()
              == "reduce_by_key_and_window (wide)\n  window\n    reduce_by_key (wide)\n      stream\n");

using inverse_t = reduced<pairs_t, f_t, f_t, two_t>;
static_assert(std::same_as<tidemark::record_t<inverse_t>, count>);
static_assert(std::same_as<tidemark::slide_t<reduced<pairs_t, f_t, f_t, two_t, two_t>>, tidemark::static_slide<2000>>);
static_assert(tidemark::is_wide_v<inverse_t> && tidemark::stage_count_v<inverse_t> == 2);
static_assert(tidemark::describe<inverse_t>() == "reduce_by_key_and_window<\"w\"> (wide)\n  stream\n");

// The smallest multiple of the window's slide that is at least 10 s, or what is given, as an argument or as a step.
static_assert(tidemark::policy_of<"w", inverse_t>::interval_ms == 10'000);
static_assert(tidemark::policy_of<"w", reduced<pairs_t, f_t, f_t, decltype(6_s), decltype(3_s)>>::interval_ms
              == 12'000);
static_assert(tidemark::policy_of<"w", reduced<pairs_t, f_t, f_t, two_t, decltype(checkpoint_every(4_s))>>::interval_ms
              == 4000);
using filtered_t = reduced<pairs_t, f_t, f_t, two_t, two_t, bool (*)(count const&), decltype(checkpoint_every(4_s))>;
static_assert(tidemark::policy_of<"w", filtered_t>::interval_ms == 4000);
static_assert(std::same_as<piped<inverse_t, decltype(checkpoint_every(4_s))>,
                           reduced<pairs_t, f_t, f_t, two_t, decltype(checkpoint_every(4_s))>>);
static_assert(!tidemark::policy_of<"w", reduced<pairs_t, f_t, f_t, two_t, duration>>::is_static);
static_assert(!tidemark::valid<reduced<inverse_t, f_t, f_t, two_t>>, "one name twice on one path");

// ---- What it does

template <typename Record = count, typename Build>
auto run(optional_batches<count> input, Build build, std::size_t batches_to_run = 0)
{
    tidemark::testing::run_options const options{.batches_to_run = batches_to_run,
                                                 .input_partitions = 2,
                                                 .settings = {.partitions = 2, .key_groups = 4, .threads = 1}};
    auto out =
        tidemark::testing::pipeline_under_test<count, Build>(std::move(input), std::move(build), options).uncut();
    for (auto& [number, records] : out)
        std::sort(records.begin(), records.end());
    return out;
}

optional_batches<count> const input{some{{"a", 1}}, some{{"a", 2}, {"b", 3}}, some{{"a", 4}, {"c", 5}}, std::nullopt,
                                    some{},         some{{"b", 6}, {"b", 7}}};

} // namespace

TEST_CASE("without an inverse the keys of the last batches are given, and no others",
          "[stream][reduce_by_key_and_window]")
{
    CHECK(run(input, [](auto s) { return s | reduce_by_key_and_window(plus, 2_s); })
          == out_batches{{1, {{"a", 1}}},
                         {2, {{"a", 3}, {"b", 3}}},
                         {3, {{"a", 6}, {"b", 3}, {"c", 5}}},
                         {4, {{"a", 4}, {"c", 5}}},
                         {5, {}},
                         {6, {{"b", 13}}}});
    CHECK(run(input, [](auto s) { return reduce_by_key_and_window<"named">(s, plus, 3_s, 2_s); })
          == out_batches{{2, {{"a", 3}, {"b", 3}}}, {4, {{"a", 6}, {"b", 3}, {"c", 5}}}, {6, {{"b", 13}}}});
}

TEST_CASE("a key stays without a filter", "[stream][reduce_by_key_and_window]")
{
    CHECK(run(input, [](auto s) { return s | reduce_by_key_and_window(plus, minus, 2_s); })
          == out_batches{{1, {{"a", 1}}},
                         {2, {{"a", 3}, {"b", 3}}},
                         {3, {{"a", 6}, {"b", 3}, {"c", 5}}},
                         {4, {{"a", 4}, {"b", 0}, {"c", 5}}},
                         {5, {{"a", 0}, {"b", 0}, {"c", 0}}},
                         {6, {{"a", 0}, {"b", 13}, {"c", 0}}}});
}

TEST_CASE("a filter lets a key go that is out of the window, and the key may come again",
          "[stream][reduce_by_key_and_window]")
{
    auto const not_zero = [](count const& pair) { return pair.second != 0; };
    CHECK(run(input, [=](auto s) { return s | reduce_by_key_and_window<"w">(plus, minus, 2_s, 1_s, not_zero); })
          == out_batches{{1, {{"a", 1}}},
                         {2, {{"a", 3}, {"b", 3}}},
                         {3, {{"a", 6}, {"b", 3}, {"c", 5}}},
                         {4, {{"a", 4}, {"c", 5}}},
                         {5, {}},
                         {6, {{"b", 13}}}});
}

TEST_CASE("a key that a filter has let go is not kept either", "[stream][reduce_by_key_and_window]")
{
    auto const not_zero = [](count const& pair) { return pair.second != 0; };
    auto const ssc = tidemark::streaming_context(
        1_s, tidemark::checkpoint_directory(tidemark::any_storage(tidemark::memory_storage())),
        tidemark::settings{.partitions = 2, .key_groups = 4, .threads = 1});
    auto const pairs = ssc.source_stream(tidemark::testing::batch_source<count>(input));
    tidemark::testing::driver running(ssc.application(pairs
                                                      | reduce_by_key_and_window<"w">(plus, minus, 2_s, 1_s, not_zero)
                                                      | tidemark::foreach_rdd([](auto const&) {})));
    running.start();
    running.run_to(tidemark::batch_time(5000)); // the window of batch 5 has no data
    std::optional<std::uint64_t> keys;
    for (auto const& event : running.events())
        if (auto const* const done = std::get_if<tidemark::batch_completed>(&event))
            keys = done->batch.stages.at(0).keys;
    CHECK(keys == std::uint64_t{0});
}

TEST_CASE("a filter that drops a value that is not neutral equals the naive form", "[stream][reduce_by_key_and_window]")
{
    // a: 3 is dropped in the window, and leaves it batches later; Spark has forgotten it by then, and fails.
    optional_batches<count> const small{some{{"a", 3}}, some{}, some{{"a", 4}}, some{}, some{{"a", 9}}, some{}, some{}};
    auto const naive =
        run(small, [](auto s) { return s | reduce_by_key_and_window(plus, 3_s) | tidemark::filter(above_five); });
    CHECK(
        naive
        == out_batches{{1, {}}, {2, {}}, {3, {{"a", 7}}}, {4, {}}, {5, {{"a", 13}}}, {6, {{"a", 9}}}, {7, {{"a", 9}}}});
    CHECK(run(small, [](auto s) { return s | reduce_by_key_and_window(plus, minus, 3_s, 1_s, above_five); }) == naive);
}

TEST_CASE("slide longer than the window equals the naive form", "[stream][reduce_by_key_and_window]")
{
    optional_batches<count> const six{some{{"a", 1}}, some{{"a", 2}},  some{{"a", 4}},
                                      some{{"b", 8}}, some{{"b", 16}}, some{{"b", 32}}};
    CHECK(run(six, [](auto s) { return s | reduce_by_key_and_window(plus, minus, 1_s, 3_s); })
          == out_batches{{3, {{"a", 4}}}, {6, {{"b", 32}}}});
    CHECK(run(six, [](auto s) { return s | reduce_by_key_and_window(plus, minus, 1_s, 3_s, above_five); })
          == out_batches{{3, {}}, {6, {{"b", 32}}}});
    CHECK(run(six, [](auto s) { return s | reduce_by_key_and_window(plus, 1_s, 3_s); })
          == out_batches{{3, {{"a", 4}}}, {6, {{"b", 32}}}});
}

TEST_CASE("a key stays with a slide as long as the window, and not with a longer one",
          "[stream][reduce_by_key_and_window]")
{
    optional_batches<count> const six{some{{"a", 1}}, some{{"a", 2}}, some{}, some{}, some{}, some{}};
    CHECK(run(six, [](auto s) { return s | reduce_by_key_and_window(plus, minus, 2_s, 2_s); })
          == out_batches{{2, {{"a", 3}}}, {4, {{"a", 0}}}, {6, {{"a", 0}}}});
    CHECK(run(six, [](auto s) { return s | reduce_by_key_and_window(plus, minus, 1_s, 2_s); })
          == out_batches{{2, {{"a", 2}}}, {4, {}}, {6, {}}});
}

TEST_CASE("a batch that no window covers is not computed for a window with an inverse",
          "[stream][reduce_by_key_and_window]")
{
    std::vector<std::string> seen;
    run(input, [&seen](auto s) {
        return s | tidemark::map([&seen](count const& each) {
                   seen.push_back(each.first + std::to_string(each.second));
                   return each;
               })
               | reduce_by_key_and_window(plus, minus, 1_s, 3_s);
    });
    std::sort(seen.begin(), seen.end());
    CHECK(seen == std::vector<std::string>{"a4", "b6", "b7", "c5"});
}

TEST_CASE("f and the inverse are called for keys that come or go only, what leaves first",
          "[stream][reduce_by_key_and_window]")
{
    std::vector<std::string> calls;
    auto const f = [&calls](std::string const& left, std::string const& right) {
        calls.push_back(left + "+" + right);
        return left + right;
    };
    auto const inverse = [&calls](std::string const& all, std::string const& leaving) {
        calls.push_back(all + "-" + leaving);
        return all.substr(leaving.size());
    };
    auto const letters = tidemark::map(
        [](count const& each) { return std::pair(each.first, std::string(1, static_cast<char>('A' + each.second))); });
    optional_batches<count> const few{some{{"k", 0}, {"rests", 25}}, some{{"k", 1}}, some{{"k", 2}}, some{}, some{}};
    run(few, [=](auto s) { return s | letters | reduce_by_key_and_window(f, inverse, 2_s); });
    CHECK(std::erase(calls, "Z-Z") == 1); // the key that rests is touched when it goes
    CHECK(calls == std::vector<std::string>{"A+B", "AB-A", "B+C", "BC-B", "C-C"});

    calls.clear(); // both batches leave at once, and nothing of the old window stays: no inverse is needed
    run({some{{"k", 0}}, some{{"k", 1}}, some{{"k", 2}}, some{{"k", 3}}},
        [=](auto s) { return s | letters | reduce_by_key_and_window(f, inverse, 2_s, 2_s); });
    CHECK(calls.back() == "C+D");
    CHECK(
        std::count_if(calls.begin(), calls.end(), [](auto const& call) { return call.find('-') != std::string::npos; })
        == 0);
}

TEST_CASE("floating sums drift with an inverse only while a key has data", "[stream][reduce_by_key_and_window]")
{
    auto const reals = tidemark::map([](count const& each) { return std::pair(each.first, 0.1 * each.second); });
    optional_batches<count> const few{some{{"a", 1}}, some{{"a", 2}}, some{{"a", 3}}, some{}, some{}, some{{"a", 7}}};
    tidemark::testing::pipeline_under_test const all(few, [=](auto s) {
        return s | reals | reduce_by_key_and_window(std::plus<double>(), std::minus<double>(), 2_s);
    });
    CHECK(all.uncut().at(6) == std::vector{std::pair(std::string("a"), 0.1 * 7)});
}

TEST_CASE("a function that throws leaves the window as before the batch, and a restart goes on from there",
          "[stream][reduce_by_key_and_window]")
{
    auto const broken = std::make_shared<std::string>(); // which call throws
    auto const f = [broken](int left, int right) {
        if (*broken == "f" && left + right == 6)
            throw std::runtime_error("f is broken");
        return left + right;
    };
    auto const inverse = [broken](int all, int leaving) {
        if (*broken == "inverse")
            throw std::runtime_error("the inverse is broken");
        return all - leaving;
    };
    auto const keep = [broken](count const& pair) {
        if (*broken == "filter" && pair.second == 0)
            throw std::runtime_error("the filter is broken");
        return pair.second != 0;
    };
    auto const build = [=](auto s) {
        return s | reduce_by_key_and_window<"w">(f, inverse, 2_s, 1_s, keep, checkpoint_every(2_s));
    };
    tidemark::testing::pipeline_under_test const all(input, build,
                                                     {.settings = {.partitions = 2, .key_groups = 4, .threads = 2}});
    auto const expected = all.uncut();
    for (std::string const which : {"f", "inverse", "filter"}) {
        INFO(which);
        tidemark::memory_storage const storage;
        out_batches out;
        *broken = which;
        CHECK(tidemark_test::words_of<std::runtime_error>(
                  [&] { all.run(tidemark::any_storage(storage), all.batches_to_run(), out); })
              == (which == "f" ? "f is broken" : "the " + which + " is broken"));
        broken->clear();
        all.run(tidemark::any_storage(storage.kill()), all.batches_to_run(), out);
        CHECK(first_difference(expected, out) == "");
    }
}

TEST_CASE("durations that are no multiples are refused at application()", "[stream][reduce_by_key_and_window]")
{
    auto const ssc = tidemark::streaming_context(2_s, tidemark::checkpoint_directory(tidemark::memory_storage()));
    auto const pairs = ssc.source_stream(tidemark::testing::batch_source<count>({}));
    auto const ignore = tidemark::foreach_rdd([](auto const&) {});
    auto const refused = [&](auto stream) {
        return tidemark_test::words_of<tidemark::config_error>([&] { (void)ssc.application(stream | ignore); });
    };
    CHECK(tidemark_test::contains(refused(pairs | reduce_by_key_and_window(plus, minus, duration(3000))),
                                  "the window duration is not a positive multiple of the parent's slide"));
    CHECK(
        tidemark_test::contains(refused(pairs | reduce_by_key_and_window(plus, minus, duration(4000), duration(1000))),
                                "the slide duration is not a positive multiple of the parent's slide"));
    CHECK(tidemark_test::contains(refused(pairs | reduce_by_key_and_window(plus, duration(0))),
                                  "the window duration is not a positive multiple"));
    CHECK(tidemark_test::contains(
        refused(pairs | reduce_by_key_and_window<"w">(plus, minus, 4_s, 4_s, checkpoint_every(duration(6000)))),
        "the checkpoint interval is not a multiple of the stream's slide"));
}

TEST_CASE("bytes behind the values of a window's batch are an error that names the stage",
          "[stream][reduce_by_key_and_window]")
{
    tidemark::memory_storage const storage;
    auto const summed = tidemark::testing::pipeline_under_test(input, [](auto s) {
        return s
               | reduce_by_key_and_window<"w">(
                   std::plus<>(), [](int all, int leaving) { return all - leaving; }, 2_s, checkpoint_every(1_s));
    });
    out_batches out;
    summed.run(tidemark::any_storage(storage), 3, out);
    auto found = tidemark::read_checkpoint(storage.kill(), "application");
    REQUIRE(found.commit);
    auto record = *found.commit;
    auto const add_a_byte = [&](std::size_t group) {
        auto changed = record;
        changed.time = record.time + tidemark::duration(1000);
        changed.stages.at(0).groups.at(group).bytes.push_back(std::byte{7});
        tidemark::memory_storage const damaged = storage.kill();
        tidemark::journal::open(tidemark::any_storage(damaged), {.application = "application"}).log.commit(changed);
        return tidemark_test::words_of<tidemark::incompatible_checkpoint>(
            [&] { summed.run(tidemark::any_storage(damaged.kill()), 5, out); });
    };
    REQUIRE_FALSE(record.stages.at(0).groups.empty());
    for (std::size_t group = 0; group < record.stages[0].groups.size(); ++group) {
        INFO("group " << record.stages[0].groups[group].group);
        CHECK(tidemark_test::contains(add_a_byte(group), "stage \"w\""));
    }
}

TEST_CASE("a window with an inverse refuses a checkpoint of other types", "[stream][reduce_by_key_and_window]")
{
    tidemark::memory_storage const storage;
    auto const with = [&](auto to_value) {
        return tidemark::testing::pipeline_under_test(input, [=](auto s) {
            return s | tidemark::map_values(to_value)
                   | reduce_by_key_and_window<"w">(
                       std::plus<>(), [](auto const& all, auto const&) { return all; }, 2_s, checkpoint_every(1_s));
        });
    };
    auto const numbers = with([](int number) { return number; });
    out_batches out;
    numbers.run(tidemark::any_storage(storage), 3, out);
    auto const texts = with([](int number) { return std::to_string(number); });
    output_batches<std::pair<std::string, std::string>> none;
    auto const words = tidemark_test::words_of<tidemark::incompatible_checkpoint>(
        [&] { texts.run(tidemark::any_storage(storage.kill()), 5, none); });
    CHECK(tidemark_test::contains(words, "stage \"w\": the checkpoint holds states of"));
    numbers.run(tidemark::any_storage(storage.kill()), 5, out); // and it is as it was
    CHECK(out.size() == 5);
}

TEST_CASE("a window may be made longer or shorter at a restart, and holds what there is of its batches",
          "[stream][reduce_by_key_and_window]")
{
    optional_batches<count> const ones(8, some{{"a", 1}});
    auto const of = [&](int width, int slide) {
        return tidemark::testing::pipeline_under_test(ones, [=](auto s) {
            return s
                   | reduce_by_key_and_window<"w">(plus, minus, duration(1000 * width), duration(1000 * slide),
                                                   checkpoint_every(duration(1000 * slide)));
        });
    };
    auto const then = [&](auto const& before, auto const& after) {
        tidemark::memory_storage const storage;
        out_batches first;
        out_batches out;
        before.run(tidemark::any_storage(storage), 4, first);
        after.run(tidemark::any_storage(storage.kill()), 8, out);
        return out;
    };
    CHECK(then(of(3, 1), of(2, 1)) == out_batches{{5, {{"a", 2}}}, {6, {{"a", 2}}}, {7, {{"a", 2}}}, {8, {{"a", 2}}}});
    CHECK(then(of(3, 1), of(5, 1)) == out_batches{{5, {{"a", 4}}}, {6, {{"a", 5}}}, {7, {{"a", 5}}}, {8, {{"a", 5}}}});
    CHECK(then(of(4, 2), of(2, 1)) == out_batches{{5, {{"a", 2}}}, {6, {{"a", 2}}}, {7, {{"a", 2}}}, {8, {{"a", 2}}}});
}

TEST_CASE("without a checkpoint directory the form without an inverse runs", "[stream][reduce_by_key_and_window]")
{
    auto const ssc = tidemark::streaming_context(1_s, tidemark::settings{.threads = 1});
    std::size_t parts = 0;
    std::vector<count> last;
    tidemark::testing::driver running(ssc.application(
        ssc.source_stream(tidemark::testing::batch_source<count>({some{{"a", 1}}, some{{"a", 2}}}))
        | tidemark::reduce_by_key(plus) | tidemark::window(2_s) | tidemark::foreach_rdd([&](auto const& rdd) {
              last = rdd | tidemark::collect();
              parts = (rdd | tidemark::map_partitions([](auto part) { return std::vector{part.size()}; })
                       | tidemark::collect())
                          .size();
          })));
    running.start();
    running.run_to(tidemark::batch_time(2000));
    CHECK(last == some{{"a", 1}, {"a", 2}});
    CHECK(parts == 8); // a window over batches whose keys lie alike has their partitions
}

TEST_CASE("a window is right though the one before failed half-way, or was not read, or is read again later",
          "[stream][reduce_by_key_and_window]")
{
    constexpr int batches = 12;
    optional_batches<count> ones;
    for (int number = 1; number <= batches; ++number)
        ones.emplace_back(some{{"a", number}, {"b", 10 * number}, {"c", 100 * number}});
    bool throws = false;
    auto const ssc =
        tidemark::streaming_context(1_s, tidemark::settings{.partitions = 2, .threads = 1}).remembering(20_s);
    auto const sums = ssc.source_stream(tidemark::testing::batch_source<count>(ones))
                      | reduce_by_key_and_window(
                          [&throws](int one, int other) {
                              if (throws && one + other > 500)
                                  throw std::runtime_error("too much");
                              return one + other;
                          },
                          3_s);
    std::map<std::int64_t, some> read;
    auto const sorted = [](auto const& rdd) {
        auto all = rdd | tidemark::collect();
        std::sort(all.begin(), all.end());
        return some(all.begin(), all.end());
    };
    tidemark::testing::driver run(
        ssc.application(sums | tidemark::foreach_rdd([&](auto const& rdd, tidemark::batch_time time) {
                            if (time.count() % 5000 != 0) // the fifth and tenth are not read
                                read[time.count() / 1000] = sorted(rdd);
                        })));
    run.start();
    auto const expected = [](int last) {
        some all;
        for (auto const& [key, factor] : {count{"a", 1}, count{"b", 10}, count{"c", 100}}) {
            int sum = 0;
            for (int number = std::max(1, last - 2); number <= last; ++number)
                sum += factor * number;
            all.emplace_back(key, sum);
        }
        return all;
    };
    for (int number = 1; number <= batches; ++number) {
        throws = number == 4 || number == 7;
        CHECK(static_cast<bool>(run.next().failure) == throws);
        if (!throws && number % 5 != 0)
            CHECK(read[number] == expected(number));
    }
    throws = false;
    auto const again = run.slice(sums, tidemark::batch_time(4000), tidemark::batch_time(10'000));
    REQUIRE(again.size() == 7);
    for (std::size_t i = 0; i < again.size(); ++i)
        CHECK(sorted(again[i]) == expected(static_cast<int>(i) + 4));
}

TEST_CASE("a window goes on over batches that lie in another number of partitions, and when they have left it",
          "[stream][reduce_by_key_and_window]")
{
    optional_batches<count> batches;
    for (int number = 1; number <= 14; ++number) {
        some batch;
        for (int key = number; key < number + 6; ++key) // a key is in six batches
            batch.emplace_back("key " + std::to_string(key), number);
        for (int key = 0; key < 300; ++key) // enough for columns
            batch.emplace_back("always " + std::to_string(key), number);
        batches.emplace_back(batch);
    }
    auto const in = [&](std::size_t partitions) {
        tidemark::testing::run_options how;
        how.settings = {.partitions = partitions, .key_groups = 16, .threads = 1};
        return tidemark::testing::pipeline_under_test(
            batches, [](auto s) { return s | checkpoint_every(1_s) | reduce_by_key_and_window<"w">(plus, 3_s); }, how);
    };
    auto const sorted = [](out_batches all) {
        for (auto& [number, batch] : all)
            std::sort(batch.begin(), batch.end());
        return all;
    };
    auto const expected = sorted(in(4).uncut());
    for (auto const& [first, second] : {std::pair<std::size_t, std::size_t>{8, 2}, {2, 8}, {4, 1}, {4, 4}}) {
        INFO(first << " partitions, then " << second);
        tidemark::memory_storage const storage;
        out_batches out;
        in(first).run(tidemark::any_storage(storage), 6, out);
        in(second).run(tidemark::any_storage(storage.kill()), 14, out);
        CHECK(sorted(out) == expected);
    }
}

TEST_CASE("a window is right while keys become rare and frequent again, over a restart, too",
          "[stream][reduce_by_key_and_window]")
{
    constexpr int batches = 90;
    constexpr int width = 12;
    constexpr int keys = 600; // enough for columns
    std::map<std::int64_t, std::map<std::string, int>> expected;
    optional_batches<count> in;
    for (int number = 1; number <= batches; ++number) {
        some batch;
        bool const rare = number > 25 && number < 60;
        for (int key = 0; key < keys; ++key)
            if (!rare || (key * 7 + number) % 60 == 0)
                batch.emplace_back("key " + std::to_string(key), key * number);
        for (int last = number; last < number + width && last <= batches; ++last)
            for (auto const& [key, value] : batch)
                expected[last][key] += value;
        in.emplace_back(std::move(batch));
    }
    tidemark::testing::run_options how;
    how.settings = {.partitions = 2, .key_groups = 16, .threads = 2};
    auto const pipeline = tidemark::testing::pipeline_under_test(
        in,
        [](auto s) { return s | checkpoint_every(1_s) | reduce_by_key_and_window<"w">(plus, duration(1000 * width)); },
        how);
    for (int const cut : {20, 33, 50, 66, batches}) {
        INFO("cut at " << cut);
        tidemark::memory_storage const storage;
        out_batches out;
        pipeline.run(tidemark::any_storage(storage), static_cast<std::size_t>(cut), out);
        pipeline.run(tidemark::any_storage(storage.kill()), batches, out);
        REQUIRE(out.size() == batches);
        for (auto const& [number, batch] : out)
            CHECK(std::map<std::string, int>(batch.begin(), batch.end()) == expected[number]);
    }
}

TEST_CASE("keys and values of a window may be bool", "[stream][reduce_by_key_and_window]")
{
    auto const ssc = tidemark::streaming_context(1_s, tidemark::settings{.partitions = 2, .threads = 1});
    using by_bool = std::pair<bool, int>;
    using of_bool = std::pair<std::string, bool>;
    std::map<bool, int> counts;
    std::map<std::string, bool> any;
    auto const one = ssc.source_stream(tidemark::testing::batch_source<by_bool>(optional_batches<by_bool>{
                         {{{true, 1}, {false, 2}, {true, 3}}}, {{{true, 4}}}, {{{true, 5}, {false, 6}}}}))
                     | reduce_by_key_and_window(plus, 2_s) | tidemark::foreach_rdd([&counts](auto const& rdd) {
                           auto const all = rdd | tidemark::collect();
                           counts = std::map<bool, int>(all.begin(), all.end());
                       });
    auto const other = ssc.source_stream(tidemark::testing::batch_source<of_bool>(optional_batches<of_bool>{
                           {{{"a", true}, {"b", false}}}, {{{"a", false}, {"b", false}}}, {{{"a", false}}}}))
                       | reduce_by_key_and_window([](bool left, bool right) { return left || right; }, 2_s)
                       | tidemark::foreach_rdd([&any](auto const& rdd) {
                             auto const all = rdd | tidemark::collect();
                             any = std::map<std::string, bool>(all.begin(), all.end());
                         });
    tidemark::testing::driver run(ssc.application(one, other));
    run.start();
    (void)run.next();
    CHECK(counts == std::map<bool, int>{{false, 2}, {true, 4}});
    (void)run.next();
    CHECK(counts == std::map<bool, int>{{false, 2}, {true, 8}});
    CHECK(any == std::map<std::string, bool>{{"a", true}, {"b", false}});
    (void)run.next();
    CHECK(counts == std::map<bool, int>{{false, 6}, {true, 9}});
    CHECK(any == std::map<std::string, bool>{{"a", false}, {"b", false}});
}
