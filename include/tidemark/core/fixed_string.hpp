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
/// Two of them are the same argument, and so name the same thing, exactly when their characters are equal.
template <std::size_t N>
struct fixed_string {
    char characters[N + 1] = {}; ///< Public, as the members of a template argument must be. Zero-terminated.

    constexpr fixed_string() noexcept = default;
    constexpr fixed_string(char const (&text)[N + 1]) noexcept { std::copy_n(text, N + 1, characters); }

    /// The characters without the terminating zero; zeros within are kept.
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
