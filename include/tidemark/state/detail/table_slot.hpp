// SPDX-License-Identifier: BSL-1.0
//
// table_slot: one key with its value, and its hash where that is expensive to compute again.

#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

namespace tidemark::detail {

/// Keys without code for copying are hashed again when a table is rebuilt; others keep their hash, which also spares
/// most comparisons of unequal keys. So does a hasher that may throw: a rebuild must not stop half-way.
template <typename Key, typename Hasher>
inline constexpr bool keeps_hash =
    !(std::is_trivially_copy_constructible_v<Key> && std::is_trivially_destructible_v<Key>
      && std::is_nothrow_invocable_v<Hasher const&, Key const&>);

/// `Kept` is what stands for the key in its slot.
template <typename Key, typename Kept, typename Value, typename Hasher, bool KeepsHash = keeps_hash<Key, Hasher>>
struct table_slot {
    std::uint64_t kept_hash;
    Kept key;
    Value value;

    template <typename K, typename... Args>
    explicit table_slot(std::uint64_t hash, K&& k, Args&&... args)
        : kept_hash(hash)
        , key(std::forward<K>(k))
        , value(std::forward<Args>(args)...)
    {}

    [[nodiscard]] std::uint64_t hash() const noexcept { return kept_hash; }

    template <typename Wanted>
    [[nodiscard]] bool holds(std::uint64_t wanted_hash, Wanted const& wanted) const
    {
        return kept_hash == wanted_hash && key == wanted;
    }
};

template <typename Key, typename Kept, typename Value, typename Hasher>
struct table_slot<Key, Kept, Value, Hasher, false> {
    Kept key;
    Value value;

    template <typename K, typename... Args>
    explicit table_slot(std::uint64_t, K&& k, Args&&... args)
        : key(std::forward<K>(k))
        , value(std::forward<Args>(args)...)
    {}

    [[nodiscard]] std::uint64_t hash() const noexcept { return Hasher()(key); }
    [[nodiscard]] bool holds(std::uint64_t, Key const& wanted) const { return key == wanted; }
};

} // namespace tidemark::detail
