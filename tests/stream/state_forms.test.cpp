// SPDX-License-Identifier: BSL-1.0
//
// state_forms.test: functions of whole partitions, states that begin as an rdd, numbers of partitions; and both stateful
// operators against models that compute everything anew.

#include <tidemark/operators.hpp>
#include <tidemark/rdd.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/crash_recovery.hpp>
#include <tidemark/testing/run_batches.hpp>
#include <tidemark/time/literals.hpp>

#include <support/catch.hpp>
#include <support/running.hpp>
#include <support/seed.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace tidemark::literals;
using tidemark::batch_time;
using tidemark::map_with_state;
using tidemark::partition_updates;
using tidemark::state;
using tidemark::state_spec;
using tidemark::update_partition;
using tidemark::update_state_by_key;
using tidemark::testing::optional_batches;
using tidemark::testing::output_batches;
using tidemark::testing::run_options;
using tidemark_test::contains;
using tidemark_test::words_of;

using count = std::pair<std::string, int>;
using some = std::vector<count>;
using updates = partition_updates<std::string, int, int>;

tidemark::settings const small{.partitions = 2, .key_groups = 4, .threads = 1};

template <typename Build>
auto run(optional_batches<count> input, Build build, tidemark::settings settings = small, std::size_t batches = 0)
{
    run_options const options{.batches_to_run = batches, .input_partitions = 2, .settings = settings};
    auto out =
        tidemark::testing::pipeline_under_test<count, Build>(std::move(input), std::move(build), options).uncut();
    for (auto& [number, records] : out)
        std::sort(records.begin(), records.end());
    return out;
}

int total(std::vector<int> const& values, std::optional<int> before)
{
    int sum = before.value_or(0);
    for (int const value : values)
        sum += value;
    return sum;
}

std::optional<int> sum(std::vector<int> const& values, std::optional<int> before) { return total(values, before); }

some sum_all(updates all)
{
    some states;
    for (auto const& [key, values, before] : all)
        states.emplace_back(key, total(values, before));
    return states;
}

/// Only the keys with data, and for "a" another one.
some double_all(updates all)
{
    some states;
    for (auto const& [key, values, before] : all) {
        if (!values.empty())
            states.emplace_back(key, total(values, before));
        if (key == "a")
            states.emplace_back("new", int(values.size()));
    }
    return states;
}

optional_batches<count> const five{some{{"a", 1}, {"b", 2}}, some{{"a", 1}}, std::nullopt, some{{"c", 5}, {"b", 1}},
                                   some{}};

} // namespace

TEST_CASE("a function of whole partitions sees every key with data or a state, and gives the states that follow",
          "[stream][update_partition]")
{
    auto const expected = run(five, [](auto s) { return s | update_state_by_key<"s">(sum); });
    CHECK(run(five, [](auto s) { return s | update_state_by_key<"s">(update_partition(sum_all)); }) == expected);
    CHECK(run(five, [](auto s) { return s | update_state_by_key<"s">(update_partition(sum_all).keeping_keys()); })
          == expected);
    CHECK(run(five,
              [](auto s) {
                  return s | update_state_by_key<"s">(update_partition<int>([](auto all) { // generic
                             std::map<std::string, int> states;
                             for (auto const& one : all)
                                 states.emplace(one.key, total(one.values, one.state));
                             return states;
                         }));
              })
          == expected);
}

TEST_CASE("the function of whole partitions is called once for each of them in each batch",
          "[stream][update_partition]")
{
    std::atomic<int> calls{0};
    auto const build = [&calls](auto s) {
        return s | update_state_by_key<"s">(update_partition([&calls](updates all) {
                   ++calls;
                   return sum_all(all);
               }));
    };
    run({std::nullopt, some{}, some{{"a", 1}}, std::nullopt}, build, {.partitions = 3, .key_groups = 4, .threads = 2});
    CHECK(calls == 9); // not in the first batch, in which there was no dataset yet
}

TEST_CASE("a function of whole partitions may leave keys out and invent others, which are laid out by key",
          "[stream][update_partition]")
{
    auto const build = [](auto s) { return s | update_state_by_key<"s">(update_partition(double_all)); };
    for (auto const& settings : {small, tidemark::settings{.partitions = 4, .key_groups = 8, .threads = 2},
                                 tidemark::settings{.partitions = 1, .key_groups = 1, .threads = 1}})
        CHECK(run({some{{"a", 1}, {"b", 2}}, some{{"new", 5}, {"a", 1}}, some{{"b", 1}}, some{}}, build, settings)
              == output_batches<count>{{1, {{"a", 1}, {"b", 2}, {"new", 1}}},
                                       {2, {{"a", 2}, {"new", 1}, {"new", 6}}}, // b and its state were left out
                                       {3, {{"b", 1}, {"new", 0}}},
                                       {4, {}}});
}

