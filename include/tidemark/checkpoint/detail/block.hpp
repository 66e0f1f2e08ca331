// SPDX-License-Identifier: BSL-1.0
//
// block: the frame around everything after a file header, made, checked, and found again behind damage.

#pragma once

#include <tidemark/checkpoint/detail/bytes.hpp>
#include <tidemark/checkpoint/snapshot_format.hpp>
#include <tidemark/storage/checksum.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

namespace tidemark::detail {

/// What stands before the payload of a block.
struct block_header {
    snapshot_format::block_kind kind{};
    std::uint16_t compression = 0; ///< base, delta: the number of the `block_compression`; 0: none
    std::uint32_t stage = 0;       ///< base: which stage of the commit, from 0
    std::uint32_t group = 0;
    std::uint64_t sequence = 0; ///< its number in the log; for base the number of its commit
    std::int64_t time = 0;      ///< the batch, in ms
    std::uint64_t records = 0;
    std::uint64_t length = 0; ///< of the payload, in bytes
    std::uint64_t payload_checksum = 0;

    friend bool operator==(block_header const&, block_header const&) = default;
};

[[nodiscard]] inline std::vector<std::byte> encode_block_header(block_header const& header, std::uint64_t seed)
{
    byte_writer out;
    out.number(snapshot_format::block_magic);
    out.number(static_cast<std::uint16_t>(header.kind));
    out.number(header.compression);
    out.number(header.stage);
    out.number(header.group);
    out.number(header.sequence);
    out.signed_number(header.time);
    out.number(header.records);
    out.number(header.length);
    out.number(header.payload_checksum);
    out.number(checksum(out.view(), seed));
    return out.take();
}

/// The header at the front of `bytes`, or nothing when a byte of it is wrong.
[[nodiscard]] inline std::optional<block_header> decode_block_header(std::span<std::byte const> bytes,
                                                                     std::uint64_t seed)
{
    using namespace snapshot_format;
    if (bytes.size() < block_header_bytes) {
        return std::nullopt;
    }
    byte_reader in(bytes.first(block_header_bytes), {}, 0);
    if (in.number<std::uint32_t>() != block_magic) {
        return std::nullopt;
    }
    block_header header;
    header.kind = static_cast<block_kind>(in.number<std::uint16_t>());
    header.compression = in.number<std::uint16_t>();
    bool const may_be_compressed = header.kind == block_kind::base || header.kind == block_kind::delta;
    header.stage = in.number<std::uint32_t>();
    header.group = in.number<std::uint32_t>();
    header.sequence = in.number<std::uint64_t>();
    header.time = in.signed_number();
    header.records = in.number<std::uint64_t>();
    header.length = in.number<std::uint64_t>();
    header.payload_checksum = in.number<std::uint64_t>();
    bool const sound = in.number<std::uint64_t>() == checksum(bytes.first(block_checksum_offset), seed);
    return sound && (may_be_compressed || header.compression == 0) ? std::optional(header) : std::nullopt;
}

/// The first offset from `from` on where a sound block header stands; `bytes.size()` when there is none.
[[nodiscard]] inline std::size_t find_block(std::span<std::byte const> bytes, std::size_t from, std::uint64_t seed)
{
    auto const first_byte = static_cast<int>(snapshot_format::block_magic & 0xffU);
    while (from < bytes.size()) {
        void const* const hit = std::memchr(bytes.data() + from, first_byte, bytes.size() - from);
        if (hit == nullptr) {
            break;
        }
        from = static_cast<std::size_t>(static_cast<std::byte const*>(hit) - bytes.data());
        if (decode_block_header(bytes.subspan(from), seed)) {
            return from;
        }
        ++from;
    }
    return bytes.size();
}

} // namespace tidemark::detail
