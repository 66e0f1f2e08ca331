// SPDX-License-Identifier: BSL-1.0
//
// state_file: the state that a commit refers to, read from the files where it lies, and every byte of it checked.

#pragma once

#include <tidemark/checkpoint/detail/block.hpp>
#include <tidemark/checkpoint/detail/bytes.hpp>
#include <tidemark/checkpoint/detail/commit_codec.hpp>
#include <tidemark/checkpoint/detail/delta_codec.hpp>
#include <tidemark/checkpoint/detail/file_header.hpp>
#include <tidemark/checkpoint/file_names.hpp>
#include <tidemark/checkpoint/records.hpp>
#include <tidemark/storage/checksum.hpp>
#include <tidemark/storage/storage.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace tidemark::detail {

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
        if (auto const found = storage_.size(name_); found < size_) {
            throw damage_at(name_, found, std::to_string(size_) + " bytes or more", std::to_string(found));
        }
        auto const front = storage_.read(name_, 0, std::min<std::uint64_t>(size_, snapshot_format::file_header_limit));
        auto const header = decode_file_header(front, name_).header;
        if (block_seed(header) != seed_) {
            throw damage_at(name_, 16, "the state file of that name", "a file of another name or checkpoint");
        }
    }

    /// The payload of the block that `reference` means.
    [[nodiscard]] std::vector<std::byte> read(block_reference const& reference) const
    {
        std::uint64_t const header_bytes = snapshot_format::block_header_bytes;
        if (reference.offset > size_ || size_ - reference.offset < header_bytes
            || size_ - reference.offset - header_bytes < reference.length) {
            throw damage_at(name_, reference.offset, std::to_string(reference.length) + " bytes of a group",
                            "the end of the file");
        }
        auto bytes = storage_.read(name_, reference.offset, header_bytes + reference.length);
        auto const block = decode_block_header(bytes, seed_);
        if (!block || block->kind != reference.kind || block->group != reference.group
            || block->length != reference.length || block->records != reference.records
            || block->time != reference.time.count() || block->payload_checksum != reference.payload_checksum) {
            throw damage_at(name_, reference.offset, "the header of group " + std::to_string(reference.group),
                            "other bytes");
        }
        auto const front = static_cast<std::size_t>(header_bytes);
        if (bytes.size() != front + reference.length
            || checksum(std::span(bytes).subspan(front), seed_) != reference.payload_checksum) {
            throw damage_at(name_, reference.offset + header_bytes,
                            std::to_string(reference.length) + " bytes that match their checksum", "other bytes");
        }
        bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(front));
        return bytes;
    }

    /// What a batch has changed, as `reference` says where.
    [[nodiscard]] std::vector<changed_group> read_delta(block_reference const& reference) const
    {
        auto const payload = read(reference);
        located_bytes<std::span<std::byte const>> const located{payload, name_,
                                                                reference.offset + snapshot_format::block_header_bytes};
        return decode_delta(reference.time, located);
    }

private:
    Storage storage_;
    std::string name_;
    std::uint64_t size_;
    std::uint64_t seed_;
};

/// The groups of one stage: the base of each, and the runs that go on top of it.
template <storage Storage>
[[nodiscard]] std::vector<group_image> read_groups(std::vector<state_file_reader<Storage>> const& files,
                                                   std::vector<block_reference> const& blocks)
{
    struct known_group {
        group_image image;
        batch_time time{std::numeric_limits<std::int64_t>::min()};
    };
    std::map<std::uint32_t, known_group> groups;
    std::vector<block_reference const*> deltas;
    for (auto const& each : blocks) {
        if (each.kind == snapshot_format::block_kind::base)
            groups.insert_or_assign(each.group,
                                    known_group{{each.group, each.records, files[each.file].read(each)}, each.time});
        else
            deltas.push_back(&each);
    }
    std::sort(deltas.begin(), deltas.end(), [](auto const* one, auto const* other) { return one->time < other->time; });
    for (auto const* const each : deltas)
        for (auto& [group, run] : files[each->file].read_delta(*each)) {
            auto& known = groups[group];
            known.image.group = group;
            if (run.time > known.time)
                known.image.runs.push_back(std::move(run));
        }
    std::vector<group_image> images;
    for (auto& [group, known] : groups)
        images.push_back(std::move(known.image));
    return images;
}

/// All of a commit, every byte of it verified.
///
/// *Throws* `corrupt_checkpoint`, `incompatible_checkpoint` for a file of a newer version, `storage_error`.
template <storage Storage>
[[nodiscard]] commit_record read_state(Storage const& storage, commit_index const& commit, std::uint64_t store_id)
{
    std::vector<state_file_reader<Storage>> files;
    for (auto const& file : commit.files) {
        files.emplace_back(storage, file, store_id);
    }
    auto record = commit.record;
    for (std::size_t i = 0; i < commit.blocks.size(); ++i)
        record.stages[i].groups = read_groups(files, commit.blocks[i]);
    return record;
}

} // namespace tidemark::detail
