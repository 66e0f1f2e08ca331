// SPDX-License-Identifier: BSL-1.0
//
// output: what an application does with a stream in each batch: foreach_rdd, and what others are built on.

#pragma once

#include <tidemark/core/fixed_string.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/rdd/rdd_leaf.hpp>
#include <tidemark/time/batch_time.hpp>

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace tidemark {

/// What every output operation derives from.
struct output_base {};

template <typename O>
concept output_operation = std::derived_from<std::remove_cvref_t<O>, output_base>;

/// A batch of an output: beside its records, what an action needs to leave the same when it runs again.
struct output_batch {
    batch_time time;
    /// The names of the application and of the output with a slash between, as in "shop/totals": the same in each run.
    std::string name;
    /// What that was in older versions of the program, as `streaming_context::renamed` says.
    std::vector<std::string> former_names{};
    /// It runs again after a restart, and a source cannot give its records again: what an earlier run has left is worth
    /// more than what this one has.
    bool lost_input = false;
};

/// A function that `foreach_rdd` can call for the stream `E`: with the batch's rdd, or with the rdd and the batch time,
/// or with the rdd and an `output_batch`.
template <typename F, typename E>
concept batch_action =
    stream_expression<E> && std::copy_constructible<F>
    && (std::invocable<F&, batch_rdd_t<E> const&> || std::invocable<F&, batch_rdd_t<E> const&, batch_time>
        || std::invocable<F&, batch_rdd_t<E> const&, output_batch const&>);

/// How often the work of an output is done for a batch, whatever crashes.
enum class delivery : unsigned char {
    at_least_once, ///< After a crash it may be done again.
    exactly_once,  ///< What is done again leaves what was there.
};

/// A stream and what is done with each of its batches. Not an expression: no operator can follow it.
template <stream_expression Parent, fixed_string Name, typename Action, delivery Delivery = delivery::at_least_once>
struct output : output_base {
    using parent_type = Parent;
    using action_type = Action;

    static constexpr std::string_view name = Name.view();
    static constexpr delivery delivered = Delivery;

    Parent parent;
    Action action;
    std::string_view kind;

    output(Parent stream, Action what, std::string_view called)
        : parent(std::move(stream))
        , action(std::move(what))
        , kind(called)
    {}

    /// Says that no operator follows an output.
    template <closure_object Closure>
    friend output operator|(output out, Closure&&)
    {
        static_assert(sizeof(Closure) == 0,
                      "tidemark: an output ends its stream, and no operator follows it; put the operator before the "
                      "output, and at_most_once() or write_ahead_log() directly behind the source's stream");
        return out; // so that no other error follows
    }
};

namespace detail {

/// In place of an action that breaks a rule, so that no other error follows.
struct no_action {
    static constexpr bool idempotent = true;

    template <typename Rdd>
    void operator()(Rdd const&) const
    {}
};

/// Whether an action takes these records; one that asks something of them says what is wrong.
template <typename Action, typename Record>
consteval bool takes_records()
{
    if constexpr (requires { Action::template takes<Record>(); })
        return Action::template takes<Record>();
    else
        return true;
}

template <fixed_string Name>
struct foreach_rdd_fn {
    template <stream_expression Parent, typename Action>
    [[nodiscard]] auto operator()(Parent parent, Action action, std::string_view kind) const
    {
        static_assert(batch_action<Action, Parent>,
                      "tidemark::foreach_rdd: the function cannot be called with the batch; it must take (auto rdd), "
                      "(auto rdd, tide::batch_time) or (auto rdd, tide::output_batch const&)");
        if constexpr (takes_records<Action, record_t<Parent>>() && batch_action<Action, Parent>)
            return output<Parent, Name, Action>(std::move(parent), std::move(action), kind);
        else
            return output<Parent, Name, no_action>(std::move(parent), {}, kind);
    }
};

} // namespace detail

/// `stream | foreach_rdd<"name">(action)`: in each batch calls `action(rdd)`, `action(rdd, batch_time)` or
/// `action(rdd, output_batch)`, in the thread that runs jobs.
///
/// `rdd` is an expression, to which further operators may be added; nothing is computed until the action asks for it
/// with `collect`, `count_records`, `top` ... Outputs run one after another, in the order in which they are given to
/// `application`, and batches in the order of their times.
/// *When the action throws*, this output of the batch fails and stays pending; the other outputs and later batches run.
/// After a restart the output runs again for that batch.
/// *After a crash* an output may run again for a batch that it had dealt with: at least once.
/// The name is the identity of the output in the checkpoint; without one it is known by its place among the outputs.
/// See also: `exactly_once`. Example: `examples/operators/print.cpp`.
template <fixed_string Name = "", typename Action>
    requires(!expression<Action>)
[[nodiscard]] auto foreach_rdd(Action action)
{
    return closure<detail::foreach_rdd_fn<Name>, Action, std::string_view>(std::move(action), "foreach_rdd");
}

/// The stream as the first argument.
template <fixed_string Name = "", expression Parent, typename Action>
[[nodiscard]] auto foreach_rdd(Parent parent, Action action)
{
    return std::move(parent) | foreach_rdd<Name>(std::move(action));
}

} // namespace tidemark
