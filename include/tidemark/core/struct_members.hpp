// SPDX-License-Identifier: BSL-1.0
//
// struct_members: types, names and values of the members of a structure that was adapted with Boost.Hana.

#pragma once

#include <tidemark/core/type_list.hpp>

#include <boost/hana/accessors.hpp>
#include <boost/hana/fwd/pair.hpp>
#include <boost/hana/fwd/tuple.hpp>

#include <string_view>
#include <type_traits>

namespace tidemark {
namespace detail {

template <typename Struct, typename Accessors>
struct members_by;

// Names and accessors are empty types, so no tuple of them is ever made.
template <typename Struct, typename... Names, typename... Accessors>
struct members_by<Struct, boost::hana::tuple<boost::hana::pair<Names, Accessors>...>> {
    using types = type_list<std::remove_reference_t<std::invoke_result_t<Accessors, Struct&>>...>;

    /// False when an accessor returns a copy (`BOOST_HANA_ADAPT_ADT`): such a member could be saved, but not restored.
    static constexpr bool settable = (std::is_lvalue_reference_v<std::invoke_result_t<Accessors, Struct&>> && ...);

    template <typename Self, typename Visit>
    static constexpr void each(Self& self, Visit& visit)
    {
        (visit(Accessors{}(self)), ...);
    }

    template <typename Visit>
    static constexpr void each_name(Visit& visit)
    {
        (visit(std::string_view(Names::c_str())), ...);
    }
};

template <typename T>
using members_of = members_by<T, decltype(boost::hana::accessors<T>())>;

} // namespace detail

/// A structure of `BOOST_HANA_ADAPT_STRUCT` or `BOOST_HANA_DEFINE_STRUCT` whose members can be read and written in
/// place.
template <typename T>
concept hana_struct = std::is_class_v<T> && boost::hana::Struct<T>::value && detail::members_of<T>::settable;

/// The types of the members, in the order in which they were listed.
template <hana_struct T>
using member_types_t = typename detail::members_of<T>::types;

/// Calls `visit` with a reference to each member, in the order in which they were listed.
template <typename T, typename Visit>
    requires hana_struct<std::remove_const_t<T>>
constexpr void for_each_member(T& value, Visit&& visit)
{
    detail::members_of<std::remove_const_t<T>>::each(value, visit);
}

/// Calls `visit` with the name of each member, in the order in which they were listed.
template <hana_struct T, typename Visit>
constexpr void for_each_member_name(Visit&& visit)
{
    detail::members_of<T>::each_name(visit);
}

} // namespace tidemark
