// SPDX-License-Identifier: BSL-1.0
//
// update_state_by_key: a new state for every known key in every batch.

#pragma once

#include <tidemark/checkpoint/policy.hpp>
#include <tidemark/core/fixed_string.hpp>
#include <tidemark/core/key_hash.hpp>
#include <tidemark/core/serializable.hpp>
#include <tidemark/expression/boundary.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/lasting.hpp>
#include <tidemark/stream/checkpoint_every.hpp>
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
#include <vector>

namespace tidemark {
namespace detail {

template <typename F>
struct result_of_call {};
template <typename Result, typename... Arguments>
struct result_of_call<Result (*)(Arguments...)> : std::type_identity<Result> {};
template <typename Result, typename... Arguments>
struct result_of_call<Result (*)(Arguments...) noexcept> : std::type_identity<Result> {};
template <typename Class, typename Result, typename... Arguments>
struct result_of_call<Result (Class::*)(Arguments...) const> : std::type_identity<Result> {};
template <typename Class, typename Result, typename... Arguments>
struct result_of_call<Result (Class::*)(Arguments...) const noexcept> : std::type_identity<Result> {};
template <typename F>
    requires requires { &F::operator(); }
struct result_of_call<F> : result_of_call<decltype(&F::operator())> {};

template <typename F, typename Value>
struct updated_state : std::type_identity<Value> {}; // a generic function: the state has the type of the values
template <typename F, typename Value>
    requires requires { typename result_of_call<F>::type::value_type; }
struct updated_state<F, Value> : std::type_identity<typename result_of_call<F>::type::value_type> {};

template <typename F, typename Key, typename Value, typename State>
concept simple_update =
    std::is_invocable_r_v<std::optional<State>, F const&, std::vector<Value> const&, std::optional<State>>;
template <typename F, typename Key, typename Value, typename State>
concept timed_update = std::is_invocable_r_v<std::optional<State>, F const&, batch_time, Key const&,
                                             std::vector<Value> const&, std::optional<State>>;

} // namespace detail

/// A function that `update_state_by_key` can call: (values, optional state) -> optional state, or (batch time, key,
/// values, optional state) -> optional state.
template <typename F, typename Key, typename Value, typename State>
concept update_function = detail::simple_update<F, Key, Value, State> || detail::timed_update<F, Key, Value, State>;

/// The node of `update_state_by_key`: a stream of all keys with their states.
template <pair_expression Parent, fixed_string Name, typename Function, typename Policy>
struct update_state_by_key_node : boundary<Parent> {
    using key_type = key_t<Parent>;
    using value_type = mapped_t<Parent>;
    using state_type = typename detail::updated_state<Function, value_type>::type;
    using record_type = std::pair<key_type, state_type>;
    using initial_states = std::vector<std::pair<key_type, state_type>>;
    using policy_type = typename detail::resolved_policy<Policy, slide_t<Parent>, [] {
        if constexpr (slide_t<Parent>::is_static)
            return default_checkpoint_ms(slide_t<Parent>::count);
        else
            return std::int64_t{0};
    }()>::type;
    using stage = stateful_stage<Name, update_state_by_key_node, policy_type>;

    static constexpr dependency depends = dependency::wide;
    static constexpr std::string_view name = "update_state_by_key";
    static constexpr std::string_view kind = "update_state_by_key";

    [[no_unique_address]] Function function;
    [[no_unique_address]] Policy policy;
    std::shared_ptr<initial_states const> initial;

    update_state_by_key_node(Parent before, Function update, Policy when)
        : boundary<Parent>(std::move(before))
        , function(std::move(update))
        , policy(when)
    {}

    [[nodiscard]] duration interval() const
    {
        return detail::interval_of(policy, this->slide().value(), &default_checkpoint_ms);
    }

    /// The same with states to begin with: any range of pairs of key and state; of equal keys the first is used.
    template <typename Range>
    [[nodiscard]] auto initial_state(Range const& states) const
    {
        auto changed = *this;
        changed.id = node_id();
        auto all = std::make_shared<initial_states>();
        for (auto const& [key, state] : states)
            all->emplace_back(key, state);
        changed.initial = std::move(all);
        return changed;
    }

