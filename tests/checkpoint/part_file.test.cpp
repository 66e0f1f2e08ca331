// SPDX-License-Identifier: BSL-1.0
//
// part_file.test: a partition's file gives what was written, and refuses whatever is not just that.

#include <tidemark/checkpoint/dataset_mark.hpp>
#include <tidemark/checkpoint/part_file.hpp>
#include <tidemark/checkpoint/snapshot_format.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/storage/part_names.hpp>
#include <tidemark/storage/storage.hpp>

#include <storage/storages.hpp>
#include <support/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace tidemark;
using Catch::Matchers::Contains;

constexpr std::uint64_t id = 77;

/// Writes a block for each text, with as many records as it has bytes.
part_entry write(any_storage const& folder, std::size_t partition, std::vector<std::string> const& rows)
{
    part_writer part(folder, id, partition, "int");
    for (auto const& row : rows)
        part.append(storages::bytes(row), row.size());
    return part.finish();
}

/// The rows up to the end, or up to what is thrown, whose words come last.
std::vector<std::string> read(any_storage const& folder, std::size_t partition, part_entry const& expected)
{
    std::vector<std::string> found;
    try {
        part_reader part(folder, id, partition, expected);
        while (auto const row = part.next())
            found.push_back(storages::text(*row));
    } catch (corrupt_checkpoint const& problem) {
        found.emplace_back(problem.what());
    }
    return found;
}

/// Puts other bytes in place of the file of a partition.
void replace(memory_storage const& files, std::size_t partition, std::vector<std::byte> const& bytes)
{
    files.put(part_name(partition), bytes);
}

} // namespace

TEST_CASE("a part gives the rows that were written, in their order", "[checkpoint][part_file]")
{
    memory_storage const files;
    auto const some = write(files, 0, {"first", "second", std::string(std::size_t{1} << 19, 'x'), "last"});
    auto const none = write(files, 1, {});
    CHECK(some.records == 5 + 6 + (1U << 19) + 4);
    CHECK(read(files, 0, some)
          == std::vector<std::string>{"first", "second", std::string(std::size_t{1} << 19, 'x'), "last"});
    CHECK(read(files, 1, none).empty());
}

TEST_CASE("a part under another one's name is refused as such, before a row is given", "[checkpoint][part_file]")
{
    memory_storage const files;
    auto const first = write(files, 0, {"abc"});
    auto const second = write(files, 1, {"def"});
    auto const bytes = files.read(part_name(0));
    replace(files, 0, files.read(part_name(1)));
    replace(files, 1, bytes);
    CHECK_THAT(read(files, 0, first).at(0), Contains("part-00000, offset 16: expected the part of that number"));
    CHECK_THAT(read(files, 1, second).at(0), Contains("part-00001, offset 16: expected the part of that number"));
}

TEST_CASE("blocks in another order are noticed before a row is given from them", "[checkpoint][part_file]")
{
    memory_storage const files;
    auto const written = write(files, 0, {"abc", "def", "ghi"});
    auto bytes = files.read(part_name(0));
    auto const block = snapshot_format::block_header_bytes + 3;
    auto const second = bytes.end() - static_cast<std::ptrdiff_t>(2 * block);
    std::swap_ranges(second, second + static_cast<std::ptrdiff_t>(block), second + static_cast<std::ptrdiff_t>(block));
    replace(files, 0, bytes);
    auto const found = read(files, 0, written);
    REQUIRE(found.size() == 2);
    CHECK(found[0] == "abc");
    CHECK_THAT(found[1], Contains("the header of block 1"));
}

TEST_CASE("a part of the same place and length with other rows is noticed at its end", "[checkpoint][part_file]")
{
    memory_storage const files;
    auto const written = write(files, 0, {"abc", "def"});
    files.remove(part_name(0));
    REQUIRE(write(files, 0, {"abc", "dex"}).size == written.size);
    CHECK_THAT(read(files, 0, written).back(), Contains("expected 6 records, found 6 records, or other ones"));
    files.remove(part_name(0));
    auto fewer = write(files, 0, {"abc", "def"});
    fewer.records = 5;
    CHECK_THAT(read(files, 0, fewer).back(), Contains("expected 5 records, found 6 records"));
}

TEST_CASE("a block that says it is longer than its file costs no memory", "[checkpoint][part_file]")
{
    memory_storage const files;
    auto written = write(files, 0, {"abc"});
    auto bytes = files.read(part_name(0));
    auto const rest = static_cast<std::ptrdiff_t>(snapshot_format::block_header_bytes + 3);
    auto const header = bytes.end() - rest;
    detail::file_header file;
    file.kind = snapshot_format::file_kind::part;
    file.store_id = id;
    detail::block_header block;
    block.kind = snapshot_format::block_kind::rows;
    block.records = 3;
    for (auto const length :
         {std::uint64_t{4}, std::uint64_t{1} << 60U, ~std::uint64_t{16}}) { // the last one wraps around
        block.length = length;
        auto const forged = detail::encode_block_header(block, detail::block_seed(file));
        std::copy(forged.begin(), forged.end(), header);
        replace(files, 0, bytes);
        CHECK_THAT(read(files, 0, written).at(0), Contains("the bytes of block 0"));
    }
}
