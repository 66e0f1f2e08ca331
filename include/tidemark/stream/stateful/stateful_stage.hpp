// SPDX-License-Identifier: BSL-1.0
//
// stateful_stage: what the type of a stream tells about each of its states: name, kind, policy.

#pragma once

#include <tidemark/checkpoint/policy.hpp>
#include <tidemark/core/fixed_string.hpp>
#include <tidemark/stream/checkpoint_every.hpp>

#include <concepts>
#include <cstdint>
#include <string_view>

namespace tidemark {

/// The checkpoint policy of a stage whose interval the compiler knows.
template <std::int64_t Ms>
struct static_policy {
    static constexpr bool is_static = true;
    static constexpr std::int64_t interval_ms = Ms;

    [[nodiscard]] static constexpr duration interval() { return duration(Ms); }
};

/// That of a stage whose interval is known at run time.
struct dynamic_policy {
    static constexpr bool is_static = false;
};

/// A state in the type of an expression: an element of `stateful_stages_t<E>`. `Name` is empty where the program gives
/// none.
template <fixed_string Name, typename Node, typename Policy>
struct stateful_stage {
    static constexpr std::string_view name = Name.view();
    static constexpr std::string_view kind = Node::kind;
    using node = Node;
    using policy = Policy;
};

namespace detail {

/// The policy as a type: where none is given, that which `Default` makes of a slide that the compiler knows.
template <typename Policy, slide Slide, std::int64_t (*Default)(std::int64_t)>
struct resolved_policy {
    using type = dynamic_policy;
};
template <typename Policy, slide Slide, std::int64_t (*Default)(std::int64_t)>
    requires(Slide::is_static && std::same_as<Policy, default_interval>)
struct resolved_policy<Policy, Slide, Default> {
    using type = static_policy<Default(Slide::count)>;
};
template <slide Interval, slide Slide, std::int64_t (*Default)(std::int64_t)>
    requires(Interval::is_static)
struct resolved_policy<given_interval<Interval>, Slide, Default> {
    using type = static_policy<Interval::count>;
};

/// The interval at run time: the given one, or `fallback(slide)`.
template <typename Policy>
[[nodiscard]] duration interval_of(Policy const& policy, duration slide, std::int64_t (*fallback)(std::int64_t))
{
    if constexpr (std::same_as<Policy, default_interval>)
        return duration(fallback(slide.count()));
    else
        return policy.interval.value();
}

template <typename Policy, slide Slide>
[[nodiscard]] consteval bool policy_checked()
{
    return true;
}
template <typename Policy, slide Slide>
    requires(!std::same_as<Policy, default_interval>)
[[nodiscard]] consteval bool policy_checked()
{
    return interval_checked<decltype(Policy::interval), Slide>();
}

} // namespace detail
} // namespace tidemark
