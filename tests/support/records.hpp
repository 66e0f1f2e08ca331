// SPDX-License-Identifier: BSL-1.0
//
// records: the plain lists that tests of operators begin with and compare.

#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

namespace tidemark_test {

/// The numbers from 0 up to, not including, `end`.
inline std::vector<int> counted(int end)
{
    std::vector<int> numbers(static_cast<std::size_t>(end));
    std::iota(numbers.begin(), numbers.end(), 0);
    return numbers;
}

/// `records` in ascending order, for comparisons in which their order is free.
template <typename Records>
Records sorted(Records records)
{
    std::sort(records.begin(), records.end());
    return records;
}

} // namespace tidemark_test
