// SPDX-License-Identifier: BSL-1.0
//
// initial_states: the states that a stage begins with: those of a range, or what an rdd gives when they are first used.

#pragma once

#include <tidemark/expression/expression.hpp>
#include <tidemark/expression/range_record.hpp>
#include <tidemark/rdd/actions.hpp>

#include <concepts>
#include <functional>
#include <iterator>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace tidemark {

/// Gives the states to begin with, pairs of key and state, when they are needed.
template <typename Key, typename State>
using initial_states = std::function<std::vector<std::pair<Key, State>>()>;

namespace detail {

template <typename Key, typename State, typename Pairs>
[[nodiscard]] std::vector<std::pair<Key, State>> as_states(Pairs&& pairs)
{
    std::vector<std::pair<Key, State>> all;
    auto const end = std::end(pairs);
    for (auto it = std::begin(pairs); it != end; ++it) {
        auto const& [key, state] = *it;
        all.emplace_back(key, state);
    }
    return all;
}

template <typename Key, typename State>
struct given_states {
    std::shared_ptr<std::vector<std::pair<Key, State>> const> all; // nodes are copied often

    [[nodiscard]] std::vector<std::pair<Key, State>> operator()() const { return *all; }
};

template <typename Key, typename State, rdd_expression Rdd>
struct computed_states {
    Rdd states;

    [[nodiscard]] std::vector<std::pair<Key, State>> operator()() const
    {
        return as_states<Key, State>(states | collect());
    }
};

template <typename States>
struct initial_pair {};
template <typename States>
    requires requires { typename range_record_t<States>; }
struct initial_pair<States> {
    using type = range_record_t<States>;
};
template <rdd_expression States>
struct initial_pair<States> {
    using type = record_t<States>;
};

/// The key type of a range or an rdd of pairs of key and state.
template <typename States>
using initial_key_t = std::remove_const_t<typename initial_pair<std::remove_cvref_t<States>>::type::first_type>;
/// Its state type.
template <typename States>
using initial_state_t = typename initial_pair<std::remove_cvref_t<States>>::type::second_type;

/// A range or an rdd of pairs of which `Key` and `State` can be made.
template <typename States, typename Key, typename State>
concept states_to_begin_with =
    requires { typename initial_key_t<States>; } && std::constructible_from<Key, initial_key_t<States> const&>
    && std::constructible_from<State, initial_state_t<States> const&>;

/// `states`, a range or an rdd, as `initial_states`. A range is walked here, an rdd is computed when it is asked.
template <typename Key, typename State, typename States>
[[nodiscard]] initial_states<Key, State> make_initial_states(States const& states)
{
    if constexpr (rdd_expression<States>)
        return computed_states<Key, State, States>{states};
    else
        return given_states<Key, State>{
            std::make_shared<std::vector<std::pair<Key, State>> const>(as_states<Key, State>(states))};
}

} // namespace detail
} // namespace tidemark
