// SPDX-License-Identifier: BSL-1.0
//
// checksum: the 64-bit checksum, with a seed, of everything that is stored.

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace tidemark {

namespace detail {

inline constexpr std::uint64_t checksum_prime_1 = 0x9E3779B185EBCA87;
inline constexpr std::uint64_t checksum_prime_2 = 0xC2B2AE3D27D4EB4F;
inline constexpr std::uint64_t checksum_prime_3 = 0x165667B19E3779F9;
inline constexpr std::uint64_t checksum_prime_4 = 0x85EBCA77C2B2AE63;
inline constexpr std::uint64_t checksum_prime_5 = 0x27D4EB2F165667C5;

/// The number whose bytes, low byte first, begin at `from`.
template <typename Number>
[[nodiscard]] Number load_low_first(std::byte const* from) noexcept
{
    Number value{};
    if constexpr (std::endian::native == std::endian::little) {
        std::memcpy(&value, from, sizeof(value));
    } else {
        for (std::size_t i = sizeof(value); i-- != 0;) {
            value = static_cast<Number>(value << 8U) | static_cast<Number>(from[i]);
        }
    }
    return value;
}

[[nodiscard]] inline constexpr std::uint64_t checksum_round(std::uint64_t sum, std::uint64_t lane) noexcept
{
    return std::rotl(sum + lane * checksum_prime_2, 31) * checksum_prime_1;
}

[[nodiscard]] inline constexpr std::uint64_t checksum_merge(std::uint64_t sum, std::uint64_t lane) noexcept
{
    return (sum ^ checksum_round(0, lane)) * checksum_prime_1 + checksum_prime_4;
}

} // namespace detail

/// The XXH64 hash of `bytes`; equal on every machine, and another one for every `seed`.
///
/// *Source*: Yann Collet, "xxHash fast digest algorithm", version 0.1.1, section "XXH64 algorithm description". Guards
/// against damage, not against forgery.
[[nodiscard]] inline std::uint64_t checksum(std::span<std::byte const> bytes, std::uint64_t seed) noexcept
{
    using namespace detail;
    std::byte const* at = bytes.data();
    std::size_t left = bytes.size();
    std::uint64_t sum = seed + checksum_prime_5;
    if (left >= 32) {
        std::uint64_t a = seed + checksum_prime_1 + checksum_prime_2;
        std::uint64_t b = seed + checksum_prime_2;
        std::uint64_t c = seed;
        std::uint64_t d = seed - checksum_prime_1;
        for (; left >= 32; at += 32, left -= 32) {
            a = checksum_round(a, load_low_first<std::uint64_t>(at));
            b = checksum_round(b, load_low_first<std::uint64_t>(at + 8));
            c = checksum_round(c, load_low_first<std::uint64_t>(at + 16));
            d = checksum_round(d, load_low_first<std::uint64_t>(at + 24));
        }
        sum = std::rotl(a, 1) + std::rotl(b, 7) + std::rotl(c, 12) + std::rotl(d, 18);
        sum = checksum_merge(checksum_merge(checksum_merge(checksum_merge(sum, a), b), c), d);
    }
    sum += bytes.size();
    for (; left >= 8; at += 8, left -= 8) {
        sum ^= checksum_round(0, load_low_first<std::uint64_t>(at));
        sum = std::rotl(sum, 27) * checksum_prime_1 + checksum_prime_4;
    }
    if (left >= 4) {
        sum ^= load_low_first<std::uint32_t>(at) * checksum_prime_1;
        sum = std::rotl(sum, 23) * checksum_prime_2 + checksum_prime_3;
        at += 4;
        left -= 4;
    }
    for (; left != 0; ++at, --left) {
        sum = std::rotl(sum ^ (std::to_integer<std::uint64_t>(*at) * checksum_prime_5), 11) * checksum_prime_1;
    }
    sum = (sum ^ (sum >> 33U)) * checksum_prime_2;
    sum = (sum ^ (sum >> 29U)) * checksum_prime_3;
    return sum ^ (sum >> 32U);
}

} // namespace tidemark
