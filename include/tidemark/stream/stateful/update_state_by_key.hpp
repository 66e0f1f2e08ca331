// SPDX-License-Identifier: BSL-1.0
//
// update_state_by_key: a new state for every known key in every batch.

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
#include <tidemark/expression/range_record.hpp>
#include <tidemark/expression/unfold.hpp>
#include <tidemark/stream/checkpoint_every.hpp>
#include <tidemark/stream/stateful/initial_states.hpp>
#include <tidemark/stream/stateful/kept_state.hpp>
#include <tidemark/stream/stateful/stateful_stage.hpp>
#include <tidemark/time/batch_time.hpp>
#include <tidemark/time/duration.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
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
    requires is_optional_v<std::remove_cvref_t<typename result_of_call<F>::type>>
struct updated_state<F, Value>
    : std::type_identity<typename std::remove_cvref_t<typename result_of_call<F>::type>::value_type> {};

template <typename Result, typename State>
concept optional_state =
    is_optional_v<std::remove_cvref_t<Result>> && std::is_convertible_v<Result, std::optional<State>>;

template <typename F, typename Key, typename Value, typename State>
concept simple_update_call = std::invocable<F const&, std::vector<Value> const&, std::optional<State>>;
template <typename F, typename Key, typename Value, typename State>
concept timed_update_call =
    std::invocable<F const&, batch_time, Key const&, std::vector<Value> const&, std::optional<State>>;

template <typename F, typename Key, typename Value, typename State>
concept simple_update =
    simple_update_call<F, Key, Value, State>
    && optional_state<std::invoke_result_t<F const&, std::vector<Value> const&, std::optional<State>>, State>;
template <typename F, typename Key, typename Value, typename State>
concept timed_update =
    timed_update_call<F, Key, Value, State>
    && optional_state<
        std::invoke_result_t<F const&, batch_time, Key const&, std::vector<Value> const&, std::optional<State>>, State>;

} // namespace detail

/// What a batch has brought for one key, and its state before. `values` is empty for a key without data, `state` for one
/// that is new.
template <typename Key, typename Value, typename State>
struct key_update {
    Key const& key;
    std::vector<Value> const& values;
    std::optional<State> state;
};

/// All keys of one partition: those with data and those with a state.
template <typename Key, typename Value, typename State>
using partition_updates = std::span<key_update<Key, Value, State> const>;

/// What `update_partition` gives: a function of all keys of a partition. `KeepsKeys` says that it gives no key that it
/// was not given.
template <typename State, typename Function, bool KeepsKeys>
struct partition_update {
    using state_type = State;
    static constexpr bool keeps_keys = KeepsKeys;

    [[no_unique_address]] Function function;

    /// The same for a function that is known to give only keys that it was given, so nothing need be laid out again.
    /// *When it gives another one* the batch fails.
    [[nodiscard]] partition_update<State, Function, true> keeping_keys() const { return {function}; }
};

namespace detail {

template <typename F>
inline constexpr bool is_partition_update = false;
template <typename State, typename Function, bool KeepsKeys>
inline constexpr bool is_partition_update<partition_update<State, Function, KeepsKeys>> = true;

template <typename State, typename Function, bool KeepsKeys, typename Value>
struct updated_state<partition_update<State, Function, KeepsKeys>, Value> : std::type_identity<State> {};

template <typename Result, typename Key, typename State>
concept states_range = requires { typename range_record_t<Result>; } && is_pair_v<range_record_t<Result>>
                       && std::convertible_to<typename range_record_t<Result>::first_type, Key>
                       && std::convertible_to<typename range_record_t<Result>::second_type, State>;

template <typename F, typename Key, typename Value, typename State>
concept whole_partition_update =
    is_partition_update<F> && requires(F const& f, partition_updates<Key, Value, State> all) {
        { std::invoke(f.function, all) } -> states_range<Key, State>;
    };

template <typename F>
struct listed_state {};
template <typename F>
    requires is_pair_v<range_record_t<typename result_of_call<F>::type>>
struct listed_state<F> : std::type_identity<typename range_record_t<typename result_of_call<F>::type>::second_type> {};

} // namespace detail

/// `update_partition<State>(f)`, for `update_state_by_key`: `f` is called once for each partition in each batch with
/// all its keys, a range of `key_update<Key, Value, State>`, and gives a range of pairs of key and state, which are the
/// states after the batch.
///
/// A key that it does not give is removed. It may give other keys than it was given; they are laid out by key again. Of
/// several states for one key all go on with the batch, and the first that is met is what the next batch finds. `State`
/// can be left out for a function whose result does not depend on a template parameter.
/// Example: `examples/operators/update_partition.cpp`.
template <typename State, typename Function>
[[nodiscard]] partition_update<State, Function, false> update_partition(Function function)
{
    return {std::move(function)};
}

