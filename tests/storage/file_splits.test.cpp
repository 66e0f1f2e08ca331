// SPDX-License-Identifier: BSL-1.0

#include <tidemark/storage/file_splits.hpp>

#include <support/catch.hpp>

#include <cstdint>
#include <vector>

namespace {

using tidemark::file_info;
using tidemark::file_piece;
using tidemark::split_files;

constexpr std::uint64_t kib = 1024;
constexpr std::uint64_t mib = 1024 * kib;

std::vector<file_info> files_of(std::vector<std::uint64_t> const& sizes)
{
    std::vector<file_info> files;
    for (auto const size : sizes)
        files.push_back({"f", 0, size});
    return files;
}

using pieces = std::vector<std::vector<file_piece>>;

struct split_row {
    char const* what;
    std::vector<std::uint64_t> sizes;
    std::uint64_t split_bytes;
    std::uint64_t partitions;
    pieces expected;
};

split_row const split_rows[] = {
    {"nothing", {}, 8 * mib, 4, {}},
    {"an empty file", {0}, 8 * mib, 4, {}},
    {"a small file", {10}, 8 * mib, 4, {{{0, 0, 10}}}},
    {"a file of the least size", {64 * kib}, 8 * mib, 4, {{{0, 0, 64 * kib}}}},
    {"a middling file, by the partitions wanted",
     {256 * kib},
     8 * mib,
     2,
     {{{0, 0, 128 * kib}}, {{0, 128 * kib, 256 * kib}}}},
    {"a large file, by the largest split",
     {3 * mib},
     mib,
     2,
     {{{0, 0, mib}}, {{0, mib, 2 * mib}}, {{0, 2 * mib, 3 * mib}}}},
    {"nearly equal pieces", {11}, 4, 1, {{{0, 0, 4}}, {{0, 4, 8}}, {{0, 8, 11}}}},
    {"small files together", {1000, 0, 2000, 3000}, 8 * mib, 4, {{{0, 0, 1000}, {2, 0, 2000}, {3, 0, 3000}}}},
    {"until the next would be too much",
     {40 * kib, 20 * kib, 40 * kib},
     8 * mib,
     4,
     {{{0, 0, 40 * kib}, {1, 0, 20 * kib}}, {{2, 0, 40 * kib}}}},
};

TEST_CASE("bytes are dealt out by the sizes of the files", "[storage][file_splits]")
{
    for (auto const& row : split_rows) {
        INFO(row.what);
        CHECK(split_files(files_of(row.sizes), row.split_bytes, row.partitions) == row.expected);
    }
}

TEST_CASE("many tiny files do not all fall into one partition", "[storage][file_splits]")
{
    // 4 KiB each counts for its opening: 16 or 17 of them make up the least split of 64 KiB.
    auto const split = split_files(files_of(std::vector<std::uint64_t>(1000, 1)), 8 * mib, 4);
    CHECK(split.size() >= 58);
    CHECK(split.size() <= 63);
}

TEST_CASE("every byte is in one piece, whatever the sizes", "[storage][file_splits]")
{
    std::vector<std::uint64_t> const sizes{1, 5 * mib + 3, 70 * kib, 0, 64 * kib + 1, (std::uint64_t{1} << 40) + 7};
    for (std::uint64_t const partitions : {1U, 3U, 8U, 1000U}) {
        std::vector<std::uint64_t> reached(sizes.size(), 0);
        std::size_t file = 0;
        for (auto const& partition : split_files(files_of(sizes), 64 * mib, partitions))
            for (auto const& piece : partition) {
                CHECK(piece.file >= file);
                file = piece.file;
                CHECK(piece.begin == reached[file]);
                CHECK(piece.begin < piece.end);
                reached[file] = piece.end;
            }
        CHECK(reached == sizes);
    }
}

} // namespace
