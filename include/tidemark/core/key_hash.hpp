// SPDX-License-Identifier: BSL-1.0
//
// key_hash: the fixed 64-bit hash of a key, and the key-group that it names.

#pragma once

#include <tidemark/core/detail/key_hash_parts.hpp>
#include <tidemark/core/detail/key_hash_rule.hpp>

#include <concepts>
#include <cstdint>

namespace tidemark {

/// A type that can be a key: it has `==`, and `key_hash` takes it. Equal keys must have equal hashes.
template <typename Key>
concept hashable_key = std::equality_comparable<Key> && detail::has_key_hash<Key>;

/// The type of `key_hash`, for where a type is needed.
struct key_hasher {
    template <typename Key>
        requires detail::has_key_hash<Key>
    [[nodiscard]] constexpr std::uint64_t operator()(Key const& key) const noexcept(detail::nothrow_key_hash<Key>)
    {
        return detail::key_hash_rule<Key>::of(key);
    }
};

/// `key_hash(key)`: 64 bits that are the same on every machine, in every build and in every later version.
///
/// Checkpoints and the exchange depend on it, so these formulas define it. All words have 64 bits, arithmetic is modulo
/// 2^64, bytes are read little-endian, and
///
///     S0 = 243f6a8885a308d3   S1 = 9e3779b97f4a7c15   S2 = d1342543de82ef95   S3 = a4093822299f31d1   (hexadecimal)
///     fold(a, b) = low half of a * b  xor  high half of a * b              (the product has 128 bits)
///     word(x)    = v xor (v >> 32),  where v = fold(x xor S0, S1) * S2
///     join(h, p) = fold(h xor S3, p xor S0)
///
/// - integer, bool, enum: `word(x)`; signed types are sign-extended first, `char` and `wchar_t` are taken as unsigned;
/// - `float`, `double`: `word` of the bits as a double, with -0.0 taken as +0.0 and every NaN as 7ff8000000000000;
/// - bytes (`std::string`, `std::string_view`, and vectors and arrays of a one-byte type other than `bool`), n of them:
///   `h = word(n)`; while more than 16 are left, take two words a, b and set `h = fold(a xor S1, b xor h)`; then
///   `word(fold(a xor S2, b xor h))`, where a, b are the last 16 bytes if n >= 16, else the first and the last 8 if
///   n >= 8, else the first and the last 4 if n >= 4, else a is all bytes as one number and b = 0;
/// - `std::pair`, `std::tuple`, `std::array`, Hana struct: `h = S2`, then `h = join(h, key_hash(part))` for each part;
/// - `std::vector`: `h = word(size)`, then `join` as above; `std::optional`: as a vector of one or of none;
/// - duration: its count; time point: its time since the epoch;
/// - any other type for which argument-dependent lookup finds `std::uint64_t tidemark_key_hash(key)`: `word` of that.
///   It takes precedence over the rule for Hana structs.
///
/// Not for pointers, `long double`, or views of anything but bytes. *Source:* the scheme for bytes follows wyhash by
/// Wang Yi. There is no secret seed: whoever chooses the keys can make them collide, which costs time but never gives a
/// wrong result.
/// *Throws* only what a user's `tidemark_key_hash` throws.
inline constexpr key_hasher key_hash{};

/// The key-group of a hash. *Requires* `groups` to be a power of two.
[[nodiscard]] constexpr std::uint32_t key_group(std::uint64_t hash, std::uint32_t groups) noexcept
{
    return static_cast<std::uint32_t>(hash >> 32) & (groups - 1);
}

} // namespace tidemark
