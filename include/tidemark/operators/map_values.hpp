// SPDX-License-Identifier: BSL-1.0
//
// map_values: a new value for each pair; the key, and with it the partition, stays.

#pragma once

#include <tidemark/expression/chunk.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/lanes.hpp>
#include <tidemark/expression/narrow.hpp>
#include <tidemark/operators/speculative.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace tidemark {

/// A function from the values of `Parent` to values of any object type.
template <typename F, typename Parent>
concept value_mapping =
    pair_expression<Parent> && std::copy_constructible<F> && std::regular_invocable<F const&, mapped_t<Parent> const&>
    && record<std::decay_t<std::invoke_result_t<F const&, mapped_t<Parent> const&>>>;

/// Maps the value of each lane.
template <typename Mapping, typename Pair, typename Result, typename Next>
struct map_values_lanes {
    Mapping const& mapping;
    Next next;

    void operator()(Pair const& pair, bool keep) { next(Result(pair.first, std::invoke(mapping, pair.second)), keep); }
};

/// Passes each pair on to `Next` with `mapping` applied to its value.
template <typename Mapping, typename Pair, typename Next>
struct map_values_sink {
    using key = typename Pair::first_type;
    using value = typename Pair::second_type;
    using result = std::pair<key, std::decay_t<std::invoke_result_t<Mapping const&, value const&>>>;

    Mapping const& mapping;
    [[no_unique_address]] Next next;
    chunk_buffer_for<result, Pair> buffer{};

    void operator()(Pair const& pair) { next(result(pair.first, std::invoke(mapping, pair.second))); }

    void operator()(Pair&& pair)
    {
        if constexpr (std::invocable<Mapping const&, value&&>)
            next(result(std::move(pair.first), std::invoke(mapping, std::move(pair.second))));
        else
            next(result(std::move(pair.first), std::invoke(mapping, std::as_const(pair.second))));
    }

    void chunk(std::span<Pair const> pairs)
        requires chunk_sink<Next, result> && chunkable<Pair>
    {
        if constexpr (lane_sink<Next>) {
            auto to = next.lanes();
            for (auto const& pair : pairs)
                to(result(pair.first, std::invoke(mapping, pair.second)), true);
            next.close(to);
        } else {
            auto* const out = buffer.data();
            for (std::size_t i = 0; i < pairs.size(); ++i)
                std::construct_at(out + i, pairs[i].first, std::invoke(mapping, pairs[i].second));
            next.chunk(std::span<result const>(out, pairs.size()));
        }
    }

    [[nodiscard]] auto lanes()
        requires is_speculative_v<Mapping> && chunk_sink<Next, result> && chunkable<Pair>
    {
        auto to = open_lanes<result>(next, buffer);
        return map_values_lanes<Mapping, Pair, result, decltype(to)>{mapping, to};
    }

    template <typename To>
    void close(map_values_lanes<Mapping, Pair, result, To> const& lanes)
    {
        close_lanes<result>(next, lanes.next);
    }

    void finish() { next.finish(); }
    [[nodiscard]] bool done() const { return next.done(); }
};

/// The step of `map_values`.
template <typename Mapping>
struct map_values_step {
    template <typename Pair>
    using output = std::pair<typename Pair::first_type,
                             std::decay_t<std::invoke_result_t<Mapping const&, typename Pair::second_type const&>>>;

    static constexpr std::string_view name = "map_values";
    static constexpr bool keeps_keys = true;

    [[no_unique_address]] Mapping mapping;

    template <typename Pair, typename Next>
    [[nodiscard]] constexpr auto before(Next next) const
    {
        return map_values_sink<Mapping, Pair, Next>{mapping, std::move(next)};
    }
};

namespace detail {

struct map_values_fn : operator_base {
    template <expression Parent, std::move_constructible Mapping>
    [[nodiscard]] constexpr auto operator()(Parent parent, Mapping mapping) const
    {
        static_assert(pair_expression<Parent>, "tidemark::map_values: the records are no pairs; map them to "
                                               "std::pair(key, value) first");
        static_assert(!pair_expression<Parent> || value_mapping<Mapping, Parent>,
                      "tidemark::map_values: the function cannot be called with the value; it must take "
                      "(value const&) and give a value, and both the function and the value must be copyable");
        if constexpr (value_mapping<Mapping, Parent>) {
            check_speculation<Mapping, mapped_t<Parent>>();
            return narrow<Parent, map_values_step<Mapping>>{std::move(parent), {std::move(mapping)}};
        } else
            return parent; // so that no other error follows
    }

    template <std::move_constructible Mapping>
    [[nodiscard]] constexpr auto operator()(Mapping mapping) const
    {
        return closure<map_values_fn, Mapping>(std::move(mapping));
    }

    void operator()() const = delete; // map_values needs a function: `pairs | map_values(f)`
};

} // namespace detail

/// `pairs | map_values(mapping)`: applies `mapping` to each value of an expression of pairs.
///
/// *Requires* pairs, and a `mapping` callable with one value; it is called from several threads, one partition each.
/// *Keeps* no state. *Partitions* as its parent does. *Slides* with its parent, on a stream.
/// *After recovery* gives the same pairs again when `mapping` is deterministic.
/// See also: `map`, `speculative`. Example: `examples/operators/map_values.cpp`.
inline constexpr detail::map_values_fn map_values{};

} // namespace tidemark
