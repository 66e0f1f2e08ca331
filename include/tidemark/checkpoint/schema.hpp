// SPDX-License-Identifier: BSL-1.0
//
// schema: what a saved type is made of, in words that no compiler has a say in.

#pragma once

#include <tidemark/checkpoint/detail/schema_words.hpp>
#include <tidemark/core/serializable.hpp>
#include <tidemark/core/type_list.hpp>

#include <string>
#include <string_view>

namespace tidemark {

/// Describes how a `T` is saved: `map<string,int64>`, `struct{video:string,at:int64}`, `class(version 2)`.
///
/// Equal for types that read each other's bytes, such as a vector and a deque of the same, and the same on every
/// machine where the types have the same widths. A type with its own `serialize` is no more than its version: what it
/// saves inside is its own affair. `up(n)` stands for the n-th structure around that place, 1 being the nearest.
template <serializable T>
[[nodiscard]] std::string schema_of()
{
    std::string words;
    detail::describe<T>(words, type_list<>{});
    return words;
}

namespace detail {

/// Cuts the digits at the front of `words` off and gives them.
inline std::string_view take_digits(std::string_view& words)
{
    auto const digits = words.substr(0, words.find_first_not_of("0123456789"));
    words.remove_prefix(digits.size());
    return digits;
}

} // namespace detail

/// True when a program whose type has the schema `current` reads what was saved under the schema `saved`: they are
/// equal, but for classes that were saved with an older version.
[[nodiscard]] inline bool schema_reads(std::string_view current, std::string_view saved)
{
    constexpr std::string_view versioned = "class(version ";
    while (!current.empty() && !saved.empty()) {
        if (current.starts_with(versioned) && saved.starts_with(versioned)) {
            current.remove_prefix(versioned.size());
            saved.remove_prefix(versioned.size());
            auto const known = detail::take_digits(current);
            auto const found = detail::take_digits(saved);
            if (found.empty() || found.size() > known.size() || (found.size() == known.size() && found > known))
                return false;
        } else if (current.front() != saved.front()) {
            return false;
        } else {
            current.remove_prefix(1);
            saved.remove_prefix(1);
        }
    }
    return current.empty() && saved.empty();
}

} // namespace tidemark
