// SPDX-License-Identifier: BSL-1.0
//
// key_hash_rule: which types have a key hash; the rules for numbers, bytes, times and a user's own types.

#pragma once

#include <tidemark/core/detail/hash_mix.hpp>

#include <bit>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace tidemark::detail {

void tidemark_key_hash() = delete; // so that the call below finds only what the argument's namespaces offer

template <typename Key>
concept brings_key_hash = requires(Key const& key) {
    { tidemark_key_hash(key) } -> std::same_as<std::uint64_t>;
};

template <typename Key>
concept small_integer = (std::integral<Key> || std::is_enum_v<Key>) && sizeof(Key) <= sizeof(std::uint64_t);

template <typename Key>
concept small_floating = std::same_as<Key, float> || std::same_as<Key, double>;

template <typename Element>
concept byte_like = small_integer<Element> && sizeof(Element) == 1 && !std::same_as<Element, bool>;

// Told by their members, because <chrono> costs every user of this header half a second.
template <typename Key>
concept duration_key = requires(Key const& key) {
    typename Key::rep;
    typename Key::period;
    { key.count() } -> std::convertible_to<typename Key::rep>;
};

template <typename Key>
concept time_point_key = requires(Key const& key) {
    typename Key::clock;
    typename Key::duration;
    { key.time_since_epoch() } -> std::same_as<typename Key::duration>;
};

/// Has `of(key)` for each type with a key hash, and nothing for the rest.
template <typename Key>
struct key_hash_rule {};

template <typename Key>
concept has_key_hash = requires(Key const& key) {
    { key_hash_rule<Key>::of(key) } -> std::same_as<std::uint64_t>;
};

template <typename Key>
inline constexpr bool nothrow_key_hash = noexcept(key_hash_rule<Key>::of(std::declval<Key const&>()));

template <typename Key>
    requires brings_key_hash<Key>
struct key_hash_rule<Key> {
    // A user's function may be as plain as an id, so it is spread here.
    static constexpr std::uint64_t of(Key const& key) noexcept(noexcept(tidemark_key_hash(key)))
    {
        return hash_word(tidemark_key_hash(key));
    }
};

template <typename Key>
    requires(small_integer<Key> && !brings_key_hash<Key>)
struct key_hash_rule<Key> {
    static constexpr std::uint64_t of(Key key) noexcept
    {
        if constexpr (std::is_enum_v<Key>)
            return key_hash_rule<std::underlying_type_t<Key>>::of(static_cast<std::underlying_type_t<Key>>(key));
        else if constexpr (std::same_as<Key, char>)
            return hash_word(static_cast<unsigned char>(key)); // its sign differs between machines
        else if constexpr (std::same_as<Key, wchar_t>)
            return hash_word(static_cast<std::make_unsigned_t<wchar_t>>(key)); // likewise
        else
            return hash_word(static_cast<std::uint64_t>(key));
    }
};

template <small_floating Key>
struct key_hash_rule<Key> {
    static constexpr std::uint64_t of(Key key) noexcept
    {
        constexpr std::uint64_t any_nan = 0x7ff8000000000000;
        double const wide = static_cast<double>(key);
        if (wide != wide)
            return hash_word(any_nan);
        return hash_word(wide < 0 || wide > 0 ? std::bit_cast<std::uint64_t>(wide) : 0);
    }
};

template <typename Char, typename Traits>
    requires byte_like<Char>
struct key_hash_rule<std::basic_string_view<Char, Traits>> {
    static constexpr std::uint64_t of(std::basic_string_view<Char, Traits> key) noexcept
    {
        return hash_bytes(key.data(), key.size());
    }
};

template <typename Char, typename Traits, typename Allocator>
    requires byte_like<Char>
struct key_hash_rule<std::basic_string<Char, Traits, Allocator>> {
    static constexpr std::uint64_t of(std::basic_string<Char, Traits, Allocator> const& key) noexcept
    {
        return hash_bytes(key.data(), key.size());
    }
};

template <typename Key>
    requires(duration_key<Key> && !brings_key_hash<Key> && has_key_hash<typename Key::rep>)
struct key_hash_rule<Key> {
    static constexpr std::uint64_t of(Key const& key) noexcept
    {
        return key_hash_rule<typename Key::rep>::of(key.count());
    }
};

template <typename Key>
    requires(time_point_key<Key> && !brings_key_hash<Key> && has_key_hash<typename Key::duration>)
struct key_hash_rule<Key> {
    static constexpr std::uint64_t of(Key const& key) noexcept
    {
        return key_hash_rule<typename Key::duration>::of(key.time_since_epoch());
    }
};

} // namespace tidemark::detail
