// SPDX-License-Identifier: BSL-1.0
//
// saved_as: which of a few ways a type is saved in.

#pragma once

#include <tidemark/core/own_serialize.hpp>
#include <tidemark/core/struct_members.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

namespace boost::unordered {

template <typename Key, typename Mapped, typename Hash, typename Equal, typename Allocator>
class unordered_flat_map;
template <typename Key, typename Hash, typename Equal, typename Allocator>
class unordered_flat_set;
template <typename Key, typename Mapped, typename Hash, typename Equal, typename Allocator>
class unordered_map;
template <typename Key, typename Mapped, typename Hash, typename Equal, typename Allocator>
class unordered_multimap;
template <typename Key, typename Hash, typename Equal, typename Allocator>
class unordered_set;
template <typename Key, typename Hash, typename Equal, typename Allocator>
class unordered_multiset;

} // namespace boost::unordered

namespace tidemark {

/// Specialize it as `true` for a trivially copyable class whose bytes are its value: copied anywhere, even into another
/// process, they mean the same. See `bitwise`.
template <typename T>
inline constexpr bool enable_bitwise = false;

/// The ways of saving. Each part of a type (`parts_t`) is in turn saved in its own way.
enum class saved_as {
    unknown,    ///< nothing says how: cannot be saved
    address,    ///< a pointer, reference, view or function: means nothing after a restart, cannot be saved
    boolean,    ///< `bool`, or an enumeration over it: one byte, 0 or 1
    scalar,     ///< any other arithmetic type or enumeration
    raw,        ///< its own bytes, by `enable_bitwise`
    array,      ///< as many elements as its type says
    product,    ///< pair and tuple
    members,    ///< a Hana structure
    sequence,   ///< string, vector, deque, list
    bits,       ///< `std::vector<bool>`
    set,        ///< keys, ordered or hashed
    dictionary, ///< keys and values, ordered or hashed
    optional,   ///< `std::optional`
    variant,    ///< `std::variant`, `boost::variant`
    unit,       ///< `std::monostate`
    time_span,  ///< a duration of `std::chrono`, or a type of that shape
    time_point, ///< a time point of `std::chrono`, or a type of that shape
    own,        ///< by the type's own `serialize`
};

namespace detail {

template <typename T>
inline constexpr saved_as listed_as = saved_as::unknown;

template <typename T, std::size_t N>
inline constexpr saved_as listed_as<T[N]> = saved_as::array;
template <typename T, std::size_t N>
inline constexpr saved_as listed_as<std::array<T, N>> = saved_as::array;
template <typename First, typename Second>
inline constexpr saved_as listed_as<std::pair<First, Second>> = saved_as::product;
template <typename... Types>
inline constexpr saved_as listed_as<std::tuple<Types...>> = saved_as::product;

template <typename... Arguments>
inline constexpr saved_as listed_as<std::basic_string<Arguments...>> = saved_as::sequence;
template <typename... Arguments>
inline constexpr saved_as listed_as<std::vector<Arguments...>> = saved_as::sequence;
template <typename Allocator>
inline constexpr saved_as listed_as<std::vector<bool, Allocator>> = saved_as::bits;
template <typename... Arguments>
inline constexpr saved_as listed_as<std::deque<Arguments...>> = saved_as::sequence;
template <typename... Arguments>
inline constexpr saved_as listed_as<std::list<Arguments...>> = saved_as::sequence;

template <typename... Arguments>
inline constexpr saved_as listed_as<std::set<Arguments...>> = saved_as::set;
template <typename... Arguments>
inline constexpr saved_as listed_as<std::multiset<Arguments...>> = saved_as::set;
template <typename... Arguments>
inline constexpr saved_as listed_as<std::unordered_set<Arguments...>> = saved_as::set;
template <typename... Arguments>
inline constexpr saved_as listed_as<std::unordered_multiset<Arguments...>> = saved_as::set;
template <typename... Arguments>
inline constexpr saved_as listed_as<boost::unordered::unordered_flat_set<Arguments...>> = saved_as::set;
template <typename... Arguments>
inline constexpr saved_as listed_as<boost::unordered::unordered_set<Arguments...>> = saved_as::set;
template <typename... Arguments>
inline constexpr saved_as listed_as<boost::unordered::unordered_multiset<Arguments...>> = saved_as::set;

template <typename... Arguments>
inline constexpr saved_as listed_as<std::map<Arguments...>> = saved_as::dictionary;
template <typename... Arguments>
inline constexpr saved_as listed_as<std::multimap<Arguments...>> = saved_as::dictionary;
template <typename... Arguments>
inline constexpr saved_as listed_as<std::unordered_map<Arguments...>> = saved_as::dictionary;
template <typename... Arguments>
inline constexpr saved_as listed_as<std::unordered_multimap<Arguments...>> = saved_as::dictionary;
template <typename... Arguments>
inline constexpr saved_as listed_as<boost::unordered::unordered_flat_map<Arguments...>> = saved_as::dictionary;
template <typename... Arguments>
inline constexpr saved_as listed_as<boost::unordered::unordered_map<Arguments...>> = saved_as::dictionary;
template <typename... Arguments>
inline constexpr saved_as listed_as<boost::unordered::unordered_multimap<Arguments...>> = saved_as::dictionary;

template <typename T>
inline constexpr saved_as listed_as<std::optional<T>> = saved_as::optional;
template <typename... Types>
inline constexpr saved_as listed_as<std::variant<Types...>> = saved_as::variant;
template <>
inline constexpr saved_as listed_as<std::monostate> = saved_as::unit;

template <typename... Arguments>
inline constexpr saved_as listed_as<std::basic_string_view<Arguments...>> = saved_as::address;
template <typename T, std::size_t N>
inline constexpr saved_as listed_as<std::span<T, N>> = saved_as::address;

/// Smart pointers of the standard library and of Boost. They are recognised first, because Boost has a `serialize` for
/// them, which tracks objects.
template <typename T>
concept smart_pointer = requires(T const& pointer) {
    typename T::element_type;
    requires std::is_pointer_v<decltype(pointer.get())> || requires { pointer.expired(); };
};

/// `boost::variant`, by its shape, which does not depend on how Boost declares it. Its own header would believe a saved
/// index.
template <typename T>
concept variant_of_boost = requires(T const& value) {
    typename T::types;
    { value.which() } -> std::same_as<int>;
    { value.empty() } -> std::same_as<bool>;
    value.type();
};

// By shape, so that only those who use <chrono> pay for it.
template <typename T>
concept duration_like = requires(T const& span) {
    { span.count() } -> std::same_as<typename T::rep>;
    T::period::num;
    T::period::den;
} && std::is_arithmetic_v<typename T::rep> && std::constructible_from<T, typename T::rep const&>;

template <typename T>
concept time_point_like = requires(T const& point) {
    typename T::clock;
    { point.time_since_epoch() } -> std::same_as<typename T::duration>;
} && duration_like<typename T::duration> && std::constructible_from<T, typename T::duration const&>;

template <typename T>
consteval saved_as way_of_class()
{
    if constexpr (smart_pointer<T>)
        return saved_as::address;
    else if constexpr (variant_of_boost<T>)
        return saved_as::variant;
    else if constexpr (free_serialize<T> || member_serialize<T>)
        return saved_as::own;
    else if constexpr (hana_struct<T>)
        return saved_as::members;
    else if constexpr (time_point_like<T>)
        return saved_as::time_point;
    else if constexpr (duration_like<T>)
        return saved_as::time_span;
    else if constexpr (enable_bitwise<T> && std::is_trivially_copyable_v<T>)
        return saved_as::raw;
    else
        return saved_as::unknown;
}

template <typename T>
consteval saved_as way_of()
{
    if constexpr (std::is_same_v<T, long double>) {
        return saved_as::unknown; // its width and format differ between machines, and some of its bytes are padding
    } else if constexpr (std::is_enum_v<T>) {
        return std::is_same_v<std::underlying_type_t<T>, bool> ? saved_as::boolean : saved_as::scalar;
    } else if constexpr (std::is_arithmetic_v<T>) {
        return std::is_same_v<T, bool> ? saved_as::boolean : saved_as::scalar;
    } else if constexpr (listed_as<T> != saved_as::unknown) {
        return listed_as<T>;
    } else if constexpr (std::is_class_v<T> || std::is_union_v<T>) {
        return way_of_class<T>();
    } else {
        return std::is_object_v<T> || std::is_reference_v<T> || std::is_function_v<T> ? saved_as::address
                                                                                      : saved_as::unknown;
    }
}

} // namespace detail

/// How `T` is saved. What is const or volatile is `unknown`: it could not be restored in place.
template <typename T>
inline constexpr saved_as saved_as_v = detail::way_of<T>();
template <typename T>
inline constexpr saved_as saved_as_v<T const> = saved_as::unknown;
template <typename T>
inline constexpr saved_as saved_as_v<T volatile> = saved_as::unknown;
template <typename T>
inline constexpr saved_as saved_as_v<T const volatile> = saved_as::unknown;

} // namespace tidemark
