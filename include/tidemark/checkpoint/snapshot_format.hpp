// SPDX-License-Identifier: BSL-1.0
//
// snapshot_format: the fixed numbers of a checkpoint's files; writer and reader share this and nothing else.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

/// The fixed numbers of the files of a checkpoint. `docs/checkpoint-format.md` gives the grammar.
namespace tidemark::snapshot_format {

/// The first eight bytes of each file.
inline constexpr std::string_view file_magic = "TIDEMARK";

/// The version that this library writes where nothing is compressed.
///
/// Every version, older or newer, starts a file with magic, version and header length, and ends the header with an
/// unseeded checksum. So an older reader can tell a newer file from a damaged one.
inline constexpr std::uint32_t version = 2;

/// The version of state files whose blocks may be compressed, and the newest that this library reads.
inline constexpr std::uint32_t compressed_version = 3;

/// What a file is for.
enum class file_kind : std::uint16_t { manifest = 1, log = 2, state = 3, part = 4, mark = 5, savepoint = 6 };

/// What a block holds. In files of version 1 there is no `delta`.
enum class block_kind : std::uint16_t {
    base = 1,
    delta = 2,
    plan = 3,
    done = 4,
    commit = 5,
    segments = 6,
    rows = 7,
    parts = 8,
    partitioning = 9,
    savepoint = 10
};

/// The first four bytes of each block.
inline constexpr std::uint32_t block_magic = 0x4b4d4454; // "TDMK", the low byte first

inline constexpr std::size_t file_prefix_bytes = 16;       ///< Magic, version, header length: the same in all versions.
inline constexpr std::size_t file_header_fixed_bytes = 68; ///< A file header whose application name is empty.
inline constexpr std::size_t file_header_limit = 4096;     ///< A longer one is damage.
inline constexpr std::size_t block_header_bytes = 64;      ///< What stands before the payload of a block.
inline constexpr std::size_t block_checksum_offset = 56;   ///< In its header; the checksum covers the bytes before it.

inline constexpr std::size_t compressed_piece_bytes = std::size_t{1}
                                                      << 20U; ///< So much of a block is compressed at a time.

inline constexpr std::size_t run_entry_bytes = 4 + 8 + 8 + 8; ///< An entry of the table at the front of a delta.

/// The setting of a commit that says how many key-groups there are; images of other groups hold no keys and states.
inline constexpr std::string_view key_groups_setting = "key_groups";
/// Before the name of a source: of what kind it is, as text.
inline constexpr std::string_view source_setting = "source ";
/// In a commit that `copy_checkpoint` has made of a savepoint, the name of that; later commits do not have it.
inline constexpr std::string_view savepoint_setting = "savepoint";

/// The longest application name, in bytes.
inline constexpr std::size_t application_limit = 1024;

/// The longest name of a savepoint, in bytes.
inline constexpr std::size_t savepoint_name_limit = 128;

} // namespace tidemark::snapshot_format
