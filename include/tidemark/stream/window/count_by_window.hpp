// SPDX-License-Identifier: BSL-1.0
//
// count_by_window: how many records the last batches hold.

#pragma once

#include <tidemark/core/fixed_string.hpp>
#include <tidemark/expression/closure.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/stream/window/reduce_by_window.hpp>
#include <tidemark/stream/window/window_arguments.hpp>
#include <tidemark/time/slide.hpp>

#include <cstdint>
#include <functional>
#include <type_traits>
#include <utility>

namespace tidemark {
namespace detail {

struct as_one {
    template <typename Record>
    [[nodiscard]] std::int64_t operator()(Record const&) const
    {
        return 1;
    }
};

template <fixed_string Name>
struct count_by_window_fn {
    template <expression Parent, slide Window, typename Every, typename Policy>
    [[nodiscard]] auto operator()(Parent parent, Window window, Every every, Policy policy) const
    {
        static_assert(stream_expression<Parent>,
                      "tidemark::count_by_window: this is an rdd, and only streams have windows; use count on an rdd");
        static_assert(level_t<Parent>::is_checkpointed,
                      "tidemark::count_by_window: the context has no checkpoint directory, which the count needs; "
                      "pass a tide::checkpoint_directory to streaming_context, or use window and count");
        if constexpr (stream_expression<Parent> && level_t<Parent>::is_checkpointed)
            return reduce_by_window_fn<Name>{}(map_fn{}(std::move(parent), as_one{}), std::plus<std::int64_t>(),
                                               std::minus<std::int64_t>(), window, every, policy);
        else
            return parent; // so that no other error follows
    }
};

} // namespace detail

/// `records | count_by_window<"name">(window_duration, slide_duration, checkpoint_every(d))`: at each multiple of the
/// slide duration the number of records in the last window duration, as `std::int64_t`. Slide duration and policy may be
/// left out.
///
/// **No record before the first one has come**; then always one, 0 when the window is empty. `window(w, s) | count()`
/// gives a 0 from the beginning.
/// *Requires* a context with a checkpoint directory. *Keeps* a number for each batch of a window. *Partitions* by
/// key-group, of which one has the record. *Slides* by the slide duration. Wide.
/// See also: `count`, `count_by_value_and_window`. Example: `examples/operators/count_by_window.cpp`.
template <fixed_string Name = "", window_length Window, typename... Options>
    requires window_options<Options...>
[[nodiscard]] auto count_by_window(Window window_duration, Options... options)
{
    auto const covered = slide_of(window_duration);
    auto const often = detail::slide_among(options...);
    auto const policy = detail::policy_among(options...);
    return closure<detail::count_by_window_fn<Name>, std::remove_const_t<decltype(covered)>,
                   std::remove_const_t<decltype(often)>, std::remove_const_t<decltype(policy)>>(covered, often, policy);
}

/// The stream as the first argument.
template <fixed_string Name = "", expression Parent, typename... Arguments>
[[nodiscard]] auto count_by_window(Parent parent, Arguments... arguments)
{
    return std::move(parent) | count_by_window<Name>(std::move(arguments)...);
}

} // namespace tidemark
