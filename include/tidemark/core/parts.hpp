// SPDX-License-Identifier: BSL-1.0
//
// parts: the types that a type is directly made of.

#pragma once

#include <tidemark/core/saved_as.hpp>
#include <tidemark/core/struct_members.hpp>
#include <tidemark/core/type_list.hpp>

#include <array>
#include <cstddef>
#include <type_traits>

namespace tidemark {
namespace detail {

template <typename T, saved_as = saved_as_v<T>>
struct parts_of {
    using type = type_list<>;
};
template <typename T, std::size_t N>
struct parts_of<T[N], saved_as::array> {
    using type = type_list<T>;
};
template <typename T, std::size_t N>
struct parts_of<std::array<T, N>, saved_as::array> {
    using type = type_list<T>;
};
template <template <typename...> typename Product, typename... Types>
struct parts_of<Product<Types...>, saved_as::product> {
    using type = type_list<Types...>;
};
template <template <typename...> typename Variant, typename... Types>
struct parts_of<Variant<Types...>, saved_as::variant> {
    using type = type_list<Types...>;
};
template <typename T>
struct parts_of<T, saved_as::members> {
    using type = member_types_t<T>;
};
template <typename T>
struct parts_of<T, saved_as::dictionary> {
    using type = type_list<typename T::key_type, typename T::mapped_type>;
};
template <typename T, saved_as Way>
    requires(Way == saved_as::sequence || Way == saved_as::set || Way == saved_as::optional)
struct parts_of<T, Way> {
    using type = type_list<typename T::value_type>;
};
template <typename T>
struct parts_of<T, saved_as::time_span> {
    using type = type_list<typename T::rep>;
};
template <typename T>
struct parts_of<T, saved_as::time_point> {
    using type = type_list<typename T::duration>;
};

} // namespace detail

/// The types that `T` is directly made of: elements, key and value, alternatives, members. Empty where there are none.
template <typename T>
using parts_t = typename detail::parts_of<T>::type;

/// How many elements an array has: `T[N]` or `std::array<T, N>`.
template <typename T>
inline constexpr std::size_t array_extent = std::extent_v<T>;
template <typename T, std::size_t N>
inline constexpr std::size_t array_extent<std::array<T, N>> = N;

} // namespace tidemark