/// The function of whole partitions, for `update_state_by_key`.
template <typename Function>
[[nodiscard]] auto update_partition(Function function)
{
    static_assert(
        requires { typename detail::listed_state<Function>::type; },
        "tidemark::update_partition: the function does not tell the type of the states; give a range of "
        "std::pair(key, state), or of a generic function write update_partition<State>(function)");
    if constexpr (requires { typename detail::listed_state<Function>::type; })
        return partition_update<typename detail::listed_state<Function>::type, Function, false>{std::move(function)};
}

/// A function that `update_state_by_key` can call: (values, optional state) -> optional state, or (batch time, key,
/// values, optional state) -> optional state, or what `update_partition` gives.
template <typename F, typename Key, typename Value, typename State>
concept update_function = detail::simple_update<F, Key, Value, State> || detail::timed_update<F, Key, Value, State>
                          || detail::whole_partition_update<F, Key, Value, State>;

/// The node of `update_state_by_key`: a stream of all keys with their states.
template <pair_expression Parent, fixed_string Name, typename Function, typename Policy>
struct update_state_by_key_node : boundary<Parent> {
    using key_type = key_t<Parent>;
    using value_type = mapped_t<Parent>;
    using state_type = typename detail::updated_state<Function, value_type>::type;
    using record_type = std::pair<key_type, state_type>;
    using policy_type = typename detail::resolved_policy<Policy, slide_t<Parent>, &default_checkpoint_ms>::type;
    using stage = stateful_stage<Name, update_state_by_key_node, policy_type>;

    static constexpr dependency depends = dependency::wide;
    static constexpr std::string_view name = "update_state_by_key";
    static constexpr std::string_view kind = "update_state_by_key";

    [[no_unique_address]] Function function;
    [[no_unique_address]] Policy policy;
    initial_states<key_type, state_type> initial;
    std::optional<std::size_t> parts; ///< The number of partitions, where it is not that of the settings.
    std::shared_ptr<partition_rule_of<key_type> const> rule; ///< Null: by `key_hash`.

    update_state_by_key_node(Parent before, Function update, Policy when)
        : boundary<Parent>(std::move(before))
        , function(std::move(update))
        , policy(when)
    {}

    [[nodiscard]] duration interval() const
    {
        return detail::interval_of(policy, this->slide().value(), &default_checkpoint_ms);
    }

    /// The same with states to begin with: any range of pairs of key and state, or an rdd of them; of equal keys the
    /// first is used. They wait for the first batch that has a dataset; an rdd is computed then.
    template <typename States>
    [[nodiscard]] auto initial_state(States const& states) const
    {
        constexpr bool fits = detail::states_to_begin_with<States, key_type, state_type>;
        static_assert(fits, "tidemark::update_state_by_key: the initial states are no pairs of the stream's key and "
                            "state; give a range or an rdd of std::pair(key, state)");
        auto changed = *this;
        changed.id = node_id();
        if constexpr (fits)
            changed.initial = detail::make_initial_states<key_type, state_type>(states);
        return changed;
    }

    /// The same with its states in `n` partitions, 1 to the number of key-groups, instead of as many as the settings
    /// say. A checkpoint does not depend on it. Of this and `partitioner` the last call wins.
    [[nodiscard]] auto num_partitions(std::size_t n) const
    {
        auto changed = *this;
        changed.id = node_id();
        changed.parts = n;
        changed.rule = nullptr;
        return changed;
    }

    /// The same with its states laid out by `by`, as the other operators on pairs do; see `partitioner_for`. At most as
    /// many partitions as there are key-groups. A checkpoint does not depend on it.
    template <typename By>
    [[nodiscard]] auto partitioner(By by) const
    {
        auto said = told<key_type>(std::move(by));
        auto changed = *this;
        changed.id = node_id();
        changed.parts = said.partitions;
        changed.rule = std::move(said.rule);
        return changed;
    }

    /// The number of partitions that was asked for.
    [[nodiscard]] std::optional<std::size_t> const& partitions() const { return parts; }

    template <typename Other>
        requires std::same_as<Policy, default_interval>
    [[nodiscard]] auto with_policy(Other other) const
    {
        update_state_by_key_node<Parent, Name, Function, Other> same(this->parent, function, other);
        same.initial = initial;
        same.parts = parts;
        same.rule = rule;
        return same;
    }
};

