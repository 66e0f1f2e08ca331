// SPDX-License-Identifier: BSL-1.0
//
// block_event: what a log of received blocks says, and its frames.

#pragma once

#include <tidemark/checkpoint/input_archive.hpp>
#include <tidemark/checkpoint/output_archive.hpp>
#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/sources/received_block.hpp>
#include <tidemark/storage/checksum.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tidemark::detail {

/// The version of the format that this library writes, and the newest that it reads.
inline constexpr std::uint32_t block_log_version = 2;

/// Which log it is.
struct block_log_identity {
    std::string owner{};        ///< Whose; empty where nobody has said it.
    std::uint64_t log = 0;      ///< Its number, another one for each; 0 in version 1.
    std::uint64_t replaces = 0; ///< The number of one that was given up for it; 0 for none.

    template <typename Archive>
    void serialize(Archive& archive, unsigned)
    {
        archive & owner & log & replaces;
    }
};

/// The first frame of each file, behind the version: what is true before its events; and the identity, from version 2 on.
struct block_log_start {
    std::uint64_t oldest_needed = 0; ///< The number of the first file whose events still matter.
    bool allocated = false;          ///< Whether there was a batch,
    std::int64_t last_allocated = 0; ///< and the last one, in milliseconds.
    block_log_identity identity{};

    template <typename Archive>
    void serialize(Archive& archive, unsigned)
    {
        archive & oldest_needed & allocated & last_allocated; // the identity stands behind it
    }
};

enum class block_event_kind : std::uint8_t { added = 1, allocated = 2, cleaned = 3 };

/// One event.
struct block_event {
    block_event_kind kind{};
    received_block block{};   ///< added: what.
    std::int64_t time = 0;    ///< allocated: the batch. cleaned: what is before it.
    std::uint64_t number = 0; ///< allocated: how many blocks. cleaned: the first file that is still needed.

    template <typename Archive>
    void serialize(Archive& archive, unsigned)
    {
        archive & kind & block & time & number;
    }
};

inline void append_low_first(std::vector<std::byte>& out, std::uint64_t value, std::size_t bytes)
{
    for (std::size_t i = 0; i < bytes; ++i)
        out.push_back(static_cast<std::byte>((value >> (8 * i)) & 0xffU));
}

[[nodiscard]] inline std::vector<std::byte> encode_block_log_start(block_log_start const& start)
{
    std::vector<std::byte> out;
    append_low_first(out, block_log_version, 4);
    output_archive rest;
    rest << start << start.identity;
    out.insert(out.end(), rest.bytes().begin(), rest.bytes().end());
    return out;
}

/// *Throws* `incompatible_checkpoint` when a newer version wrote the file `where`.
[[nodiscard]] inline block_log_start decode_block_log_start(std::span<std::byte const> bytes, std::string const& where)
{
    auto const version = bytes.size() < 4 ? 0 : load_low_first<std::uint32_t>(bytes.data());
    if (version > block_log_version)
        throw incompatible_checkpoint(where + " has version " + std::to_string(version)
                                      + "; this program reads up to version " + std::to_string(block_log_version)
                                      + ": run the program that wrote it, or a newer one");
    if (version == 0)
        throw corrupt_checkpoint(where + ", offset 0: expected the start of a log, found an event");
    input_archive in(bytes.subspan(4));
    auto start = load<block_log_start>(in);
    if (version > 1)
        start.identity = load<block_log_identity>(in);
    if (in.remaining() != 0)
        in.damaged("the end of the start before the end of its frame");
    return start;
}

/// A frame that has passed its checksum.
struct block_frame {
    std::uint64_t sequence = 0;
    std::span<std::byte const> payload;
    std::size_t offset = 0;
};

inline constexpr std::uint32_t block_frame_magic = 0x4b4c4254; // "TBLK", the low byte first
inline constexpr std::size_t block_frame_head = 24;            // magic, length, sequence, checksum

/// The checksum of a frame covers all of it but itself; its seed is the number of the file.
[[nodiscard]] inline std::uint64_t block_frame_checksum(std::span<std::byte const> payload, std::uint64_t sequence,
                                                        std::uint64_t file)
{
    std::vector<std::byte> identity;
    append_low_first(identity, file, 8);
    append_low_first(identity, sequence, 8);
    append_low_first(identity, payload.size(), 8);
    return checksum(payload, checksum(identity, 0));
}

[[nodiscard]] inline std::vector<std::byte> encode_block_frame(std::span<std::byte const> payload,
                                                               std::uint64_t sequence, std::uint64_t file)
{
    std::vector<std::byte> out;
    out.reserve(block_frame_head + payload.size());
    append_low_first(out, block_frame_magic, 4);
    append_low_first(out, payload.size(), 4);
    append_low_first(out, sequence, 8);
    append_low_first(out, block_frame_checksum(payload, sequence, file), 8);
    out.insert(out.end(), payload.begin(), payload.end());
    return out;
}

/// The frame at `offset`, or nothing when a byte of it is wrong or missing.
[[nodiscard]] inline std::optional<block_frame> decode_block_frame(std::span<std::byte const> bytes, std::size_t offset,
                                                                   std::uint64_t file)
{
    auto const rest = bytes.subspan(offset);
    if (rest.size() < block_frame_head || load_low_first<std::uint32_t>(rest.data()) != block_frame_magic)
        return std::nullopt;
    std::size_t const length = load_low_first<std::uint32_t>(rest.data() + 4);
    auto const sequence = load_low_first<std::uint64_t>(rest.data() + 8);
    if (length > rest.size() - block_frame_head)
        return std::nullopt;
    auto const payload = rest.subspan(block_frame_head, length);
    if (load_low_first<std::uint64_t>(rest.data() + 16) != block_frame_checksum(payload, sequence, file))
        return std::nullopt;
    return block_frame{sequence, payload, offset};
}

/// The frames of a file up to the first that is wrong, and what is behind them.
struct block_scan {
    std::vector<block_frame> frames;
    std::optional<std::size_t> broken_at;    ///< Where something stands that is no frame.
    std::optional<std::size_t> sound_behind; ///< Where a sound frame follows all the same: then the file is damaged.
};

[[nodiscard]] inline block_scan scan_block_frames(std::span<std::byte const> bytes, std::uint64_t file)
{
    block_scan found;
    std::size_t at = 0;
    while (at < bytes.size()) {
        auto const frame = decode_block_frame(bytes, at, file);
        if (!frame)
            break;
        found.frames.push_back(*frame);
        at += block_frame_head + frame->payload.size();
    }
    if (at == bytes.size())
        return found;
    found.broken_at = at;
    auto const first_byte = static_cast<int>(block_frame_magic & 0xffU);
    for (++at; at < bytes.size(); ++at) {
        void const* const hit = std::memchr(bytes.data() + at, first_byte, bytes.size() - at);
        if (hit == nullptr)
            break;
        at = static_cast<std::size_t>(static_cast<std::byte const*>(hit) - bytes.data());
        if (decode_block_frame(bytes, at, file)) {
            found.sound_behind = at;
            break;
        }
    }
    return found;
}

} // namespace tidemark::detail
