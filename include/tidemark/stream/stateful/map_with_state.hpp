// SPDX-License-Identifier: BSL-1.0
//
// map_with_state: a function of each record and of the state of its key.

#pragma once

#include <tidemark/checkpoint/policy.hpp>
#include <tidemark/core/fixed_string.hpp>
#include <tidemark/core/key_hash.hpp>
#include <tidemark/core/saved_as.hpp>
#include <tidemark/core/serializable.hpp>
#include <tidemark/expression/boundary.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/lasting.hpp>
#include <tidemark/expression/partitioner.hpp>
#include <tidemark/expression/unfold.hpp>
#include <tidemark/state/state_spec.hpp>
#include <tidemark/stream/checkpoint_every.hpp>
#include <tidemark/stream/stateful/initial_states.hpp>
#include <tidemark/stream/stateful/kept_state.hpp>
#include <tidemark/stream/stateful/stateful_stage.hpp>
#include <tidemark/time/batch_time.hpp>

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace tidemark {
namespace detail {

template <typename F, typename Key, typename Value, typename State>
concept simple_tracking =
    std::invocable<F const&, Key const&, std::optional<Value>, state<State>&>
    && record<std::decay_t<std::invoke_result_t<F const&, Key const&, std::optional<Value>, state<State>&>>>;
template <typename F, typename Key, typename Value, typename State>
concept timed_call = std::invocable<F const&, batch_time, Key const&, std::optional<Value>, state<State>&>;
template <typename F, typename Key, typename Value, typename State>
concept timed_tracking =
    timed_call<F, Key, Value, State>
    && is_optional_v<std::remove_cvref_t<
        std::invoke_result_t<F const&, batch_time, Key const&, std::optional<Value>, state<State>&>>>;

template <typename F, typename Key, typename Value, typename State>
struct tracked;
template <typename F, typename Key, typename Value, typename State>
    requires simple_tracking<F, Key, Value, State>
struct tracked<F, Key, Value, State> {
    using type = std::decay_t<std::invoke_result_t<F const&, Key const&, std::optional<Value>, state<State>&>>;
};
template <typename F, typename Key, typename Value, typename State>
    requires(!simple_tracking<F, Key, Value, State> && timed_tracking<F, Key, Value, State>)
struct tracked<F, Key, Value, State> {
    using type =
        unfolded_t<std::invoke_result_t<F const&, batch_time, Key const&, std::optional<Value>, state<State>&>>;
};

} // namespace detail

/// A function that `map_with_state` can call: (key, optional value, state&) -> record, or (batch time, key, optional
/// value, state&) -> std::optional of a record.
template <typename F, typename Key, typename Value, typename State>
concept tracking_function =
    detail::simple_tracking<F, Key, Value, State> || detail::timed_tracking<F, Key, Value, State>;

/// What `state_spec` gives.
template <typename S>
concept state_specification_object = requires {
    typename S::state_type;
    typename S::function_type;
    typename S::initial_key;
};

/// The node of `map_with_state`: a stream of what the function gives, one record for each call.
template <pair_expression Parent, fixed_string Name, typename Specification, typename Policy>
struct map_with_state_node : boundary<Parent> {
    using key_type = key_t<Parent>;
    using value_type = mapped_t<Parent>;
    using state_type = typename Specification::state_type;
    using function_type = typename Specification::function_type;
    using record_type = typename detail::tracked<function_type, key_type, value_type, state_type>::type;
    using policy_type =
        typename detail::resolved_policy<Policy, slide_t<Parent>, &default_map_with_state_checkpoint_ms>::type;
    using stage = stateful_stage<Name, map_with_state_node, policy_type>;

    static constexpr dependency depends = dependency::wide;
    static constexpr std::string_view name = "map_with_state";
    static constexpr std::string_view kind = "map_with_state";

    Specification specification;
    [[no_unique_address]] Policy policy;
    std::shared_ptr<partition_rule_of<key_type> const> rule; ///< Null: by `key_hash`.

    map_with_state_node(Parent before, Specification what, Policy when)
        : boundary<Parent>(std::move(before))
        , specification(std::move(what))
        , policy(when)
    {
        if constexpr (!std::same_as<typename Specification::partitioner_type, no_partitioner>) {
            auto by = told<key_type>(specification.how);
            specification.parts = by.partitions;
            rule = std::move(by.rule);
        }
    }

    /// The number of partitions that was asked for.
    [[nodiscard]] std::optional<std::size_t> const& partitions() const { return specification.parts; }

    [[nodiscard]] duration interval() const
    {
        return detail::interval_of(policy, this->slide().value(), &default_map_with_state_checkpoint_ms);
    }

    template <typename Other>
        requires std::same_as<Policy, default_interval>
    [[nodiscard]] auto with_policy(Other other) const
    {
        return map_with_state_node<Parent, Name, Specification, Other>(this->parent, specification, other);
    }
};

namespace detail {

/// Whether `Specification` can be used on the pairs of `Parent`; says what is wrong.
template <pair_expression Parent, typename Specification>
[[nodiscard]] consteval bool tracking_checked()
{
    using function_type = typename Specification::function_type;
    using key_type = key_t<Parent>;
    using value_type = mapped_t<Parent>;
    using state_type = typename Specification::state_type;
    constexpr bool is_tracking = tracking_function<function_type, key_type, value_type, state_type>;
    constexpr bool is_timed_call = timed_call<function_type, key_type, value_type, state_type>;
    static_assert(stream_expression<Parent>, "tidemark::map_with_state: this is an rdd, and only streams have state; "
                                             "use reduce_by_key on an rdd");
    static_assert(!stream_expression<Parent> || level_t<Parent>::is_checkpointed,
                  "tidemark::map_with_state: the context has no checkpoint directory; "
                  "pass a tide::checkpoint_directory to streaming_context");
    static_assert(hashable_key<key_type>,
                  "tidemark::map_with_state: the key cannot be hashed or compared; "
                  "give it == and a tidemark_key_hash, or adapt it with BOOST_HANA_ADAPT_STRUCT");
    static_assert(!hashable_key<key_type> || serializable<key_type>,
                  "tidemark::map_with_state: the key must be serializable to survive a restart; "
                  "give it a serialize member or adapt it with BOOST_HANA_ADAPT_STRUCT");
    static_assert(saved_as_v<state_type> != saved_as::address,
                  "tidemark::map_with_state: the state is a pointer, reference or view, which means nothing "
                  "after a restart; keep what it points to, by value");
    static_assert(serializable<state_type> || saved_as_v<state_type> == saved_as::address,
                  "tidemark::map_with_state: the state must be serializable to survive a restart; "
                  "give it a serialize member or adapt it with BOOST_HANA_ADAPT_STRUCT");
    static_assert(is_tracking || is_timed_call,
                  "tidemark::map_with_state: the function cannot be called with the record; it must take "
                  "(key const&, std::optional<value>, state<State>&) and give a record, or (batch_time, key const&, "
                  "std::optional<value>, state<State>&) with an optional result");
    static_assert(is_tracking || !is_timed_call,
                  "tidemark::map_with_state: the function takes the batch_time, and its result is no std::optional; "
                  "give std::optional<record>, or leave the batch_time out");
    static_assert(lasting<value_type>,
                  "tidemark::map_with_state: the records are or hold pointers, references or views, which may "
                  "outlive what they look into; map them to what owns its memory, as std::string");
    return kept_state<state_type, Parent> && is_tracking;
}

template <fixed_string Name>
struct map_with_state_fn {
    template <expression Parent, state_specification_object Specification, typename Policy>
    [[nodiscard]] auto operator()(Parent parent, Specification specification, Policy policy) const
    {
        static_assert(pair_expression<Parent>, "tidemark::map_with_state: the records are no pairs; map them to "
                                               "std::pair(key, value) first");
        if constexpr (pair_expression<Parent>) {
            if constexpr (tracking_checked<Parent, Specification>()) {
                static_assert(policy_checked<Policy, slide_t<Parent>>());
                return map_with_state_node<Parent, Name, Specification, Policy>(std::move(parent),
                                                                                std::move(specification), policy);
            } else
                return parent; // so that no other error follows
        } else
            return parent;
    }
};

} // namespace detail

/// `pairs | map_with_state<"name">(state_spec(function), checkpoint_every(d))`: calls `function` for each record of a
/// pair stream, in the order in which records arrive, with the state of the record's key; one call and at most one
/// output for each record.
///
/// Keys without data are not called, but for a timeout. The name is the identity of the state across versions of the
/// program; without one the state is known by the operators that it stands on, and a checkpoint is refused when they
/// have changed.
/// *Requires* a context with a checkpoint directory, a hashable and serializable key, a serializable state. The
/// function is called from several threads, one key-group each, and for one key never from two at once.
/// *Keeps* one state for each key. *Partitions* by key-group. *Slides* with its parent. Wide.
/// *When the function throws*, every state of the stage is as before the batch, and the application stops after it.
/// *After recovery* goes on from the last commit, with the same input for every batch after it that the source can give
/// again.
/// See also: `state_snapshots`, `update_state_by_key`. Example: `examples/operators/map_with_state.cpp`.
template <fixed_string Name = "", state_specification_object Specification>
[[nodiscard]] auto map_with_state(Specification specification)
{
    return closure<detail::map_with_state_fn<Name>, Specification, default_interval>(std::move(specification), {});
}

namespace detail {

struct takes_any_stream : closure_base {
    template <typename Parent>
    Parent operator()(Parent parent) const
    {
        return parent;
    }
};

} // namespace detail

template <typename State, typename Function, typename Key, typename Partitioner>
template <typename States>
auto state_specification<State, Function, Key, Partitioner>::initial_state(States const& states) const
{
    constexpr bool fits =
        requires { requires detail::states_to_begin_with<States, detail::initial_key_t<States>, State>; };
    static_assert(fits,
                  "tidemark::state_spec: the initial states are no pairs of a key and a state; give a range or an "
                  "rdd of std::pair(key, state), with the state type of the function");
    if constexpr (fits) {
        using key = detail::initial_key_t<States>;
        auto all = std::make_shared<initial_states<key, State> const>(detail::make_initial_states<key, State>(states));
        return state_specification<State, Function, key, Partitioner>{function,       idle_limit, rule,
                                                                      std::move(all), parts,      how};
    } else
        return *this; // so that no other error follows
}

/// Says what is wrong when the function has no `state_spec` around it.
template <fixed_string Name = "", typename Function, typename... Every>
    requires(!state_specification_object<Function> && !expression<Function>)
auto map_with_state(Function, Every...)
{
    static_assert(state_specification_object<Function>,
                  "tidemark::map_with_state: the argument is no state_spec; write "
                  "map_with_state<\"name\">(state_spec(function))");
    return detail::takes_any_stream(); // so that the pipe has nothing to add
}

/// The same with a checkpoint interval.
template <fixed_string Name = "", state_specification_object Specification, slide Interval>
[[nodiscard]] auto map_with_state(Specification specification, checkpoint_policy<Interval> every)
{
    return closure<detail::map_with_state_fn<Name>, Specification, given_interval<Interval>>(std::move(specification),
                                                                                             every.policy());
}

/// A duration alone is no checkpoint interval: it might be a timeout.
template <fixed_string Name = "", state_specification_object Specification, typename Duration>
    requires requires(Duration interval) { slide_of(interval); }
void map_with_state(Specification, Duration) = delete; // write `checkpoint_every(10_s)`, or `spec.timeout(10_s)`

/// The stream as the first argument.
template <fixed_string Name = "", expression Parent, state_specification_object Specification>
[[nodiscard]] auto map_with_state(Parent parent, Specification specification)
{
    return std::move(parent) | map_with_state<Name>(std::move(specification));
}

/// The stream as the first argument, with a checkpoint interval.
template <fixed_string Name = "", expression Parent, state_specification_object Specification, slide Interval>
[[nodiscard]] auto map_with_state(Parent parent, Specification specification, checkpoint_policy<Interval> every)
{
    return std::move(parent) | map_with_state<Name>(std::move(specification), every);
}

} // namespace tidemark
