// SPDX-License-Identifier: BSL-1.0
//
// range_record: which records the elements of a range become.

#pragma once

#include <array>
#include <cstddef>
#include <iterator>
#include <type_traits>
#include <utility>

namespace tidemark {
namespace detail {

template <typename Range>
using range_iterator_t = decltype(std::begin(std::declval<std::remove_reference_t<Range>&>()));

template <typename Iterator>
struct pointed_at {
    using type = std::remove_cvref_t<decltype(*std::declval<Iterator&>())>;
};
template <typename Iterator>
    requires requires { typename std::iter_value_t<Iterator>; }
struct pointed_at<Iterator> {
    using type = std::remove_cv_t<std::iter_value_t<Iterator>>;
};

/// The key of a map's element is const only inside the map.
template <typename T>
struct free_of_map {
    using type = T;
};
template <typename Key, typename Value>
struct free_of_map<std::pair<Key const, Value>> {
    using type = std::pair<Key, Value>;
};

template <typename T>
inline constexpr bool is_array_v = false;
template <typename T, std::size_t N>
inline constexpr bool is_array_v<std::array<T, N>> = true;

} // namespace detail

/// The record that an element of `Range` becomes: the value type where the range gives proxies, and a pair with a
/// movable key where it is a map.
template <typename Range>
using range_record_t =
    typename detail::free_of_map<typename detail::pointed_at<detail::range_iterator_t<Range>>::type>::type;

/// Whether `Range` is an rvalue container or array, whose elements may be moved from; those of a view belong to
/// somebody else.
template <typename Range>
inline constexpr bool owns_elements_v =
    !std::is_lvalue_reference_v<Range> && !std::is_const_v<std::remove_reference_t<Range>>
    && (detail::is_array_v<std::remove_cvref_t<Range>>
        || requires { typename std::remove_cvref_t<Range>::allocator_type; });

/// The record at `it` in a `Range`: moved out where the range owns its elements, else by reference where possible.
template <typename Range, typename Iterator>
constexpr decltype(auto) record_at(Iterator& it)
{
    using record = range_record_t<Range>;
    using reference = decltype(*it);
    if constexpr (owns_elements_v<Range>) {
        if constexpr (std::is_same_v<reference, record&>)
            return std::move(*it);
        else
            return record(std::move(*it));
    } else if constexpr (!std::is_same_v<std::remove_cvref_t<reference>, record>) {
        auto&& proxy = *it;
        if constexpr (requires {
                          proxy.operator record();
                      }) // by name: g++ warns where a constructor would take it as well
            return proxy.operator record();
        else
            return record(proxy);
    } else if constexpr (std::is_lvalue_reference_v<reference>) {
        return std::as_const(*it);
    } else {
        return record(*it);
    }
}

} // namespace tidemark
