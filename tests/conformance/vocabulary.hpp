// SPDX-License-Identifier: BSL-1.0
//
// vocabulary: tables of descriptions and the functions that they stand for, and the sums that most of these make.

#pragma once

#include "cases.hpp"
#include "value.hpp"
#include "words.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark_test {

using numbers = std::vector<std::int64_t>;

/// Descriptions, `#` standing for a number, and what makes the function out of the numbers.
template <typename Function>
using vocabulary = std::vector<std::pair<std::string_view, std::function<Function(numbers const&)>>>;

[[noreturn]] inline void refuse(std::string const& words) { throw not_covered("unknown function \"" + words + "\""); }

/// The function that `words` describe; nothing when none is known.
template <typename Function>
[[nodiscard]] std::optional<Function> find(vocabulary<Function> const& known, std::string const& words)
{
    for (auto const& [pattern, make] : known)
        if (auto const found = numbers_in(words, pattern))
            return make(*found);
    return std::nullopt;
}

/// The function that `words` describe. *Throws* `not_covered` when none is known.
template <typename Function>
[[nodiscard]] Function known_or_refused(vocabulary<Function> const& known, std::string const& words)
{
    if (auto found = find(known, words))
        return *std::move(found);
    refuse(words);
}

/// For a description without numbers.
template <typename Function, typename F>
[[nodiscard]] std::pair<std::string_view, std::function<Function(numbers const&)>> plain(std::string_view words,
                                                                                         F function)
{
    return {words, [function](numbers const&) { return Function(function); }};
}

/// The sum: an integer when both are integers.
[[nodiscard]] inline value added(value const& left, value const& right)
{
    return left.is_integer() && right.is_integer() ? value(left.integer() + right.integer())
                                                   : value(left.real() + right.real());
}

[[nodiscard]] inline value total(std::vector<value> const& values, value from = 0)
{
    for (auto const& each : values)
        from = added(from, each);
    return from;
}

[[nodiscard]] inline value or_zero(std::optional<value> const& some) { return some.value_or(value(0)); }

} // namespace tidemark_test
