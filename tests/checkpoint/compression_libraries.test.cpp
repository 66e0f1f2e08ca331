// SPDX-License-Identifier: BSL-1.0
//
// State compressed by zstd and LZ4: as it was, or refused, whatever the bytes.

#include <tidemark/checkpoint/checkpoint_directory.hpp>
#include <tidemark/checkpoint/detail/compressed_block.hpp>
#include <tidemark/checkpoint/inspection.hpp>
#include <tidemark/checkpoint/locked_checkpoint.hpp>
#include <tidemark/checkpoint/lz4_compression.hpp>
#include <tidemark/checkpoint/recovery_reader.hpp>
#include <tidemark/checkpoint/zstd_compression.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/storage/storage.hpp>

#include <checkpoint/golden/small_checkpoint.hpp>
#include <checkpoint/journal_cases.hpp>
#include <support/catch.hpp>
#include <support/hex.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

using journal_cases::bytes;
using tidemark::any_storage;
using tidemark::batch_time;
using tidemark::block_compressions;
using tidemark::checkpoint_directory;
using tidemark::lz4_compression;
using tidemark::memory_storage;
using tidemark::zstd_compression;
using tidemark_test::from_hex;

/// Counters as they are saved: a key, a count and a time, of eight bytes each.
bytes counters(std::size_t count, std::uint64_t seed)
{
    std::mt19937_64 random(seed);
    bytes made;
    auto const append = [&made](std::uint64_t number) {
        for (int i = 0; i < 8; ++i, number >>= 8U)
            made.push_back(static_cast<std::byte>(number & 0xffU));
    };
    for (std::size_t i = 0; i < count; ++i) {
        append(random());
        append(random() % 1000);
        append(1'700'000'000'000);
    }
    return made;
}

template <typename Compression>
bytes closed(Compression how, bytes const& content)
{
    block_compressions ways;
    ways.write_with(how);
    return tidemark::detail::compressed(*ways.writer(), content);
}

/// Nothing when it is refused.
template <typename Compression>
std::optional<bytes> opened(Compression how, bytes const& payload)
{
    block_compressions ways;
    ways.write_with(how);
    tidemark::detail::located_bytes<std::span<std::byte const>> const located{payload, "file", 0};
    try {
        return tidemark::detail::decompressed(*ways.writer(), located);
    } catch (tidemark::corrupt_checkpoint const&) {
        return std::nullopt;
    }
}

} // namespace

