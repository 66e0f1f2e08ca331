// SPDX-License-Identifier: BSL-1.0
//
// hash_mix: the arithmetic beneath key_hash, for one word and for a row of bytes.

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace tidemark::detail {

/// The constants of `key_hash`. They are part of the checkpoint format: a change sends every key to another group.
inline constexpr std::uint64_t hash_s0 = 0x243f6a8885a308d3; // pi, the first fractional bits
inline constexpr std::uint64_t hash_s1 = 0x9e3779b97f4a7c15; // 2^64 / golden ratio
inline constexpr std::uint64_t hash_s2 = 0xd1342543de82ef95; // a multiplier with a good spectrum (Steele, Vigna)
inline constexpr std::uint64_t hash_s3 = 0xa4093822299f31d1; // pi, later bits, made odd

/// The low half of the 128-bit product xor its high half, by 32-bit pieces.
[[nodiscard]] constexpr std::uint64_t fold_multiply_portable(std::uint64_t a, std::uint64_t b) noexcept
{
    constexpr std::uint64_t low_half = 0xffffffff;
    std::uint64_t const low = (a & low_half) * (b & low_half);
    std::uint64_t const left = (a >> 32) * (b & low_half);
    std::uint64_t const right = (a & low_half) * (b >> 32);
    std::uint64_t const high = (a >> 32) * (b >> 32);
    std::uint64_t const middle = (low >> 32) + (left & low_half) + (right & low_half);
    return ((middle << 32) | (low & low_half)) ^ (high + (left >> 32) + (right >> 32) + (middle >> 32));
}

/// The low half of the 128-bit product xor its high half.
[[nodiscard]] constexpr std::uint64_t fold_multiply(std::uint64_t a, std::uint64_t b) noexcept
{
#if defined(__SIZEOF_INT128__)
    __extension__ using wide = unsigned __int128;
    wide const product = static_cast<wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
#else
    return fold_multiply_portable(a, b);
#endif
}

/// Spreads one word: each bit of `word` turns each bit of the result with a probability of one half.
///
/// The folded product alone does not: adding a constant turns the same result bits nearly each time.
[[nodiscard]] constexpr std::uint64_t hash_word(std::uint64_t word) noexcept
{
    std::uint64_t const folded = fold_multiply(word ^ hash_s0, hash_s1) * hash_s2;
    return folded ^ (folded >> 32);
}

/// Joins the hash of one more part to the hash of those before it; the order counts.
[[nodiscard]] constexpr std::uint64_t hash_join(std::uint64_t before, std::uint64_t part) noexcept
{
    return fold_multiply(before ^ hash_s3, part ^ hash_s0);
}

/// The `Word` that starts at `bytes`, little-endian on every machine.
template <typename Word, typename Byte>
[[nodiscard]] constexpr std::uint64_t load_word(Byte const* bytes) noexcept
{
    if (!std::is_constant_evaluated()) {
        if constexpr (std::endian::native == std::endian::little) {
            Word word;
            std::memcpy(&word, bytes, sizeof(Word));
            return word;
        }
    }
    std::uint64_t word = 0;
    for (std::size_t i = sizeof(Word); i-- > 0;)
        word = (word << 8) | static_cast<unsigned char>(bytes[i]);
    return word;
}

/// The hash of `size` bytes. After the multiply-fold scheme of Wang Yi's wyhash, reduced to one lane and 16-byte steps.
template <typename Byte>
[[nodiscard]] constexpr std::uint64_t hash_bytes(Byte const* bytes, std::size_t size) noexcept
{
    using word = std::uint64_t;
    using half = std::uint32_t;
    word state = hash_word(size);
    word first = 0;
    word last = 0;
    if (size >= 16) {
        std::size_t at = 0;
        for (; size - at > 16; at += 16)
            state = fold_multiply(load_word<word>(bytes + at) ^ hash_s1, load_word<word>(bytes + at + 8) ^ state);
        first = load_word<word>(bytes + size - 16);
        last = load_word<word>(bytes + size - 8);
    } else if (size >= 8) {
        first = load_word<word>(bytes);
        last = load_word<word>(bytes + size - 8);
    } else if (size >= 4) {
        first = load_word<half>(bytes);
        last = load_word<half>(bytes + size - 4);
    } else {
        for (std::size_t i = size; i-- > 0;)
            first = (first << 8) | static_cast<unsigned char>(bytes[i]);
    }
    return hash_word(fold_multiply(first ^ hash_s2, last ^ state));
}

} // namespace tidemark::detail
