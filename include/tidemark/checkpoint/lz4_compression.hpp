// SPDX-License-Identifier: BSL-1.0
//
// lz4_compression: state in a checkpoint compressed by LZ4. No other header includes this one, which needs lz4.h of version
// 1.9 or later and its library: link it, as in -llz4.

#pragma once

#include <tidemark/checkpoint/checkpoint_directory.hpp>
#include <tidemark/storage/block_compression.hpp>

#include <lz4.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tidemark {

/// For `checkpoint_directory::compressed_by`: the fastest.
struct lz4_compression {
    static constexpr std::uint16_t id = 2;
    static constexpr std::string_view name = "lz4";

    int acceleration = 1; ///< a higher one is faster and leaves more bytes; below 1: 1

    [[nodiscard]] std::size_t compress(std::span<std::byte const> from, std::span<std::byte> to) const
    {
        return static_cast<std::size_t>(
            LZ4_compress_fast(chars(from), chars(to), size(from), size(to), acceleration)); // 0 when it does not fit
    }

    [[nodiscard]] bool decompress(std::span<std::byte const> from, std::span<std::byte> to) const
    {
        return LZ4_decompress_safe(chars(from), chars(to), size(from), size(to)) == size(to);
    }

private:
    static char const* chars(std::span<std::byte const> bytes) { return reinterpret_cast<char const*>(bytes.data()); }
    static char* chars(std::span<std::byte> bytes) { return reinterpret_cast<char*>(bytes.data()); }
    static int size(std::span<std::byte const> bytes) { return static_cast<int>(bytes.size()); } // at most 1 MiB
};

static_assert(block_compression<lz4_compression>);

} // namespace tidemark
