// SPDX-License-Identifier: BSL-1.0
//
// fresh: a new value, to be filled from an archive.

#pragma once

#include <tidemark/core/saved_as.hpp>

#include <boost/serialization/access.hpp>

#include <memory>
#include <type_traits>
#include <utility>

namespace tidemark::detail {

/// Room for a value that only `boost::serialization::access` may make.
template <typename T>
struct made_by_access {
    union {
        T value;
    };

    made_by_access() { boost::serialization::access::construct(std::addressof(value)); }
    made_by_access(made_by_access const&) = delete;
    made_by_access& operator=(made_by_access const&) = delete;
    ~made_by_access() { std::destroy_at(std::addressof(value)); }
};

template <typename T>
T fresh()
{
    if constexpr (std::is_default_constructible_v<T>) {
        return T();
    } else {
        static_assert(
            saved_as_v<T> == saved_as::own,
            "tidemark::input_archive: a value is made before it is restored; give the type a default constructor");
        made_by_access<T> room; // a default constructor may be private where access is a friend
        return std::move(room.value);
    }
}

} // namespace tidemark::detail
