// SPDX-License-Identifier: BSL-1.0
//
// map_with_state.test: a function of each record and of the state of its key; timeouts, initial states, snapshots.

#include <tidemark/operators.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/run_batches.hpp>
#include <tidemark/time/literals.hpp>

#include <support/catch.hpp>
#include <support/running.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace tidemark::literals;
using tidemark::batch_time;
using tidemark::map_with_state;
using tidemark::state;
using tidemark::state_spec;
using tidemark::usage_error;
using tidemark::testing::batches;
using tidemark::testing::optional_batches;
using tidemark::testing::output_batches;
using tidemark::testing::run_options;
using tidemark_test::words_of;

using count = std::pair<std::string, int>;
using some = std::vector<count>;

// One group, so that the records of a batch come out in the order in which they went in.
tidemark::settings const one_group{.partitions = 1, .key_groups = 1, .threads = 1};

template <typename Build>
auto run(optional_batches<count> input, Build build, std::size_t batches_to_run = 0)
{
    run_options const options{.batches_to_run = batches_to_run, .settings = one_group};
    return tidemark::testing::pipeline_under_test<count, Build>(std::move(input), std::move(build), options).uncut();
}

/// The running sum of each key; a key that times out gives its sum, negated.
count sum(std::string const& key, std::optional<int> value, state<int>& total)
{
    if (total.is_timing_out())
        return {key, -total.get()};
    total.update(total.get_option().value_or(0) + *value);
    return {key, total.get()};
}

/// Calls for a key, as text: what arrived, or that it times out.
struct call_list {
    std::vector<std::string>* calls;

    int operator()(std::string const& key, std::optional<int> value, state<int>& seen) const
    {
        calls->push_back(key + (value ? std::to_string(*value) : " times out"));
        if (value == 0)
            return 0; // neither updates nor removes
        if (value == -1)
            seen.remove();
        else if (value)
            seen.update(*value);
        return 0;
    }
};

output_batches<count> only_with_records(output_batches<count> all)
{
    std::erase_if(all, [](auto const& batch) { return batch.second.empty(); });
    return all;
}

} // namespace

TEST_CASE("each record is one call and one record that goes on, in the order of arrival", "[stream][map_with_state]")
{
    CHECK(run({some{{"a", 1}, {"a", 2}, {"b", 5}, {"a", 3}}, some{{"b", 1}, {"a", 10}}, some{}},
              [](auto s) { return s | map_with_state<"sum">(state_spec(sum)); })
          == output_batches<count>{{1, {{"a", 1}, {"a", 3}, {"b", 5}, {"a", 6}}}, {2, {{"b", 6}, {"a", 16}}}, {3, {}}});
}

TEST_CASE("keys without data are not called", "[stream][map_with_state]")
{
    std::vector<std::string> calls;
    run({some{{"a", 1}, {"b", 2}}, some{{"b", 3}}, some{}, std::nullopt, some{{"a", 4}}},
        [&](auto s) { return s | map_with_state<"s">(state_spec<int>(call_list{&calls})); });
    CHECK(calls == std::vector<std::string>{"a1", "b2", "b3", "a4"});
}

TEST_CASE("a batch without a dataset counts as an empty one", "[stream][map_with_state]")
{
    CHECK(run({std::nullopt, some{{"a", 1}}, std::nullopt},
              [](auto s) { return s | map_with_state<"sum">(state_spec(sum)); })
          == output_batches<count>{{1, {}}, {2, {{"a", 1}}}, {3, {}}});
}

TEST_CASE("a function may give nothing, and is told the batch time", "[stream][map_with_state]")
{
    auto const odd_batches = [](batch_time time, std::string const& key, std::optional<int> value,
                                state<int>& total) -> std::optional<std::string> {
        total.update(total.get_option().value_or(0) + *value);
        if (time.count() % 2000 == 0)
            return std::nullopt;
        return key + std::to_string(total.get()) + "@" + std::to_string(time.count());
    };
    auto const out = tidemark::testing::run_batches<count>(
        {{{"a", 1}, {"a", 1}}, {{"a", 1}}, {{"a", 1}}},
        [&](auto s) { return s | map_with_state<"odd">(state_spec(odd_batches)); }, {.settings = one_group});
    CHECK(out == batches<std::string>{{"a1@1000", "a2@1000"}, {}, {"a4@3000"}});
}

