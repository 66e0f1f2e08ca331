// SPDX-License-Identifier: BSL-1.0
//
// text_bytes: the bytes of a text, as storages take them.

#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace tidemark {

/// As std::as_bytes, without a span of characters, which the compiler would have to make a class for.
[[nodiscard]] inline std::span<std::byte const> text_bytes(char const* text, std::size_t length)
{
    return {reinterpret_cast<std::byte const*>(text), length};
}

/// The same of a text that knows its length.
[[nodiscard]] inline std::span<std::byte const> text_bytes(std::string_view text)
{
    return text_bytes(text.data(), text.size());
}

} // namespace tidemark
