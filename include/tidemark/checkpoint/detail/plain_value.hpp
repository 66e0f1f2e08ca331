// SPDX-License-Identifier: BSL-1.0
//
// plain_value: any serializable value through any archive of Boost's, also where Boost has no header for its type.

#pragma once

#include <tidemark/checkpoint/detail/fresh.hpp>
#include <tidemark/checkpoint/detail/nesting.hpp>
#include <tidemark/checkpoint/detail/variants.hpp>
#include <tidemark/checkpoint/detail/wire_size.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/parts.hpp>
#include <tidemark/core/saved_as.hpp>
#include <tidemark/core/serializable.hpp>
#include <tidemark/core/struct_members.hpp>
#include <tidemark/core/type_list.hpp>

// All that Boost has for what `saved_as` lists, so that a layout does not depend on what else is included.
#include <boost/serialization/array.hpp>
#include <boost/serialization/binary_object.hpp>
#include <boost/serialization/deque.hpp>
#include <boost/serialization/list.hpp>
#include <boost/serialization/map.hpp>
#include <boost/serialization/nvp.hpp>
#include <boost/serialization/set.hpp>
#include <boost/serialization/string.hpp>
#include <boost/serialization/traits.hpp>
#include <boost/serialization/unordered_map.hpp>
#include <boost/serialization/unordered_set.hpp>
#include <boost/serialization/utility.hpp>
#include <boost/serialization/vector.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace tidemark::detail {

/// A hashed container of Boost. Its own header, where there is one, would believe a saved number of buckets.
template <typename T>
inline constexpr bool is_hashed_by_boost = false;
template <typename... Arguments>
inline constexpr bool is_hashed_by_boost<boost::unordered::unordered_flat_map<Arguments...>> = true;
template <typename... Arguments>
inline constexpr bool is_hashed_by_boost<boost::unordered::unordered_flat_set<Arguments...>> = true;
template <typename... Arguments>
inline constexpr bool is_hashed_by_boost<boost::unordered::unordered_map<Arguments...>> = true;
template <typename... Arguments>
inline constexpr bool is_hashed_by_boost<boost::unordered::unordered_multimap<Arguments...>> = true;
template <typename... Arguments>
inline constexpr bool is_hashed_by_boost<boost::unordered::unordered_set<Arguments...>> = true;
template <typename... Arguments>
inline constexpr bool is_hashed_by_boost<boost::unordered::unordered_multiset<Arguments...>> = true;

/// Boost's archives write it without the help of a header, and the same on each of them.
template <typename T>
inline constexpr bool is_plain_number =
    std::is_arithmetic_v<T> && !std::is_same_v<T, wchar_t> && !std::is_same_v<T, char8_t>
    && !std::is_same_v<T, char16_t> && !std::is_same_v<T, char32_t>;

template <typename T>
inline constexpr bool is_text_of_other_kind = false;
template <typename... Arguments>
inline constexpr bool is_text_of_other_kind<std::basic_string<Arguments...>> =
    !std::is_same_v<std::basic_string<Arguments...>, std::string>;

/// Boost.Serialization saves a `T` down to its last part, by a header of its own or by the type's own `serialize`.
template <typename T>
consteval bool saved_by_boost();

template <typename Parts>
inline constexpr bool all_saved_by_boost = false;
template <typename... Parts>
inline constexpr bool all_saved_by_boost<type_list<Parts...>> = (saved_by_boost<std::remove_const_t<Parts>>() && ...);

template <typename T>
consteval bool saved_by_boost()
{
    constexpr saved_as way = saved_as_v<T>;
    if constexpr (way == saved_as::boolean || way == saved_as::scalar)
        return is_plain_number<T>; // Boost saves every enumeration as an `int`
    else if constexpr (way == saved_as::own || way == saved_as::bits)
        return true;
    else if constexpr (is_hashed_by_boost<T> || is_text_of_other_kind<T>
                       || (way == saved_as::array && array_extent<T> == 0))
        return false;
    else if constexpr (way == saved_as::array || is_pair<T> || way == saved_as::sequence || way == saved_as::set
                       || way == saved_as::dictionary)
        return all_saved_by_boost<parts_t<T>>;
    else
        return false;
}

/// Stands for a value that Boost does not know how to save.
template <typename T>
class plain_value : public boost::serialization::traits<plain_value<T>, boost::serialization::object_serializable,
                                                        boost::serialization::track_never> {
public:
    plain_value(T& value, unsigned depth) noexcept
        : value_(&value)
        , depth_(depth)
    {}

    template <typename Archive>
    void serialize(Archive& archive, unsigned) const;

private:
    T* value_;
    unsigned depth_;
};

