// SPDX-License-Identifier: BSL-1.0
//
// zstd_compression: state in a checkpoint compressed by Zstandard. No other header includes this one, which needs zstd.h of
// version 1.4 or later and its library: link it, as in -lzstd.

#pragma once

#include <tidemark/checkpoint/checkpoint_directory.hpp>
#include <tidemark/storage/block_compression.hpp>

#include <zstd.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tidemark {

/// For `checkpoint_directory::compressed_by`: about half as fast as `lz4_compression`, and smaller.
struct zstd_compression {
    static constexpr std::uint16_t id = 1;
    static constexpr std::string_view name = "zstd";

    int level = 1; ///< from `ZSTD_minCLevel()` to `ZSTD_maxCLevel()`, which stand for those beyond; 0: zstd's default

    [[nodiscard]] std::size_t compress(std::span<std::byte const> from, std::span<std::byte> to) const
    {
        auto const size = ZSTD_compress(to.data(), to.size(), from.data(), from.size(), level);
        return ZSTD_isError(size) != 0U ? 0 : size;
    }

    [[nodiscard]] bool decompress(std::span<std::byte const> from, std::span<std::byte> to) const
    {
        auto const size = ZSTD_decompress(to.data(), to.size(), from.data(), from.size());
        return ZSTD_isError(size) == 0U && size == to.size();
    }
};

static_assert(block_compression<zstd_compression>);

} // namespace tidemark
