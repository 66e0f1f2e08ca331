// SPDX-License-Identifier: BSL-1.0
//
// saved_rows: rows of records as bytes, and back.

#pragma once

#include <tidemark/checkpoint/input_archive.hpp>
#include <tidemark/checkpoint/output_archive.hpp>
#include <tidemark/core/serializable.hpp>
#include <tidemark/expression/row.hpp>

#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// Saves a row as a `std::vector` of its records. *Throws* what saving a record throws.
template <serializable Record>
void save_row(output_archive& archive, row<Record> const& records)
{
    if constexpr (std::same_as<row<Record>, std::vector<Record>>)
        archive << records;
    else
        archive << std::vector<Record>(records.begin(), records.end());
}

/// The bytes of a row. *Throws* what saving a record throws.
template <serializable Record>
[[nodiscard]] std::vector<std::byte> save_row(row<Record> const& records)
{
    output_archive archive;
    save_row<Record>(archive, records);
    return {archive.bytes().begin(), archive.bytes().end()};
}

/// What `save_row` saved. *Throws* `corrupt_checkpoint` and `incompatible_checkpoint` as the archive does.
template <serializable Record>
[[nodiscard]] row<Record> restore_row(std::span<std::byte const> bytes)
{
    input_archive archive(bytes);
    std::vector<Record> records;
    archive >> records;
    if (archive.remaining() != 0)
        archive.damaged("more bytes behind the last record");
    return row_of(std::move(records));
}

} // namespace tidemark