TEST_CASE("a call that a state refuses says what to do, and in which stage", "[stream][map_with_state]")
{
    auto const refused = [](auto const& function) {
        return words_of<usage_error>([&] {
            (void)tidemark::testing::run_batches<count>(
                {{{"a", 1}}, {}, {}, {}},
                [&](auto s) { return s | map_with_state<"odd">(state_spec(function).timeout(1_s)); },
                {.settings = one_group});
        });
    };
    CHECK(refused([](std::string const&, std::optional<int> value, state<int>& it) {
              it.update(value.value_or(0));
              return 0;
          })
          == "tidemark::state::update: the key is timing out, and its state goes by itself; ask is_timing_out() first, "
             "and return without update() then (stage \"odd\")");
    CHECK(refused([](std::string const&, std::optional<int>, state<int>& it) { return it.get(); })
          == "tidemark::state::get: the key has no state; ask exists() first, or use get_option() (stage \"odd\")");
}

TEST_CASE("the handle tells, sets and takes away a state, and refuses what makes no sense", "[stream][map_with_state]")
{
    std::vector<std::string> problems;
    auto const expect = [&problems](bool holds, char const* what) {
        if (!holds)
            problems.emplace_back(what);
    };
    auto const refuses = [](auto const& call) { return words_of<usage_error>(call) != ""; };
    auto const exercise = [&](std::string const& key, std::optional<int> value, state<int>& it) {
        if (it.is_timing_out()) {
            expect(!value, "no value while timing out");
            expect(it.exists() && it.get() == 7, "the last state while timing out");
            expect(refuses([&] { it.update(1); }), "update while timing out");
            expect(refuses([&] { it.remove(); }), "remove while timing out");
            return 0;
        }
        switch (*value) {
        case 1: // nothing there yet
            expect(!it.exists() && !it.get_option() && !it.is_timing_out(), "absent at first");
            expect(refuses([&] { (void)it.get(); }), "get of nothing");
            it.remove(); // allowed
            expect(refuses([&] { it.remove(); }), "second remove");
            expect(refuses([&] { it.update(1); }), "update after remove");
            break;
        case 2:
            expect(!it.exists(), key == "removed" ? "removed in the same batch" : "removal of nothing stores nothing");
            it.update(5);
            expect(it.exists() && it.get() == 5 && it.get_option() == 5, "updated");
            it.update(6);
            expect(it.get() == 6, "updated again");
            break;
        case 3:
            expect(it.exists() && it.get() == 6, "what was stored");
            it.update(8);
            it.remove(); // what counts
            expect(!it.exists() && !it.get_option(), "absent after remove");
            expect(refuses([&] { (void)it.get(); }), "get after remove");
            break;
        case 4:
            expect(!it.exists(), "removed for good");
            it.update(7);
            break;
        default:
            expect(it.exists() && it.get() == 7, "kept without update");
            break;
        }
        return 0;
    };
    run(
        {some{{"k", 1}, {"k", 2}, {"k", 3}, {"k", 4}, {"k", 5}}, some{{"k", 5}}},
        [&](auto s) { return s | map_with_state<"handle">(state_spec<int>(exercise).timeout(1_s)); }, 5);
    CHECK(problems == std::vector<std::string>{});
}

TEST_CASE("idle keys time out in the first batch that is later than their last data by more than the timeout",
          "[stream][map_with_state][timeout]")
{
    // Last data in batches 1 and 2, three seconds: 1 < 5 - 3 and 2 < 6 - 3. Batches 3 on are empty, 5 is missing.
    auto const out = run(
        {some{{"a", 1}, {"b", 2}}, some{{"b", 3}}, some{}, some{}, std::nullopt},
        [](auto s) { return s | map_with_state<"sum">(state_spec(sum).timeout(3_s)); }, 12);
    CHECK(only_with_records(out)
          == output_batches<count>{{1, {{"a", 1}, {"b", 2}}}, {2, {{"b", 5}}}, {5, {{"a", -1}}}, {6, {{"b", -5}}}});
}