TEST_CASE("of several states for one key all go on, and the first is what the next batch finds",
          "[stream][update_partition]")
{
    std::vector<std::string> found;
    auto const build = [&found](auto s) {
        return s | update_state_by_key<"s">(update_partition([&found](updates all) {
                   some states;
                   for (auto const& one : all) {
                       if (one.state)
                           found.push_back(one.key + std::to_string(*one.state));
                       states.emplace_back(one.key, 1);
                       states.emplace_back(one.key, 2);
                   }
                   return states;
               }));
    };
    CHECK(run({some{{"a", 1}}, some{}}, build)
          == output_batches<count>{{1, {{"a", 1}, {"a", 2}}}, {2, {{"a", 1}, {"a", 2}}}});
    CHECK(found == std::vector<std::string>{"a1"});
}

TEST_CASE("a function that says keeping_keys and gives a key of another partition fails the batch",
          "[stream][update_partition]")
{
    auto const build = [](auto s) {
        return s | update_state_by_key<"s">(update_partition([](updates all) {
                                                some states;
                                                for (auto const& one : all)
                                                    for (int i = 0; i < 50; ++i)
                                                        states.emplace_back(one.key + std::to_string(i), 1);
                                                return states;
                                            }).keeping_keys());
    };
    CHECK(contains(words_of<tidemark::usage_error>([&] { run({some{{"a", 1}}}, build); }),
                   "tidemark::update_partition: the function of stage \"s\" gave a key that it was not given"));
}

TEST_CASE("a function of whole partitions that throws leaves every state as it was", "[stream][update_partition]")
{
    tidemark::memory_storage const storage;
    output_batches<count> out;
    auto const pipeline = [](bool fails) {
        auto const build = [fails](auto s) {
            return s | update_state_by_key<"s">(update_partition([fails](updates all) {
                       for (auto const& one : all)
                           if (fails && one.values == std::vector{13})
                               throw std::runtime_error("13");
                       return sum_all(all);
                   }));
        };
        return tidemark::testing::pipeline_under_test<count, decltype(build)>(
            {some{{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}}, some{{"a", 2}, {"b", 13}, {"c", 2}, {"d", 2}}, some{}},
            build, {.settings = small});
    };
    CHECK(words_of<std::runtime_error>([&] { pipeline(true).run(tidemark::any_storage(storage), 3, out); }) == "13");
    CHECK(out.size() == 1);
    pipeline(false).run(tidemark::any_storage(storage.kill()), 3, out);
    for (auto& [number, records] : out)
        std::sort(records.begin(), records.end());
    CHECK(out.at(3) == some{{"a", 3}, {"b", 14}, {"c", 3}, {"d", 3}});
}

TEST_CASE("states may begin as an rdd, which is computed when it is first used", "[stream][update_state_by_key]")
{
    int computed = 0;
    tidemark::rdd_context const rc(1);
    auto const beginning =
        rc.parallelize(some{{"a", 10}, {"z", 26}, {"a", 99}}, 2) | tidemark::map([&](count const& c) {
            ++computed;
            return c;
        });
    auto const updating = [&](auto s) { return (s | update_state_by_key<"u">(sum)).initial_state(beginning); };
    auto const erased = [&](auto s) {
        return (s | update_state_by_key<"u">(sum)).initial_state(tidemark::rdd<count>(beginning));
    };
    CHECK(run({std::nullopt}, updating).empty());
    CHECK(computed == 0); // no batch had a dataset
    output_batches<count> const expected{{2, {{"a", 11}, {"b", 2}, {"z", 26}}}, {3, {{"a", 11}, {"b", 2}, {"z", 26}}}};
    CHECK(run({std::nullopt, some{{"a", 1}, {"b", 2}}, std::nullopt}, updating) == expected);
    CHECK(computed == 3);
    CHECK(run({std::nullopt, some{{"a", 1}, {"b", 2}}, std::nullopt}, erased) == expected);
    auto const before_the_pipe = [&](auto s) { return s | update_state_by_key<"u">(sum).initial_state(beginning); };
    CHECK(run({std::nullopt, some{{"a", 1}, {"b", 2}}, std::nullopt}, before_the_pipe) == expected);

    computed = 0;
    auto const track = [](std::string const& key, std::optional<int> value, state<int>& it) {
        it.update(it.get() + value.value_or(0));
        return count(key, it.get());
    };
    CHECK(run({std::nullopt, some{{"a", 1}, {"z", 2}}},
              [&](auto s) { return s | map_with_state<"m">(state_spec(track).initial_state(beginning)); })
          == output_batches<count>{{1, {}}, {2, {{"a", 100}, {"z", 28}}}}); // of equal keys the last
    CHECK(computed == 3);
}

