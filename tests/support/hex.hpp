// SPDX-License-Identifier: BSL-1.0
//
// hex: bytes as the golden files have them.

#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace tidemark_test {

/// Two digits a byte, in small letters.
[[nodiscard]] inline std::vector<std::byte> from_hex(std::string_view hex)
{
    auto const digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    std::vector<std::byte> made;
    for (std::size_t i = 0; i < hex.size(); i += 2)
        made.push_back(static_cast<std::byte>(digit(hex[i]) * 16 + digit(hex[i + 1])));
    return made;
}

} // namespace tidemark_test
