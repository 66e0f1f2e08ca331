// SPDX-License-Identifier: BSL-1.0
//
// unique_id: a number that tells what was made here and now from whatever else has the same name.

#pragma once

#include <tidemark/core/chrono.hpp>
#include <tidemark/storage/checksum.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace tidemark {

/// A number that hardly anything else is given, on this machine or another; never 0. `where` is what the thing is called.
[[nodiscard]] inline std::uint64_t draw_unique_id(std::string where)
{
    auto const add = [&where](auto number) { (where += ' ') += std::to_string(number); };
    add(std::chrono::system_clock::now().time_since_epoch().count());
    add(std::chrono::steady_clock::now().time_since_epoch().count());
    add(std::hash<void const*>()(&where));
    return std::max<std::uint64_t>(checksum(std::as_bytes(std::span(where)), 0), 1);
}

} // namespace tidemark