namespace detail {

/// Whether `Function` can be used on the pairs of `Parent`; says what is wrong.
template <pair_expression Parent, typename Function>
[[nodiscard]] consteval bool update_checked()
{
    using key_type = key_t<Parent>;
    using value_type = mapped_t<Parent>;
    using state_type = typename updated_state<Function, value_type>::type;
    static_assert(stream_expression<Parent>,
                  "tidemark::update_state_by_key: this is an rdd, and only streams have state; "
                  "use reduce_by_key on an rdd");
    static_assert(!stream_expression<Parent> || level_t<Parent>::is_checkpointed,
                  "tidemark::update_state_by_key: the context has no checkpoint directory; "
                  "pass a tide::checkpoint_directory to streaming_context");
    static_assert(hashable_key<key_type>,
                  "tidemark::update_state_by_key: the key cannot be hashed or compared; "
                  "give it == and a tidemark_key_hash, or adapt it with BOOST_HANA_ADAPT_STRUCT");
    static_assert(!hashable_key<key_type> || serializable<key_type>,
                  "tidemark::update_state_by_key: the key must be serializable to survive a restart; "
                  "give it a serialize member or adapt it with BOOST_HANA_ADAPT_STRUCT");
    static_assert(saved_as_v<state_type> != saved_as::address,
                  "tidemark::update_state_by_key: the state is a pointer, reference or view, which means nothing "
                  "after a restart; keep what it points to, by value");
    static_assert(serializable<state_type> || saved_as_v<state_type> == saved_as::address,
                  "tidemark::update_state_by_key: the state must be serializable to survive a restart; "
                  "give it a serialize member or adapt it with BOOST_HANA_ADAPT_STRUCT");
    constexpr bool is_update = update_function<Function, key_type, value_type, state_type>;
    constexpr bool is_called = simple_update_call<Function, key_type, value_type, state_type>
                               || timed_update_call<Function, key_type, value_type, state_type>;
    static_assert(
        is_update || is_called,
        "tidemark::update_state_by_key: the function cannot be called with the values; it must take "
        "(std::vector<value> const&, std::optional<State>), or (batch_time, key const&, std::vector<value> const&, "
        "std::optional<State>), and give std::optional<State>; or be an update_partition(f), whose f takes "
        "partition_updates<Key, Value, State> and gives a range of std::pair(key, state)");
    static_assert(is_update || !is_called,
                  "tidemark::update_state_by_key: the result of the function is no std::optional of the state; give "
                  "std::optional<State>, with nothing in it for a key that goes");
    static_assert(lasting<value_type>,
                  "tidemark::update_state_by_key: the records are or hold pointers, references or views, which may "
                  "outlive what they look into; map them to what owns its memory, as std::string");
    return kept_state<state_type, Parent> && is_update;
}

template <fixed_string Name>
struct update_state_by_key_fn {
    template <expression Parent, typename Function, typename Policy>
    [[nodiscard]] auto operator()(Parent parent, Function function, Policy policy) const
    {
        static_assert(pair_expression<Parent>, "tidemark::update_state_by_key: the records are no pairs; map them to "
                                               "std::pair(key, value) first");
        if constexpr (pair_expression<Parent>) {
            if constexpr (update_checked<Parent, Function>()) {
                static_assert(policy_checked<Policy, slide_t<Parent>>());
                return update_state_by_key_node<Parent, Name, Function, Policy>(std::move(parent), std::move(function),
                                                                                policy);
            } else
                return parent; // so that no other error follows
        } else
            return parent;
    }
};

struct no_states {};

} // namespace detail

/// What `update_state_by_key(function)` is before it stands on a stream. It takes the same options as afterwards, so
/// that they can be written on either side of the pipe.
template <fixed_string Name, typename Function, typename Policy, typename States = detail::no_states,
          typename Partitioner = no_partitioner>
class waiting_update : public closure_base {
public:
    explicit waiting_update(Function function, Policy policy, States states = {}, std::optional<std::size_t> parts = {},
                            Partitioner by = {})
        : function_(std::move(function))
        , policy_(policy)
        , states_(std::move(states))
        , parts_(parts)
        , by_(std::move(by))
    {}

    /// See `update_state_by_key_node::initial_state`. The range is walked when there is a stream.
    template <typename Given>
    [[nodiscard]] auto initial_state(Given states) const
    {
        return waiting_update<Name, Function, Policy, Given, Partitioner>(function_, policy_, std::move(states), parts_,
                                                                          by_);
    }

