// SPDX-License-Identifier: BSL-1.0
//
// state_archive: what export and import agree upon: the marks around the states of a stage in a plain Boost archive.

#pragma once

#include <cstdint>

namespace tidemark::detail {

/// The first and the last number of exported states. Numbers, not words: a damaged length of a text would be believed.
inline constexpr std::uint32_t state_archive_begin = 0x53444954; // "TIDS", the low byte first
inline constexpr std::uint32_t state_archive_end = 0x45444954;   // "TIDE"

/// The layout that this version writes, and the newest that it reads.
inline constexpr std::uint32_t state_archive_version = 1;

} // namespace tidemark::detail
