// SPDX-License-Identifier: BSL-1.0
//
// reduce_records: all records of an rdd joined into one value; fold_records and aggregate_records: from a first value on.

#pragma once

#include <tidemark/execution/gathered_dataset.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/lasting.hpp>
#include <tidemark/operators/reduce.hpp>
#include <tidemark/rdd/evaluate.hpp>

#include <concepts>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

namespace tidemark {

/// A function that takes one record of `E` into a value, which can be copied and assigned.
template <typename F, typename Value, typename E>
concept record_accumulation =
    rdd_expression<E> && std::copyable<Value> && std::invocable<F const&, Value&&, record_t<E> const&>
    && std::convertible_to<std::invoke_result_t<F const&, Value&&, record_t<E> const&>, Value>;

/// A function that joins two values into one.
template <typename F, typename Value>
concept value_merge = std::invocable<F const&, Value&&, Value&&>
                      && std::convertible_to<std::invoke_result_t<F const&, Value&&, Value&&>, Value>;

/// How `aggregate_records` builds its value.
template <typename Value, typename Accumulation, typename Merge>
struct aggregate_fold {
    template <typename Record>
    using result = Value;

    Value const& zero;
    Accumulation const& accumulation;
    Merge const& join;

    [[nodiscard]] Value empty() const { return zero; }

    template <typename Record>
    void add(Value& sum, Record const& record) const
    {
        sum = static_cast<Value>(std::invoke(accumulation, std::move(sum), record));
    }

    void merge(Value& sum, Value&& other) const
    {
        sum = static_cast<Value>(std::invoke(join, std::move(sum), std::move(other)));
    }
};

namespace detail {

/// What `reduce` gives for `e`, as a value.
template <typename E, typename Reduction>
[[nodiscard]] std::optional<record_t<E>> reduced_value(E const& e, Reduction reduction)
{
    return fold_all(pipeline_of(e), reduce_fold<Reduction>{std::move(reduction)}, environment_of(e).executor);
}

struct reduce_records_fn : operator_base {
    template <rdd_expression E, std::move_constructible Reduction>
    [[nodiscard]] std::optional<record_t<E>> operator()(E const& e, Reduction reduction) const
    {
        static_assert(record_reduction<Reduction, E>,
                      "tidemark::reduce_records: the function cannot be called with two records, or the records cannot "
                      "be assigned; it must take (record const&, record const&) and give a record");
        static_assert(lasting<record_t<E>>,
                      "tidemark::reduce_records: the records are or hold pointers, references or views, which may "
                      "outlive what they look into; map them to what owns its memory, as std::string");
        if constexpr (record_reduction<Reduction, E>)
            return reduced_value(e, std::move(reduction));
        else
            return std::nullopt;
    }

    template <std::move_constructible Reduction>
        requires(!expression<Reduction>)
    [[nodiscard]] constexpr auto operator()(Reduction reduction) const
    {
        return closure<reduce_records_fn, Reduction>(std::move(reduction));
    }

    void operator()() const = delete; // reduce_records needs a function: `records | reduce_records(f)`
};

struct fold_records_fn : operator_base {
    template <rdd_expression E, std::move_constructible Reduction>
    [[nodiscard]] record_t<E> operator()(E const& e, record_t<E> zero, Reduction reduction) const
    {
        static_assert(record_reduction<Reduction, E>,
                      "tidemark::fold_records: the function cannot be called with two records, or the records cannot "
                      "be assigned; it must take (record const&, record const&) and give a record");
        static_assert(lasting<record_t<E>>,
                      "tidemark::fold_records: the records are or hold pointers, references or views, which may "
                      "outlive what they look into; map them to what owns its memory, as std::string");
        if constexpr (record_reduction<Reduction, E>)
            if (auto const rest = reduced_value(e, reduction))
                return reduce_fold<Reduction>{std::move(reduction)}.joined(std::move(zero), *rest);
        return zero;
    }

    template <std::move_constructible Zero, std::move_constructible Reduction>
        requires(!expression<Zero>)
    [[nodiscard]] constexpr auto operator()(Zero zero, Reduction reduction) const
    {
        return closure<fold_records_fn, Zero, Reduction>(std::move(zero), std::move(reduction));
    }

    void operator()() const = delete; // fold_records needs a value and a function: `records | fold_records(0, f)`
};

struct aggregate_records_fn : operator_base {
    template <rdd_expression E, std::move_constructible Value, std::move_constructible Accumulation,
              std::move_constructible Merge>
    [[nodiscard]] Value operator()(E const& e, Value zero, Accumulation accumulation, Merge join) const
    {
        static_assert(
            record_accumulation<Accumulation, Value, E>,
            "tidemark::aggregate_records: the first function cannot be called with the value and a record, or "
            "the value cannot be copied; it must take (value, record const&) and give a value");
        static_assert(value_merge<Merge, Value>,
                      "tidemark::aggregate_records: the second function cannot be called with two values; it must take "
                      "(value, value) and give a value");
        if constexpr (record_accumulation<Accumulation, Value, E> && value_merge<Merge, Value>)
            return fold_all(pipeline_of(e), aggregate_fold<Value, Accumulation, Merge>{zero, accumulation, join},
                            environment_of(e).executor);
        else
            return zero;
    }

    template <std::move_constructible Value, std::move_constructible Accumulation, std::move_constructible Merge>
        requires(!expression<Value>)
    [[nodiscard]] constexpr auto operator()(Value zero, Accumulation accumulation, Merge join) const
    {
        return closure<aggregate_records_fn, Value, Accumulation, Merge>(std::move(zero), std::move(accumulation),
                                                                         std::move(join));
    }

    void operator()() const =
        delete; // aggregate_records needs a value and two functions: `aggregate_records(0, add, merge)`
};

} // namespace detail

/// `rdd | reduce_records(reduction)`: all records joined into one by an associative `reduction`, in their order;
/// nothing for an rdd without records.
///
/// A `std::optional` and no error, as `std::ranges::fold_left_first` gives: in a stream, empty batches are no mistake of
/// the program, and the type does not let it forget them.
/// *Threads* and *Throws* as `collect`; `reduction` is called from several threads, one partition each.
/// See also: `reduce`, the operator; `fold_records`. Example: `examples/actions.cpp`.
inline constexpr detail::reduce_records_fn reduce_records{};

/// `rdd | fold_records(zero, reduction)`: `zero` joined with all records, in their order, by an associative `reduction`
/// of two records.
///
/// `zero` takes part once, at the front, however many partitions there are (Spark takes it once more for each).
/// *Threads* and *Throws* as `reduce_records`.
/// See also: `reduce_records`, `aggregate_records`. Example: `examples/actions.cpp`.
inline constexpr detail::fold_records_fn fold_records{};

/// `rdd | aggregate_records(zero, add, merge)`: a value of another type than the records: `add(value, record)` takes
/// the records of a partition one after the other into a copy of `zero`, `merge(value, value)` joins the results in
/// the order of the partitions.
///
/// *Requires* a `zero` that changes nothing when it is merged: there is one for each partition, and one before them.
/// Both functions are given the value so far to move from.
/// *Threads* and *Throws* as `reduce_records`.
/// See also: `fold_records`. Example: `examples/actions.cpp`.
inline constexpr detail::aggregate_records_fn aggregate_records{};

} // namespace tidemark