/// `archive << nvp(name, value)`, for every serializable type. `depth` counts the structures around it.
template <typename Archive, typename T>
void save_plain(Archive& archive, char const* name, T const& value, unsigned depth = 0)
{
    if constexpr (saved_by_boost<T>()) {
        archive << boost::serialization::make_nvp(name, value);
    } else {
        plain_value<T const> const wrapped(value, depth);
        archive << boost::serialization::make_nvp(name, wrapped);
    }
}

/// `archive >> nvp(name, value)`. *Throws* `corrupt_file` for what cannot be right.
template <typename Archive, typename T>
void load_plain(Archive& archive, char const* name, T& value, unsigned depth = 0)
{
    if constexpr (saved_by_boost<T>()) {
        archive >> boost::serialization::make_nvp(name, value);
    } else {
        plain_value<T> wrapped(value, depth);
        archive >> boost::serialization::make_nvp(name, wrapped);
    }
}

template <typename T, typename Archive>
[[nodiscard]] T plainly_loaded(Archive& archive, char const* name, unsigned depth = 0)
{
    T value = detail::fresh<T>();
    detail::load_plain(archive, name, value, depth);
    return value;
}

/// An element without content takes a byte all the same, so that no damaged count is free of charge.
template <typename T>
inline constexpr bool is_without_content = wire_size_v<T>.fixed && wire_size_v<T>.least == 0;

template <typename T, typename Archive>
void save_element(Archive& archive, char const* name, T const& value, unsigned depth)
{
    detail::save_plain(archive, name, value, depth);
    if constexpr (is_without_content<T>)
        detail::save_plain(archive, "filler", char{0});
}

template <typename T, typename Archive>
[[nodiscard]] T loaded_element(Archive& archive, char const* name, unsigned depth)
{
    T value = detail::plainly_loaded<T>(archive, name, depth);
    if constexpr (is_without_content<T>)
        static_cast<void>(detail::plainly_loaded<char>(archive, "filler"));
    return value;
}

// ---- One value, part by part

/// Saves or loads members under the names that they have.
template <typename Archive>
struct member_archive {
    Archive& archive;
    std::vector<std::string> const& names;
    unsigned depth;
    std::size_t next = 0;

    template <typename T>
    void operator()(T& member)
    {
        char const* const name = names[next++].c_str();
        if constexpr (Archive::is_saving::value)
            detail::save_plain(archive, name, member, depth);
        else
            detail::load_plain(archive, name, member, depth);
    }
};

template <typename Archive, typename T>
void archive_members(Archive& archive, T& value, unsigned depth)
{
    using type = std::remove_const_t<T>;
    if (depth == deepest_level) // the only way in which a type can lie in itself
        throw corrupt_file("expected structures that are nested at most " + std::to_string(deepest_level)
                           + " deep, found a deeper one");
    std::vector<std::string> names;
    tidemark::for_each_member_name<type>([&](std::string_view name) { names.emplace_back(name); });
    tidemark::for_each_member(value, member_archive<Archive>{archive, names, depth + 1});
}

template <typename Archive, typename T>
void save_parts(Archive& archive, T const& value, unsigned depth)
{
    constexpr saved_as way = saved_as_v<T>;
    auto const item = [&](auto const& part) { detail::save_plain(archive, "item", part, depth); };
    if constexpr (std::is_enum_v<T>) {
        detail::save_plain(archive, "number", static_cast<std::underlying_type_t<T>>(value), depth);
    } else if constexpr (way == saved_as::scalar) { // a character that not every archive takes
        detail::save_plain(archive, "number", static_cast<std::uint32_t>(value));
    } else if constexpr (way == saved_as::raw) {
        archive << boost::serialization::make_nvp(
            "bytes", boost::serialization::make_binary_object(const_cast<T*>(std::addressof(value)), sizeof(T)));
    } else if constexpr (way == saved_as::members) {
        detail::archive_members(archive, value, depth);
    } else if constexpr (way == saved_as::product) {
        std::apply([&](auto const&... parts) { (item(parts), ...); }, value);
    } else if constexpr (way == saved_as::array) {
        for (auto const& part : value)
            item(part);
    } else if constexpr (way == saved_as::optional) {
        detail::save_plain(archive, "initialized", value.has_value());
        if (value)
            detail::save_plain(archive, "value", *value, depth);
    } else if constexpr (way == saved_as::variant) {
        if constexpr (requires { value.valueless_by_exception(); })
            if (value.valueless_by_exception())
                throw checkpoint_error(
                    "a variant without a value cannot be saved: an assignment to it threw before; assign again");
        detail::save_plain(archive, "which", static_cast<std::uint64_t>(detail::alternative_index(value)));
        detail::visit_alternative(value, [&](auto const& part) { detail::save_plain(archive, "value", part, depth); });
    } else if constexpr (way == saved_as::time_span) {
        detail::save_plain(archive, "count", value.count());
    } else if constexpr (way == saved_as::time_point) {
        detail::save_plain(archive, "since_epoch", value.time_since_epoch().count());
    } else if constexpr (way == saved_as::dictionary) {
        detail::save_plain(archive, "count", static_cast<std::uint64_t>(value.size()));
        for (auto const& [key, mapped] : value) {
            detail::save_element(archive, "first", key, depth);
            detail::save_plain(archive, "second", mapped, depth);
        }
    } else if constexpr (way == saved_as::sequence || way == saved_as::set) {
        detail::save_plain(archive, "count", static_cast<std::uint64_t>(value.size()));
        for (auto const& element : value)
            detail::save_element(archive, "item", element, depth);
    } else {
        static_assert(way == saved_as::unit);
    }
}

