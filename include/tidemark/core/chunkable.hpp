// SPDX-License-Identifier: BSL-1.0
//
// chunkable: which records travel in chunks.

#pragma once

#include <tuple>
#include <type_traits>
#include <utility>

namespace tidemark {
namespace detail {

// libstdc++ moves a tuple element by element in code, even where moving each element is trivial.
template <typename T>
inline constexpr bool trivially_moved = std::is_trivially_move_constructible_v<T>;
template <typename First, typename Second>
inline constexpr bool trivially_moved<std::pair<First, Second>> = trivially_moved<First> && trivially_moved<Second>;
template <typename... Types>
inline constexpr bool trivially_moved<std::tuple<Types...>> = (trivially_moved<Types> && ...);

} // namespace detail

/// A record that is plain and small enough to travel in chunks: trivially copied, moved and destroyed, at most 64
/// bytes.
///
/// Pairs and tuples of such types are chunkable, though they are not trivially copyable: their assignment and, in
/// libstdc++, a tuple's move are code, but it does no more than copy the bytes.
template <typename T>
concept chunkable = std::is_object_v<T> && std::is_trivially_copy_constructible_v<T> && detail::trivially_moved<T>
                    && std::is_trivially_destructible_v<T> && sizeof(T) <= 64;

} // namespace tidemark
