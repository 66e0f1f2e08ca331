// SPDX-License-Identifier: BSL-1.0
//
// variants: the alternatives of a variant, be it the standard library's or Boost's.

#pragma once

#include <tidemark/core/parts.hpp>
#include <tidemark/core/saved_as.hpp>
#include <tidemark/core/type_list.hpp>

#include <cstddef>
#include <utility>
#include <variant>

namespace tidemark::detail {

template <typename Visit>
struct alternative_visitor {
    using result_type = void; // Boost asks for it
    Visit const& visit;

    template <typename T>
    void operator()(T const& value) const
    {
        visit(value);
    }
};

template <typename Variant>
[[nodiscard]] std::size_t alternative_index(Variant const& value)
{
    if constexpr (variant_of_boost<Variant>)
        return static_cast<std::size_t>(value.which());
    else
        return value.index();
}

template <typename Variant, typename Visit>
void visit_alternative(Variant const& value, Visit const& visit)
{
    alternative_visitor<Visit> const visitor{visit};
    if constexpr (variant_of_boost<Variant>)
        value.apply_visitor(visitor);
    else
        std::visit(visitor, value);
}

template <typename T>
struct type_mark {
    using type = T;
};

/// Puts what `make(type_mark<T>)` gives into `value`, where T is its alternative `index`. False when there is no such
/// one.
template <typename Variant, typename Make, std::size_t... Indices, typename... Types>
bool put_alternative(Variant& value, std::size_t index, Make const& make, std::index_sequence<Indices...>,
                     type_list<Types...>)
{
    auto const put = [&]<std::size_t Index, typename T>() {
        if (index != Index)
            return false;
        if constexpr (variant_of_boost<Variant>)
            value = make(type_mark<T>{});
        else
            value.template emplace<Index>(make(type_mark<T>{}));
        return true;
    };
    return (put.template operator()<Indices, Types>() || ...);
}

template <typename Variant>
inline constexpr std::size_t alternatives = 0;
template <template <typename...> typename Variant, typename... Types>
inline constexpr std::size_t alternatives<Variant<Types...>> = sizeof...(Types);

template <typename Variant, typename Make>
bool put_alternative(Variant& value, std::size_t index, Make const& make)
{
    return detail::put_alternative(value, index, make, std::make_index_sequence<alternatives<Variant>>(),
                                   parts_t<Variant>{});
}

} // namespace tidemark::detail
