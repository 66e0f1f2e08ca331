// SPDX-License-Identifier: BSL-1.0
//
// fixed_string: a name that is a template argument.

#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace tidemark {

/// A string of exactly `N` characters that may be a template argument: `map_with_state<"video-hits">`.
///
/// Two of them name the same thing exactly when their characters are equal, and then they are the same argument.
template <std::size_t N>
struct fixed_string {
    char characters[N + 1] = {}; ///< public because a template argument's members must be; ends in a zero

    constexpr fixed_string() noexcept = default;
    constexpr fixed_string(char const (&text)[N + 1]) noexcept { std::copy_n(text, N + 1, characters); }

    /// The characters, zeros within included, the one at the end left out.
    [[nodiscard]] constexpr std::string_view view() const noexcept { return {characters, N}; }
    [[nodiscard]] static constexpr std::size_t size() noexcept { return N; }

    template <std::size_t M>
    [[nodiscard]] friend constexpr bool operator==(fixed_string const& left, fixed_string<M> const& right) noexcept
    {
        return left.view() == right.view();
    }
};

template <std::size_t Extent>
fixed_string(char const (&)[Extent]) -> fixed_string<Extent - 1>;

} // namespace tidemark
