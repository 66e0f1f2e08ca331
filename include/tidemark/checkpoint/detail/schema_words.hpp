// SPDX-License-Identifier: BSL-1.0
//
// schema_words: the words of which a schema is made.

#pragma once

#include <tidemark/checkpoint/detail/wire_size.hpp>
#include <tidemark/core/own_serialize.hpp>
#include <tidemark/core/parts.hpp>
#include <tidemark/core/saved_as.hpp>
#include <tidemark/core/struct_members.hpp>
#include <tidemark/core/type_list.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>

namespace tidemark::detail {

template <typename T, typename... Above>
void describe(std::string& words, type_list<Above...> above);

/// `int64`, `uint8`, `float32`, `char`: kind and width, for `long` has no width of its own.
template <typename T>
void describe_scalar(std::string& words)
{
    if constexpr (std::is_enum_v<T>) {
        words += "enum(";
        detail::describe_scalar<std::underlying_type_t<T>>(words);
        words += ')';
    } else if constexpr (std::same_as<T, bool>) {
        words += "bool";
    } else if constexpr (std::same_as<T, char>) {
        words += "char";
    } else {
        constexpr bool character = std::same_as<T, wchar_t> || std::same_as<T, char8_t> || std::same_as<T, char16_t>
                                   || std::same_as<T, char32_t>;
        words += std::is_floating_point_v<T> ? "float" : character ? "char" : std::is_signed_v<T> ? "int" : "uint";
        words += std::to_string(sizeof(T) * 8);
    }
}

/// The parts between brackets, with a comma between.
template <typename... Parts, typename Above>
void describe_parts(std::string& words, type_list<Parts...>, [[maybe_unused]] Above above)
{
    [[maybe_unused]] std::size_t number = 0;
    words += '<';
    ((words += number++ == 0 ? "" : ",", detail::describe<std::remove_const_t<Parts>>(words, above)), ...);
    words += '>';
}

/// Collects names: the types are known one by one, the names come one by one.
template <std::size_t N>
struct name_collector {
    std::array<std::string_view, N>& names;
    std::size_t next = 0;

    void operator()(std::string_view name) { names[next++] = name; }
};

template <typename T, typename... Parts, typename... Above>
void describe_members(std::string& words, type_list<Parts...>, type_list<Above...>)
{
    std::array<std::string_view, sizeof...(Parts)> names;
    tidemark::for_each_member_name<T>(name_collector<sizeof...(Parts)>{names});

    words += "struct";
    if constexpr (class_version<T>() != 0)
        words += "(version " + std::to_string(class_version<T>()) + ')';
    words += '{';
    [[maybe_unused]] std::size_t number = 0;
    ((words += number == 0 ? "" : ",", words += names[number++], words += ':',
      detail::describe<Parts>(words, type_list<T, Above...>{})),
     ...);
    words += '}';
}

/// Where `T` stands among the structures around it, the nearest being 1; 0 when it is none of them.
template <typename T, typename... Above>
consteval std::size_t level_above()
{
    std::size_t level = 0;
    bool found = false;
    ((found = found || (++level, std::same_as<T, Above>)), ...);
    return found ? level : 0;
}

template <typename T>
std::string_view container_word()
{
    constexpr bool single = requires(T& table, typename T::value_type const& value) { table.insert(value).second; };
    if constexpr (saved_as_v<T> == saved_as::dictionary)
        return single ? "map" : "multimap";
    else if constexpr (saved_as_v<T> == saved_as::set)
        return single ? "set" : "multiset";
    else if constexpr (saved_as_v<T> == saved_as::optional)
        return "optional";
    else if constexpr (saved_as_v<T> == saved_as::variant)
        return "variant";
    else
        return "sequence";
}

template <typename T>
inline constexpr bool is_text = false;
template <typename Traits, typename Allocator>
inline constexpr bool is_text<std::basic_string<char, Traits, Allocator>> = true;

template <typename Duration>
void describe_duration(std::string& words)
{
    words += "duration<";
    detail::describe_scalar<typename Duration::rep>(words);
    words += ',' + std::to_string(Duration::period::num) + '/' + std::to_string(Duration::period::den) + '>';
}

template <typename Clock>
std::string_view clock_word()
{
    if constexpr (Clock::is_steady)
        return "steady"; // begins anew with the machine
    else if constexpr (requires(typename Clock::time_point point) { Clock::to_time_t(point); })
        return "system";
    else
        return "clock";
}

template <typename T, typename... Above>
void describe(std::string& words, type_list<Above...> above)
{
    constexpr saved_as way = saved_as_v<T>;
    if constexpr (level_above<T, Above...>() != 0) {
        words += "up(" + std::to_string(level_above<T, Above...>()) + ')';
    } else if constexpr (way == saved_as::scalar || way == saved_as::boolean) {
        detail::describe_scalar<T>(words);
    } else if constexpr (way == saved_as::raw) {
        words += "bytes(" + std::to_string(sizeof(T)) + ')';
    } else if constexpr (way == saved_as::own) {
        words += "class(version " + std::to_string(class_version<T>()) + ')';
    } else if constexpr (way == saved_as::members) {
        detail::describe_members<T>(words, parts_t<T>{}, above);
    } else if constexpr (way == saved_as::array) {
        words += "array(" + std::to_string(array_extent<T>) + ')';
        detail::describe_parts(words, parts_t<T>{}, above);
    } else if constexpr (way == saved_as::product) {
        // A pair is a tuple of two, in bytes as well; it keeps the word that its user knows.
        words += is_pair<T> ? "pair" : "tuple";
        detail::describe_parts(words, parts_t<T>{}, above);
    } else if constexpr (is_text<T>) {
        words += "string";
    } else if constexpr (way == saved_as::bits) {
        words += "sequence<bool>";
    } else if constexpr (way == saved_as::unit) {
        words += "unit";
    } else if constexpr (way == saved_as::time_span) {
        detail::describe_duration<T>(words);
    } else if constexpr (way == saved_as::time_point) {
        words += "time_point<";
        words += detail::clock_word<typename T::clock>();
        words += ',';
        detail::describe_duration<typename T::duration>(words);
        words += '>';
    } else {
        words += detail::container_word<T>();
        detail::describe_parts(words, parts_t<T>{}, above);
    }
}

} // namespace tidemark::detail