template <typename Archive, typename Variant>
void load_plain_variant(Archive& archive, Variant& value, unsigned depth)
{
    auto const which = detail::plainly_loaded<std::uint64_t>(archive, "which");
    auto const make = [&]<typename T>(type_mark<T>) { return detail::plainly_loaded<T>(archive, "value", depth); };
    if (which >= alternatives<Variant> || !detail::put_alternative(value, static_cast<std::size_t>(which), make))
        throw corrupt_file("expected one of the " + std::to_string(alternatives<Variant>)
                           + " alternatives of a variant, found number " + std::to_string(which));
}

template <typename Archive, typename Table>
void load_plain_table(Archive& archive, Table& table, unsigned depth)
{
    auto const count = detail::plainly_loaded<std::uint64_t>(archive, "count");
    table.clear(); // and no room is made for a count that is only said
    for (std::uint64_t i = 0; i != count; ++i) {
        if constexpr (saved_as_v<Table> == saved_as::dictionary) {
            auto key = detail::loaded_element<typename Table::key_type>(archive, "first", depth);
            auto mapped = detail::plainly_loaded<typename Table::mapped_type>(archive, "second", depth);
            table.emplace_hint(table.end(), std::move(key), std::move(mapped));
        } else {
            table.emplace_hint(table.end(), detail::loaded_element<typename Table::key_type>(archive, "item", depth));
        }
        if (table.size() != i + 1)
            throw corrupt_file("expected different keys in a container of single keys, found one twice");
    }
}

template <typename Archive, typename T>
void load_parts(Archive& archive, T& value, unsigned depth)
{
    constexpr saved_as way = saved_as_v<T>;
    auto const item = [&](auto& part) { detail::load_plain(archive, "item", part, depth); };
    if constexpr (std::is_enum_v<T>) {
        value = static_cast<T>(detail::plainly_loaded<std::underlying_type_t<T>>(archive, "number", depth));
    } else if constexpr (way == saved_as::scalar) {
        value = static_cast<T>(detail::plainly_loaded<std::uint32_t>(archive, "number"));
    } else if constexpr (way == saved_as::raw) {
        archive >> boost::serialization::make_nvp(
            "bytes", boost::serialization::make_binary_object(std::addressof(value), sizeof(T)));
    } else if constexpr (way == saved_as::members) {
        detail::archive_members(archive, value, depth);
    } else if constexpr (way == saved_as::product) {
        std::apply([&](auto&... parts) { (item(parts), ...); }, value);
    } else if constexpr (way == saved_as::array) {
        for (auto& part : value)
            item(part);
    } else if constexpr (way == saved_as::optional) {
        value.reset();
        if (detail::plainly_loaded<bool>(archive, "initialized"))
            value.emplace(detail::plainly_loaded<typename T::value_type>(archive, "value", depth));
    } else if constexpr (way == saved_as::variant) {
        detail::load_plain_variant(archive, value, depth);
    } else if constexpr (way == saved_as::time_span) {
        value = T(detail::plainly_loaded<typename T::rep>(archive, "count"));
    } else if constexpr (way == saved_as::time_point) {
        using span = typename T::duration;
        value = T(span(detail::plainly_loaded<typename span::rep>(archive, "since_epoch")));
    } else if constexpr (way == saved_as::set || way == saved_as::dictionary) {
        detail::load_plain_table(archive, value, depth);
    } else if constexpr (way == saved_as::sequence) {
        auto const count = detail::plainly_loaded<std::uint64_t>(archive, "count");
        value.clear();
        for (std::uint64_t i = 0; i != count; ++i)
            value.push_back(detail::loaded_element<typename T::value_type>(archive, "item", depth));
    } else {
        static_assert(way == saved_as::unit);
    }
}

template <typename T>
template <typename Archive>
void plain_value<T>::serialize(Archive& archive, unsigned) const
{
    if constexpr (Archive::is_saving::value)
        detail::save_parts(archive, *value_, depth_);
    else
        detail::load_parts(archive, *value_, depth_);
}

} // namespace tidemark::detail
