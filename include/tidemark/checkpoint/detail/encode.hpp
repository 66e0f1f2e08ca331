// SPDX-License-Identifier: BSL-1.0
//
// encode: each way of saving a value, as bytes at the end of an archive.

#pragma once

#include <tidemark/checkpoint/detail/boost_names.hpp>
#include <tidemark/checkpoint/detail/fixed_size.hpp>
#include <tidemark/checkpoint/detail/nesting.hpp>
#include <tidemark/checkpoint/detail/variants.hpp>
#include <tidemark/checkpoint/detail/wire_size.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/own_serialize.hpp>
#include <tidemark/core/saved_as.hpp>
#include <tidemark/core/struct_members.hpp>

#include <cstddef>
#include <iterator>
#include <span>
#include <tuple>
#include <type_traits>

namespace tidemark::detail {

template <typename Archive, typename T>
void encode(Archive& archive, T const& value);

template <typename Archive>
struct encoder {
    Archive& archive;

    template <typename T>
    void operator()(T const& value) const
    {
        detail::encode(archive, value);
    }
};

/// A run of elements of one type, without their count.
template <typename Archive, typename Elements>
void encode_elements(Archive& archive, Elements const& elements, std::size_t count)
{
    using element = std::remove_cvref_t<decltype(*std::begin(elements))>;
    if constexpr (requires { std::data(elements); } && is_run<element>()) {
        archive.save_binary(std::data(elements), count * sizeof(element));
    } else if constexpr (wire_size_v<element>.fixed && wire_size_v<element>.least > 0) {
        fixed_writer writer{archive.grow(count * wire_size_v<element>.least)};
        for (auto const& value : elements)
            writer(value);
    } else {
        for (auto const& value : elements) {
            detail::encode(archive, value);
            if constexpr (wire_size_v<element>.fixed)
                *archive.grow(1) = std::byte{0}; // it has no bytes of its own
        }
    }
}

template <typename Archive, typename Map>
void encode_entries(Archive& archive, Map const& map)
{
    for (auto const& [key, value] : map) {
        detail::encode(archive, key);
        detail::encode(archive, value);
        if constexpr (wire_size_v<typename Map::key_type>.least + wire_size_v<typename Map::mapped_type>.least == 0)
            *archive.grow(1) = std::byte{0};
    }
}

/// Its class version, then whatever it saves of itself.
template <typename Archive, typename T>
void encode_own(Archive& archive, T const& value)
{
    nesting const level(archive);
    if constexpr (!is_wrapper<T>)
        archive.save_count(class_version<T>());
    detail::call_serialize(archive, const_cast<T&>(value),
                           class_version<T>()); // one serialize for both ways, hence not const
}

template <typename Archive, typename T>
void encode_members(Archive& archive, T const& value)
{
    nesting const level(archive);
    if constexpr (class_version<T>() != 0)
        archive.save_count(class_version<T>());
    tidemark::for_each_member(value, encoder<Archive>{archive});
}

template <typename Archive, typename Variant>
void encode_variant(Archive& archive, Variant const& value)
{
    if constexpr (requires { value.valueless_by_exception(); })
        if (value.valueless_by_exception())
            throw checkpoint_error(
                "a variant without a value cannot be saved: an assignment to it threw before; assign again");
    archive.save_count(detail::alternative_index(value));
    detail::visit_alternative(value, encoder<Archive>{archive});
}

template <typename Archive, typename T>
void encode_value(Archive& archive, T const& value)
{
    constexpr saved_as way = saved_as_v<T>;
    static_assert(way != saved_as::address,
                  "tidemark::output_archive: a pointer, reference or view cannot be saved, it means nothing after a "
                  "restart; save what it points to, by value");
    static_assert(
        way != saved_as::unknown,
        "tidemark::output_archive: nothing says how this type is saved; list its members with "
        "BOOST_HANA_ADAPT_STRUCT, give it a serialize member, or see tidemark::serializable for what is accepted");
    if constexpr (wire_size_v<T>.fixed) {
        fixed_writer{archive.grow(wire_size_v<T>.least)}(value);
    } else if constexpr (way == saved_as::own) {
        detail::encode_own(archive, value);
    } else if constexpr (way == saved_as::members) {
        detail::encode_members(archive, value);
    } else if constexpr (way == saved_as::product) {
        encoder<Archive> next{archive};
        std::apply(each_part<encoder<Archive>>{next}, value);
    } else if constexpr (way == saved_as::array) {
        detail::encode_elements(archive, value, std::size(value));
    } else if constexpr (way == saved_as::dictionary) {
        archive.save_count(value.size());
        detail::encode_entries(archive, value);
    } else if constexpr (way == saved_as::sequence || way == saved_as::set) {
        archive.save_count(value.size());
        detail::encode_elements(archive, value, value.size());
    } else if constexpr (way == saved_as::bits) {
        archive.save_count(value.size());
        for (bool const bit : value)
            *archive.grow(1) = static_cast<std::byte>(bit);
    } else if constexpr (way == saved_as::optional) {
        *archive.grow(1) = static_cast<std::byte>(value.has_value());
        if (value.has_value())
            detail::encode(archive, *value);
    } else if constexpr (way == saved_as::variant) {
        detail::encode_variant(archive, value);
    }
}

/// What a user's `ar & x` may name beside values: the small types of Boost.Serialization.
template <typename Archive, typename T>
void encode(Archive& archive, T const& value)
{
    if constexpr (is_nvp<T>) {
        detail::encode(archive, value.const_value());
    } else if constexpr (is_array_wrapper<T>) {
        detail::encode_elements(archive, std::span(value.address(), value.count()), value.count());
    } else if constexpr (is_collection_size<T>) {
        archive.save_count(static_cast<std::size_t>(value));
    } else if constexpr (is_version_number<T>) {
        archive.save_count(static_cast<unsigned>(value));
    } else {
        detail::encode_value(archive, value);
    }
}

} // namespace tidemark::detail
