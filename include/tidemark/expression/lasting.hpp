// SPDX-License-Identifier: BSL-1.0
//
// lasting: which records may outlive the batch that they were made in.

#pragma once

#include <tidemark/core/parts.hpp>
#include <tidemark/core/type_list.hpp>

#include <concepts>
#include <functional>
#include <iterator>
#include <span>
#include <type_traits>

namespace tidemark {
namespace detail {

/// `std::ranges::view`, without all of <ranges>.
template <typename T>
concept view = std::movable<T> && std::ranges::enable_view<T> && requires(T& some) {
    std::ranges::begin(some);
    std::ranges::end(some);
};

template <typename T>
inline constexpr bool looks_elsewhere =
    std::is_reference_v<T> || view<T> || (std::is_pointer_v<T> && !std::is_function_v<std::remove_pointer_t<T>>);
template <typename T>
inline constexpr bool looks_elsewhere<std::reference_wrapper<T>> = true;

// `Above` holds the structures around `T`, which may hold themselves in a vector.
template <typename T, typename... Above>
consteval bool is_lasting();

template <typename... Above, typename... Parts>
consteval bool all_lasting(type_list<Parts...>)
{
    return (detail::is_lasting<std::remove_cv_t<Parts>, Above...>() && ...);
}

template <typename T, typename... Above>
consteval bool is_lasting()
{
    if constexpr ((std::same_as<T, Above> || ...))
        return true;
    else if constexpr (looks_elsewhere<T>)
        return false;
    else
        return detail::all_lasting<T, Above...>(parts_t<T>{});
}

} // namespace detail

/// Not a pointer, reference or view, nor made of one as far as its type shows. Owners, smart pointers included, last.
///
/// Anything else may refer to a record that is destroyed when its stage is done with it, so it cannot leave the stage.
template <typename T>
concept lasting = detail::is_lasting<T>();

} // namespace tidemark
