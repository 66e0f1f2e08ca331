// SPDX-License-Identifier: BSL-1.0
//
// fixed_size: values that always take the same number of bytes, to bytes and back, after one check of the length.

#pragma once

#include <tidemark/checkpoint/detail/wire_size.hpp>
#include <tidemark/core/saved_as.hpp>
#include <tidemark/core/struct_members.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>
#include <memory>
#include <tuple>
#include <type_traits>

namespace tidemark::detail {

/// Calls `visit` with each of the parts that `std::apply` hands over.
template <typename Visit>
struct each_part {
    Visit& visit;

    template <typename... Parts>
    void operator()(Parts&... parts) const
    {
        (visit(parts), ...);
    }
};

/// Stores value after value from `at` on; the room was made before.
struct fixed_writer {
    std::byte* at;

    template <typename T>
    void operator()(T const& value)
    {
        constexpr saved_as way = saved_as_v<T>;
        if constexpr (is_run<T>()) {
            copy(std::addressof(value), sizeof(T));
        } else if constexpr (way == saved_as::boolean) {
            *at++ = static_cast<std::byte>(static_cast<bool>(value));
        } else if constexpr (way == saved_as::scalar) {
            auto bytes = std::bit_cast<std::array<std::byte, sizeof(T)>>(value);
            std::reverse(bytes.begin(), bytes.end());
            copy(bytes.data(), bytes.size());
        } else if constexpr (way == saved_as::array) {
            for (auto const& element : value)
                (*this)(element);
        } else if constexpr (way == saved_as::product) {
            std::apply(each_part<fixed_writer>{*this}, value);
        } else if constexpr (way == saved_as::members) {
            tidemark::for_each_member(value, *this);
        } else if constexpr (way == saved_as::time_span) {
            (*this)(value.count());
        } else if constexpr (way == saved_as::time_point) {
            (*this)(value.time_since_epoch());
        }
    }

private:
    void copy(void const* from, std::size_t count)
    {
        std::memcpy(at, from, count);
        at += count;
    }
};

/// Fills value after value from `at` on; the length was checked before. `sound` turns false at a byte that is no value.
struct fixed_reader {
    std::byte const* at;
    bool sound = true;

    template <typename T>
    void operator()(T& value)
    {
        constexpr saved_as way = saved_as_v<T>;
        if constexpr (is_run<T>()) {
            copy(std::addressof(value), sizeof(T));
        } else if constexpr (way == saved_as::boolean) {
            auto const byte = std::to_integer<unsigned>(*at++);
            sound = sound && byte <= 1;
            value = static_cast<T>(byte == 1);
        } else if constexpr (way == saved_as::scalar) {
            std::array<std::byte, sizeof(T)> bytes;
            copy(bytes.data(), bytes.size());
            std::reverse(bytes.begin(), bytes.end());
            value = std::bit_cast<T>(bytes);
        } else if constexpr (way == saved_as::array) {
            for (auto& element : value)
                (*this)(element);
        } else if constexpr (way == saved_as::product) {
            std::apply(each_part<fixed_reader>{*this}, value);
        } else if constexpr (way == saved_as::members) {
            tidemark::for_each_member(value, *this);
        } else if constexpr (way == saved_as::time_span) {
            typename T::rep count{};
            (*this)(count);
            value = T(count);
        } else if constexpr (way == saved_as::time_point) {
            typename T::duration since_epoch{};
            (*this)(since_epoch);
            value = T(since_epoch);
        }
    }

private:
    void copy(void* to, std::size_t count)
    {
        std::memcpy(to, at, count);
        at += count;
    }
};

} // namespace tidemark::detail
