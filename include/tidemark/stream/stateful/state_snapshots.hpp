// SPDX-License-Identifier: BSL-1.0
//
// state_snapshots: all states of a map_with_state, after each batch.

#pragma once

#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/expression.hpp>

#include <string_view>
#include <utility>

namespace tidemark {

/// A node of `map_with_state`.
template <typename E>
concept tracked_stream = stream_expression<E> && requires {
    typename E::key_type;
    typename E::state_type;
    typename E::function_type;
};

/// The pairs of key and state of the stage `Parent`, whose identity it shares.
template <tracked_stream Parent>
struct state_snapshots_node : expression_base {
    using record_type = std::pair<typename Parent::key_type, typename Parent::state_type>;
    using level = level_t<Parent>;
    using parents = type_list<Parent>;

    static constexpr dependency depends = dependency::narrow;
    static constexpr std::string_view name = "state_snapshots";

    Parent tracked;

    explicit state_snapshots_node(Parent stream)
        : tracked(std::move(stream))
    {}

    [[nodiscard]] auto slide() const { return tracked.slide(); }
};

namespace detail {

struct state_snapshots_fn : operator_base {
    template <tracked_stream Parent>
    [[nodiscard]] auto operator()(Parent parent) const
    {
        return state_snapshots_node<Parent>(std::move(parent));
    }

    [[nodiscard]] constexpr auto operator()() const { return closure<state_snapshots_fn>(); }
};

} // namespace detail

/// `tracked | state_snapshots()`: the key and state of every key of a `map_with_state`, as after each batch. Its order
/// is not promised.
///
/// The states are read in place: use the rdd while its batch runs, or `collect` what is to be kept.
/// *Requires* what `map_with_state` gave, with no step behind it. *Keeps* no state but that of the stage. *Partitions* as
/// the states lie. *Slides* with its parent. Narrow.
/// *After recovery* gives what the states are at the time of the batch, as without a crash.
/// See also: `map_with_state`, `update_state_by_key`. Example: `examples/operators/state_snapshots.cpp`.
inline constexpr detail::state_snapshots_fn state_snapshots{};

} // namespace tidemark