TEST_CASE("with at_checkpoints idle keys are looked for when the stage's own interval is due",
          "[stream][map_with_state][timeout]")
{
    auto const idle = [](auto s) {
        return s | map_with_state<"sum">(state_spec(sum).timeout(3_s, tidemark::at_checkpoints));
    };
    optional_batches<count> const input{some{{"a", 1}}, some{{"b", 2}}};
    // The default interval is ten slides.
    CHECK(only_with_records(run(input, idle, 21)).contains(10));
    CHECK(only_with_records(run(input, idle, 21)).size() == 3);
    auto const four = [](auto s) {
        return s
               | map_with_state<"sum">(state_spec(sum).timeout(3_s, tidemark::at_checkpoints),
                                       tidemark::checkpoint_every(4_s));
    };
    // Batch 4: 1 < 4 - 3 does not hold. Batch 8: both.
    auto const out = only_with_records(run(input, four, 12));
    REQUIRE(out.size() == 3);
    CHECK(std::is_permutation(out.at(8).begin(), out.at(8).end(), some{{"a", -1}, {"b", -2}}.begin()));
}

TEST_CASE("data of a batch comes before its timeouts, and refreshes", "[stream][map_with_state][timeout]")
{
    auto const four = [](auto s) {
        return s
               | map_with_state<"sum">(state_spec(sum).timeout(1_s, tidemark::at_checkpoints),
                                       tidemark::checkpoint_every(4_s));
    };
    // Idle since batch 1, but with data in batch 4, in which idle keys are looked for.
    CHECK(only_with_records(run({some{{"a", 1}}, some{}, some{}, some{{"a", 2}}}, four, 8))
          == output_batches<count>{{1, {{"a", 1}}}, {4, {{"a", 3}}}, {8, {{"a", -3}}}});
}

TEST_CASE("receiving data refreshes a key without an update", "[stream][map_with_state][timeout]")
{
    std::vector<std::string> calls;
    auto const build = [&](auto s) { return s | map_with_state<"s">(state_spec<int>(call_list{&calls}).timeout(2_s)); };
    run({some{{"a", 1}}, some{}, some{{"a", 0}}, some{}, some{}, some{}}, build);
    CHECK(calls == std::vector<std::string>{"a1", "a0", "a times out"}); // 3 < 6 - 2, and not 1 < 4 - 2
}

TEST_CASE("a state that was never set, or was removed, does not time out", "[stream][map_with_state][timeout]")
{
    std::vector<std::string> calls;
    auto const build = [&](auto s) { return s | map_with_state<"s">(state_spec<int>(call_list{&calls}).timeout(1_s)); };
    run({some{{"never", 0}, {"gone", 1}, {"gone", -1}, {"back", 1}}, some{{"back", -1}, {"back", 2}}}, build, 6);
    CHECK(calls == std::vector<std::string>{"never0", "gone1", "gone-1", "back1", "back-1", "back2", "back times out"});
}

TEST_CASE("after its timeout a key begins anew", "[stream][map_with_state][timeout]")
{
    CHECK(only_with_records(run({some{{"a", 5}}, some{}, some{}, some{{"a", 1}}},
                                [](auto s) { return s | map_with_state<"sum">(state_spec(sum).timeout(1_s)); }))
          == output_batches<count>{{1, {{"a", 5}}}, {3, {{"a", -5}}}, {4, {{"a", 1}}}});
}

