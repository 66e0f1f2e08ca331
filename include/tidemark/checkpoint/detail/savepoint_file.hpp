// SPDX-License-Identifier: BSL-1.0
//
// savepoint_file: a commit under a name: a copy of its record, which says where the state lies that it keeps.

#pragma once

#include <tidemark/checkpoint/detail/block.hpp>
#include <tidemark/checkpoint/detail/block_scan.hpp>
#include <tidemark/checkpoint/detail/bytes.hpp>
#include <tidemark/checkpoint/detail/commit_codec.hpp>
#include <tidemark/checkpoint/detail/file_header.hpp>
#include <tidemark/checkpoint/detail/inventory.hpp>
#include <tidemark/checkpoint/detail/record_codec.hpp>
#include <tidemark/checkpoint/file_names.hpp>
#include <tidemark/checkpoint/snapshot_format.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/storage/checksum.hpp>
#include <tidemark/storage/storage.hpp>
#include <tidemark/time/batch_time.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace tidemark::detail {

/// What the file of a savepoint holds.
struct savepoint_content {
    std::string application;
    std::uint64_t store_id = 0;
    std::uint64_t sequence = 0; ///< the number of the commit's record
    commit_index commit;

    [[nodiscard]] std::vector<file_id> files() const
    {
        std::vector<file_id> ids;
        for (auto const& file : commit.files)
            ids.push_back(file.id);
        return ids;
    }
};

/// A savepoint as it was found.
struct found_savepoint {
    std::string name;
    std::optional<savepoint_content> content; ///< nothing when there is a problem
    std::string problem;
};

/// The bytes of the file for the savepoint `name` of the commit in the record `header.first_sequence`, whose payload is
/// `commit`. `header` says who writes it.
[[nodiscard]] inline std::vector<std::byte> encode_savepoint(std::string const& name, file_header header,
                                                             batch_time time, std::span<std::byte const> commit)
{
    header.kind = snapshot_format::file_kind::savepoint;
    header.number = 0;
    header.resumed_from = 0;
    byte_writer payload;
    payload.text(name);
    payload.raw(commit);

    auto const seed = block_seed(header);
    block_header block;
    block.kind = snapshot_format::block_kind::savepoint;
    block.sequence = header.first_sequence;
    block.time = time.count();
    block.length = payload.size();
    block.payload_checksum = checksum(payload.view(), seed);

    byte_writer out;
    out.raw(encode_file_header(header));
    out.raw(encode_block_header(block, seed));
    out.raw(payload.view());
    return out.take();
}

/// Reads what `encode_savepoint` wrote for `name`.
///
/// *Throws* `corrupt_checkpoint`, or `incompatible_checkpoint` when a newer version wrote it.
template <byte_range Bytes>
[[nodiscard]] savepoint_content decode_savepoint(Bytes const& bytes, std::string const& name)
{
    auto const file = savepoint_file_name(name);
    auto const [header, size] = decode_file_header(bytes, file);
    if (header.kind != snapshot_format::file_kind::savepoint)
        throw damage_at(file, 16, "a savepoint", "another kind of file");
    auto const scan = scan_blocks(bytes, size, block_seed(header));
    bool const whole = scan.damages.empty() && !scan.torn_at && scan.blocks.size() == 1
                       && scan.blocks.front().header.kind == snapshot_format::block_kind::savepoint;
    if (!whole)
        throw damage_at(file, size, "one sound commit", "other bytes");
    auto const& block = scan.blocks.front();
    auto const offset = block.offset + snapshot_format::block_header_bytes;
    byte_reader in(block.payload, file, offset);
    if (auto const found = in.text(); found != name)
        throw damage_at(file, offset, "the savepoint \"" + name + "\"", "\"" + found + "\"");
    auto const rest = in.raw(in.left());
    located_bytes<std::span<std::byte const>> const commit{rest, file, offset + block.payload.size() - rest.size(),
                                                           header.version};
    return {header.application, header.store_id, block.header.sequence,
            decode_commit(batch_time(block.header.time), commit)};
}

/// The savepoint `name`. `store_id`: of the checkpoint that it must belong to; 0 when that is not known.
///
/// *Throws* `corrupt_checkpoint`, `incompatible_checkpoint` when a newer version wrote it, `storage_error`.
template <storage Storage>
[[nodiscard]] savepoint_content read_savepoint(Storage const& storage, std::string const& name, std::uint64_t store_id)
{
    auto content = decode_savepoint(storage.read(savepoint_file_name(name)), name);
    if (store_id != 0 && content.store_id != store_id)
        throw damage_at(savepoint_file_name(name), 24, "a savepoint of store " + std::to_string(store_id),
                        "one of store " + std::to_string(content.store_id));
    return content;
}

/// All savepoints, those included that cannot be read.
///
/// *Throws* `incompatible_checkpoint` when a newer version wrote one.
template <storage Storage>
[[nodiscard]] std::vector<found_savepoint> read_savepoints(Storage const& storage, inventory const& files,
                                                           std::uint64_t store_id)
{
    std::vector<found_savepoint> found;
    for (auto const& name : files.savepoints) {
        found.push_back({name, std::nullopt, ""});
        try {
            found.back().content = read_savepoint(storage, name, store_id);
        } catch (corrupt_checkpoint const& problem) {
            found.back().problem = problem.what();
        } catch (storage_error const& problem) {
            found.back().problem = problem.what();
        }
    }
    return found;
}

/// The words for a savepoint that is not there, with the names of those that are.
template <storage Storage>
[[nodiscard]] usage_error no_such_savepoint(Storage const& storage, std::string const& name)
{
    std::string names;
    for (auto const& each : take_inventory(storage).savepoints)
        names += (names.empty() ? "" : ", ") + each;
    return usage_error("there is no savepoint \"" + name + "\" in " + storage.describe() + "; "
                       + (names.empty() ? "it has none" : "it has " + names));
}

} // namespace tidemark::detail
