// SPDX-License-Identifier: BSL-1.0
//
// state_spec: what map_with_state does: the function and its options.

#pragma once

#include <tidemark/expression/partitioner.hpp>
#include <tidemark/state/state.hpp>
#include <tidemark/time/batch_time.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace tidemark {

/// When idle keys are removed.
enum class timeout_rule : unsigned char {
    every_batch,    ///< In the first batch at which they have been idle for too long.
    at_checkpoints, ///< As Spark does: only in batches at which the stage's own checkpoint interval is due.
};
/// For `state_spec(f).timeout(d, at_checkpoints)`.
inline constexpr timeout_rule at_checkpoints = timeout_rule::at_checkpoints;

namespace detail {

template <typename Signature>
struct last_state_argument {};
template <typename Result, typename Key, typename Value, typename State>
struct last_state_argument<Result(Key, Value, state<State>&)> {
    using type = State;
};
template <typename Result, typename Time, typename Key, typename Value, typename State>
struct last_state_argument<Result(Time, Key, Value, state<State>&)> {
    using type = State;
};

template <typename T>
struct call_signature {};
template <typename Result, typename... Arguments>
struct call_signature<Result (*)(Arguments...)> : last_state_argument<Result(Arguments...)> {};
template <typename Result, typename... Arguments>
struct call_signature<Result (*)(Arguments...) noexcept> : last_state_argument<Result(Arguments...)> {};
template <typename Class, typename Result, typename... Arguments>
struct call_signature<Result (Class::*)(Arguments...) const> : last_state_argument<Result(Arguments...)> {};
template <typename Class, typename Result, typename... Arguments>
struct call_signature<Result (Class::*)(Arguments...) const noexcept> : last_state_argument<Result(Arguments...)> {};

template <typename F>
struct state_argument : call_signature<F> {};
template <typename F>
    requires requires { &F::operator(); }
struct state_argument<F> : call_signature<decltype(&F::operator())> {};

} // namespace detail

/// A function whose last parameter tells the state type: `state<State>&`, not generic.
template <typename F>
concept names_its_state = requires { typename detail::state_argument<F>::type; };

/// The options of `map_with_state`; made by `state_spec`. Each option gives a changed copy.
template <typename State, typename Function, typename Key, typename Partitioner = no_partitioner>
class state_specification {
public:
    using state_type = State;
    using function_type = Function;
    using initial_key = Key; ///< `void` when there is no initial state.
    using partitioner_type = Partitioner;

    Function function;
    std::optional<duration> idle_limit{};
    timeout_rule rule = timeout_rule::every_batch;
    std::shared_ptr<void const> initial{}; ///< What gives pairs of `Key` and `State`, when `Key` is not `void`.
    std::optional<std::size_t> parts{};    ///< The number of partitions, unless that of the settings.
    [[no_unique_address]] Partitioner how;

    /// For a key without data for longer than `idle` the function is called once more, with `is_timing_out()`, and the
    /// key is removed. Data refreshes a key, with or without `update`. The comparison is strict and by batch time: last
    /// data < batch time - `idle`.
    [[nodiscard]] state_specification timeout(duration idle, timeout_rule when = timeout_rule::every_batch) const
    {
        auto changed = *this;
        changed.idle_limit = idle;
        changed.rule = when;
        return changed;
    }
    /// A number is no duration.
    template <number_without_unit Number, typename... Rule>
    void timeout(Number, Rule...) const = delete; // a duration needs a unit: `spec.timeout(10_s)`

    /// States to begin with: any range of pairs of key and state, or an rdd of them, which is computed at the start of
    /// the application. They count as updated at the first batch; of equal keys the last wins. Defined in
    /// `stream/stateful/`.
    template <typename States>
    [[nodiscard]] auto initial_state(States const& states) const;

    /// Keeps the states and the resulting records in `n` partitions, 1 to the number of key-groups, instead of as many
    /// as the settings say. Checkpoints do not depend on it. Of this and `partitioner` the last call wins.
    /// Example: `examples/operators/state_partitions.cpp`.
    [[nodiscard]] auto num_partitions(std::size_t n) const
    {
        return state_specification<State, Function, Key>{function, idle_limit, rule, initial, n, {}};
    }

    /// Lays the states and the resulting records out by `by`, as the other operators on pairs do; see `partitioner_for`.
    /// At most as many partitions as there are key-groups. Checkpoints do not depend on it.
    template <typename By>
    [[nodiscard]] auto partitioner(By by) const
    {
        return state_specification<State, Function, Key, By>{function, idle_limit,   rule,
                                                             initial,  std::nullopt, std::move(by)};
    }
};

/// `state_spec(function)`: the beginning of the options of `map_with_state`.
///
/// `function` is called once for each record, as `function(key, std::optional<value>, state<State>&)`, whose result is
/// the record that goes on, or as `function(batch_time, key, std::optional<value>, state<State>&)` with an optional
/// result. The value is absent only when the key is timing out. `State` is read off the last parameter; for a generic
/// function write `state_spec<State>(function)`.
/// Example: `examples/operators/map_with_state.cpp`.
template <typename State, typename Function>
[[nodiscard]] state_specification<State, Function, void> state_spec(Function function)
{
    return {std::move(function), {}, timeout_rule::every_batch, {}, {}, {}};
}

/// The specification of a function and nothing else.
template <typename Function>
[[nodiscard]] auto state_spec(Function function)
{
    static_assert(names_its_state<Function>,
                  "tidemark::state_spec: the function does not tell the type of its state; its last parameter must be "
                  "state<State>&, and of a generic function write state_spec<State>(function)");
    if constexpr (names_its_state<Function>)
        return state_specification<typename detail::state_argument<Function>::type, Function, void>{
            std::move(function), {}, timeout_rule::every_batch, {}, {}, {}};
}

} // namespace tidemark
