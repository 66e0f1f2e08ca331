// SPDX-License-Identifier: BSL-1.0
//
// map: one record for each record.

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

/// A function of one record of `Parent` that gives an object.
template <typename F, typename Parent>
concept record_mapping =
    expression<Parent> && std::copy_constructible<F> && std::regular_invocable<F const&, record_t<Parent> const&>
    && record<std::decay_t<std::invoke_result_t<F const&, record_t<Parent> const&>>>;

/// Maps each lane.
template <typename Mapping, typename Record, typename Next>
struct map_lanes {
    Mapping const& mapping;
    Next next;

    void operator()(Record const& value, bool keep) { next(std::invoke(mapping, value), keep); }
};

/// Passes `mapping(record)` on to `Next`.
template <typename Mapping, typename Record, typename Next>
struct map_sink {
    using result = std::decay_t<std::invoke_result_t<Mapping const&, Record const&>>;

    Mapping const& mapping;
    [[no_unique_address]] Next next;
    chunk_buffer_for<result, Record> buffer{};

    void operator()(Record const& value) { next(std::invoke(mapping, value)); }

    void operator()(Record&& value)
    {
        if constexpr (std::invocable<Mapping const&, Record&&>)
            next(std::invoke(mapping, std::move(value)));
        else
            next(std::invoke(mapping, std::as_const(value)));
    }

    void chunk(std::span<Record const> records)
        requires chunk_sink<Next, result> && chunkable<Record>
    {
        if constexpr (lane_sink<Next>) {
            auto to = next.lanes();
            for (auto const& value : records)
                to(std::invoke(mapping, value), true);
            next.close(to);
        } else {
            auto* const out = buffer.data();
            for (std::size_t i = 0; i < records.size(); ++i)
                std::construct_at(out + i, std::invoke(mapping, records[i]));
            next.chunk(std::span<result const>(out, records.size()));
        }
    }

    [[nodiscard]] auto lanes()
        requires is_speculative_v<Mapping> && chunk_sink<Next, result> && chunkable<Record>
    {
        auto to = open_lanes<result>(next, buffer);
        return map_lanes<Mapping, Record, decltype(to)>{mapping, to};
    }

    template <typename To>
    void close(map_lanes<Mapping, Record, To> const& lanes)
    {
        close_lanes<result>(next, lanes.next);
    }

    void finish() { next.finish(); }
    [[nodiscard]] bool done() const { return next.done(); }
};

/// The step of `map`.
template <typename Mapping>
struct map_step {
    template <typename Record>
    using output = std::decay_t<std::invoke_result_t<Mapping const&, Record const&>>;

    static constexpr std::string_view name = "map";

    [[no_unique_address]] Mapping mapping;

    template <typename Record, typename Next>
    [[nodiscard]] constexpr auto before(Next next) const
    {
        return map_sink<Mapping, Record, Next>{mapping, std::move(next)};
    }
};

namespace detail {

struct map_fn : operator_base {
    template <expression Parent, std::move_constructible Mapping>
    [[nodiscard]] constexpr auto operator()(Parent parent, Mapping mapping) const
    {
        static_assert(record_mapping<Mapping, Parent>,
                      "tidemark::map: the function cannot be called with the record; it must take (record const&) and "
                      "give a value, and both the function and the value must be copyable");
        if constexpr (record_mapping<Mapping, Parent>) {
            check_speculation<Mapping, record_t<Parent>>();
            return narrow<Parent, map_step<Mapping>>{std::move(parent), {std::move(mapping)}};
        } else
            return parent; // so that no other error follows
    }

    template <std::move_constructible Mapping>
    [[nodiscard]] constexpr auto operator()(Mapping mapping) const
    {
        return closure<map_fn, Mapping>(std::move(mapping));
    }

    void operator()() const = delete; // map needs a function: `records | map(f)`
};

} // namespace detail

/// `records | map(mapping)`: `mapping(record)` for each record.
///
/// *Requires* a `mapping` callable with one record; it is called from several threads, one partition each.
/// Records of at most 64 bytes that can be copied as bytes are mapped some thousand at a time, so calls of different
/// steps may interleave by that many. Steps that two outputs, or two actions, stand on run once for each of them.
/// *Keeps* no state. *Partitions* as its parent does. *Slides* with its parent, on a stream.
/// *After recovery* gives the same records again when `mapping` is deterministic.
/// See also: `map_values`, `flat_map`, `map_partitions`, `speculative`. Example: `examples/operators/map.cpp`.
inline constexpr detail::map_fn map{};

} // namespace tidemark
