// SPDX-License-Identifier: BSL-1.0
//
// window_arguments: what may stand behind the functions of a window operation: durations, a filter, a checkpoint policy.

#pragma once

#include <tidemark/checkpoint/policy.hpp>
#include <tidemark/expression/expression.hpp>
#include <tidemark/expression/partitioner.hpp>
#include <tidemark/stream/checkpoint_every.hpp>
#include <tidemark/stream/window/window.hpp>
#include <tidemark/time/slide.hpp>

#include <concepts>
#include <cstddef>
#include <type_traits>

namespace tidemark {

/// A duration, as a literal or computed.
template <typename D>
concept window_length = requires(D length) { slide_of(length); };

namespace detail {

template <typename P>
inline constexpr bool is_checkpoint_policy_v = false;
template <typename Interval>
inline constexpr bool is_checkpoint_policy_v<checkpoint_policy<Interval>> = true;

/// 0: a slide duration, 1: a filter, 2: a policy; they stand in this order, each at most once.
template <typename Option>
inline constexpr int option_place_v = window_length<Option>            ? 0
                                      : is_checkpoint_policy_v<Option> ? 2
                                                                       : 1;

template <typename... Options>
[[nodiscard]] consteval bool options_in_order()
{
    int last = -1;
    bool ordered = true;
    for (int const place : {-1, option_place_v<Options>...}) {
        ordered = ordered && (place > last || place == -1);
        last = place;
    }
    return ordered;
}

} // namespace detail

/// A slide duration, or none, and then a checkpoint policy, or none.
template <typename... Options>
concept window_options = detail::options_in_order<Options...>() && (!expression<Options> && ...)
                         && ((detail::option_place_v<Options> != 1) && ...);

/// The same with a filter between them, or none.
template <typename... Options>
concept filtered_window_options =
    detail::options_in_order<Options...>() && (!expression<Options> && ...) && (!partitioner_like<Options> && ...);

/// A partitioner, or a third duration or number, behind the durations of a window by key: other operators on pairs take
/// such a thing.
template <typename First, typename... Others>
concept laid_out_window =
    !expression<First>
    && ((partitioner_like<Others> || ...) || (int{window_length<First>} + ... + int{window_length<Others>}) > 2);

/// The filter that lets every key pass.
struct keep_all {};
/// The same for a key that stays, once it has come, whatever the durations are.
struct keep_for_good {};

/// Whether a filter drops nothing.
template <typename Filter>
inline constexpr bool lets_all_pass_v = std::same_as<Filter, keep_all> || std::same_as<Filter, keep_for_good>;

namespace detail {

[[nodiscard]] constexpr parent_slide slide_among() { return {}; }
template <typename First, typename... Rest>
[[nodiscard]] constexpr auto slide_among(First const& first, Rest const&...)
{
    if constexpr (window_length<First>)
        return slide_of(first);
    else
        return parent_slide{};
}

[[nodiscard]] constexpr keep_all filter_among() { return {}; }
template <typename First, typename... Rest>
[[nodiscard]] constexpr auto filter_among(First const& first, Rest const&... rest)
{
    if constexpr (option_place_v<First> == 1)
        return first;
    else
        return filter_among(rest...);
}

[[nodiscard]] constexpr default_interval policy_among() { return {}; }
template <typename First, typename... Rest>
[[nodiscard]] constexpr auto policy_among(First const& first, Rest const&... rest)
{
    if constexpr (is_checkpoint_policy_v<First>)
        return first.policy();
    else
        return policy_among(rest...);
}

/// Of the slide duration that was given or not, what it is over `Parent`.
template <typename Every, stream_expression Parent>
[[nodiscard]] auto slide_over([[maybe_unused]] Every every, [[maybe_unused]] Parent const& parent)
{
    if constexpr (std::same_as<Every, parent_slide>)
        return parent.slide();
    else
        return every;
}

/// Whether the durations keep the rules over `Slide`, as far as the types tell.
template <slide Window, slide Every, slide Slide>
[[nodiscard]] consteval bool window_checked()
{
    if constexpr (Window::is_static && Every::is_static && Slide::is_static)
        return window_rules<Window::count, Every::count, Slide::count>::value;
    else
        return true;
}

} // namespace detail
} // namespace tidemark
