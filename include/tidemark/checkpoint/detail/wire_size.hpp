// SPDX-License-Identifier: BSL-1.0
//
// wire_size: how many bytes a value takes at least, and whether it always takes that many.

#pragma once

#include <tidemark/core/bitwise.hpp>
#include <tidemark/core/own_serialize.hpp>
#include <tidemark/core/parts.hpp>
#include <tidemark/core/saved_as.hpp>
#include <tidemark/core/type_list.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <limits>
#include <tuple>
#include <type_traits>

namespace tidemark::detail {

static_assert(
    std::numeric_limits<float>::is_iec559 && std::numeric_limits<double>::is_iec559,
    "tidemark::checkpoint: floating point numbers are saved in the format of IEC 559, which this machine lacks");

struct wire_size {
    std::size_t least; ///< bytes, at least
    bool fixed;        ///< exactly that many
};

template <typename T>
consteval wire_size wire_size_of();

template <typename Parts>
struct wire_size_of_all;
template <typename... Parts>
struct wire_size_of_all<type_list<Parts...>> {
    static constexpr wire_size value = {(std::size_t{0} + ... + wire_size_of<std::remove_const_t<Parts>>().least),
                                        (wire_size_of<std::remove_const_t<Parts>>().fixed && ...)};
};

template <typename T>
consteval wire_size wire_size_of()
{
    constexpr saved_as way = saved_as_v<T>;
    if constexpr (way == saved_as::boolean) {
        return {1, true};
    } else if constexpr (way == saved_as::scalar || way == saved_as::raw) {
        return {sizeof(T), true};
    } else if constexpr (way == saved_as::unit) {
        return {0, true};
    } else if constexpr (way == saved_as::array) {
        constexpr wire_size element = wire_size_of_all<parts_t<T>>::value;
        return {array_extent<T> * element.least, element.fixed};
    } else if constexpr (way == saved_as::members && class_version<T>() != 0) {
        return {1 + wire_size_of_all<parts_t<T>>::value.least, false}; // its version goes before it
    } else if constexpr (way == saved_as::product || way == saved_as::members || way == saved_as::time_span
                         || way == saved_as::time_point) {
        return wire_size_of_all<parts_t<T>>::value;
    } else {
        return {1, false}; // a count, a flag, an index or a class version; also ends the walk through a recursive type
    }
}

template <typename T>
inline constexpr wire_size wire_size_v = wire_size_of<T>();

/// The least bytes of one element of a container: an element that has none takes one, so that no count is free of
/// charge.
template <typename T>
inline constexpr std::size_t least_element_size = std::max<std::size_t>(1, wire_size_v<T>.least);

/// The bytes in memory are the saved bytes, so that a run of such elements is copied at once. Saved are numbers with
/// the least significant byte first, and parts in the order in which they are listed; so this is less than `bitwise`:
/// tuples lie in memory as the standard library likes, and structures may be listed in another order than declared.
template <typename T>
consteval bool is_run();

template <typename Parts>
inline constexpr bool all_runs = false;
template <typename... Parts>
inline constexpr bool all_runs<type_list<Parts...>> = (is_run<Parts>() && ...);

template <typename T>
inline constexpr bool is_pair = false;
template <typename First, typename Second>
inline constexpr bool is_pair<std::pair<First, Second>> = true;

template <typename T>
consteval bool is_run()
{
    constexpr saved_as way = saved_as_v<T>;
    if constexpr (way == saved_as::raw) {
        return true;
    } else if constexpr (way == saved_as::scalar) {
        return sizeof(T) == 1 || std::endian::native == std::endian::little;
    } else if constexpr (way == saved_as::array || is_pair<T>) {
        return bitwise<T> && wire_size_v<T>.least == sizeof(T) && all_runs<parts_t<T>>;
    } else {
        return false;
    }
}

} // namespace tidemark::detail
