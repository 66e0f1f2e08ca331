// SPDX-License-Identifier: BSL-1.0
//
// What the guide shows of compression, which needs libraries.

#include <tidemark/checkpoint/checkpoint_directory.hpp>
#include <tidemark/checkpoint/lz4_compression.hpp>
#include <tidemark/checkpoint/zstd_compression.hpp>

#include <support/catch.hpp>

namespace tide = tidemark;

TEST_CASE("a directory says how it is written, and how it can be read", "[docs]")
{
    auto const where = tide::checkpoint_directory("state").compressed_by(tide::zstd_compression{.level = 1});
    auto const later = tide::checkpoint_directory("state").decompressed_by(tide::zstd_compression{});
    auto const& written = where.storage().compressions();
    REQUIRE(written);
    REQUIRE(written->writer() != nullptr);
    CHECK(written->writer()->name() == "zstd");
    CHECK(written->find(tide::zstd_compression::id) == written->writer());
    CHECK(written->find(tide::lz4_compression::id) == nullptr);
    auto const& read = later.storage().compressions();
    REQUIRE(read);
    CHECK(read->writer() == nullptr);
    REQUIRE(read->find(tide::zstd_compression::id) != nullptr);
    CHECK(later.storage().folder("below").compressions() == read);
    CHECK_FALSE(tide::checkpoint_directory("state").storage().compressions());
}
