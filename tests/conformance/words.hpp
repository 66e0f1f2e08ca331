// SPDX-License-Identifier: BSL-1.0
//
// words: descriptions with numbers in them, and arrow functions such as `x -> [x, 2x + 1]`.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark_test {

/// The numbers that stand in `words` where `pattern` has `#`; nothing when the rest differs.
[[nodiscard]] std::optional<std::vector<std::int64_t>> numbers_in(std::string_view words, std::string_view pattern);

/// What an arrow function gives for a number.
struct arrow {
    bool is_list = false; ///< Written in brackets; else `call` gives one number.
    std::function<std::vector<std::int64_t>(std::int64_t)> call;
};

/// `x -> expression` or `x -> [expression, ...]` over integers: + - * / % ( ), `2x` for `2 * x` and `2(x + 1)`
/// likewise. Nothing for other words.
[[nodiscard]] std::optional<arrow> arrow_of(std::string_view words);

} // namespace tidemark_test
