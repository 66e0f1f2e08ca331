// SPDX-License-Identifier: BSL-1.0
//
// row: the records of a partition, one after the other in memory.

#pragma once

#include <boost/container/vector.hpp>

#include <concepts>
#include <type_traits>
#include <vector>

namespace tidemark {

/// A vector of records that can be seen as a span: `std::vector`, but for `bool`, of which that one keeps only bits.
template <typename Record>
using row = std::conditional_t<std::same_as<Record, bool>, boost::container::vector<Record>, std::vector<Record>>;

/// The same records as a row; moved where both are of one type.
template <typename Record>
[[nodiscard]] row<Record> row_of(std::vector<Record> records)
{
    if constexpr (std::same_as<row<Record>, std::vector<Record>>)
        return records;
    else
        return row<Record>(records.begin(), records.end());
}

} // namespace tidemark
