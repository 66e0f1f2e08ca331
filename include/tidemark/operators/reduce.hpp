// SPDX-License-Identifier: BSL-1.0
//
// reduce: all records joined into one, as an expression of at most one record.

#pragma once

#include <tidemark/expression/boundary.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/lasting.hpp>

#include <concepts>
#include <functional>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace tidemark {

/// A function that joins two records of `E` into one; the records must be assignable.
template <typename F, typename E>
concept record_reduction =
    expression<E> && std::copy_constructible<F> && std::copyable<record_t<E>>
    && std::regular_invocable<F const&, record_t<E> const&, record_t<E> const&>
    && std::convertible_to<std::invoke_result_t<F const&, record_t<E> const&, record_t<E> const&>, record_t<E>>;

/// How `reduce` joins: nothing at first, then the first record, then what the function makes of it and the next.
///
/// A function that takes its first argument by value, or by `&&`, is given its previous result without a copy.
template <typename Reduction>
struct reduce_fold {
    template <typename Record>
    using result = std::optional<Record>;

    static constexpr std::string_view name = "reduce";
    static constexpr bool needs_dataset = false;

    [[no_unique_address]] Reduction reduction;

    [[nodiscard]] static std::nullopt_t empty() { return std::nullopt; }

    template <typename Record, typename Other>
    void add(std::optional<Record>& sum, Other&& record) const
    {
        if (sum)
            *sum = joined(*std::move(sum), std::as_const(record));
        else
            sum.emplace(std::forward<Other>(record));
    }

    template <typename Record>
    void merge(std::optional<Record>& sum, std::optional<Record>&& other) const
    {
        if (other)
            add(sum, *std::move(other));
    }

    template <typename Record>
    [[nodiscard]] Record joined(Record&& sum, Record const& next) const
    {
        if constexpr (std::is_invocable_r_v<Record, Reduction const&, Record&&, Record const&>)
            return static_cast<Record>(std::invoke(reduction, std::move(sum), next));
        else
            return static_cast<Record>(std::invoke(reduction, std::as_const(sum), next));
    }
};

/// All records brought into one partition as one record, or none.
template <expression Parent, typename Reduction>
struct reduced : boundary<Parent> {
    using record_type = record_t<Parent>;

    static constexpr dependency depends = dependency::wide;
    static constexpr std::string_view name = "reduce";
    static constexpr bool needs_dataset = false; ///< Whether a batch without a dataset is an error.

    [[no_unique_address]] reduce_fold<Reduction> fold;

    reduced(Parent before, Reduction how)
        : boundary<Parent>(std::move(before))
        , fold{std::move(how)}
    {}
};

namespace detail {

struct reduce_fn : operator_base {
    template <expression Parent, std::move_constructible Reduction>
    [[nodiscard]] auto operator()(Parent parent, Reduction reduction) const
    {
        static_assert(record_reduction<Reduction, Parent>,
                      "tidemark::reduce: the function cannot be called with two records, or the records cannot be "
                      "assigned; it must take (record const&, record const&) and give a record");
        static_assert(lasting<record_t<Parent>>,
                      "tidemark::reduce: the records are or hold pointers, references or views, which may outlive what "
                      "they look into; map them to what owns its memory, as std::string");
        if constexpr (record_reduction<Reduction, Parent>)
            return reduced<Parent, Reduction>(std::move(parent), std::move(reduction));
        else
            return parent; // so that no other error follows
    }

    template <std::move_constructible Reduction>
    [[nodiscard]] constexpr auto operator()(Reduction reduction) const
    {
        return closure<reduce_fn, Reduction>(std::move(reduction));
    }

    void operator()() const = delete; // reduce needs a function: `records | reduce(f)`
};

} // namespace detail

/// `records | reduce(reduction)`: all records joined into one by `reduction`; no record where there are none.
///
/// *Requires* an associative `reduction` of two records; it is called from several threads, one partition each. Within
/// each partition it joins from left to right, then the partitions in their order, so it need not be commutative, and
/// the result does not depend on the number of threads. It is not called for a single record.
/// *Keeps* no state. *Partitions*: one. *Slides* with its parent, on a stream; a batch without a dataset has none
/// here either. Wide.
/// *After recovery* gives the same record again when `reduction` is deterministic.
/// See also: `reduce_records`, the action; `reduce_by_key`, `count`. Example: `examples/operators/reduce.cpp`.
inline constexpr detail::reduce_fn reduce{};

} // namespace tidemark
