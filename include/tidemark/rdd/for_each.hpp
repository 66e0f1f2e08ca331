// SPDX-License-Identifier: BSL-1.0
//
// for_each: a function called with each record of an rdd; for_each_partition: with each partition.

#pragma once

#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/row.hpp>
#include <tidemark/operators/partition_view.hpp>
#include <tidemark/rdd/evaluate.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <utility>

namespace tidemark {

/// A function that can be called with a record of `E`; what it gives is dropped.
template <typename F, typename E>
concept record_action = rdd_expression<E> && std::invocable<F const&, record_t<E> const&>;

/// A function that can be called with a partition of `E`; what it gives is dropped.
template <typename F, typename E>
concept partition_action = rdd_expression<E> && std::invocable<F const&, partition_view<record_t<E>>>;

/// Calls `action` with each record.
template <typename Record, typename Action>
class for_each_sink {
public:
    explicit for_each_sink(Action const& action)
        : action_(&action)
    {}

    void operator()(Record const& value) { static_cast<void>(std::invoke(*action_, value)); }
    void finish() {}
    [[nodiscard]] bool done() const { return false; }

private:
    Action const* action_;
};

/// Gathers the partition, and calls `action` with it at its end.
template <typename Record, typename Action>
class for_each_partition_sink {
public:
    explicit for_each_partition_sink(Action const& action)
        : action_(&action)
    {}

    void operator()(Record const& value) { records_.push_back(value); }
    void operator()(Record&& value) { records_.push_back(std::move(value)); }
    void finish() { static_cast<void>(std::invoke(*action_, partition_view<Record>(records_))); }
    [[nodiscard]] bool done() const { return false; }

private:
    Action const* action_;
    row<Record> records_;
};

namespace detail {

/// Runs every partition of `e` on its executor into a sink of its own.
template <template <typename, typename> typename Sink, typename E, typename Action>
void run_each(E const& e, Action const& action)
{
    auto const line = pipeline_of(e);
    auto const& executor = environment_of(e).executor;
    line.prepare(executor);
    auto one = [&](std::size_t partition) { line.run(partition, Sink<record_t<E>, Action>(action)); };
    executor.run(line.partitions(), one);
}

struct for_each_fn : operator_base {
    template <rdd_expression E, std::move_constructible Action>
    void operator()(E const& e, Action action) const
    {
        static_assert(record_action<Action, E>,
                      "tidemark::for_each: the function cannot be called with the record; it must take (record const&) "
                      "and be callable when it is const, from several threads");
        if constexpr (record_action<Action, E>)
            run_each<for_each_sink>(e, action);
    }

    template <std::move_constructible Action>
        requires(!expression<Action>)
    [[nodiscard]] constexpr auto operator()(Action action) const
    {
        return closure<for_each_fn, Action>(std::move(action));
    }

    void operator()() const = delete; // for_each needs a function: `records | for_each(f)`
};

struct for_each_partition_fn : operator_base {
    template <rdd_expression E, std::move_constructible Action>
    void operator()(E const& e, Action action) const
    {
        static_assert(partition_action<Action, E>,
                      "tidemark::for_each_partition: the function cannot be called with the partition; it must take "
                      "(tide::partition_view<record>), or any view, and be callable when it is const");
        if constexpr (partition_action<Action, E>)
            run_each<for_each_partition_sink>(e, action);
    }

    template <std::move_constructible Action>
        requires(!expression<Action>)
    [[nodiscard]] constexpr auto operator()(Action action) const
    {
        return closure<for_each_partition_fn, Action>(std::move(action));
    }

    void operator()() const = delete; // for_each_partition needs a function: `records | for_each_partition(f)`
};

} // namespace detail

/// `rdd | for_each(action)`: calls `action(record)` for each record; within a partition in their order.
///
/// *Threads*: `action` is called from several threads at once, one partition each; comes back when all have ended.
/// *Throws* what `action` or a function in the steps threw: that of the lowest partition, when several did. The records
/// of other partitions have been dealt with then, and those of its own before it.
/// See also: `foreach_rdd`, the output of a stream. Example: `examples/actions.cpp`.
inline constexpr detail::for_each_fn for_each{};

/// `rdd | for_each_partition(action)`: calls `action(view)` with a `partition_view` of each partition, empty ones
/// included, for what is dear to set up, as a connection. *Threads* and *Throws* as `for_each`.
/// See also: `map_partitions`. Example: `examples/actions.cpp`.
inline constexpr detail::for_each_partition_fn for_each_partition{};

} // namespace tidemark
