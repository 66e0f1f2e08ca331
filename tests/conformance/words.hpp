// SPDX-License-Identifier: BSL-1.0
//
// words: descriptions with numbers in them, and arrow functions such as `x -> [x, 2x + 1]`.

#pragma once

#include "value.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark_test {

/// The numbers that stand in `words` where `pattern` has `#`; nothing when the rest differs.
[[nodiscard]] std::optional<std::vector<std::int64_t>> numbers_in(std::string_view words, std::string_view pattern);

/// Whether `words` say that all of `count` things are meant: "both", "all three", "the four datasets".
[[nodiscard]] bool says_all(std::string_view words, std::size_t count);

/// What an arrow function gives for numbers, one for each of its variables.
struct arrow {
    std::size_t variables = 1;
    bool is_list = false; ///< Written in brackets; else `call` gives one value.
    std::function<std::vector<value>(std::vector<value> const&)> call;
};

/// `x -> expression`, `x -> (expression, expression)`, a pair, or `x -> [expression, ...]` over numbers; or of several
/// variables, `x, y -> expression`. There are + - * / % mod ^ ( ) max(a, b) min(a, b), `2x` for `2 * x` and `2(x + 1)`
/// likewise; what is done with integers gives integers. Nothing for other words.
[[nodiscard]] std::optional<arrow> arrow_of(std::string_view words);

} // namespace tidemark_test
