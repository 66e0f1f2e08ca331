// SPDX-License-Identifier: BSL-1.0
//
// file_splits: how the bytes of several files are dealt out to partitions.

#pragma once

#include <tidemark/storage/input_file.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tidemark {

/// The records of a file that begin at a place in `[begin, end)`.
struct file_piece {
    std::size_t file = 0;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;

    [[nodiscard]] friend bool operator==(file_piece const&, file_piece const&) = default;
};

/// The pieces of files that make up one partition.
using partition_pieces = std::vector<file_piece>;

/// What opening a file counts for, in bytes: many tiny files do not all fall into one partition.
inline constexpr std::uint64_t opening_weight = 4096;
/// Below this many bytes a partition costs more than it gains.
inline constexpr std::uint64_t least_split = std::uint64_t{64} << 10U;

/// Partitions of about equal size, `partitions` of them unless that makes them smaller than `least` or larger than
/// `split_bytes`.
///
/// `files` are `file_info`s in a container with an index. Large files are cut, small ones that follow each other share
/// a partition; the order of bytes is kept.
template <typename Files>
[[nodiscard]] std::vector<partition_pieces> split_files(Files const& files, std::uint64_t split_bytes,
                                                        std::uint64_t partitions, std::uint64_t least = least_split)
{
    std::uint64_t total = 0;
    for (auto const& file : files)
        total += file.size;
    partitions = std::max<std::uint64_t>(partitions, 1);
    auto const even = total / partitions + (total % partitions != 0);
    auto const target = std::clamp(even, std::min(least, split_bytes), split_bytes);

    std::vector<partition_pieces> all;
    std::uint64_t filled = 0;
    for (std::size_t number = 0; number < files.size(); ++number) {
        auto const size = files[number].size;
        auto const pieces = size / target + (size % target != 0);
        for (std::uint64_t i = 0; i < pieces; ++i) {
            auto const place = [&](std::uint64_t n) { return size / pieces * n + std::min(n, size % pieces); };
            file_piece const piece{number, place(i), place(i + 1)};
            auto const weight = piece.end - piece.begin + opening_weight;
            if (all.empty() || filled + weight > target + opening_weight) {
                all.emplace_back();
                filled = 0;
            }
            all.back().push_back(piece);
            filled += weight;
        }
    }
    return all;
}

} // namespace tidemark
