// SPDX-License-Identifier: BSL-1.0
//
// bitwise: which types are saved as their own bytes.

#pragma once

#include <tidemark/core/own_serialize.hpp>
#include <tidemark/core/parts.hpp>
#include <tidemark/core/saved_as.hpp>
#include <tidemark/core/serializable.hpp>
#include <tidemark/core/type_list.hpp>

#include <cstddef>
#include <type_traits>

namespace tidemark {
namespace detail {

template <typename T>
inline constexpr bool plain_bytes =
    std::is_trivially_copy_constructible_v<T> && std::is_trivially_destructible_v<T> && class_version<T>() == 0;

template <typename T>
consteval bool is_bitwise();

template <typename Parts>
inline constexpr bool all_bitwise = false;
template <typename... Parts>
inline constexpr bool all_bitwise<type_list<Parts...>> = (is_bitwise<Parts>() && ...);

template <typename Parts>
inline constexpr std::size_t size_of_all = 0;
template <typename... Parts>
inline constexpr std::size_t size_of_all<type_list<Parts...>> = (std::size_t{0} + ... + sizeof(Parts));

/// `enable_bitwise` is trusted unless the type shows otherwise: addresses, its own code, a version, non-trivial copies.
template <typename T>
consteval bool is_vouched_for()
{
    if constexpr (!enable_bitwise<T> || !serializable<T>)
        return false;
    else
        return saved_as_v<T> != saved_as::own && saved_as_v<T> != saved_as::boolean && plain_bytes<T>;
}

template <typename T>
consteval bool is_bitwise()
{
    constexpr saved_as way = saved_as_v<T>;
    if constexpr (is_vouched_for<T>() || way == saved_as::scalar) {
        return true;
    } else if constexpr (way == saved_as::array) {
        return array_extent<T> > 0 && std::is_trivially_destructible_v<T> && all_bitwise<parts_t<T>>;
    } else if constexpr (way == saved_as::product || way == saved_as::members) {
        // No padding: the members fill the whole.
        return plain_bytes<T> && all_bitwise<parts_t<T>> && size_of_all<parts_t<T>> == sizeof(T);
    } else {
        return false;
    }
}

} // namespace detail

/// A type that is saved as its own bytes: an arithmetic type, an enumeration, an array, pair, tuple or Hana structure
/// of bitwise members that leave no padding, or a type with `enable_bitwise`.
///
/// Never a pointer, a view, or a type with its own `serialize` or a class version. Nor `bool`: only two of 256 bytes
/// are valid, and a damaged one must be detected, not read. Nor `long double`: it has padding, and its format differs
/// between machines. Everything else is saved member by member.
///
/// The bytes are those of this machine and standard library: libstdc++, for example, stores a tuple's last element
/// first.
template <typename T>
concept bitwise = detail::is_bitwise<T>();

} // namespace tidemark
