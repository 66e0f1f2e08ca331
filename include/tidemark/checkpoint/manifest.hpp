// SPDX-License-Identifier: BSL-1.0
//
// manifest: the list of live log segments, replaced as a whole; it also says which start of the process is the newest.

#pragma once

#include <tidemark/checkpoint/detail/block.hpp>
#include <tidemark/checkpoint/detail/block_scan.hpp>
#include <tidemark/checkpoint/detail/bytes.hpp>
#include <tidemark/checkpoint/detail/file_header.hpp>
#include <tidemark/checkpoint/detail/replace_file.hpp>
#include <tidemark/checkpoint/file_names.hpp>
#include <tidemark/checkpoint/snapshot_format.hpp>
#include <tidemark/storage/storage.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace tidemark {

/// One live segment of the log.
struct segment_entry {
    file_id id;
    std::uint64_t first_sequence = 0; ///< its first record has this number
    std::uint64_t end_sequence = 0;   ///< the number behind its last record; 0 while it is being written
    std::uint64_t resumed_from = 0;   ///< older commits behind this number were given up

    friend bool operator==(segment_entry const&, segment_entry const&) = default;
};

/// What the manifest holds.
struct manifest {
    std::string application;
    std::uint64_t store_id = 0;
    std::uint64_t generation = 0;
    /// The newest commit that was durable when the manifest was written; 0 when there was none. So a log without a
    /// readable commit is known to be new, or known to be damaged.
    std::uint64_t proven_commit = 0;
    std::vector<segment_entry> segments; ///< oldest first

    friend bool operator==(manifest const&, manifest const&) = default;
};

/// The bytes of the file.
[[nodiscard]] inline std::vector<std::byte> encode_manifest(manifest const& content)
{
    detail::file_header header;
    header.kind = snapshot_format::file_kind::manifest;
    header.store_id = content.store_id;
    header.generation = content.generation;
    header.application = content.application;

    detail::byte_writer payload;
    payload.number(content.proven_commit);
    payload.count(content.segments.size());
    for (auto const& segment : content.segments) {
        payload.number(segment.id.generation);
        payload.number(segment.id.number);
        payload.number(segment.first_sequence);
        payload.number(segment.end_sequence);
        payload.number(segment.resumed_from);
    }

    std::uint64_t const seed = detail::block_seed(header);
    detail::block_header block;
    block.kind = snapshot_format::block_kind::segments;
    block.length = payload.size();
    block.payload_checksum = checksum(payload.view(), seed);

    detail::byte_writer out;
    out.raw(detail::encode_file_header(header));
    out.raw(detail::encode_block_header(block, seed));
    out.raw(payload.view());
    return out.take();
}

/// Reads what `encode_manifest` wrote.
///
/// *Throws* `corrupt_checkpoint`, or `incompatible_checkpoint` when a newer version wrote it.
template <detail::byte_range Bytes>
[[nodiscard]] manifest decode_manifest(Bytes const& bytes)
{
    auto const [header, size] = detail::decode_file_header(bytes, manifest_name);
    if (header.kind != snapshot_format::file_kind::manifest) {
        throw detail::damage_at(manifest_name, 16, "a manifest", "another kind of file");
    }
    auto const scan = detail::scan_blocks(bytes, size, detail::block_seed(header));
    bool const whole = scan.damages.empty() && !scan.torn_at && scan.blocks.size() == 1
                       && scan.blocks.front().header.kind == snapshot_format::block_kind::segments;
    if (!whole) {
        throw detail::damage_at(manifest_name, size, "one sound list of segments", "other bytes");
    }
    auto const& block = scan.blocks.front();
    detail::byte_reader in(block.payload, manifest_name, block.offset + snapshot_format::block_header_bytes);
    manifest content{header.application, header.store_id, header.generation, in.number<std::uint64_t>(), {}};
    for (std::size_t left = in.count(8 + 4 + 8 + 8 + 8); left != 0; --left) {
        segment_entry segment;
        segment.id.generation = in.number<std::uint64_t>();
        segment.id.number = in.number<std::uint32_t>();
        segment.first_sequence = in.number<std::uint64_t>();
        segment.end_sequence = in.number<std::uint64_t>();
        segment.resumed_from = in.number<std::uint64_t>();
        content.segments.push_back(segment);
    }
    in.expect_end();
    return content;
}

/// Replaces the manifest in one atomic step.
///
/// When it throws, either manifest may be the one that a later start finds.
template <storage Storage>
void write_manifest(Storage const& storage, manifest const& content)
{
    detail::replace_file(storage, std::string(manifest_scratch_name), std::string(manifest_name),
                         encode_manifest(content));
}

} // namespace tidemark
