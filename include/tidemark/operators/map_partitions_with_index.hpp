// SPDX-License-Identifier: BSL-1.0
//
// map_partitions_with_index: a function over the number of a partition and a view of it.

#pragma once

#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/narrow.hpp>
#include <tidemark/expression/unfold.hpp>
#include <tidemark/operators/map_partitions.hpp>
#include <tidemark/operators/partition_view.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace tidemark {

/// A function from the number of a partition of `Parent` and the partition to a range or an optional.
template <typename F, typename Parent>
concept indexed_partition_mapping =
    expression<Parent> && std::copy_constructible<F>
    && std::invocable<F const&, std::size_t, partition_view<record_t<Parent>>>
    && unfoldable<std::invoke_result_t<F const&, std::size_t, partition_view<record_t<Parent>>>>
    && record<unfolded_t<std::invoke_result_t<F const&, std::size_t, partition_view<record_t<Parent>>>>>;

/// Calls `mapping` with a partition and its number.
template <typename Mapping>
struct indexed_partition_call {
    Mapping const& mapping;
    std::size_t number;

    template <typename Record>
    decltype(auto) operator()(partition_view<Record> records) const
    {
        return std::invoke(mapping, number, records);
    }
};

/// The step of `map_partitions_with_index`.
template <typename Mapping>
struct map_partitions_with_index_step {
    template <typename Record>
    using output = unfolded_t<std::invoke_result_t<Mapping const&, std::size_t, partition_view<Record>>>;

    static constexpr std::string_view name = "map_partitions_with_index";

    [[no_unique_address]] Mapping mapping;

    template <typename Record, typename Next>
    [[nodiscard]] constexpr auto before(Next next, std::size_t partition) const
    {
        using call = indexed_partition_call<Mapping>;
        return map_partitions_sink<call, Record, Next>{call{mapping, partition}, std::move(next)};
    }
};

namespace detail {

struct map_partitions_with_index_fn : operator_base {
    template <expression Parent, std::move_constructible Mapping>
    [[nodiscard]] constexpr auto operator()(Parent parent, Mapping mapping) const
    {
        static_assert(indexed_partition_mapping<Mapping, Parent>,
                      "tidemark::map_partitions_with_index: the function cannot be called with the partition; it must "
                      "take (std::size_t, tide::partition_view<record>), or any view, and give a range or an optional");
        if constexpr (indexed_partition_mapping<Mapping, Parent>)
            return narrow<Parent, map_partitions_with_index_step<Mapping>>{std::move(parent), {std::move(mapping)}};
        else
            return parent; // so that no other error follows
    }

    template <std::move_constructible Mapping>
    [[nodiscard]] constexpr auto operator()(Mapping mapping) const
    {
        return closure<map_partitions_with_index_fn, Mapping>(std::move(mapping));
    }

    void
    operator()() const = delete; // map_partitions_with_index needs a function: `records | map_partitions_with_index(f)`
};

} // namespace detail

/// `records | map_partitions_with_index(mapping)`: all elements of `mapping(number, view)`, once for each partition,
/// empty ones included; partitions are numbered from 0.
///
/// *Requires* a `mapping` callable with a `std::size_t` and a `partition_view<record>`; else as `map_partitions`.
/// *Keeps* no state, but holds one partition of records for the time of the call. *Partitions* as its parent does.
/// *Slides* with its parent, on a stream.
/// *After recovery* gives the same records again when `mapping` is deterministic.
/// See also: `map_partitions`. Example: `examples/operators/map_partitions_with_index.cpp`.
inline constexpr detail::map_partitions_with_index_fn map_partitions_with_index{};

} // namespace tidemark