TEST_CASE("an initial rdd that cannot be computed fails the first batch, not the building",
          "[stream][update_state_by_key]")
{
    tidemark::rdd_context const rc(1);
    auto const broken = rc.parallelize(some{{"a", 1}}, 1)
                        | tidemark::map([](count const&) -> count { throw std::runtime_error("no beginning"); });
    auto const build = [&](auto s) { return (s | update_state_by_key<"u">(sum)).initial_state(broken); };
    CHECK(words_of<std::runtime_error>([&] { run({some{{"a", 1}}}, build); }) == "no beginning");
}

TEST_CASE("a state lies in as many partitions as it asks for", "[stream][num_partitions]")
{
    auto const partitions = [](auto const& make) {
        tidemark::memory_storage const storage;
        auto const ssc =
            tidemark::streaming_context(1_s, tidemark::checkpoint_directory(tidemark::any_storage(storage)), small);
        std::size_t found = 0;
        auto const pairs = ssc.source_stream(tidemark::testing::batch_source<count>({some{{"a", 1}, {"b", 2}}}));
        tidemark::testing::driver run(
            ssc.application(make(pairs) | tidemark::map_partitions([](auto const&) { return std::vector<int>{1}; })
                            | tidemark::foreach_rdd(
                                [&found](auto const& rdd) { found = std::size_t(rdd | tidemark::count_records()); })));
        run.start();
        run.run_to(batch_time(1000));
        return found;
    };
    auto const track = [](std::string const&, std::optional<int>, state<int>&) { return 0; };
    CHECK(partitions([](auto const& s) { return s | update_state_by_key<"u">(sum); }) == 2);
    CHECK(partitions([](auto const& s) { return (s | update_state_by_key<"u">(sum)).num_partitions(3); }) == 3);
    auto const waiting = update_state_by_key<"u">(sum, tidemark::checkpoint_every(2_s)).num_partitions(1);
    CHECK(partitions([&](auto const& s) { return s | waiting.initial_state(some{{"z", 1}}).num_partitions(3); }) == 3);
    CHECK(partitions([&](auto const& s) { return s | waiting; }) == 1);
    CHECK(partitions(
              [](auto const& s) { return (s | update_state_by_key<"u">(update_partition(sum_all))).num_partitions(4); })
          == 4);
    CHECK(partitions([&](auto const& s) {
              return s | map_with_state<"m">(state_spec(track).num_partitions(1).num_partitions(3));
          })
          == 3); // the last one counts
    for (std::size_t const wrong : {0U, 5U})
        CHECK(contains(words_of<tidemark::config_error>([&] {
                           (void)partitions([&](auto const& s) {
                               return s | map_with_state<"m">(state_spec(track).num_partitions(wrong));
                           });
                       }),
                       "tidemark::map_with_state::num_partitions: the number is out of range; pass 1 to "
                       "settings::key_groups, 4 (found "
                           + std::to_string(wrong)));
}

namespace {

/// Words that begin with a, b and c, d and so on; a copy for each state that is to lie alike.
constexpr auto by_letter = [](std::string const& word) { return (word[0] - 'a') / 2; };

/// What each of the partitions holds: its keys with their states, sorted.
template <typename Stream>
auto by_partition(Stream stream)
{
    return std::move(stream) | tidemark::map_partitions_with_index([](std::size_t number, auto const& pairs) {
               std::vector<std::pair<std::size_t, count>> found;
               for (auto const& pair : pairs)
                   found.emplace_back(number, pair);
               return found;
           });
}

} // namespace