TEST_CASE("initial states count as updated at the first batch, and of equal keys the last wins",
          "[stream][map_with_state]")
{
    std::vector<count> const beginning{{"a", 1}, {"b", 50}, {"a", 100}};
    auto const build = [&](auto s) {
        return s | map_with_state<"sum">(state_spec(sum).initial_state(beginning).timeout(3_s));
    };
    auto const out = only_with_records(run({some{{"a", 1}}}, build, 8));
    REQUIRE(out.size() == 2);
    CHECK(out.at(1) == some{{"a", 101}});
    auto const fifth = out.at(5); // 1 < 5 - 3
    CHECK(fifth.size() == 2);
    CHECK(std::is_permutation(fifth.begin(), fifth.end(), some{{"a", -101}, {"b", -50}}.begin()));

    std::map<std::string, int> const as_map{{"a", 7}}; // any range of pairs
    CHECK(
        run({some{{"a", 1}}}, [&](auto s) { return s | map_with_state<"sum">(state_spec(sum).initial_state(as_map)); })
            .at(1)
        == some{{"a", 8}});
}

TEST_CASE("state_snapshots gives every key with its state after each batch",
          "[stream][map_with_state][state_snapshots]")
{
    auto const out = run(
        {some{{"b", 2}, {"a", 1}}, some{{"a", 3}}, std::nullopt, some{{"c", 1}}},
        [](auto s) {
            return s | map_with_state<"sum">(state_spec(sum).timeout(2_s)) | tidemark::state_snapshots()
                   | tidemark::map_partitions([](auto part) {
                         std::vector<count> sorted(part.begin(), part.end());
                         std::sort(sorted.begin(), sorted.end());
                         return sorted;
                     });
        },
        5);
    CHECK(out
          == output_batches<count>{{1, {{"a", 1}, {"b", 2}}},
                                   {2, {{"a", 4}, {"b", 2}}},
                                   {3, {{"a", 4}, {"b", 2}}},
                                   {4, {{"a", 4}, {"c", 1}}}, // b: 1 < 4 - 2
                                   {5, {{"c", 1}}}});         // a: 2 < 5 - 2
}

TEST_CASE("a state that two outputs read is updated once in a batch", "[stream][map_with_state]")
{
    auto const out = run({some{{"a", 1}}, some{{"a", 2}}}, [](auto s) {
        auto const sums = s | map_with_state<"sum">(state_spec(sum));
        return sums | tidemark::union_(sums) | tidemark::union_(sums | tidemark::state_snapshots());
    });
    CHECK(out == output_batches<count>{{1, {{"a", 1}, {"a", 1}, {"a", 1}}}, {2, {{"a", 3}, {"a", 3}, {"a", 3}}}});
}

TEST_CASE("neither partitions nor threads change a result of map_with_state", "[stream][map_with_state]")
{
    optional_batches<count> input;
    for (int batch = 0; batch < 12; ++batch) {
        some records;
        for (int i = 0; i < 200; ++i)
            records.emplace_back("k" + std::to_string((batch * 7 + i * i) % 60), i);
        input.emplace_back(std::move(records));
    }
    auto const build = [](auto s) { return s | map_with_state<"sum">(state_spec(sum).timeout(2_s)); };
    auto const sorted = [](output_batches<count> all) {
        for (auto& [number, records] : all)
            std::sort(records.begin(), records.end());
        return all;
    };
    auto const expected = sorted(run(input, build, 16));
    for (auto const& settings : {tidemark::settings{.partitions = 8, .threads = 3},
                                 tidemark::settings{.partitions = 3, .key_groups = 4, .threads = 2}}) {
        tidemark::testing::pipeline_under_test<count, decltype(build)> const other(
            input, build, {.batches_to_run = 16, .input_partitions = 1, .settings = settings});
        CHECK(sorted(other.uncut()) == expected);
    }
}

TEST_CASE("a state over slower batches is called and timed out at those", "[stream][map_with_state]")
{
    auto const out = run({some{{"a", 1}}, some{{"a", 2}}, some{}, some{}, some{}, some{}, some{}, some{}}, [](auto s) {
        return s | tidemark::window(2_s, 2_s) | map_with_state<"sum">(state_spec(sum).timeout(3_s));
    });
    CHECK(out == output_batches<count>{{2, {{"a", 1}, {"a", 3}}}, {4, {}}, {6, {{"a", -3}}}, {8, {}}}); // 2 < 6 - 3
}
