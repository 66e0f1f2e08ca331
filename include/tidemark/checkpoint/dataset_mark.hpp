// SPDX-License-Identifier: BSL-1.0
//
// dataset_mark: what makes the checkpoint of an rdd true: the list of its parts, in one file written last.

#pragma once

#include <tidemark/checkpoint/detail/block.hpp>
#include <tidemark/checkpoint/detail/block_scan.hpp>
#include <tidemark/checkpoint/detail/bytes.hpp>
#include <tidemark/checkpoint/detail/file_header.hpp>
#include <tidemark/checkpoint/file_names.hpp>
#include <tidemark/checkpoint/schema.hpp>
#include <tidemark/checkpoint/snapshot_format.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/execution/key_layout.hpp>
#include <tidemark/storage/part_names.hpp>
#include <tidemark/storage/storage.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {

/// One partition of a checkpointed rdd.
struct part_entry {
    std::uint64_t size = 0;     ///< of its file, in bytes
    std::uint64_t records = 0;  ///< how many
    std::uint64_t checksum = 0; ///< of the checksums of its blocks

    friend bool operator==(part_entry const&, part_entry const&) = default;
};

/// What the mark says.
struct dataset_mark {
    std::uint64_t id = 0; ///< the number that all files of the checkpoint carry
    std::string schema;   ///< of the records
    std::vector<part_entry> parts;
    /// How keys lie, where that is known and not a rule of the program's own. Only saves work, so that damage to it is
    /// no reason to refuse the data: there is none then.
    std::optional<key_partitioning> partitioning;

    friend bool operator==(dataset_mark const&, dataset_mark const&) = default;
};

namespace detail {

inline void put_block(byte_writer& out, snapshot_format::block_kind kind, std::uint64_t sequence,
                      std::span<std::byte const> payload, std::uint64_t seed)
{
    block_header block;
    block.kind = kind;
    block.sequence = sequence;
    block.length = payload.size();
    block.payload_checksum = checksum(payload, seed);
    out.raw(encode_block_header(block, seed));
    out.raw(payload);
}

} // namespace detail

/// The bytes of the file.
[[nodiscard]] inline std::vector<std::byte> encode_mark(dataset_mark const& mark)
{
    detail::file_header header;
    header.kind = snapshot_format::file_kind::mark;
    header.store_id = mark.id;
    auto const seed = detail::block_seed(header);
    detail::byte_writer out;
    out.raw(detail::encode_file_header(header));

    detail::byte_writer parts;
    parts.text(mark.schema);
    parts.count(mark.parts.size());
    for (auto const& part : mark.parts) {
        parts.number(part.size);
        parts.number(part.records);
        parts.number(part.checksum);
    }
    detail::put_block(out, snapshot_format::block_kind::parts, 0, parts.view(), seed);

    if (mark.partitioning && !mark.partitioning->rule) {
        detail::byte_writer keys;
        keys.number(static_cast<std::uint64_t>(mark.partitioning->partitions));
        keys.number(static_cast<std::uint64_t>(mark.partitioning->groups));
        detail::put_block(out, snapshot_format::block_kind::partitioning, 1, keys.view(), seed);
    }
    return out.take();
}

/// Reads what `encode_mark` wrote; `file` is for messages.
///
/// *Throws* `corrupt_checkpoint`, or `incompatible_checkpoint` when a newer version wrote it.
template <detail::byte_range Bytes>
[[nodiscard]] dataset_mark decode_mark(Bytes const& bytes, std::string_view file)
{
    auto const [header, size] = detail::decode_file_header(bytes, file);
    if (header.kind != snapshot_format::file_kind::mark)
        throw detail::damage_at(file, 16, "the mark of an rdd's checkpoint", "another kind of file");
    auto const scan = detail::scan_blocks(bytes, size, detail::block_seed(header));
    if (scan.blocks.empty() || scan.blocks.front().offset != size
        || scan.blocks.front().header.kind != snapshot_format::block_kind::parts)
        throw detail::damage_at(file, size, "a sound list of parts", "other bytes");
    auto const& block = scan.blocks.front();
    detail::byte_reader in(block.payload, file, block.offset + snapshot_format::block_header_bytes);
    dataset_mark mark;
    mark.id = header.store_id;
    mark.schema = in.text();
    for (std::size_t left = in.count(3 * sizeof(std::uint64_t)); left != 0; --left) {
        part_entry part;
        part.size = in.number<std::uint64_t>();
        part.records = in.number<std::uint64_t>();
        part.checksum = in.number<std::uint64_t>();
        mark.parts.push_back(part);
    }
    in.expect_end();
    if (scan.blocks.size() == 2 && scan.blocks[1].header.kind == snapshot_format::block_kind::partitioning) {
        detail::byte_reader keys(scan.blocks[1].payload, file, scan.blocks[1].offset);
        key_partitioning found;
        found.partitions = static_cast<std::size_t>(keys.number<std::uint64_t>());
        found.groups = static_cast<std::size_t>(keys.number<std::uint64_t>());
        if (found.partitions == mark.parts.size())
            mark.partitioning = found;
    }
    return mark;
}

/// Makes a checkpoint true, in one atomic step: write aside, sync, rename, sync the directory.
///
/// *Throws* `storage_error`; the mark may be there, or not, then.
template <storage Storage>
void write_mark(Storage const& folder, dataset_mark const& mark)
{
    {
        auto file = folder.create(std::string(mark_scratch_name));
        file.append(encode_mark(mark));
        file.sync();
    }
    folder.rename(std::string(mark_scratch_name), std::string(mark_name));
    folder.sync_directory();
}

/// The mark of the checkpoint in `folder`.
///
/// *Throws* `checkpoint_error` where there is none, else as `decode_mark`.
template <storage Storage>
[[nodiscard]] dataset_mark read_mark(Storage const& folder)
{
    std::string const name(mark_name);
    if (!folder.exists(name))
        throw checkpoint_error("there is no finished checkpoint of an rdd in " + folder.describe()
                               + ": it has no file `mark`");
    return decode_mark(folder.read(name), folder.describe() + "/" + name);
}

/// *Throws* `incompatible_checkpoint` unless records with the schema `expected` can be read.
template <storage Storage>
void expect_schema(Storage const& folder, dataset_mark const& mark, std::string const& expected)
{
    if (!schema_reads(expected, mark.schema))
        throw incompatible_checkpoint(folder.describe() + " holds records of another type: found " + mark.schema
                                      + ", expected " + expected);
}

/// *Throws* `corrupt_checkpoint` that names the parts that are missing, or the first that has another length.
template <storage Storage>
void expect_parts(Storage const& folder, dataset_mark const& mark)
{
    auto const files = folder.list();
    std::string missing;
    for (std::size_t i = 0; i < mark.parts.size(); ++i)
        if (!std::binary_search(files.begin(), files.end(), part_name(i)))
            missing += (missing.empty() ? "" : ", ") + part_name(i);
    if (!missing.empty())
        throw corrupt_checkpoint(folder.describe() + " should have " + std::to_string(mark.parts.size())
                                 + " parts; missing: " + missing);
    for (std::size_t i = 0; i < mark.parts.size(); ++i)
        if (auto const found = folder.size(part_name(i)); found != mark.parts[i].size)
            throw detail::damage_at(folder.describe() + "/" + part_name(i), std::min(found, mark.parts[i].size),
                                    std::to_string(mark.parts[i].size) + " bytes in all", std::to_string(found));
}

} // namespace tidemark