TEST_CASE("a state is laid out by the program's own partitioner, and a checkpoint does not depend on it",
          "[stream][partitioner]")
{
    tidemark::memory_storage storage;
    tidemark::settings const how{.partitions = 2, .key_groups = 8, .threads = 2};
    auto const records = some{{"ant", 1}, {"bee", 2}, {"cat", 3}, {"dog", 4}, {"elk", 5}, {"fox", 6}, {"bee", 7}};
    tidemark::testing::optional_batches<count> const input{records, records, records, records};
    auto const track = [](std::string const& key, std::optional<int> value, state<int>& state) {
        state.update(state.get_option().value_or(0) + value.value_or(0));
        return std::pair(key, state.get());
    };
    using found_type = std::map<std::string, std::pair<std::size_t, int>>;
    auto const run = [&](std::int64_t last, auto const& updated, auto const& tracked) {
        auto const ssc =
            tidemark::streaming_context(1_s, tidemark::checkpoint_directory(tidemark::any_storage(storage)), how);
        auto const pairs = ssc.source_stream<"pairs">(tidemark::testing::batch_source<count>(input, 3));
        found_type sums;
        found_type totals;
        auto const into = [](found_type& all) {
            return tidemark::foreach_rdd([&all](auto const& rdd) {
                all.clear();
                for (auto const& [number, pair] : rdd | tidemark::collect())
                    all[pair.first] = {number, pair.second};
            });
        };
        tidemark::testing::driver running(
            ssc.application(by_partition(updated(pairs)) | into(sums), by_partition(tracked(pairs)) | into(totals)));
        running.start();
        running.run_to(batch_time(1000 * last));
        running.stop();
        storage = storage.kill();
        CHECK(sums.size() == 6);
        for (auto const& [key, sum] : std::map<std::string, int>{{"ant", 1}, {"bee", 9}, {"cat", 3}, {"fox", 6}}) {
            CHECK(sums[key].second == sum * static_cast<int>(last));
            CHECK(totals[key].second == sum * static_cast<int>(last));
        }
        return std::pair(sums, totals);
    };
    auto const own = [&](std::int64_t last) {
        return run(
            last,
            [](auto const& s) {
                return s | update_state_by_key<"u">(sum).partitioner(tidemark::function_partitioner(3, by_letter));
            },
            [&](auto const& s) {
                return s
                       | map_with_state<"m">(state_spec(track).num_partitions(1).partitioner(
                           tidemark::function_partitioner(3, by_letter)));
            });
    };
    auto const hashed = [&](std::int64_t last) {
        return run(
            last, [](auto const& s) { return (s | update_state_by_key<"u">(sum)).partitioner(4); },
            [&](auto const& s) {
                return s | map_with_state<"m">(state_spec(track).partitioner(tidemark::hash_partitioner(4)));
            });
    };
    auto const lies_by_letter = [](auto const& both) {
        for (auto const& found : {both.first, both.second})
            for (auto const& [key, place] : found)
                CHECK(place.first == static_cast<std::size_t>(by_letter(key)));
    };
    lies_by_letter(own(1));
    (void)hashed(2);        // from the rule to the hash
    lies_by_letter(own(3)); // and back
    lies_by_letter(own(4));
}

TEST_CASE(
    "a state laid out by a partitioner meets what lies by the same one partition by partition, and keeps its rules",
    "[stream][partitioner]")
{
    tidemark::memory_storage const storage;
    auto const ssc =
        tidemark::streaming_context(1_s, tidemark::checkpoint_directory(tidemark::any_storage(storage)), small);
    auto const pairs = ssc.source_stream(tidemark::testing::batch_source<count>({some{{"ant", 1}, {"cat", 2}}}));
    tidemark::function_partitioner const letters(3, by_letter);
    auto const states = pairs | update_state_by_key<"u">(sum).partitioner(letters).initial_state(some{{"fox", 9}});
    std::vector<count> found;
    tidemark::testing::driver run(
        ssc.application(states | tidemark::left_outer_join(pairs | tidemark::partition_by(letters))
                        | tidemark::foreach_rdd([&found](auto const& rdd) {
                              for (auto const& [key, both] : rdd | tidemark::collect())
                                  found.emplace_back(key, both.first + both.second.value_or(100));
                              CHECK(tidemark::to_debug_string(rdd).find("(3)") != std::string::npos);
                          })));
    run.start();
    run.run_to(batch_time(1000));
    std::sort(found.begin(), found.end());
    CHECK(found == some{{"ant", 2}, {"cat", 4}, {"fox", 109}});

    auto const wrong = [](std::string const&) { return 7; };
    auto const broken = tidemark::streaming_context(
        1_s, tidemark::checkpoint_directory(tidemark::any_storage(tidemark::memory_storage())), small);
    tidemark::testing::driver fails(
        broken.application(broken.source_stream(tidemark::testing::batch_source<count>({some{{"ant", 1}}}))
                           | update_state_by_key<"u">(sum).partitioner(tidemark::function_partitioner(3, wrong))
                           | tidemark::foreach_rdd([](auto const&) {})));
    fails.start();
    CHECK(contains(tidemark_test::what(fails.next().failure), "a key was given partition 7 of 3"));
}

