// SPDX-License-Identifier: BSL-1.0
//
// transform: whatever can be done with an rdd, done with the rdds of each batch.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/expression/boundary.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/expression/lasting.hpp>
#include <tidemark/expression/lineage.hpp>
#include <tidemark/expression/node_id.hpp>
#include <tidemark/expression/same_slide.hpp>
#include <tidemark/rdd/rdd_leaf.hpp>
#include <tidemark/stream/streaming_context.hpp>
#include <tidemark/time/batch_time.hpp>

#include <concepts>
#include <functional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace tidemark {
namespace detail {

/// What `Function` gives for these arguments, and a batch time where it takes one.
template <typename Function, typename... Arguments>
struct transform_call {};
template <typename Function, typename... Arguments>
    requires std::invocable<Function&, Arguments..., batch_time>
struct transform_call<Function, Arguments...>
    : std::type_identity<std::decay_t<std::invoke_result_t<Function&, Arguments..., batch_time>>> {};
template <typename Function, typename... Arguments>
    requires(!std::invocable<Function&, Arguments..., batch_time> && std::invocable<Function&, Arguments...>)
struct transform_call<Function, Arguments...>
    : std::type_identity<std::decay_t<std::invoke_result_t<Function&, Arguments...>>> {};

template <typename Function, typename... Arguments>
concept transform_callable = requires { typename transform_call<Function, Arguments...>::type; };

template <typename Function, typename... Arguments>
using transform_result_t = typename transform_call<Function, Arguments...>::type;

/// Calls either form of the user's function.
template <typename Function, typename... Arguments>
[[nodiscard]] auto call_transform(Function& function, batch_time time, Arguments const&... arguments)
{
    if constexpr (std::invocable<Function&, Arguments const&..., batch_time>)
        return std::invoke(function, arguments..., time);
    else
        return std::invoke(function, arguments...);
}

template <expression Result>
inline constexpr dependency transform_depends = is_wide_v<Result> ? dependency::wide : dependency::narrow;

} // namespace detail

/// A function that `transform` can call with the rdds of one batch of `Parents`, and the batch time if it likes, and
/// that gives an rdd.
template <typename F, typename... Parents>
concept batch_transform = (stream_expression<Parents> && ...)
                          && std::copy_constructible<F> && detail::transform_callable<F, batch_rdd_t<Parents> const&...>
                          && rdd_expression<detail::transform_result_t<F, batch_rdd_t<Parents> const&...>>;

/// The same for a list of streams: it takes a `std::vector<rdd<T>> const&`.
template <typename F, typename Parent>
concept list_transform = stream_expression<Parent> && std::copy_constructible<F>
                         && detail::transform_callable<F, std::vector<rdd<record_t<Parent>>> const&>
                         && rdd_expression<detail::transform_result_t<F, std::vector<rdd<record_t<Parent>>> const&>>;

/// The node of `transform` and `transform_with`. What the function adds is fused with the steps of its streams.
template <typename Function, stream_expression First, stream_expression... Rest>
struct transformed : expression_base {
    using result_type = detail::transform_result_t<Function, batch_rdd_t<First> const&, batch_rdd_t<Rest> const&...>;
    using record_type = record_t<result_type>;
    using level = level_t<First>;
    using parents = type_list<First, Rest...>;

    static constexpr dependency depends = detail::transform_depends<result_type>;
    static constexpr std::string_view name = sizeof...(Rest) == 1 ? "transform_with" : "transform";

    node_id id;
    std::tuple<First, Rest...> streams;
    Function function;

    transformed(Function what, First first, Rest... rest)
        : streams(std::move(first), std::move(rest)...)
        , function(std::move(what))
    {}

    [[nodiscard]] auto slide() const { return std::get<0>(streams).slide(); }
};

/// The node of `transform` over a list of streams, of which there is at least one.
template <typename Function, stream_expression Parent>
struct transformed_list : expression_base {
    using result_type = detail::transform_result_t<Function, std::vector<rdd<record_t<Parent>>> const&>;
    using record_type = record_t<result_type>;
    using level = level_t<Parent>;
    using parents = type_list<Parent>;

    static constexpr dependency depends = detail::transform_depends<result_type>;
    static constexpr std::string_view name = "transform";

    node_id id;
    std::vector<Parent> streams;
    Function function;

    transformed_list(Function what, std::vector<Parent> several)
        : streams(std::move(several))
        , function(std::move(what))
    {}

    [[nodiscard]] auto slide() const { return streams.front().slide(); }
};

