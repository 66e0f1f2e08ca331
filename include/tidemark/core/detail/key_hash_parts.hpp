// SPDX-License-Identifier: BSL-1.0
//
// key_hash_parts: the key hash of what is made of parts: pairs, tuples, arrays, vectors, optionals, Hana structs.

#pragma once

#include <tidemark/core/detail/key_hash_rule.hpp>
#include <tidemark/core/struct_members.hpp>
#include <tidemark/core/type_list.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

namespace tidemark::detail {

template <typename... Parts>
[[nodiscard]] constexpr std::uint64_t hash_parts(Parts const&... parts) noexcept((nothrow_key_hash<Parts> && ...))
{
    std::uint64_t hash = hash_s2;
    ((hash = hash_join(hash, key_hash_rule<Parts>::of(parts))), ...);
    return hash;
}

template <has_key_hash First, has_key_hash Second>
struct key_hash_rule<std::pair<First, Second>> {
    static constexpr std::uint64_t of(std::pair<First, Second> const& key) noexcept(nothrow_key_hash<First>
                                                                                    && nothrow_key_hash<Second>)
    {
        return hash_parts(key.first, key.second);
    }
};

template <has_key_hash... Parts>
struct key_hash_rule<std::tuple<Parts...>> {
    static constexpr std::uint64_t of(std::tuple<Parts...> const& key) noexcept((nothrow_key_hash<Parts> && ...))
    {
        return std::apply(hash_parts<Parts...>, key);
    }
};

template <has_key_hash Element, std::size_t Size>
struct key_hash_rule<std::array<Element, Size>> {
    static constexpr std::uint64_t of(std::array<Element, Size> const& key) noexcept(nothrow_key_hash<Element>)
    {
        if constexpr (byte_like<Element>) {
            return hash_bytes(key.data(), Size);
        } else {
            std::uint64_t hash = hash_s2;
            for (Element const& element : key)
                hash = hash_join(hash, key_hash_rule<Element>::of(element));
            return hash;
        }
    }
};

template <has_key_hash Element, typename Allocator>
struct key_hash_rule<std::vector<Element, Allocator>> {
    static constexpr std::uint64_t of(std::vector<Element, Allocator> const& key) noexcept(nothrow_key_hash<Element>)
    {
        if constexpr (byte_like<Element>) {
            return hash_bytes(key.data(), key.size());
        } else {
            std::uint64_t hash = hash_word(key.size());
            for (auto&& element : key) // vector<bool> gives proxies
                hash = hash_join(hash, key_hash_rule<Element>::of(element));
            return hash;
        }
    }
};

template <has_key_hash Value>
struct key_hash_rule<std::optional<Value>> {
    static constexpr std::uint64_t of(std::optional<Value> const& key) noexcept(nothrow_key_hash<Value>)
    {
        return key ? hash_join(hash_word(1), key_hash_rule<Value>::of(*key)) : hash_word(0);
    }
};

template <typename Types>
struct parts_have_key_hash;

template <typename... Parts>
struct parts_have_key_hash<type_list<Parts...>> {
    static constexpr bool all = (has_key_hash<Parts> && ...);
    static constexpr bool nothrow = (nothrow_key_hash<Parts> && ...);
};

struct join_member {
    std::uint64_t& hash;

    template <typename Member>
    constexpr void operator()(Member const& member) const noexcept(nothrow_key_hash<Member>)
    {
        hash = hash_join(hash, key_hash_rule<Member>::of(member));
    }
};

template <hana_struct Key>
    requires(!brings_key_hash<Key> && parts_have_key_hash<member_types_t<Key>>::all)
struct key_hash_rule<Key> {
    static constexpr std::uint64_t of(Key const& key) noexcept(parts_have_key_hash<member_types_t<Key>>::nothrow)
    {
        std::uint64_t hash = hash_s2;
        for_each_member(key, join_member{hash});
        return hash;
    }
};

} // namespace tidemark::detail
