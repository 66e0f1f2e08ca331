// SPDX-License-Identifier: BSL-1.0
//
// container_names: which containers a type is made of; Boost saves each in another way, though their schema is one.

#pragma once

#include <tidemark/core/parts.hpp>
#include <tidemark/core/saved_as.hpp>
#include <tidemark/core/type_list.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <deque>
#include <list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace tidemark::detail {

template <typename T>
inline constexpr std::string_view container_name = "";
template <typename T, std::size_t N>
inline constexpr std::string_view container_name<std::array<T, N>> = "array";
template <typename... Arguments>
inline constexpr std::string_view container_name<std::vector<Arguments...>> = "vector";
template <typename... Arguments>
inline constexpr std::string_view container_name<std::deque<Arguments...>> = "deque";
template <typename... Arguments>
inline constexpr std::string_view container_name<std::list<Arguments...>> = "list";
template <typename... Arguments>
inline constexpr std::string_view container_name<std::set<Arguments...>> = "set";
template <typename... Arguments>
inline constexpr std::string_view container_name<std::multiset<Arguments...>> = "multiset";
template <typename... Arguments>
inline constexpr std::string_view container_name<std::map<Arguments...>> = "map";
template <typename... Arguments>
inline constexpr std::string_view container_name<std::multimap<Arguments...>> = "multimap";
template <typename... Arguments>
inline constexpr std::string_view container_name<std::unordered_set<Arguments...>> = "unordered_set";
template <typename... Arguments>
inline constexpr std::string_view container_name<std::unordered_multiset<Arguments...>> = "unordered_multiset";
template <typename... Arguments>
inline constexpr std::string_view container_name<std::unordered_map<Arguments...>> = "unordered_map";
template <typename... Arguments>
inline constexpr std::string_view container_name<std::unordered_multimap<Arguments...>> = "unordered_multimap";

template <typename T, typename... Above>
void name_containers(std::string& words, type_list<Above...> above);

template <typename... Parts, typename Above>
void name_containers_of(std::string& words, type_list<Parts...>, [[maybe_unused]] Above above)
{
    (detail::name_containers<std::remove_const_t<Parts>>(words, above), ...);
}

template <typename T, typename... Above>
void name_containers(std::string& words, [[maybe_unused]] type_list<Above...> above)
{
    if constexpr (!(std::same_as<T, Above> || ...)) {
        if constexpr (!container_name<T>.empty())
            (words += words.empty() ? "" : " ") += container_name<T>;
        if constexpr (saved_as_v<T> == saved_as::members)
            detail::name_containers_of(words, parts_t<T>{}, type_list<T, Above...>{});
        else
            detail::name_containers_of(words, parts_t<T>{}, above);
    }
}

/// `map vector`: the containers in a `T` that Boost saves in its own way, in the order of their parts.
template <typename T>
[[nodiscard]] std::string containers_in()
{
    std::string words;
    detail::name_containers<T>(words, type_list<>{});
    return words;
}

} // namespace tidemark::detail
