// SPDX-License-Identifier: BSL-1.0
//
// sort_by: the records in order, over all partitions; sort_by_key: pairs by their keys.

#pragma once

#include <tidemark/core/nan_last.hpp>
#include <tidemark/expression/boundary.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/lasting.hpp>
#include <tidemark/expression/partition_number.hpp>

#include <concepts>
#include <functional>
#include <string_view>
#include <utility>

namespace tidemark {

/// Which end of an order comes first.
enum class sort_order : unsigned char { ascending, descending };

/// A function of a record of `E` whose results are ordered by `<`; the records must be movable.
template <typename F, typename E>
concept ordering_projection =
    expression<E> && std::copy_constructible<F> && std::movable<record_t<E>>
    && std::regular_invocable<F const&, record_t<E> const&> && requires(F const& f, record_t<E> const& r) {
           { std::invoke(f, r) < std::invoke(f, r) } -> std::convertible_to<bool>;
       };

/// The key of a pair.
struct key_projection {
    template <typename Pair>
    [[nodiscard]] constexpr auto const& operator()(Pair const& pair) const
    {
        return pair.first;
    }
};

/// Whether one record comes before another.
template <typename Projection>
struct projected_order {
    [[no_unique_address]] Projection projection;
    sort_order order;

    template <typename Record>
    [[nodiscard]] bool operator()(Record const& left, Record const& right) const
    {
        constexpr nan_last less;
        return order == sort_order::ascending ? less(std::invoke(projection, left), std::invoke(projection, right))
                                              : less(std::invoke(projection, right), std::invoke(projection, left));
    }
};

/// The records of `Parent` in order.
template <expression Parent, typename Projection>
struct sorted_by : boundary<Parent> {
    using record_type = record_t<Parent>;

    static constexpr dependency depends = dependency::wide;
    static constexpr std::string_view name = "sort_by";
    static constexpr bool needs_dataset = false; ///< Whether a batch without a dataset is an error.

    projected_order<Projection> order;
    partition_number partitions;

    sorted_by(Parent before, projected_order<Projection> how, partition_number asked)
        : boundary<Parent>(std::move(before))
        , order(std::move(how))
        , partitions(asked)
    {}
};

namespace detail {

struct sort_by_fn : operator_base {
    template <expression Parent, std::move_constructible Projection>
    [[nodiscard]] auto operator()(Parent parent, Projection projection, sort_order order = sort_order::ascending,
                                  partition_number partitions = {}) const
    {
        static_assert(ordering_projection<Projection, Parent>,
                      "tidemark::sort_by: the projection cannot be called with the record, or what it gives cannot be "
                      "ordered; it must take (record const&) and give something with <");
        static_assert(lasting<record_t<Parent>>,
                      "tidemark::sort_by: the records are or hold pointers, references or views, which may outlive "
                      "what they look into; map them to what owns its memory, as std::string");
        if constexpr (ordering_projection<Projection, Parent>)
            return sorted_by<Parent, Projection>(std::move(parent), {std::move(projection), order},
                                                 checked_partitions("sort_by", partitions));
        else
            return parent; // so that no other error follows
    }

    template <std::move_constructible Projection>
        requires(!expression<Projection>)
    [[nodiscard]] auto operator()(Projection projection, sort_order order = sort_order::ascending,
                                  partition_number partitions = {}) const
    {
        return closure<sort_by_fn, Projection, sort_order, partition_number>(std::move(projection), order,
                                                                             checked_partitions("sort_by", partitions));
    }

    void operator()() const = delete; // sort_by needs a projection: `records | sort_by(f)`
};

template <typename E>
concept sortable_by_key = pair_expression<E> && ordering_projection<key_projection, E>;

struct sort_by_key_fn : operator_base {
    template <expression Parent>
    [[nodiscard]] auto operator()(Parent parent, sort_order order = sort_order::ascending,
                                  partition_number partitions = {}) const
    {
        static_assert(pair_expression<Parent>, "tidemark::sort_by_key: the records are no pairs; map them to "
                                               "std::pair(key, value) first, or use sort_by");
        static_assert(!pair_expression<Parent> || sortable_by_key<Parent>,
                      "tidemark::sort_by_key: the keys cannot be ordered; give them <, or use sort_by");
        static_assert(lasting<record_t<Parent>>,
                      "tidemark::sort_by_key: the records are or hold pointers, references or views, which may outlive "
                      "what they look into; map them to what owns its memory, as std::string");
        if constexpr (sortable_by_key<Parent>)
            return sorted_by<Parent, key_projection>(std::move(parent), {{}, order},
                                                     checked_partitions("sort_by_key", partitions));
        else
            return parent; // so that no other error follows
    }

    [[nodiscard]] auto operator()(sort_order order = sort_order::ascending, partition_number partitions = {}) const
    {
        return closure<sort_by_key_fn, sort_order, partition_number>(order,
                                                                     checked_partitions("sort_by_key", partitions));
    }
};

} // namespace detail

/// `records | sort_by(projection)`: the records in the order of `projection(record)`, over all partitions: those of
/// each come before those of the next. `sort_by(projection, order, partitions)` takes `sort_order::descending`, and
/// another number of partitions than the parent's.
///
/// The sort is stable in both directions, and records with equal projections end up in one partition. Without equal
/// ones no partition holds more than about twice its share.
/// *Requires* a `projection` of one record whose results have a strict weak order by `<`, and movable records; it is
/// called from several threads, several times for each record. Of floating-point results a NaN is larger than every number;
/// one that lies deeper, as in a pair, has no place.
/// *Keeps* no state. *Slides* with its parent, on a stream, whose batches are sorted one by one; a batch without a
/// dataset has none here either. Wide.
/// *Throws* `config_error` for 0 partitions or more than `most_partitions`.
/// *Source:* parallel sorting by regular sampling; H. Shi, J. Schaeffer, "Parallel sorting by regular sampling",
/// Journal of Parallel and Distributed Computing 14 (1992). It is deterministic: equal input partitions give equal
/// output partitions.
/// See also: `top`, `take_ordered`. Example: `examples/operators/sort_by.cpp`.
inline constexpr detail::sort_by_fn sort_by{};

/// `pairs | sort_by_key()`: pairs in the order of their keys; `sort_by_key(order, partitions)`. The rest as `sort_by`.
/// Example: `examples/operators/sort_by.cpp`.
inline constexpr detail::sort_by_key_fn sort_by_key{};

} // namespace tidemark
