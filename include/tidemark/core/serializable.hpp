// SPDX-License-Identifier: BSL-1.0
//
// serializable: which types can be saved and restored.

#pragma once

#include <tidemark/core/parts.hpp>
#include <tidemark/core/saved_as.hpp>
#include <tidemark/core/type_list.hpp>

#include <concepts>

namespace tidemark {
namespace detail {

// `Above` holds the structures around `T`: a tree whose nodes hold a vector of nodes is serializable if the rest is.
template <typename T, typename... Above>
struct is_serializable;

template <typename Parts, typename... Above>
inline constexpr bool all_serializable = false;
template <typename... Parts, typename... Above>
inline constexpr bool all_serializable<type_list<Parts...>, Above...> =
    (is_serializable<Parts, Above...>::value && ...);

template <typename T, typename... Above>
consteval bool can_be_saved()
{
    if constexpr ((std::same_as<T, Above> || ...))
        return true;
    else if constexpr (saved_as_v<T> == saved_as::unknown || saved_as_v<T> == saved_as::address)
        return false;
    else if constexpr (saved_as_v<T> == saved_as::members)
        return all_serializable<parts_t<T>, T, Above...>;
    else
        return all_serializable<parts_t<T>, Above...>;
}

template <typename T, typename... Above>
struct is_serializable : std::bool_constant<can_be_saved<T, Above...>()> {};

} // namespace detail

/// A type that a checkpoint can hold: saved by value, restored in another process, down to its last part.
///
/// These are: arithmetic types (but `long double`), enumerations, `std::string`, vector, deque, list, the sets and maps
/// of the standard library and the hashed ones of Boost, arrays, pair, tuple, optional, variant, durations and time
/// points, each of serializable parts; structures adapted with Boost.Hana; types with a `serialize` of their own, as a
/// member (a private one with `boost::serialization::access` as friend) or a free function, such as one of Boost's own
/// headers; `enable_bitwise` types. Never pointers, smart ones included, references, views or functions. A type for which nothing says how it is
/// saved is not serializable, though Boost would accept it and fail later.
///
/// What a type's own `serialize` does inside is seen only when it is compiled for an archive; the archives refuse it
/// then.
template <typename T>
concept serializable = detail::is_serializable<T>::value;

} // namespace tidemark
