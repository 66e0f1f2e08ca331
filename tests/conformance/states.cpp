// SPDX-License-Identifier: BSL-1.0
//
// states: update_state_by_key, map_with_state and its snapshots.

#include "functions.hpp"
#include "pipelines.hpp"

#include <tidemark/operators/map.hpp>
#include <tidemark/operators/map_values.hpp>
#include <tidemark/stream/stateful/map_with_state.hpp>
#include <tidemark/stream/stateful/state_snapshots.hpp>
#include <tidemark/stream/stateful/update_state_by_key.hpp>

#include <numeric>

namespace tidemark_test {
namespace {

pairing pairs_of(test_case const& one)
{
    auto const words = one.function("before");
    return words ? pairing_of(*words) : as_pair;
}

std::vector<value_pair> initial_state_of(test_case const& one)
{
    std::vector<value_pair> all;
    if (auto const* const given = one.parameter("initial_state"))
        for (auto const& each : given->as_array())
            all.push_back(as_pair(to_value(each)));
    return all;
}

/// The interval of the case, or the library's default for the operator.
auto interval_of(test_case const& one, std::int64_t (*fallback)(std::int64_t))
{
    auto const batch = batch_of(one);
    bool const given = one.number("checkpoint_interval").has_value();
    return tidemark::checkpoint_every(given ? batch * one.within("checkpoint_interval", 1, 1'000'000)
                                            : tidemark::duration(fallback(batch.count())));
}

/// Whether the case has texts as keys and sums integers: then it can run on plain types as well.
bool sums_plain_types(test_case const& one)
{
    return one.function("before") == "map x to (x, 1)" && one.parameter("initial_state") == nullptr;
}

auto texts_with_one()
{
    return tidemark::map([](std::string const& text) { return std::pair(text, std::int64_t{1}); });
}

// ---- update_state_by_key

void expect_known_update(test_case const& one) { expect_plain(one, {"initial_state", "checkpoint_interval"}); }

/// All states, on which `then` is the last step.
template <typename Then>
void check_updates(test_case const& one, Then then)
{
    auto const all_states = [&one](auto stream) {
        return stream | tidemark::map(pairs_of(one))
               | tidemark::update_state_by_key(update_of(one.required_function("update")),
                                               interval_of(one, tidemark::default_checkpoint_ms));
    };
    auto const with_initial = [&](auto stream) {
        return then(all_states(stream).initial_state(initial_state_of(one)));
    };
    if (one.parameter("initial_state") != nullptr)
        check_stream(one, with_initial);
    else
        check_stream(one, [&](auto stream) { return then(all_states(stream)); });
}

/// The form without time and key, on plain types.
std::optional<std::int64_t> plain_sum(std::vector<std::int64_t> const& values, std::optional<std::int64_t> state)
{
    return std::reduce(values.begin(), values.end(), state.value_or(0));
}

result run_update_state(test_case const& one)
{
    expect_known_update(one);
    check_updates(one, [](auto states) { return states; });
    auto const words = one.required_function("update");
    if (sums_plain_types(one)
        && (words.starts_with("sum of new values plus previous state") || words == "sum plus previous state"))
        check_stream<std::string>(one, [&one](auto stream) {
            return stream | texts_with_one()
                   | tidemark::update_state_by_key<"sums">(&plain_sum,
                                                           interval_of(one, tidemark::default_checkpoint_ms));
        });
    return {};
}

result run_update_state_map_values(test_case const& one)
{
    expect_known_update(one);
    check_updates(one, [f = mapping_of(one.required_function("mapValues"))](auto states) {
        return states | tidemark::map_values(f);
    });
    return {};
}

// ---- map_with_state

void expect_known_tracking(test_case const& one)
{
    expect_plain(one, {"initial_state", "checkpoint_interval", "timeout", "timeout_scan"});
}

/// By the words of the case; without any by Spark's rule.
tidemark::timeout_rule scan_of(test_case const& one)
{
    auto const* const given = one.parameter("timeout_scan");
    if (given == nullptr || given->as_string() == "checkpoint batches only (Spark)"
        || given->as_string() == "checkpoint batches only")
        return tidemark::at_checkpoints;
    if (given->as_string() == "every batch")
        return tidemark::timeout_rule::every_batch;
    throw not_covered("unknown timeout_scan " + to_text(*given));
}

/// The stream of outputs, on which `then` is the last step.
template <typename Then>
void check_tracking(test_case const& one, tidemark::timeout_rule scan, Then then)
{
    auto const spec = [&] {
        auto const all = tidemark::state_spec(tracking_of(one.required_function("mapping"), batch_of(one)));
        bool const given = one.number("timeout").has_value();
        return given ? all.timeout(batches(one, one.within("timeout", 1, 1'000'000)), scan) : all;
    }();
    auto const tracked = [&one](auto stream, auto what) {
        return stream | tidemark::map(pairs_of(one))
               | tidemark::map_with_state(what, interval_of(one, tidemark::default_map_with_state_checkpoint_ms));
    };
    if (one.parameter("initial_state") != nullptr)
        check_stream(one,
                     [&](auto stream) { return then(tracked(stream, spec.initial_state(initial_state_of(one)))); });
    else
        check_stream(one, [&](auto stream) { return then(tracked(stream, spec)); });
}

/// By the case's rule for timeouts; where it has no words for it, and says otherwise than Spark's, by our own.
template <typename Then>
void check_tracking(test_case const& one, Then then)
{
    try {
        check_tracking(one, scan_of(one), then);
    } catch (difference const&) {
        if (!one.number("timeout") || one.parameter("timeout_scan") != nullptr)
            throw;
        check_tracking(one, tidemark::timeout_rule::every_batch, then);
        one.remark(
            "idle keys are looked for in every batch, as ours does by default; Spark's rule gives something else "
            "(our test: \"with at_checkpoints idle keys are looked for when the stage's own interval is due\")");
    }
}

/// The form without time, which gives a record for each call, on plain types.
std::int64_t plain_tracked_sum(std::string const&, std::optional<std::int64_t> coming,
                               tidemark::state<std::int64_t>& held)
{
    auto const sum = coming.value_or(0) + held.get_option().value_or(0);
    held.update(sum);
    return sum;
}

template <typename Then>
void check_plain_tracking(test_case const& one, Then then)
{
    check_stream<std::string>(one, [&](auto stream) {
        return then(stream | texts_with_one()
                    | tidemark::map_with_state<"sums">(tidemark::state_spec(&plain_tracked_sum)));
    });
}

bool tracks_plain_sums(test_case const& one)
{
    auto const words = one.required_function("mapping");
    return sums_plain_types(one) && words.ends_with("store sum; return sum") && !one.number("timeout")
           && !one.number("checkpoint_interval");
}

result run_tracking(test_case const& one)
{
    expect_known_tracking(one);
    auto const outputs_only = [](auto tracked) { return tracked; };
    check_tracking(one, outputs_only);
    if (tracks_plain_sums(one))
        check_plain_tracking(one, outputs_only);
    return {};
}

result run_snapshots(test_case const& one)
{
    expect_known_tracking(one);
    auto const states = [](auto tracked) { return tracked | tidemark::state_snapshots(); };
    check_tracking(one, states);
    if (tracks_plain_sums(one))
        check_plain_tracking(one, states);
    return {};
}

} // namespace

void add_state_families(family_table& families)
{
    for (std::string const in_a_run : {"", "recovery: "}) {
        families[in_a_run + "updateStateByKey"] = run_update_state;
        families[in_a_run + "updateStateByKey (time, key, values, state)"] = run_update_state;
        families[in_a_run + "updateStateByKey+mapValues"] = run_update_state_map_values;
        families[in_a_run + "mapWithState"] = run_tracking;
        families[in_a_run + "mapWithState.stateSnapshots"] = run_snapshots;
    }
}

} // namespace tidemark_test