    template <typename Other>
        requires std::same_as<Policy, default_interval>
    [[nodiscard]] auto with_policy(Other other) const
    {
        update_state_by_key_node<Parent, Name, Function, Other> same(this->parent, function, other);
        same.initial = initial;
        return same;
    }
};

namespace detail {

template <fixed_string Name>
struct update_state_by_key_fn {
    template <expression Parent, typename Function, typename Policy>
    [[nodiscard]] auto operator()(Parent parent, Function function, Policy policy) const
    {
        static_assert(pair_expression<Parent>, "tidemark::update_state_by_key: the records are no pairs; map them to "
                                               "std::pair(key, value) first");
        if constexpr (pair_expression<Parent>)
            return checked(std::move(parent), std::move(function), policy);
    }

private:
    template <typename Parent, typename Function, typename Policy>
    [[nodiscard]] static auto checked(Parent parent, Function function, Policy policy)
    {
        using state_type = typename updated_state<Function, mapped_t<Parent>>::type;
        static_assert(stream_expression<Parent>,
                      "tidemark::update_state_by_key: this is an rdd, and only streams have state; "
                      "use reduce_by_key on an rdd");
        static_assert(level_t<Parent>::is_checkpointed,
                      "tidemark::update_state_by_key: the context has no checkpoint directory; "
                      "pass a tide::checkpoint_directory to streaming_context");
        static_assert(hashable_key<key_t<Parent>>,
                      "tidemark::update_state_by_key: the key cannot be hashed or compared; "
                      "give it == and a tidemark_key_hash, or adapt it with BOOST_HANA_ADAPT_STRUCT");
        static_assert(serializable<key_t<Parent>>,
                      "tidemark::update_state_by_key: the key must be serializable to survive a restart; "
                      "give it a serialize member or adapt it with BOOST_HANA_ADAPT_STRUCT");
        static_assert(serializable<state_type>,
                      "tidemark::update_state_by_key: the state must be serializable to survive a restart; "
                      "give it a serialize member or adapt it with BOOST_HANA_ADAPT_STRUCT");
        static_assert(
            update_function<Function, key_t<Parent>, mapped_t<Parent>, state_type>,
            "tidemark::update_state_by_key: the function cannot be called with the values; it must take "
            "(std::vector<value> const&, std::optional<State>), or (batch_time, key const&, std::vector<value> const&, "
            "std::optional<State>), and give std::optional<State>");
        static_assert(lasting<mapped_t<Parent>>,
                      "tidemark::update_state_by_key: the records are or hold pointers, references or views, which may "
                      "outlive what they look into; map them to what owns its memory, as std::string");
        static_assert(policy_checked<Policy, slide_t<Parent>>());
        return update_state_by_key_node<Parent, Name, Function, Policy>(std::move(parent), std::move(function), policy);
    }
};

} // namespace detail

/// `pairs | update_state_by_key<"name">(function, checkpoint_every(d))`: calls `function(values, state)` in each batch
/// for every key that has a state or data, and gives all keys with their new states.
///
/// `values` are the batch's values of the key, in the order in which they arrived, or none. A result of nothing removes
/// the key. The cost of a batch grows with the number of keys; use `map_with_state` where most keys rest. Without a
/// dataset in a batch the function still runs for the keys that have a state.
/// *Requires* a context with a checkpoint directory, a hashable and serializable key, a serializable state. The
/// function is called from several threads, one key-group each.
/// *Keeps* one state for each key. *Partitions* by key-group. *Slides* with its parent. Wide.
/// `State` is read off the result, `std::optional<State>`; for a generic function it is the type of the values.
/// *When the function throws*, every state of the stage is as before the batch, and the application stops after it.
/// See also: `map_with_state`. Example: `examples/operators/update_state_by_key.cpp`.
template <fixed_string Name = "", typename Function>
    requires(!expression<Function>)
[[nodiscard]] auto update_state_by_key(Function function)
{
    return closure<detail::update_state_by_key_fn<Name>, Function, default_interval>(std::move(function), {});
}

template <fixed_string Name = "", typename Function, slide Interval>
    requires(!expression<Function>)
[[nodiscard]] auto update_state_by_key(Function function, checkpoint_policy<Interval> every)
{
    return closure<detail::update_state_by_key_fn<Name>, Function, given_interval<Interval>>(std::move(function),
                                                                                             every.policy());
}

template <fixed_string Name = "", expression Parent, typename Function, typename... Every>
[[nodiscard]] auto update_state_by_key(Parent parent, Function function, Every... every)
{
    return std::move(parent) | update_state_by_key<Name>(std::move(function), every...);
}

} // namespace tidemark
