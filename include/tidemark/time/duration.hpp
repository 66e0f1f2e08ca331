// SPDX-License-Identifier: BSL-1.0
//
// duration: a length of time in milliseconds, as a value or as a type.

#pragma once

#include <tidemark/core/chrono.hpp>
#include <tidemark/core/error.hpp>

#include <compare>
#include <cstdint>
#include <string>
#include <type_traits>

namespace tidemark {

/// A length of time, counted in milliseconds; it may be negative.
using duration = std::chrono::milliseconds;

/// A number without a unit, which is no duration.
template <typename T>
concept number_without_unit = std::is_arithmetic_v<T>;

/// The longest interval, window or timeout that is accepted, about 34 years: sums with batch times stay in 64 bits.
inline constexpr duration longest_duration{std::int64_t{1} << 40};

/// A duration that is a type, so that rules about it can be checked by the compiler. Converts to `duration`.
///
/// Written as a literal: `10_s` is `static_duration<10000>`.
template <std::int64_t Ms>
struct static_duration {
    static constexpr std::int64_t count = Ms;

    constexpr operator duration() const noexcept { return duration(Ms); }
};

/// Equal lengths of time.
template <std::int64_t Left, std::int64_t Right>
[[nodiscard]] constexpr bool operator==(static_duration<Left>, static_duration<Right>) noexcept
{
    return Left == Right;
}

/// By length.
template <std::int64_t Left, std::int64_t Right>
[[nodiscard]] constexpr std::strong_ordering operator<=>(static_duration<Left>, static_duration<Right>) noexcept
{
    return Left <=> Right;
}

/// Equal lengths of time.
template <std::int64_t Left>
[[nodiscard]] constexpr bool operator==(static_duration<Left>, duration right) noexcept
{
    return Left == right.count();
}

/// By length.
template <std::int64_t Left>
[[nodiscard]] constexpr std::strong_ordering operator<=>(static_duration<Left>, duration right) noexcept
{
    return Left <=> right.count();
}

/// The sum, known to the compiler as well.
template <std::int64_t Left, std::int64_t Right>
[[nodiscard]] constexpr static_duration<Left + Right> operator+(static_duration<Left>, static_duration<Right>) noexcept
{
    return {};
}

/// The difference, known to the compiler as well.
template <std::int64_t Left, std::int64_t Right>
[[nodiscard]] constexpr static_duration<Left - Right> operator-(static_duration<Left>, static_duration<Right>) noexcept
{
    return {};
}

/// Whether `whole` is `part` taken a whole number of times.
///
/// Zero is a multiple of everything, and the only multiple of zero.
[[nodiscard]] constexpr bool is_multiple_of(duration whole, duration part) noexcept
{
    if (part.count() == 0)
        return whole.count() == 0;
    return part.count() == -1 || whole.count() % part.count() == 0; // the smallest integer % -1 overflows
}

/// Whether `WholeMs` is a positive multiple of `PartMs`, for rules: a compiler that says which one is broken shows both
/// numbers.
template <std::int64_t WholeMs, std::int64_t PartMs>
struct positive_multiple_ms {
    static constexpr bool value = WholeMs > 0 && WholeMs % PartMs == 0;
};

/// How often `part` fits into `whole`, as a real number; `whole / part` would drop the fraction.
[[nodiscard]] constexpr double ratio(duration whole, duration part) noexcept
{
    return static_cast<double>(whole.count()) / static_cast<double>(part.count());
}

/// Whole seconds as `7 s`, everything else as `1500 ms`.
[[nodiscard]] inline std::string to_string(duration length)
{
    auto const ms = length.count();
    return ms % 1000 == 0 ? std::to_string(ms / 1000) + " s" : std::to_string(ms) + " ms";
}

namespace detail {

[[noreturn]] inline void refuse_not_positive(char const* what, duration found)
{
    throw usage_error(std::string(what) + " is " + to_string(found) + ", which is not positive; pass at least 1 ms");
}

constexpr void require_positive(char const* what, duration found)
{
    if (found.count() <= 0)
        refuse_not_positive(what, found);
}

} // namespace detail
} // namespace tidemark