    /// See `update_state_by_key_node::num_partitions`.
    [[nodiscard]] auto num_partitions(std::size_t n) const
    {
        return waiting_update<Name, Function, Policy, States>(function_, policy_, states_, n);
    }

    /// See `update_state_by_key_node::partitioner`.
    template <typename By>
    [[nodiscard]] auto partitioner(By by) const
    {
        return waiting_update<Name, Function, Policy, States, By>(function_, policy_, states_, std::nullopt,
                                                                  std::move(by));
    }

    template <expression Parent>
    [[nodiscard]] auto operator()(Parent&& parent) const
    {
        using stands_on = std::remove_cvref_t<Parent>;
        using states = decltype(detail::update_state_by_key_fn<Name>{}(std::declval<stands_on>(), function_, policy_));
        if constexpr (!std::same_as<states, stands_on>) { // else a rule is broken
            auto made = detail::update_state_by_key_fn<Name>{}(std::forward<Parent>(parent), function_, policy_);
            if constexpr (std::same_as<States, detail::no_states>)
                return laid_out(std::move(made));
            else
                return laid_out(made.initial_state(states_));
        } else
            return stands_on(std::forward<Parent>(parent));
    }

private:
    template <typename Node>
    [[nodiscard]] Node laid_out(Node made) const
    {
        if constexpr (std::same_as<Partitioner, no_partitioner>)
            return parts_ ? made.num_partitions(*parts_) : made;
        else
            return made.partitioner(by_);
    }

    [[no_unique_address]] Function function_;
    [[no_unique_address]] Policy policy_;
    [[no_unique_address]] States states_;
    std::optional<std::size_t> parts_;
    [[no_unique_address]] Partitioner by_;
};

/// `pairs | update_state_by_key<"name">(function, checkpoint_every(d))`: calls `function(values, state)` in each batch
/// for every key that has a state or data, and gives all keys with their new states.
///
/// `values` are the batch's values of the key, in the order in which they arrived, or none. A result of nothing removes
/// the key. The cost of a batch grows with the number of keys; use `map_with_state` where most keys rest. Without a
/// dataset in a batch the function still runs for the keys that have a state.
/// *Requires* a context with a checkpoint directory, a hashable and serializable key, a serializable state. The
/// function is called from several threads, one key-group each.
/// *Keeps* one state for each key. *Partitions* by key-group. *Slides* with its parent. Wide.
/// `function` may also be an `update_partition(f)`, which sees all keys of a partition at once.
/// `update_state_by_key(function).initial_state(states)` begins with the states of a range or an rdd, of equal keys with
/// the first, and `.num_partitions(n)` or `.partitioner(p)` lays the states out; the stream that it gives has them, too.
/// `State` is read off the result, `std::optional<State>`; for a generic function it is the type of the values.
/// *When the function throws*, every state of the stage is as before the batch, and the application stops after it.
/// See also: `map_with_state`. Example: `examples/operators/update_state_by_key.cpp`.
template <fixed_string Name = "", typename Function>
    requires(!expression<Function>)
[[nodiscard]] auto update_state_by_key(Function function)
{
    return waiting_update<Name, Function, default_interval>(std::move(function), {});
}

/// The same with a checkpoint interval.
template <fixed_string Name = "", typename Function, slide Interval>
    requires(!expression<Function>)
[[nodiscard]] auto update_state_by_key(Function function, checkpoint_policy<Interval> every)
{
    return waiting_update<Name, Function, given_interval<Interval>>(std::move(function), every.policy());
}

/// A duration alone is no checkpoint interval.
template <fixed_string Name = "", typename Function, typename Duration>
    requires(!expression<Function> && !number_without_unit<Duration>)
                && requires(Duration interval) { slide_of(interval); }
void update_state_by_key(Function, Duration) = delete; // the interval is given as `checkpoint_every(10_s)`

/// Initial states and partitions are options of what `update_state_by_key(function)` gives.
template <fixed_string Name = "", typename Function, typename Option>
    requires(!expression<Function>
             && (number_without_unit<Option> || partitioner_like<Option>
                 || requires { typename detail::initial_key_t<Option>; }))
void update_state_by_key(Function, Option) = delete; // `(f).initial_state(states)` or `(f).num_partitions(n)`

/// The stream as the first argument.
template <fixed_string Name = "", expression Parent, typename Function, typename... Every>
[[nodiscard]] auto update_state_by_key(Parent parent, Function function, Every... every)
{
    return std::move(parent) | update_state_by_key<Name>(std::move(function), every...);
}

} // namespace tidemark