namespace detail {

template <typename Result>
[[nodiscard]] consteval bool transform_result_checked()
{
    static_assert(rdd_expression<Result>,
                  "tidemark::transform: the function gives no rdd; return what the operators make of the rdd it is "
                  "given, and for what only looks at a batch use foreach_rdd");
    if constexpr (rdd_expression<Result>)
        static_assert(lasting<record_t<Result>>,
                      "tidemark::transform: the records are or hold pointers, references or views, which may outlive "
                      "what they look into; map them to what owns its memory, as std::string");
    return true;
}

template <typename Function, typename First, typename... Rest>
[[nodiscard]] auto make_transformed(Function function, First first, Rest... rest)
{
    static_assert((stream_expression<First> && ... && stream_expression<Rest>),
                  "tidemark::transform: this is an rdd, and only streams have batches; call the function with the rdd");
    if constexpr ((stream_expression<First> && ... && stream_expression<Rest>)) {
        static_assert((same_slide<First, Rest>::value && ...),
                      "tidemark::transform: the streams have different slides; use streams of one slide, or give the "
                      "slower one's slide to window on the others");
        static_assert(transform_callable<Function, batch_rdd_t<First> const&, batch_rdd_t<Rest> const&...>,
                      "tidemark::transform: the function cannot be called with the batch; it must take (auto rdd), one "
                      "for each stream, and may take a tide::batch_time after them");
        if constexpr (transform_callable<Function, batch_rdd_t<First> const&, batch_rdd_t<Rest> const&...>) {
            using result = transform_result_t<Function, batch_rdd_t<First> const&, batch_rdd_t<Rest> const&...>;
            static_assert(transform_result_checked<result>());
            if constexpr (rdd_expression<result>)
                return transformed<Function, First, Rest...>(std::move(function), std::move(first), std::move(rest)...);
            else
                return first; // so that no other error follows
        } else
            return first;
    } else
        return first;
}

template <typename Stream>
void expect_streams(std::vector<Stream> const& streams, char const* what)
{
    if (streams.empty())
        throw config_error("tidemark::" + std::string(what)
                           + ": the list of streams is empty; pass at least one stream");
}

template <typename Function, typename Parent>
[[nodiscard]] auto make_transformed_list(Function function, std::vector<Parent> streams)
{
    using rdds = std::vector<rdd<record_t<Parent>>>;
    static_assert(
        transform_callable<Function, rdds const&>,
        "tidemark::transform: the function cannot be called with the batch of a list of streams; it must take "
        "(std::vector<tide::rdd<T>> const&), and may take a tide::batch_time after it");
    if constexpr (transform_callable<Function, rdds const&>) {
        using result = transform_result_t<Function, rdds const&>;
        static_assert(transform_result_checked<result>());
        expect_streams(streams, "transform");
        if constexpr (rdd_expression<result>)
            return transformed_list<Function, Parent>(std::move(function), std::move(streams));
        else
            return streams.front(); // so that no other error follows
    } else
        return streams.front();
}

struct transform_fn : operator_base {
    template <expression Parent, std::move_constructible Function>
    [[nodiscard]] auto operator()(Parent parent, Function function) const
    {
        return make_transformed(std::move(function), std::move(parent));
    }

    template <std::move_constructible Function>
    [[nodiscard]] constexpr auto operator()(Function function) const
    {
        return closure<transform_fn, Function>(std::move(function));
    }

    void operator()() const = delete; // transform needs a function: `stream | transform(f)`
};

struct transform_with_fn : operator_base {
    template <expression First, expression Second, std::move_constructible Function>
    [[nodiscard]] auto operator()(First first, Second second, Function function) const
    {
        return make_transformed(std::move(function), std::move(first), std::move(second));
    }

    template <expression Second, std::move_constructible Function>
    [[nodiscard]] auto operator()(Second second, Function function) const
    {
        return closure<transform_with_fn, Second, Function>(std::move(second), std::move(function));
    }

    void operator()() const = delete; // transform_with needs the other stream: `first | transform_with(second, f)`
};

} // namespace detail

/// `stream | transform(f)`: in each batch the rdd that `f(rdd)` or `f(rdd, batch_time)` makes of the batch's rdd.
///
/// `rdd` is an expression: what `f` adds is fused with the chain before it. `f` is called in the thread that generates
/// batches, once for each, before the batch runs. So it may look at data of sources and at other rdds, with actions
/// too, but not at what the same batch has yet to compute, the result of a state or a window: an action on that throws
/// `usage_error`.
/// *Requires* an `f` that gives an rdd whose records own their memory. *Keeps* no state. *Slides* with its parent. Wide
/// if `f` brings records together.
/// *Fails* the outputs that need it for a batch without a dataset, or for which `f` throws.
/// *After recovery* `f` is called again for each batch that runs again.
/// See also: `transform_with`, `streaming_context::transform`, `foreach_rdd`. Example: `examples/operators/transform.cpp`.
inline constexpr detail::transform_fn transform{};

/// `first | transform_with(second, f)`: the same of two streams of one slide: `f(rdd, other_rdd)` or
/// `f(rdd, other_rdd, batch_time)`.
///
/// *Fails* for a batch in which one of the streams has no dataset. Example: `examples/operators/transform_with.cpp`.
inline constexpr detail::transform_with_fn transform_with{};

template <slide Batch, bool Checkpointed>
template <typename Function, stream_expression First, stream_expression... Rest>
auto basic_streaming_context<Batch, Checkpointed>::transform(Function function, First first, Rest... rest) const
{
    return detail::make_transformed(std::move(function), std::move(first), std::move(rest)...);
}

template <slide Batch, bool Checkpointed>
template <stream_expression Stream, typename Function>
auto basic_streaming_context<Batch, Checkpointed>::transform(std::vector<Stream> streams, Function function) const
{
    return detail::make_transformed_list(std::move(function), std::move(streams));
}

template <slide Batch, bool Checkpointed>
template <stream_expression Stream>
auto basic_streaming_context<Batch, Checkpointed>::union_(std::vector<Stream> streams) const
{
    detail::expect_streams(streams, "union_");
    return merged_all<Stream>(std::move(streams));
}

} // namespace tidemark
