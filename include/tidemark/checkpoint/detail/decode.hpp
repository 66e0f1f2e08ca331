// SPDX-License-Identifier: BSL-1.0
//
// decode: each way of restoring a value from the bytes of a bounded archive.

#pragma once

#include <tidemark/checkpoint/detail/boost_names.hpp>
#include <tidemark/checkpoint/detail/fixed_size.hpp>
#include <tidemark/checkpoint/detail/fresh.hpp>
#include <tidemark/checkpoint/detail/nesting.hpp>
#include <tidemark/checkpoint/detail/variants.hpp>
#include <tidemark/checkpoint/detail/wire_size.hpp>
#include <tidemark/core/own_serialize.hpp>
#include <tidemark/core/saved_as.hpp>
#include <tidemark/core/struct_members.hpp>

#include <cstddef>
#include <iterator>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>

namespace tidemark::detail {

template <typename Archive, typename T>
void decode(Archive& archive, T& value);

template <typename Archive>
struct decoder {
    Archive& archive;

    template <typename T>
    void operator()(T& value) const
    {
        detail::decode(archive, value);
    }
};

template <typename T, typename Archive>
T decoded(Archive& archive)
{
    T value = detail::fresh<T>();
    detail::decode(archive, value);
    return value;
}

/// Elements that are there already.
template <typename Archive, typename Elements>
void decode_elements(Archive& archive, Elements&& elements, std::size_t count)
{
    using element = std::remove_cvref_t<decltype(*std::begin(elements))>;
    if constexpr (requires { std::data(elements); } && is_run<element>()) {
        archive.load_binary(std::data(elements), count * sizeof(element));
    } else {
        for (auto& value : elements) {
            detail::decode(archive, value);
            if constexpr (wire_size_v<element>.fixed && wire_size_v<element>.least == 0)
                archive.load_filler();
        }
    }
}

template <typename Archive, typename Sequence>
void decode_sequence(Archive& archive, Sequence& sequence)
{
    using element = typename Sequence::value_type;
    std::size_t const count = archive.load_count(least_element_size<element>);
    sequence.clear();
    if constexpr (requires { sequence.data(); } && is_run<element>() && std::is_default_constructible_v<element>) {
        sequence.resize(count); // as many bytes as were counted are there
        detail::decode_elements(archive, sequence, count);
    } else {
        if constexpr (requires { sequence.reserve(count); })
            sequence.reserve(wire_size_v<element>.fixed ? count : archive.affordable(count, sizeof(element)));
        for (std::size_t i = 0; i != count; ++i) {
            sequence.push_back(detail::decoded<element>(archive));
            if constexpr (wire_size_v<element>.fixed && wire_size_v<element>.least == 0)
                archive.load_filler();
        }
    }
}

/// A set or a map. A key that comes twice, where it may not, is damage: one of its values would be lost.
template <typename Archive, typename Table>
void decode_table(Archive& archive, Table& table)
{
    using key = typename Table::key_type;
    constexpr bool with_values = saved_as_v<Table> == saved_as::dictionary;
    using rest = typename std::conditional_t<with_values, parts_of<Table>, std::type_identity<type_list<>>>::type;
    constexpr std::size_t least = with_values ? wire_size_of_all<rest>::value.least : wire_size_v<key>.least;

    std::size_t const count = archive.load_count(least == 0 ? 1 : least);
    table.clear();
    if constexpr (requires { table.reserve(count); })
        table.reserve(archive.affordable(count, sizeof(typename Table::value_type)));
    for (std::size_t i = 0; i != count; ++i) {
        key next = detail::decoded<key>(archive);
        if constexpr (with_values) {
            auto value = detail::decoded<typename Table::mapped_type>(archive);
            table.emplace_hint(table.end(), std::move(next), std::move(value));
        } else {
            table.emplace_hint(table.end(), std::move(next));
        }
        if constexpr (least == 0)
            archive.load_filler();
        if (table.size() != i + 1)
            archive.damaged("a key comes twice in a container of single keys");
    }
}

template <typename Archive, typename T>
void decode_own(Archive& archive, T& value)
{
    nesting const level(archive);
    unsigned version = class_version<T>();
    if constexpr (!is_wrapper<T>)
        version = archive.template load_class_version<T>(class_version<T>());
    detail::call_serialize(archive, value, version);
}

template <typename Archive, typename T>
void decode_members(Archive& archive, T& value)
{
    nesting const level(archive);
    if constexpr (class_version<T>() != 0)
        archive.template load_exact_version<T>(class_version<T>());
    tidemark::for_each_member(value, decoder<Archive>{archive});
}

template <typename Archive, typename Variant>
void decode_variant(Archive& archive, Variant& value)
{
    std::size_t const index = archive.load_index(alternatives<Variant>);
    static_cast<void>(
        detail::put_alternative(value, index, [&]<typename T>(type_mark<T>) { return detail::decoded<T>(archive); }));
}

template <typename Archive, typename T>
void decode_value(Archive& archive, T& value)
{
    constexpr saved_as way = saved_as_v<T>;
    static_assert(way != saved_as::address,
                  "tidemark::input_archive: a pointer, reference or view cannot be restored, it means nothing after a "
                  "restart; save what it points to, by value");
    static_assert(
        way != saved_as::unknown,
        "tidemark::input_archive: nothing says how this type is restored; list its members with "
        "BOOST_HANA_ADAPT_STRUCT, give it a serialize member, or see tidemark::serializable for what is accepted");
    if constexpr (wire_size_v<T>.fixed) {
        fixed_reader reader{archive.take(wire_size_v<T>.least)};
        reader(value);
        if (!reader.sound)
            archive.damaged("a bool that is neither 0 nor 1");
    } else if constexpr (way == saved_as::own) {
        detail::decode_own(archive, value);
    } else if constexpr (way == saved_as::members) {
        detail::decode_members(archive, value);
    } else if constexpr (way == saved_as::product) {
        decoder<Archive> next{archive};
        std::apply(each_part<decoder<Archive>>{next}, value);
    } else if constexpr (way == saved_as::array) {
        detail::decode_elements(archive, value, std::size(value));
    } else if constexpr (way == saved_as::sequence) {
        detail::decode_sequence(archive, value);
    } else if constexpr (way == saved_as::set || way == saved_as::dictionary) {
        detail::decode_table(archive, value);
    } else if constexpr (way == saved_as::bits) {
        std::size_t const count = archive.load_count(1);
        value.clear();
        value.reserve(count);
        for (std::size_t i = 0; i != count; ++i)
            value.push_back(archive.load_flag());
    } else if constexpr (way == saved_as::optional) {
        value.reset();
        if (archive.load_flag())
            value.emplace(detail::decoded<typename T::value_type>(archive));
    } else if constexpr (way == saved_as::variant) {
        detail::decode_variant(archive, value);
    }
}

template <typename Archive, typename T>
void decode(Archive& archive, T& value)
{
    if constexpr (is_nvp<T>) {
        detail::decode(archive, value.value());
    } else if constexpr (is_array_wrapper<T>) {
        detail::decode_elements(archive, std::span(value.address(), value.count()), value.count());
    } else if constexpr (is_collection_size<T>) {
        value = T(archive.load_count(1));
    } else if constexpr (is_version_number<T>) {
        value = T(archive.load_version());
    } else {
        detail::decode_value(archive, value);
    }
}

} // namespace tidemark::detail