TEMPLATE_TEST_CASE("what a library compresses comes back", "[checkpoint][compression]", zstd_compression,
                   lz4_compression)
{
    for (auto const count : {std::size_t{5}, std::size_t{100}, std::size_t{50'000}, std::size_t{200'000}}) {
        auto const content = counters(count, count);
        auto const payload = closed(TestType{}, content);
        REQUIRE_FALSE(payload.empty());
        CHECK(payload.size() < content.size());
        CHECK(opened(TestType{}, payload) == content);
    }
    std::mt19937_64 random(1);
    bytes noise(100'000);
    for (auto& byte : noise)
        byte = static_cast<std::byte>(random());
    CHECK(closed(TestType{}, noise).empty()); // it would not be smaller
    CHECK(closed(TestType{}, bytes{}).empty());
    CHECK(closed(TestType{}, bytes(1)).empty());
    bytes const zeros(std::size_t{5} << 20U);
    CHECK(opened(TestType{}, closed(TestType{}, zeros)) == zeros);
}

TEST_CASE("a library's levels read each other's bytes", "[checkpoint][compression]")
{
    auto const content = counters(10'000, 7);
    for (auto const level : {-5, 0, 1, 19, 1000})
        CHECK(opened(zstd_compression{}, closed(zstd_compression{level}, content)) == content);
    for (auto const acceleration : {-1, 1, 10, 1000})
        CHECK(opened(lz4_compression{}, closed(lz4_compression{acceleration}, content)) == content);
}

TEMPLATE_TEST_CASE("wrong bytes under a right checksum give as many bytes as they say, or are refused",
                   "[checkpoint][compression][damage]", zstd_compression, lz4_compression)
{
    auto const content = counters(60, 3);
    auto const payload = closed(TestType{}, content);
    REQUIRE_FALSE(payload.empty());
    std::size_t refused = 0;
    auto const look = [&](bytes const& damaged) {
        auto const found = opened(TestType{}, damaged);
        if (!found)
            ++refused;
        else
            REQUIRE(found->size() < 256 * content.size());
    };
    for (std::size_t bit = 0; bit < payload.size() * 8; ++bit)
        look(journal_cases::flipped(payload, bit));
    for (std::size_t length = 0; length < payload.size(); ++length)
        look(bytes(payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(length)));
    std::mt19937_64 random(4);
    for (int i = 0; i < 20'000; ++i) {
        auto damaged = payload;
        for (auto changes = 1 + random() % 8; changes != 0; --changes)
            damaged[8 + random() % (damaged.size() - 8)] = static_cast<std::byte>(random());
        look(damaged);
    }
    CHECK(refused > payload.size()); // each shorter one, and more
    auto longer = payload;
    longer.push_back({});
    CHECK_FALSE(opened(TestType{}, longer));
}

TEST_CASE("bytes of one library are refused by the other", "[checkpoint][compression][damage]")
{
    auto const content = counters(100, 5);
    CHECK_FALSE(opened(lz4_compression{}, closed(zstd_compression{}, content)));
    CHECK_FALSE(opened(zstd_compression{}, closed(lz4_compression{}, content)));
}

TEST_CASE("blocks of both libraries that the format's page describes are read", "[checkpoint][compression][format]")
{
    memory_storage const disk;
    namespace golden_bytes = golden::compressed_by_libraries;
    disk.put("manifest", from_hex(golden_bytes::manifest));
    disk.put("log-0000000001-0000000001", from_hex(golden_bytes::log));
    disk.put("state-0000000001-0000000001", from_hex(golden_bytes::state));
    auto const with_zstd = checkpoint_directory(disk).compressed_by(zstd_compression{.level = 3});
    auto const with_both = with_zstd.decompressed_by(lz4_compression{});
    auto const found = tidemark::read_checkpoint(with_both.storage(), "golden");
    REQUIRE(found.commit);
    CHECK(found.notes == std::vector<std::string>{});
    CHECK(found.commit->time == batch_time(3000));
    auto const& groups = found.commit->stages.front().groups;
    REQUIRE(groups.size() == 2);
    CHECK(groups.front().bytes == bytes(40, std::byte{0xaa}));
    CHECK(groups.back().bytes == bytes(40, std::byte{0xbb}));
    CHECK(groups.front().runs.size() == 1);
    CHECK_THROWS_AS(tidemark::read_checkpoint(with_zstd.storage(), "golden"), tidemark::incompatible_checkpoint);

    auto const all = tidemark::inspect_checkpoint(any_storage(disk)); // with neither
    REQUIRE_FALSE(all.commits.empty());
    CHECK(all.commits.back().states.front().compressions == std::set<std::string>{"lz4", "zstd"});
    // Two bases of 40 bytes; the delta is a number of 4, two entries of 28 and two runs of 1.
    CHECK(all.commits.back().states.front().bytes == 40 + 40 + 4 + 2 * 28 + 2);
}

TEST_CASE("a checkpoint goes on from one library to the other", "[checkpoint][compression]")
{
    memory_storage const disk;
    auto const both = checkpoint_directory(disk).decompressed_by(zstd_compression{}).decompressed_by(lz4_compression{});
    std::vector<tidemark::group_image> expected;
    for (std::uint32_t n = 1; n <= 12; ++n) {
        auto const here = n % 3 == 0   ? both
                          : n % 3 == 1 ? both.compressed_by(zstd_compression{})
                                       : both.compressed_by(lz4_compression{});
        auto opened = tidemark::journal::open(here.storage(), journal_cases::options());
        if (n > 1) {
            REQUIRE(opened.state.commit);
            CHECK(opened.state.commit->stages.front().groups == expected);
        }
        auto record = journal_cases::commit_of(n);
        record.stages.resize(1);
        record.stages.front().groups.clear();
        tidemark::group_image const image{n, 100, counters(100, n)};
        expected.push_back(image);
        opened.log.change(batch_time(n), "counts", {false, {image}, {}, {}});
        opened.log.commit(record);
    }
}
