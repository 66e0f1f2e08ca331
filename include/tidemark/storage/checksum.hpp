// SPDX-License-Identifier: BSL-1.0
//
// checksum: the 64-bit checksum, with a seed, of everything that is stored.

#pragma once

#include <array>
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

/// The checksum of bytes that come in pieces.
///
/// *Requires* that each piece but the last has a multiple of 32 bytes, and that the last one is still there for `value`.
class running_checksum {
public:
    explicit running_checksum(std::uint64_t seed) noexcept
        : seed_(seed)
        , lanes_{seed + checksum_prime_1 + checksum_prime_2, seed + checksum_prime_2, seed, seed - checksum_prime_1}
    {}

    void add(std::span<std::byte const> piece) noexcept
    {
        size_ += piece.size();
        auto [a, b, c, d] = lanes_;
        std::byte const* at = piece.data();
        std::size_t left = piece.size();
        auto const take = [&](std::size_t offset) {
            a = checksum_round(a, load_low_first<std::uint64_t>(at + offset));
            b = checksum_round(b, load_low_first<std::uint64_t>(at + offset + 8));
            c = checksum_round(c, load_low_first<std::uint64_t>(at + offset + 16));
            d = checksum_round(d, load_low_first<std::uint64_t>(at + offset + 24));
        };
        for (; left > ahead; at += 64, left -= 64) {
#if defined(__GNUC__)
            __builtin_prefetch(at + ahead); // the processor itself looks no further than to the end of a page
#endif
            take(0);
            take(32);
        }
        for (; left >= 32; at += 32, left -= 32)
            take(0);
        lanes_ = {a, b, c, d};
        rest_ = {at, left};
    }

    [[nodiscard]] std::uint64_t value() const noexcept
    {
        auto const [a, b, c, d] = lanes_;
        std::uint64_t sum = seed_ + checksum_prime_5;
        if (size_ >= 32) {
            sum = std::rotl(a, 1) + std::rotl(b, 7) + std::rotl(c, 12) + std::rotl(d, 18);
            sum = checksum_merge(checksum_merge(checksum_merge(checksum_merge(sum, a), b), c), d);
        }
        sum += size_;
        std::byte const* at = rest_.data();
        std::size_t left = rest_.size();
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

private:
    static constexpr std::size_t ahead = 3072;

    std::uint64_t seed_;
    std::uint64_t size_ = 0;
    std::array<std::uint64_t, 4> lanes_;
    std::span<std::byte const> rest_;
};

} // namespace detail

/// The XXH64 hash of `bytes`; equal on every machine, and another one for every `seed`.
///
/// *Source*: Yann Collet, "xxHash fast digest algorithm", version 0.1.1, section "XXH64 algorithm description". Guards
/// against damage, not against forgery.
[[nodiscard]] inline std::uint64_t checksum(std::span<std::byte const> bytes, std::uint64_t seed) noexcept
{
    detail::running_checksum sum(seed);
    sum.add(bytes);
    return sum.value();
}

} // namespace tidemark