// ---- Against models

namespace {

/// Batches of random records, some of them empty or missing. A value of 0 removes a key.
optional_batches<count> random_batches(std::mt19937& random, int number)
{
    auto const below = [&random](int n) { return int(random() % unsigned(n)); };
    optional_batches<count> all;
    for (int batch = 0; batch < number; ++batch) {
        if (below(6) == 0) {
            all.emplace_back(std::nullopt);
            continue;
        }
        some records;
        for (int i = below(5) == 0 ? 0 : below(8); i > 0; --i)
            records.emplace_back("k" + std::to_string(below(6)), below(5));
        all.emplace_back(std::move(records));
    }
    return all;
}

std::string describe(optional_batches<count> const& all)
{
    std::string text;
    for (auto const& batch : all) {
        text += batch ? "[" : "(none";
        if (batch)
            for (auto const& [key, value] : *batch)
                text += " " + key + "=" + std::to_string(value);
        text += batch ? " ]" : ")";
    }
    return text;
}

/// What each batch is to give, by going through all batches up to it anew.
struct tracked_key {
    int sum;
    int updated;
};

count tracking(std::string const& key, std::optional<int> value, state<int>& it)
{
    if (it.is_timing_out())
        return {key, -it.get()};
    if (*value == 0) {
        int const last = it.get_option().value_or(-1);
        it.remove();
        return {key, 1000 + last};
    }
    if (*value != 1) // a 1 is data without an update
        it.update(it.get_option().value_or(0) + *value);
    return {key, it.get_option().value_or(0)};
}

some tracking_model(optional_batches<count> const& input, int last, int idle)
{
    std::map<std::string, tracked_key> states{{"k0", {7, 1}}, {"k9", {9, 1}}};
    some out;
    for (int batch = 1; batch <= last; ++batch) {
        out.clear();
        auto const at = std::size_t(batch - 1);
        if (at < input.size() && input[at])
            for (auto const& [key, value] : *input[at]) {
                auto const known = states.find(key);
                if (value == 0) {
                    out.emplace_back(key, 1000 + (known == states.end() ? -1 : known->second.sum));
                    states.erase(key);
                } else if (value == 1) {
                    if (known != states.end())
                        known->second.updated = batch;
                    out.emplace_back(key, known == states.end() ? 0 : known->second.sum);
                } else {
                    int const sum_now = (known == states.end() ? 0 : known->second.sum) + value;
                    states[key] = {sum_now, batch};
                    out.emplace_back(key, sum_now);
                }
            }
        for (auto one = states.begin(); one != states.end();)
            if (one->second.updated < batch - idle) {
                out.emplace_back(one->first, -one->second.sum);
                one = states.erase(one);
            } else
                ++one;
    }
    std::sort(out.begin(), out.end());
    return out;
}

std::optional<int> updating(std::vector<int> const& values, std::optional<int> before)
{
    if (std::find(values.begin(), values.end(), 0) != values.end())
        return std::nullopt;
    if (before && *before > 12)
        return std::nullopt;
    return total(values, before) + (values.empty() ? 1 : 0); // every batch counts
}

some updating_whole(updates all)
{
    some states;
    for (auto const& one : all)
        if (auto const next = updating(one.values, one.state))
            states.emplace_back(one.key, *next);
    return states;
}

/// Nothing as long as there was no dataset.
std::optional<some> updating_model(optional_batches<count> const& input, int last)
{
    std::map<std::string, int> states;
    bool begun = false;
    for (int batch = 1; batch <= last; ++batch) {
        auto const at = std::size_t(batch - 1);
        auto const records = at < input.size() ? input[at] : some{};
        if (!begun && !records)
            continue;
        if (!begun)
            states = {{"k0", 3}, {"k9", 1}};
        begun = true;
        std::map<std::string, std::vector<int>> values;
        for (auto const& [key, state] : states)
            values[key];
        if (records)
            for (auto const& [key, value] : *records)
                values[key].push_back(value);
        std::map<std::string, int> next;
        for (auto const& [key, all] : values) {
            auto const before = states.find(key);
            if (auto const made = updating(all, before == states.end() ? std::nullopt : std::optional(before->second)))
                next.emplace(key, *made);
        }
        states = next;
    }
    return begun ? std::optional(some(states.begin(), states.end())) : std::nullopt;
}

/// Cuts the pipeline at a random batch; the second run has other partitions and threads.
template <typename Build>
output_batches<count> cut_run(optional_batches<count> const& input, Build const& build, std::size_t last,
                              std::mt19937& random)
{
    using pipeline = tidemark::testing::pipeline_under_test<count, Build>;
    auto const with = [&](std::size_t partitions, std::size_t threads) {
        return pipeline(input, build,
                        {.batches_to_run = last,
                         .input_partitions = 1,
                         .settings = {.partitions = partitions, .key_groups = 8, .threads = threads}});
    };
    output_batches<count> out;
    tidemark::memory_storage const storage;
    with(1 + random() % 8, 1 + random() % 2).run(tidemark::any_storage(storage), random() % (last + 1), out);
    with(1 + random() % 8, 1 + random() % 2).run(tidemark::any_storage(storage.kill()), last, out);
    for (auto& [number, records] : out)
        std::sort(records.begin(), records.end());
    return out;
}

} // namespace

