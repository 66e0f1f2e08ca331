// SPDX-License-Identifier: BSL-1.0
//
// literals: durations as types, written 10_s, 500_ms, 1_min and 1_h.

#pragma once

#include <tidemark/time/duration.hpp>

#include <cstdint>
#include <limits>

namespace tidemark {
namespace detail {

enum class literal_fault : unsigned char { none, not_decimal, fraction, too_large };

struct parsed_literal {
    std::int64_t ms;
    literal_fault fault;
};

/// Reads the characters of a number, digit separators included, as a count of units of `unit` milliseconds.
template <char... Characters>
[[nodiscard]] constexpr parsed_literal parse_literal(std::int64_t unit) noexcept
{
    constexpr char text[] = {Characters..., '\0'};
    auto const largest = std::numeric_limits<std::int64_t>::max() / unit;

    // C++ itself reads 010 as eight, which nobody means by 010_s.
    if (text[0] == '0' && text[1] != '\0' && text[1] != '.' && text[1] != 'e' && text[1] != 'E')
        return {0, literal_fault::not_decimal};

    std::int64_t count = 0;
    for (char const character : {Characters...}) {
        if (character == '\'')
            continue;
        if (character < '0' || character > '9')
            return {0, literal_fault::fraction}; // a point or an exponent: nothing else is left in a decimal number
        auto const digit = static_cast<std::int64_t>(character - '0');
        if (count > (largest - digit) / 10)
            return {0, literal_fault::too_large};
        count = count * 10 + digit;
    }
    return {count * unit, literal_fault::none};
}

template <std::int64_t Unit, char... Characters>
[[nodiscard]] constexpr auto duration_literal() noexcept
{
    constexpr auto parsed = parse_literal<Characters...>(Unit);
    static_assert(parsed.fault != literal_fault::not_decimal,
                  "tidemark::literals: a duration is not written in base 2, 8 or 16; "
                  "write decimal digits without a leading zero");
    static_assert(parsed.fault != literal_fault::fraction,
                  "tidemark::literals: a duration has no fraction or exponent; "
                  "write a whole number of a smaller unit, 1500_ms for one and a half seconds");
    static_assert(parsed.fault != literal_fault::too_large,
                  "tidemark::literals: the duration does not fit into 64 bits of milliseconds; write a smaller number");
    return static_duration<parsed.ms>{};
}

} // namespace detail

/// Durations as types, for `using namespace tidemark::literals`.
///
/// Decimal whole numbers only, digit separators allowed; anything else does not compile.
namespace literals {

/// Milliseconds.
template <char... Characters>
[[nodiscard]] constexpr auto operator""_ms() noexcept
{
    return detail::duration_literal<1, Characters...>();
}

/// Seconds.
template <char... Characters>
[[nodiscard]] constexpr auto operator""_s() noexcept
{
    return detail::duration_literal<1000, Characters...>();
}

/// Minutes.
template <char... Characters>
[[nodiscard]] constexpr auto operator""_min() noexcept
{
    return detail::duration_literal<60'000, Characters...>();
}

/// Hours.
template <char... Characters>
[[nodiscard]] constexpr auto operator""_h() noexcept
{
    return detail::duration_literal<3'600'000, Characters...>();
}

} // namespace literals
} // namespace tidemark
