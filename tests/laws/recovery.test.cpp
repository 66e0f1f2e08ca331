// SPDX-License-Identifier: BSL-1.0
//
// recovery.test: a run that is cut anywhere and restarted gives what an uncut run gives.

#include <tidemark/operators.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/crash_recovery.hpp>
#include <tidemark/time/literals.hpp>

#include <support/catch.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace tidemark::literals;
using tidemark::checkpoint_every;
using tidemark::map_with_state;
using tidemark::state_spec;
using tidemark::union_;
using tidemark::update_state_by_key;
using tidemark::window;
using tidemark::testing::difference_after_any_crash;
using tidemark::testing::difference_after_any_cut;
using tidemark::testing::ending;

using count = std::pair<std::string, int>;
using some = std::vector<count>;

// Nine batches: keys that come once, that come again after a while, and one batch without a dataset.
tidemark::testing::optional_batches<count> const input{
    some{{"a", 1}}, some{{"a", 2}, {"b", 3}}, some{}, some{{"b", 1}, {"c", 4}, {"b", 2}},
    std::nullopt,   some{{"d", 7}},           some{}, some{{"a", 5}, {"c", 1}},
    some{{"b", 9}},
};
std::vector<count> const beginning{{"a", 100}, {"z", 26}};

constexpr auto sum = [](std::string const& key, std::optional<int> value, tidemark::state<int>& state) {
    int const total = state.get_option().value_or(0) + value.value_or(0);
    if (!state.is_timing_out())
        state.update(total);
    return count(key, state.is_timing_out() ? -total : total);
};
constexpr auto keep_even = [](std::vector<int> const& values, std::optional<int> before) -> std::optional<int> {
    int total = before.value_or(0) + 1; // grows in every batch, so one that runs twice is seen
    for (int const value : values)
        total += value;
    return total % 7 == 0 ? std::nullopt : std::optional(total);
};
constexpr auto add_up = [](std::vector<int> const& values, std::optional<int> before) -> std::optional<int> {
    int total = before.value_or(0);
    for (int const value : values)
        total += value;
    return total;
};
constexpr auto label = [](count const& each) { return count(each.first + "!", each.second); };

template <typename Build>
auto pipeline(Build build, std::size_t key_groups)
{
    return tidemark::testing::pipeline_under_test<count, Build>(
        input, std::move(build),
        {.batches_to_run = 11,
         .input_partitions = 2,
         .settings = {.partitions = 2, .key_groups = key_groups, .threads = 1}});
}

/// The law, for a cut between any two batches, at any change of the checkpoint, and with a loss of power there.
template <typename Build>
void check(std::string const& name, Build build, std::size_t key_groups = 4)
{
    INFO(name);
    auto const all = pipeline(std::move(build), key_groups);
    CHECK(difference_after_any_cut(all) == "");
    CHECK(difference_after_any_crash(all) == "");
    for (std::uint64_t seed = 1; seed <= 3; ++seed)
        CHECK(difference_after_any_crash(all, ending::power_loss, seed) == "");
}

} // namespace

TEST_CASE("a window survives a crash anywhere", "[laws][recovery]")
{
    check("slide 1", [](auto s) { return s | window(3_s) | checkpoint_every(2_s); });
    check("slide 2", [](auto s) { return s | window(4_s, 2_s) | checkpoint_every(4_s); });
    check("slide beyond the window",
          [](auto s) { return s | tidemark::map(label) | window(1_s, 3_s) | checkpoint_every(3_s); });
    check("window of a window", [](auto s) { return s | window(2_s) | window(4_s, 2_s) | checkpoint_every(2_s); });
}

TEST_CASE("the states of map_with_state survive a crash anywhere", "[laws][recovery]")
{
    auto const plain = state_spec(sum);
    check("plain", [=](auto s) { return s | map_with_state<"sum">(plain, checkpoint_every(2_s)); });
    check("commit in every batch", [=](auto s) { return s | map_with_state<"sum">(plain, checkpoint_every(1_s)); });
    check("default interval", [=](auto s) { return s | map_with_state<"sum">(plain); });
    check("timeouts", [=](auto s) { return s | map_with_state<"sum">(plain.timeout(2_s), checkpoint_every(3_s)); });
    check("timeouts at checkpoints", [=](auto s) {
        return s | map_with_state<"sum">(plain.timeout(1_s, tidemark::at_checkpoints), checkpoint_every(3_s));
    });
    check("initial state", [=](auto s) {
        return s | map_with_state<"sum">(plain.initial_state(beginning).timeout(3_s), checkpoint_every(2_s));
    });
    check("snapshots", [=](auto s) {
        return s | map_with_state<"sum">(plain.timeout(2_s), checkpoint_every(2_s)) | tidemark::state_snapshots();
    });
}

TEST_CASE("states of which only some in a group have changed survive a crash anywhere", "[laws][recovery]")
{
    auto const spec = state_spec(sum).timeout(2_s);
    check("map_with_state", [=](auto s) { return s | map_with_state<"sum">(spec, checkpoint_every(2_s)); }, 2);
    check(
        "update_state_by_key", [](auto s) { return s | update_state_by_key<"kept">(keep_even, checkpoint_every(3_s)); },
        2);
}

TEST_CASE("the states of update_state_by_key survive a crash anywhere", "[laws][recovery]")
{
    check("plain", [](auto s) { return s | update_state_by_key<"kept">(keep_even, checkpoint_every(2_s)); });
    check("default interval", [](auto s) { return s | update_state_by_key<"kept">(keep_even); });
    check("initial state", [](auto s) {
        return (s | update_state_by_key<"kept">(keep_even)).initial_state(beginning) | checkpoint_every(3_s);
    });
    check("initial state that nothing changes", [](auto s) {
        return (s | update_state_by_key<"kept">(add_up)).initial_state(beginning) | checkpoint_every(3_s);
    });
}

TEST_CASE("states over each other survive a crash anywhere", "[laws][recovery]")
{
    auto const spec = state_spec(sum).timeout(2_s);
    check("union of both states", [=](auto s) {
        return s | tidemark::filter([](auto const&) { return true; }) | tidemark::window(1_s)
               | map_with_state<"sum">(spec, checkpoint_every(2_s))
               | union_(s | window(1_s) | map_with_state<"other">(state_spec(sum), checkpoint_every(3_s)));
    });
    check("window over a state's output",
          [=](auto s) { return s | map_with_state<"sum">(spec, checkpoint_every(3_s)) | window(3_s, 2_s); });
    check("state over a window",
          [=](auto s) { return s | window(3_s, 2_s) | update_state_by_key<"kept">(keep_even, checkpoint_every(4_s)); });
    check("state over a state", [=](auto s) {
        return s | map_with_state<"sum">(spec, checkpoint_every(2_s)) | tidemark::reduce_by_key(std::plus<>{})
               | update_state_by_key<"kept">(keep_even, checkpoint_every(5_s));
    });
    check("window over all states",
          [=](auto s) { return s | update_state_by_key<"kept">(keep_even, checkpoint_every(2_s)) | window(2_s); });
}
