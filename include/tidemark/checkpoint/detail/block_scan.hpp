// SPDX-License-Identifier: BSL-1.0
//
// block_scan: all sound blocks of a file in memory, and what is wrong between them.

#pragma once

#include <tidemark/checkpoint/detail/block.hpp>
#include <tidemark/checkpoint/snapshot_format.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tidemark::detail {

/// A block whose header and payload have both passed their checksums.
struct scanned_block {
    block_header header;
    std::span<std::byte const> payload;
    std::size_t offset = 0;
};

/// A stretch of a file that is not a sound block although more follows, or although it is complete.
struct scan_damage {
    std::size_t offset = 0;
    std::string expected;
    std::string found;
    std::optional<block_header> header{}; ///< of the block, where only its payload is damaged
};

/// What a file held.
struct scan_result {
    std::vector<scanned_block> blocks;
    std::vector<scan_damage> damages;
    /// Where the file stops in the middle of a block, as a crash leaves it. Data, not damage.
    std::optional<std::size_t> torn_at;
};

/// What may stand behind the last block of a file.
enum class file_end : bool {
    exact, ///< nothing
    zeros  ///< room for blocks that did not come
};

/// Whether the bytes from `from` on, up to `to`, are all zero.
[[nodiscard]] inline bool are_zeros(std::span<std::byte const> bytes, std::size_t from, std::size_t to)
{
    auto const part = bytes.subspan(from, to - from);
    return std::all_of(part.begin(), part.end(), [](std::byte byte) { return byte == std::byte{}; });
}

/// Whether a block from `from` to `to` lacks all that it would have in some sector of the disk. A device writes whole ones,
/// so what a loss of power has cut short lacks at least one.
[[nodiscard]] inline bool lacks_a_sector(std::span<std::byte const> bytes, std::size_t from, std::size_t to)
{
    constexpr std::size_t sector = 512;
    while (from < to) {
        auto const end = std::min(to, (from / sector + 1) * sector);
        if (are_zeros(bytes, from, end))
            return true;
        from = end;
    }
    return false;
}

/// How long the bytes are without the zeros at their end.
[[nodiscard]] inline std::size_t without_zeros(std::span<std::byte const> bytes)
{
    auto length = bytes.size();
    while (length != 0 && bytes[length - 1] == std::byte{})
        --length;
    return length;
}

/// Walks over the blocks of `bytes` from `from` on. Goes on behind damage at the next sound block header.
///
/// *Requires* that the bytes live as long as what it gives, which points into them.
template <byte_range Bytes>
[[nodiscard]] scan_result scan_blocks(Bytes const& all, std::size_t from, std::uint64_t seed,
                                      file_end end = file_end::exact)
{
    std::span<std::byte const> const bytes(all);
    auto const content_end = end == file_end::zeros ? without_zeros(bytes) : bytes.size();
    scan_result result;
    std::size_t at = from;
    while (at < content_end) {
        auto const rest = bytes.subspan(at);
        auto const header = decode_block_header(rest, seed);
        std::size_t const behind_header = rest.size() - std::min(rest.size(), snapshot_format::block_header_bytes);
        if (header && header->length <= behind_header) {
            auto const payload =
                rest.subspan(snapshot_format::block_header_bytes, static_cast<std::size_t>(header->length));
            if (checksum(payload, seed) == header->payload_checksum) {
                result.blocks.push_back({*header, payload, at});
            } else if (auto const behind = at + snapshot_format::block_header_bytes + payload.size();
                       end == file_end::zeros && behind >= content_end && lacks_a_sector(bytes, at, behind)) {
                result.torn_at = at;
            } else {
                result.damages.push_back({at + snapshot_format::block_header_bytes,
                                          std::to_string(payload.size()) + " bytes of record "
                                              + std::to_string(header->sequence) + " that match their checksum",
                                          "other bytes", header});
            }
            at += snapshot_format::block_header_bytes + payload.size();
            continue;
        }
        std::size_t const next = find_block(bytes, at + 1, seed);
        bool const cut_short = header || rest.size() < snapshot_format::block_header_bytes
                               || (end == file_end::zeros && lacks_a_sector(bytes, at, content_end));
        if (next == bytes.size() && cut_short) {
            result.torn_at = at;
            break;
        }
        result.damages.push_back({at, "a record", std::to_string(next - at) + " other bytes"});
        at = next;
    }
    return result;
}

} // namespace tidemark::detail
