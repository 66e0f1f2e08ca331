// SPDX-License-Identifier: BSL-1.0
//
// slide: how often a stream has a batch, as part of its type.

#pragma once

#include <tidemark/time/duration.hpp>

#include <concepts>
#include <cstdint>
#include <type_traits>

namespace tidemark {

/// How often a stream has a batch. `S::is_static` says whether the compiler knows it; `value()` gives the duration.
template <typename S>
concept slide = std::copyable<S> && requires(S const& some) {
    { some.value() } noexcept -> std::same_as<duration>;
    { S::is_static } -> std::convertible_to<bool>;
};

/// A slide of `Ms` milliseconds: rules about it are checked by the compiler.
template <std::int64_t Ms>
struct static_slide {
    static constexpr bool is_static = true;
    static constexpr std::int64_t count = Ms;

    [[nodiscard]] constexpr duration value() const noexcept { return duration(Ms); }

    [[nodiscard]] friend constexpr bool operator==(static_slide, static_slide) = default;
};

/// A slide known at run time only: rules about it are checked at start.
struct dynamic_slide {
    static constexpr bool is_static = false;

    duration length{};

    [[nodiscard]] constexpr duration value() const noexcept { return length; }

    [[nodiscard]] friend constexpr bool operator==(dynamic_slide, dynamic_slide) = default;
};

/// The slide of a stream for which the user wrote a literal such as `10_s`.
template <std::int64_t Ms>
[[nodiscard]] constexpr static_slide<Ms> slide_of(static_duration<Ms>) noexcept
{
    return {};
}

/// The slide of a stream for which the user passed a computed duration.
[[nodiscard]] constexpr dynamic_slide slide_of(duration length) noexcept { return {length}; }

/// A number is no duration.
template <number_without_unit Number>
[[nodiscard]] constexpr dynamic_slide slide_of(Number) noexcept
{
    static_assert(!std::is_arithmetic_v<Number>,
                  "tidemark: a duration needs a unit: `10_s`, `500_ms`, `tide::duration(milliseconds)`");
    return {};
}

} // namespace tidemark
