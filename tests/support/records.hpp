// SPDX-License-Identifier: BSL-1.0
//
// records: the plain lists that tests of operators begin with and compare.

#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string_view>
#include <vector>

namespace tidemark_test {

/// The numbers from 0 up to, not including, `end`.
inline std::vector<int> counted(int end)
{
    std::vector<int> numbers(static_cast<std::size_t>(end));
    std::iota(numbers.begin(), numbers.end(), 0);
    return numbers;
}

/// The words of a text, at single spaces, as views into it.
inline std::vector<std::string_view> words_in(std::string_view text)
{
    std::vector<std::string_view> words;
    for (std::size_t from = 0; from < text.size();) {
        auto const to = std::min(text.find(' ', from), text.size());
        words.push_back(text.substr(from, to - from));
        from = to + 1;
    }
    return words;
}

/// `records` in ascending order, for comparisons in which their order is free.
template <typename Records>
Records sorted(Records records)
{
    std::sort(records.begin(), records.end());
    return records;
}

} // namespace tidemark_test
