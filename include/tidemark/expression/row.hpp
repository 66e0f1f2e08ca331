// SPDX-License-Identifier: BSL-1.0
//
// row: the records of a partition, contiguous in memory.

#pragma once

#include <boost/container/vector.hpp>

#include <concepts>
#include <type_traits>
#include <vector>

namespace tidemark {

/// A vector of records that converts to a span: `std::vector`, except for `bool`, which `std::vector` packs into bits.
template <typename Record>
using row = std::conditional_t<std::same_as<Record, bool>, boost::container::vector<Record>, std::vector<Record>>;

/// `records` as a row; moved where the types are the same.
template <typename Record>
[[nodiscard]] row<Record> row_of(std::vector<Record> records)
{
    if constexpr (std::same_as<row<Record>, std::vector<Record>>)
        return records;
    else
        return row<Record>(records.begin(), records.end());
}

} // namespace tidemark