TEST_CASE("map_with_state agrees with a model that computes everything anew, cut at any batch and laid out otherwise",
          "[stream][map_with_state][oracle]")
{
    auto const seed = tidemark_test::random_seed();
    CAPTURE(seed);
    std::mt19937 random(seed);
    some const beginning{{"k0", 1}, {"k9", 9}, {"k0", 7}};
    for (int round = 0; round < 40; ++round) {
        auto const input = random_batches(random, 14);
        int const idle = 1 + int(random() % 4);
        std::size_t const asked = 1 + random() % 8;
        CAPTURE(round, idle, asked, describe(input));
        auto const build = [&](auto s) {
            return s
                   | map_with_state<"m">(state_spec(tracking)
                                             .initial_state(beginning)
                                             .timeout(tidemark::duration(idle * 1000))
                                             .num_partitions(asked),
                                         tidemark::checkpoint_every(3_s));
        };
        auto const out = cut_run(input, build, 20, random);
        REQUIRE(out.size() == 20);
        for (auto const& [number, records] : out) {
            CAPTURE(number);
            REQUIRE(records == tracking_model(input, int(number), idle));
        }
    }
}

TEST_CASE(
    "update_state_by_key agrees with a model that computes everything anew, cut at any batch and laid out otherwise",
    "[stream][update_state_by_key][oracle]")
{
    auto const seed = tidemark_test::random_seed();
    CAPTURE(seed);
    std::mt19937 random(seed);
    some const beginning{{"k0", 3}, {"k9", 1}, {"k0", 99}};
    auto const check = [&](auto const& function) {
        for (int round = 0; round < 30; ++round) {
            auto const input = random_batches(random, 12);
            CAPTURE(round, describe(input));
            auto const build = [&](auto s) {
                return (s | update_state_by_key<"u">(function, tidemark::checkpoint_every(2_s)))
                    .initial_state(beginning)
                    .num_partitions(3);
            };
            auto const out = cut_run(input, build, 15, random);
            for (int number = 1; number <= 15; ++number) {
                CAPTURE(number);
                auto const expected = updating_model(input, number);
                REQUIRE(out.contains(number) == expected.has_value());
                if (expected)
                    REQUIRE(out.at(number) == *expected);
            }
        }
    };
    check(updating);
    check(update_partition(updating_whole));
    check(update_partition(updating_whole).keeping_keys());
}

TEST_CASE("states go on after a crash at any operation on the checkpoint", "[stream][oracle]")
{
    std::mt19937 random(7);
    auto const input = random_batches(random, 8);
    tidemark::testing::pipeline_under_test const tracked(
        input,
        [](auto s) {
            return s | map_with_state<"m">(state_spec(tracking).timeout(2_s), tidemark::checkpoint_every(2_s));
        },
        {.settings = small});
    CHECK(tidemark::testing::difference_after_any_crash(tracked) == "");
    CHECK(tidemark::testing::difference_after_any_crash(tracked, tidemark::testing::ending::power_loss, 3) == "");
    tidemark::testing::pipeline_under_test const updated(
        input,
        [](auto s) {
            return s | update_state_by_key<"u">(update_partition(updating_whole), tidemark::checkpoint_every(2_s));
        },
        {.settings = small});
    CHECK(tidemark::testing::difference_after_any_crash(updated) == "");
    CHECK(tidemark::testing::difference_after_any_crash(updated, tidemark::testing::ending::power_loss, 3) == "");
}
