// SPDX-License-Identifier: BSL-1.0
//
// self_contained: which records certainly refer to no memory outside themselves.

#pragma once

#include <tidemark/core/struct_members.hpp>
#include <tidemark/core/type_list.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace tidemark {
namespace detail {

template <typename T>
struct is_self_contained : std::bool_constant<std::is_arithmetic_v<T> || std::is_enum_v<T>> {};

template <typename Parts>
inline constexpr bool all_self_contained = false;
template <typename... Parts>
inline constexpr bool all_self_contained<type_list<Parts...>> =
    (is_self_contained<std::remove_cv_t<Parts>>::value && ...);

template <typename First, typename Second>
struct is_self_contained<std::pair<First, Second>> : std::bool_constant<all_self_contained<type_list<First, Second>>> {
};
template <typename... Types>
struct is_self_contained<std::tuple<Types...>> : std::bool_constant<all_self_contained<type_list<Types...>>> {};
template <typename T, std::size_t N>
struct is_self_contained<std::array<T, N>> : is_self_contained<T> {};
template <typename T, std::size_t N>
struct is_self_contained<T[N]> : is_self_contained<T> {};
template <typename T>
struct is_self_contained<std::optional<T>> : is_self_contained<T> {};

template <hana_struct T>
struct is_self_contained<T> : std::bool_constant<all_self_contained<member_types_t<T>>> {};

} // namespace detail

/// Made of numbers and enumerations only. Not a view, a pointer, or a class whose members cannot be seen.
template <typename T>
concept self_contained = detail::is_self_contained<T>::value;

} // namespace tidemark
