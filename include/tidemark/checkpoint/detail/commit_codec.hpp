// SPDX-License-Identifier: BSL-1.0
//
// commit_codec: the payload of COMMIT to bytes and back: everything but the state, and where the state lies.

#pragma once

#include <tidemark/checkpoint/detail/bytes.hpp>
#include <tidemark/checkpoint/detail/record_codec.hpp>
#include <tidemark/checkpoint/file_names.hpp>
#include <tidemark/checkpoint/records.hpp>
#include <tidemark/checkpoint/snapshot_format.hpp>
#include <tidemark/time/batch_time.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tidemark::detail {

/// Where the base of one group of a stage lies, or what a batch has changed in several.
struct block_reference {
    snapshot_format::block_kind kind = snapshot_format::block_kind::base;
    std::uint32_t group = 0;
    std::uint32_t file = 0; ///< which of the commit's files, from 0
    std::uint64_t offset = 0;
    std::uint64_t length = 0; ///< of the payload
    std::uint64_t records = 0;
    std::uint64_t payload_checksum = 0;
    batch_time time{0}; ///< a base is as after this batch, and what later ones have changed goes on top of it

    friend bool operator==(block_reference const&, block_reference const&) = default;
};

/// A file that a commit needs.
struct file_reference {
    file_id id;
    std::uint64_t size = 0; ///< up to here; later commits may have gone on in it
};

/// A COMMIT as the log holds it: the state's bytes are elsewhere, and this says where and with which checksum.
struct commit_index {
    commit_record record; ///< its groups are empty
    std::vector<file_reference> files;
    std::vector<std::vector<block_reference>> blocks; ///< for each stage of `record`
};

template <typename Writer>
void encode_named(Writer& out, named_bytes const& entries)
{
    out.count(entries.size());
    for (auto const& [name, bytes] : entries) {
        out.text(name);
        out.blob(bytes);
    }
}

template <typename Reader>
[[nodiscard]] named_bytes decode_named(Reader& in)
{
    named_bytes entries;
    for (std::size_t left = in.count(4 + 8); left != 0; --left) {
        auto name = in.text();
        auto bytes = in.blob();
        if (!entries.emplace(name, std::move(bytes)).second) {
            throw in.damage("each name once", name + " again");
        }
    }
    return entries;
}

[[nodiscard]] inline std::vector<std::byte> encode_commit(commit_record const& commit,
                                                          std::vector<file_reference> const& files,
                                                          std::vector<std::vector<block_reference>> const& blocks)
{
    byte_writer out;
    out.signed_number(commit.zero.count());
    out.signed_number(commit.batch_ms);
    out.text(commit.graph);
    encode_named(out, commit.settings);
    encode_named(out, commit.positions);
    encode_named(out, commit.accumulators);
    out.count(files.size());
    for (auto const& file : files) {
        out.number(file.id.generation);
        out.number(file.id.number);
        out.number(file.size);
    }
    out.count(commit.stages.size());
    for (std::size_t i = 0; i < commit.stages.size(); ++i) {
        auto const& stage = commit.stages[i];
        out.text(stage.name);
        out.text(stage.kind);
        out.text(stage.key_schema);
        out.text(stage.state_schema);
        out.number(stage.version);
        out.count(blocks[i].size());
        for (auto const& block : blocks[i]) {
            out.number(static_cast<std::uint16_t>(block.kind));
            out.number(block.group);
            out.number(block.file);
            out.number(block.offset);
            out.number(block.length);
            out.number(block.records);
            out.number(block.payload_checksum);
            out.signed_number(block.time.count());
        }
    }
    return out.take();
}

template <typename Reader>
[[nodiscard]] std::vector<block_reference> decode_references(Reader& in, std::size_t files, batch_time commit,
                                                             std::uint32_t version)
{
    using snapshot_format::block_kind;
    bool const has_deltas = version >= 2;
    std::vector<block_reference> blocks;
    std::size_t const numbers = has_deltas ? 5 : 4;
    for (std::size_t left = in.count(2 + 4 + 4 + numbers * 8); left != 0; --left) {
        block_reference block;
        block.kind = static_cast<block_kind>(in.template number<std::uint16_t>());
        block.group = in.template number<std::uint32_t>();
        block.file = in.template number<std::uint32_t>();
        block.offset = in.template number<std::uint64_t>();
        block.length = in.template number<std::uint64_t>();
        block.records = in.template number<std::uint64_t>();
        block.payload_checksum = in.template number<std::uint64_t>();
        block.time = has_deltas ? batch_time(in.signed_number()) : commit;
        bool const is_known = block.kind == block_kind::base || (has_deltas && block.kind == block_kind::delta);
        if (!is_known || block.file >= files || block.time > commit) {
            throw in.damage("a base or delta of batch " + to_string(commit) + " or before, in one of "
                                + std::to_string(files) + " files",
                            "kind " + std::to_string(static_cast<unsigned>(block.kind)) + " of batch "
                                + to_string(block.time) + " in file " + std::to_string(block.file));
        }
        blocks.push_back(block);
    }
    return blocks;
}

template <byte_range Bytes>
[[nodiscard]] commit_index decode_commit(batch_time time, located_bytes<Bytes> const& payload)
{
    byte_reader in = payload.reader();
    commit_index commit;
    commit.record.time = time;
    commit.record.zero = batch_time(in.signed_number());
    commit.record.batch_ms = in.signed_number();
    commit.record.graph = in.text();
    commit.record.settings = decode_named(in);
    commit.record.positions = decode_named(in);
    commit.record.accumulators = decode_named(in);
    for (std::size_t left = in.count(8 + 4 + 8); left != 0; --left) {
        file_reference file;
        file.id.generation = in.number<std::uint64_t>();
        file.id.number = in.number<std::uint32_t>();
        file.size = in.number<std::uint64_t>();
        commit.files.push_back(file);
    }
    for (std::size_t left = in.count(4 * 4 + 4 + 4); left != 0; --left) {
        stage_image stage;
        stage.name = in.text();
        stage.kind = in.text();
        stage.key_schema = in.text();
        stage.state_schema = in.text();
        stage.version = in.number<std::uint32_t>();
        commit.record.stages.push_back(std::move(stage));
        commit.blocks.push_back(decode_references(in, commit.files.size(), time, payload.version));
    }
    in.expect_end();
    return commit;
}

} // namespace tidemark::detail
