// SPDX-License-Identifier: BSL-1.0
//
// boost_names: the small types of Boost.Serialization that users hand to archives, and the call of a user's serialize.

#pragma once

#include <tidemark/core/own_serialize.hpp>

#include <boost/core/nvp.hpp>
#include <boost/serialization/access.hpp>
#include <boost/serialization/library_version_type.hpp>
#include <boost/serialization/wrapper.hpp>

#include <concepts>
#include <type_traits>

namespace boost::serialization {

template <typename T>
class array_wrapper;
class collection_size_type;
class item_version_type;
struct version_type;

} // namespace boost::serialization

namespace tidemark::detail {

/// What our archives answer to `get_library_version()`: the version of Boost 1.81, whose conventions they follow.
inline constexpr unsigned followed_library_version = 19;

template <typename T>
inline constexpr bool is_nvp = false;
template <typename T>
inline constexpr bool is_nvp<boost::serialization::nvp<T>> = true;

template <typename T>
inline constexpr bool is_array_wrapper = false;
template <typename T>
inline constexpr bool is_array_wrapper<boost::serialization::array_wrapper<T>> = true;

template <typename T>
inline constexpr bool is_collection_size = std::same_as<T, boost::serialization::collection_size_type>;

/// Version numbers that hand-written container code saves beside its elements.
template <typename T>
inline constexpr bool is_version_number = std::same_as<T, boost::serialization::item_version_type>
                                          || std::same_as<T, boost::serialization::library_version_type>
                                          || std::same_as<T, boost::serialization::version_type>;

/// A wrapper stands for something else and lives for one call: it has no version, and saving may take it as not const.
template <typename T>
inline constexpr bool is_wrapper = boost::serialization::is_wrapper<T>::type::value;

/// A class version that makes lookup search the namespace of Boost.Serialization too, as its own calls do.
template <typename Where>
struct searched_version {
    unsigned number;
    operator unsigned() const { return number; }
};

template <typename Archive, typename T>
void call_serialize(Archive& archive, T& value, unsigned version)
{
    if constexpr (free_serialize<T>) {
        serialize(archive, value, searched_version<boost::serialization::access>{version});
    } else {
        boost::serialization::access::serialize(archive, value, version);
    }
}

} // namespace tidemark::detail
