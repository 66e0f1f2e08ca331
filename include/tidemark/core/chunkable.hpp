// SPDX-License-Identifier: BSL-1.0
//
// chunkable: which records travel in chunks.

#pragma once

#include <tuple>
#include <type_traits>
#include <utility>

namespace tidemark {
namespace detail {

// libstdc++ moves a tuple element by element, in code, also where a move of each element is none.
template <typename T>
inline constexpr bool trivially_moved = std::is_trivially_move_constructible_v<T>;
template <typename First, typename Second>
inline constexpr bool trivially_moved<std::pair<First, Second>> = trivially_moved<First> && trivially_moved<Second>;
template <typename... Types>
inline constexpr bool trivially_moved<std::tuple<Types...>> = (trivially_moved<Types> && ...);

} // namespace detail

/// A record so plain and small that it travels in chunks: copied, moved and dropped without code, at most 64 bytes.
///
/// Pairs and tuples of such types are chunkable, though the standard library does not call them trivially copyable:
/// only their assignment and, in libstdc++, a tuple's move are code, which does no more than a copy of the bytes.
template <typename T>
concept chunkable = std::is_object_v<T> && std::is_trivially_copy_constructible_v<T> && detail::trivially_moved<T>
                    && std::is_trivially_destructible_v<T> && sizeof(T) <= 64;

} // namespace tidemark
