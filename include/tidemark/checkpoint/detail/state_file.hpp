// SPDX-License-Identifier: BSL-1.0
//
// state_file: the groups of all stages of one commit, in one file of their own.

#pragma once

#include <tidemark/checkpoint/detail/block.hpp>
#include <tidemark/checkpoint/detail/bytes.hpp>
#include <tidemark/checkpoint/detail/commit_codec.hpp>
#include <tidemark/checkpoint/detail/file_header.hpp>
#include <tidemark/checkpoint/file_names.hpp>
#include <tidemark/checkpoint/records.hpp>
#include <tidemark/storage/checksum.hpp>
#include <tidemark/storage/storage.hpp>
#include <tidemark/storage/storage_file.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace tidemark::detail {

/// Where the state of a commit went.
struct written_state {
    std::vector<file_reference> files;
    std::vector<std::vector<block_reference>> blocks; ///< for each stage
};

/// Appends small pieces in few calls and large ones without a copy.
template <writable_file File>
class gathering_writer {
public:
    explicit gathering_writer(File& file)
        : file_(file)
    {}

    void append(std::span<std::byte const> bytes)
    {
        offset_ += bytes.size();
        if (bytes.size() < gathered_bytes) {
            gathered_.insert(gathered_.end(), bytes.begin(), bytes.end());
        }
        if (bytes.size() >= gathered_bytes || gathered_.size() >= gathered_bytes) {
            flush();
        }
        if (bytes.size() >= gathered_bytes) {
            file_.append(bytes);
        }
    }

    void flush()
    {
        if (!gathered_.empty()) {
            file_.append(gathered_);
            gathered_.clear();
        }
    }

    /// How many bytes the file has once all is flushed.
    [[nodiscard]] std::uint64_t offset() const { return offset_; }

private:
    static constexpr std::size_t gathered_bytes = std::size_t{1} << 18;

    File& file_;
    std::vector<std::byte> gathered_;
    std::uint64_t offset_ = 0;
};

/// Writes the groups of `commit` into a new file named by `header`, and makes it durable. No file when there is no
/// stage.
template <storage Storage>
[[nodiscard]] written_state write_state(Storage const& storage, file_header const& header, commit_record const& commit)
{
    written_state written;
    written.blocks.resize(commit.stages.size());
    if (commit.stages.empty()) {
        return written;
    }
    file_id const id{header.generation, header.number};
    std::uint64_t const seed = block_seed(header);
    auto file = storage.create(state_name(id));
    gathering_writer out(file);
    out.append(encode_file_header(header));
    for (std::size_t i = 0; i < commit.stages.size(); ++i) {
        for (auto const& group : commit.stages[i].groups) {
            block_reference const reference{
                snapshot_format::block_kind::base, group.group, 0, out.offset(), group.bytes.size(), group.records,
                checksum(group.bytes, seed)};
            block_header const block{reference.kind,        static_cast<std::uint32_t>(i), group.group,
                                     header.first_sequence, commit.time.count(),           group.records,
                                     reference.length,      reference.payload_checksum};
            out.append(encode_block_header(block, seed));
            out.append(group.bytes);
            written.blocks[i].push_back(reference);
        }
    }
    out.flush();
    file.sync();
    storage.sync_directory();
    written.files.push_back({id, out.offset()});
    return written;
}

/// Reads and checks one state file, block by block.
template <storage Storage>
class state_file_reader {
public:
    /// *Throws* `corrupt_checkpoint` when the file is not the one that the commit means.
    state_file_reader(Storage const& storage, file_reference const& file, std::uint64_t store_id)
        : storage_(storage)
        , name_(state_name(file.id))
        , size_(file.size)
        , seed_(block_seed(snapshot_format::file_kind::state, store_id, file.id.generation, file.id.number))
    {
        if (!storage_.exists(name_)) {
            throw damage_at(name_, 0, "a file of " + std::to_string(size_) + " bytes", "no file");
        }
        if (auto const found = storage_.size(name_); found != size_) {
            throw damage_at(name_, std::min<std::uint64_t>(found, size_), std::to_string(size_) + " bytes in all",
                            std::to_string(found));
        }
        auto const front = storage_.read(name_, 0, std::min<std::uint64_t>(size_, snapshot_format::file_header_limit));
        auto const header = decode_file_header(front, name_).header;
        if (block_seed(header) != seed_) {
            throw damage_at(name_, 16, "the state file of that name", "a file of another name or checkpoint");
        }
    }

    /// The payload of the block that `reference` means, of the stage with this number.
    [[nodiscard]] std::vector<std::byte> read(block_reference const& reference, std::size_t stage)
    {
        std::uint64_t const header_bytes = snapshot_format::block_header_bytes;
        if (reference.offset > size_ || size_ - reference.offset < header_bytes
            || size_ - reference.offset - header_bytes < reference.length) {
            throw damage_at(name_, reference.offset, std::to_string(reference.length) + " bytes of a group",
                            "the end of the file");
        }
        auto const block = decode_block_header(storage_.read(name_, reference.offset, header_bytes), seed_);
        if (!block || block->kind != reference.kind || block->stage != stage || block->group != reference.group
            || block->length != reference.length || block->records != reference.records
            || block->payload_checksum != reference.payload_checksum) {
            throw damage_at(name_, reference.offset, "the header of group " + std::to_string(reference.group),
                            "other bytes");
        }
        auto payload = storage_.read(name_, reference.offset + header_bytes, reference.length);
        if (payload.size() != reference.length || checksum(payload, seed_) != reference.payload_checksum) {
            throw damage_at(name_, reference.offset + header_bytes,
                            std::to_string(reference.length) + " bytes that match their checksum", "other bytes");
        }
        return payload;
    }

private:
    Storage storage_;
    std::string name_;
    std::uint64_t size_;
    std::uint64_t seed_;
};

/// All of a commit, every byte of it verified.
///
/// *Throws* `corrupt_checkpoint`, `incompatible_checkpoint` for a file of a newer version, `storage_error`.
template <storage Storage>
[[nodiscard]] commit_record read_state(Storage const& storage, commit_index commit, std::uint64_t store_id)
{
    std::vector<state_file_reader<Storage>> files;
    for (auto const& file : commit.files) {
        files.emplace_back(storage, file, store_id);
    }
    for (std::size_t i = 0; i < commit.blocks.size(); ++i) {
        for (auto const& reference : commit.blocks[i]) {
            commit.record.stages[i].groups.push_back(
                {reference.group, reference.records, files[reference.file].read(reference, i)});
        }
    }
    return std::move(commit.record);
}

} // namespace tidemark::detail
