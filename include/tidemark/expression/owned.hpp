// SPDX-License-Identifier: BSL-1.0
//
// owned: what a key becomes when it leaves the stage in which what it refers to lives.

#pragma once

#include <tidemark/expression/expression.hpp>

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace tidemark {
namespace detail {

template <typename T>
struct owner_of {
    using type = T;
};
template <typename Char, typename Traits>
struct owner_of<std::basic_string_view<Char, Traits>> {
    using type = std::basic_string<Char, Traits>;
};

} // namespace detail

/// The string for a view of characters; every other type is its own. Both have the same `key_hash`, and are compared
/// without a copy, so that a string is made only for a key that comes for the first time.
template <typename T>
using owned_t = typename detail::owner_of<T>::type;

/// `key` as a `Key`: itself, where it is one, so that nothing moves twice; else the string of a view.
template <typename Key, typename Sent>
[[nodiscard]] constexpr decltype(auto) owned(Sent&& key)
{
    if constexpr (std::same_as<std::remove_cvref_t<Sent>, Key>)
        return std::forward<Sent>(key);
    else
        return Key(std::forward<Sent>(key));
}

/// The key type under which pairs of `E` are brought together.
template <pair_expression E>
using owned_key_t = owned_t<key_t<E>>;

/// A pair of `E` as it crosses into another stage by its key.
template <pair_expression E>
using owned_pair_t = std::pair<owned_key_t<E>, mapped_t<E>>;

} // namespace tidemark
