// SPDX-License-Identifier: BSL-1.0
//
// state_file: the state that a commit refers to, read from the files where it lies, and every byte of it checked.

#pragma once

#include <tidemark/checkpoint/detail/block.hpp>
#include <tidemark/checkpoint/detail/bytes.hpp>
#include <tidemark/checkpoint/detail/commit_codec.hpp>
#include <tidemark/checkpoint/detail/compressed_block.hpp>
#include <tidemark/checkpoint/detail/delta_codec.hpp>
#include <tidemark/checkpoint/detail/file_header.hpp>
#include <tidemark/checkpoint/file_names.hpp>
#include <tidemark/checkpoint/records.hpp>
#include <tidemark/checkpoint/saved_groups.hpp>
#include <tidemark/checkpoint/snapshot_format.hpp>
#include <tidemark/execution/executor.hpp>
#include <tidemark/execution/inline_executor.hpp>
#include <tidemark/storage/block_compression.hpp>
#include <tidemark/storage/checksum.hpp>
#include <tidemark/storage/storage.hpp>
#include <tidemark/time/batch_time.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark::detail {

/// How large a block of state is.
struct block_size {
    std::uint16_t compression = 0; ///< 0: none
    std::uint64_t stored = 0;      ///< in its file, without its header
    std::uint64_t length = 0;      ///< of what it holds
};

/// Reads and checks one state file, block by block.
template <storage Storage>
class state_file_reader {
public:
    /// *Throws* `corrupt_checkpoint` when the file is not the one that the commit means.
    state_file_reader(Storage const& storage, file_reference const& file, std::uint64_t store_id)
        : storage_(storage)
        , compressions_(compressions_of(storage_))
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
        version_ = header.version;
        if (block_seed(header) != seed_) {
            throw damage_at(name_, 16, "the state file of that name", "a file of another name or checkpoint");
        }
    }

    /// What the block holds that `reference` means, one of the stage `stage`.
    ///
    /// *Throws* `corrupt_checkpoint`; `incompatible_checkpoint` when the storage was not given its compression.
    [[nodiscard]] std::vector<std::byte> read(block_reference const& reference, std::string_view stage = {}) const
    {
        std::uint64_t const header_bytes = snapshot_format::block_header_bytes;
        if (reference.offset > size_ || size_ - reference.offset < header_bytes
            || size_ - reference.offset - header_bytes < reference.length) {
            throw damage_at(name_, reference.offset, std::to_string(reference.length) + " bytes of a group",
                            "the end of the file");
        }
        auto const block = decode_block_header(storage_.read(name_, reference.offset, header_bytes), seed_);
        if (!block || (block->compression != 0 && version_ < snapshot_format::compressed_version)
            || block->kind != reference.kind || block->group != reference.group || block->length != reference.length
            || block->records != reference.records || block->time != reference.time.count()
            || block->payload_checksum != reference.payload_checksum) {
            throw damage_at(name_, reference.offset, "the header of group " + std::to_string(reference.group),
                            "other bytes");
        }
        auto bytes = storage_.read(name_, reference.offset + header_bytes, reference.length);
        if (bytes.size() != reference.length || checksum(bytes, seed_) != reference.payload_checksum) {
            throw damage_at(name_, reference.offset + header_bytes,
                            std::to_string(reference.length) + " bytes that match their checksum", "other bytes");
        }
        if (block->compression == 0)
            return bytes;
        auto const* const how = compressions_ ? compressions_->find(block->compression) : nullptr;
        if (how == nullptr)
            throw no_compression(name_, reference.offset, stage, block->compression);
        located_bytes<std::span<std::byte const>> const located{std::span(bytes), name_,
                                                                reference.offset + header_bytes};
        return decompressed(*how, located);
    }

    /// How long the block is and how it is compressed, as its header says and its first bytes, of which no more is read.
    ///
    /// *Throws* `corrupt_checkpoint` when it has none.
    [[nodiscard]] block_size size_of(block_reference const& reference) const
    {
        std::uint64_t const header_bytes = snapshot_format::block_header_bytes;
        auto const bytes = storage_.read(name_, reference.offset, header_bytes + sizeof(std::uint64_t));
        auto const block = decode_block_header(bytes, seed_);
        if (!block)
            throw damage_at(name_, reference.offset, "the header of group " + std::to_string(reference.group),
                            "other bytes");
        if (block->compression == 0)
            return {0, block->length, block->length};
        auto const payload = std::span<std::byte const>(bytes).subspan(static_cast<std::size_t>(header_bytes));
        byte_reader front(payload, name_, reference.offset + header_bytes);
        return {block->compression, block->length, front.number<std::uint64_t>()};
    }

    /// The runs in `payload`, which was read as `reference` says.
    [[nodiscard]] std::vector<located_run> runs_in(std::span<std::byte const> payload,
                                                   block_reference const& reference) const
    {
        return decode_delta(located_bytes<std::span<std::byte const>>{
            payload, name_, reference.offset + snapshot_format::block_header_bytes});
    }

private:
    Storage storage_;
    std::shared_ptr<block_compressions const> compressions_; // null: none
    std::string name_;
    std::uint64_t size_;
    std::uint64_t seed_;
    std::uint32_t version_ = 0;
};

/// The state files of a commit, in its order. *Throws* as `state_file_reader`.
template <storage Storage>
[[nodiscard]] std::vector<state_file_reader<Storage>> files_of(Storage const& storage, commit_index const& commit,
                                                               std::uint64_t store_id)
{
    std::vector<state_file_reader<Storage>> files;
    for (auto const& file : commit.files) {
        files.emplace_back(storage, file, store_id);
    }
    return files;
}

/// How large the blocks of each stage are. Needs no compression, and reads little more than headers.
///
/// *Throws* `corrupt_checkpoint`, `incompatible_checkpoint` for a file of a newer version, `storage_error`.
template <storage Storage>
[[nodiscard]] std::vector<std::vector<block_size>> sizes_of(Storage const& storage, commit_index const& commit,
                                                            std::uint64_t store_id)
{
    auto const files = files_of(storage, commit, store_id);
    std::vector<std::vector<block_size>> sizes;
    for (auto const& blocks : commit.blocks) {
        auto& stage = sizes.emplace_back();
        for (auto const& block : blocks)
            stage.push_back(files[block.file].size_of(block));
    }
    return sizes;
}

/// Whether groups stay in memory once they have been verified.
enum class base_bytes : bool {
    kept,      ///< They are read once.
    read_again ///< Only the deltas stay; each base is read, and verified, a second time when it is taken.
};

/// The groups of a commit, every byte of them verified.
template <storage Storage>
class stored_groups final : public saved_groups {
public:
    /// Reads all blocks, each a task of `executor`. *Throws* `corrupt_checkpoint`, `incompatible_checkpoint` for a file of a
    /// newer version and for a compression that the storage was not given, `storage_error`.
    stored_groups(Storage const& storage, commit_index const& commit, std::uint64_t store_id, base_bytes bases,
                  any_executor const& executor)
        : files_(files_of(storage, commit, store_id))
    {
        std::vector<read_block> blocks;
        std::vector<std::size_t> behind_stage;
        for (std::size_t stage = 0; stage < commit.blocks.size(); ++stage) {
            for (auto const& block : commit.blocks[stage])
                blocks.push_back({&block, commit.record.stages[stage].name, {}, {}});
            behind_stage.push_back(blocks.size());
        }
        auto one = [&](std::size_t number) { read(blocks[number], bases); };
        executor.run(blocks.size(), one);
        auto from = blocks.begin();
        for (auto const end : behind_stage) {
            auto const to = blocks.begin() + static_cast<std::ptrdiff_t>(end);
            stages_.push_back(gathered(std::span(from, to)));
            from = to;
        }
    }

    [[nodiscard]] std::size_t size(std::size_t stage) const override { return stages_[stage].size(); }

    [[nodiscard]] group_image take(std::size_t stage, std::size_t number) override
    {
        auto& group = stages_[stage][number];
        group_image image{group.number, 0, std::move(group.bytes)};
        if (group.base) {
            image.records = group.base->records;
            if (!group.is_read)
                image.bytes = files_[group.base->file].read(*group.base);
        }
        image.runs.reserve(group.runs.size());
        for (auto const& [time, run] : group.runs)
            image.runs.push_back({time, run->put, run->gone, {run->bytes.begin(), run->bytes.end()}});
        return image;
    }

    [[nodiscard]] std::vector<std::pair<std::uint32_t, batch_time>> changed(std::size_t stage) const override
    {
        std::vector<std::pair<std::uint32_t, batch_time>> groups;
        for (auto const& group : stages_[stage])
            if (!group.runs.empty())
                groups.emplace_back(group.number, group.runs.back().first);
        return groups;
    }

private:
    /// A block that has been read.
    struct read_block {
        block_reference const* where;
        std::string_view stage;
        std::vector<std::byte> bytes;  // of a base, only where it is kept
        std::vector<located_run> runs; // of a delta; points into `bytes`
    };

    struct stored_group {
        std::uint32_t number = 0;
        std::optional<block_reference> base{};
        bool is_read = false; // and its base is in `bytes`
        std::vector<std::byte> bytes{};
        std::vector<std::pair<batch_time, located_run const*>> runs{}; // by time
    };

    void read(read_block& block, base_bytes bases) const
    {
        auto const& file = files_[block.where->file];
        auto bytes = file.read(*block.where, block.stage);
        bool const is_delta = block.where->kind == snapshot_format::block_kind::delta;
        if (is_delta)
            block.runs = file.runs_in(bytes, *block.where);
        if (is_delta || bases == base_bytes::kept)
            block.bytes = std::move(bytes);
    }

    /// The groups of a stage: the base of each, and the runs that go on top of it.
    [[nodiscard]] std::vector<stored_group> gathered(std::span<read_block> blocks)
    {
        std::map<std::uint32_t, stored_group> groups;
        std::vector<read_block*> deltas;
        for (auto& block : blocks) {
            auto const& where = *block.where;
            if (where.kind == snapshot_format::block_kind::delta)
                deltas.push_back(&block);
            else
                groups.insert_or_assign(where.group,
                                        stored_group{where.group, where, !block.bytes.empty(), std::move(block.bytes)});
        }
        std::sort(deltas.begin(), deltas.end(),
                  [](auto const* one, auto const* other) { return one->where->time < other->where->time; });
        for (auto* const each : deltas) {
            auto const time = each->where->time;
            for (auto const& run : each->runs) {
                auto& group = groups[run.group];
                group.number = run.group;
                if (!group.base || time > group.base->time)
                    group.runs.emplace_back(time, &run);
            }
            deltas_.emplace_back(std::move(each->bytes), std::move(each->runs)); // what points into them still does
        }
        std::vector<stored_group> all;
        for (auto& [number, group] : groups)
            all.push_back(std::move(group));
        return all;
    }

    std::vector<state_file_reader<Storage>> files_;
    std::vector<std::pair<std::vector<std::byte>, std::vector<located_run>>> deltas_; // the payloads, with their runs
    std::vector<std::vector<stored_group>> stages_;
};

/// The record with all its groups, which are taken.
[[nodiscard]] inline commit_record with_groups(commit_record record, saved_groups& groups)
{
    for (std::size_t stage = 0; stage < record.stages.size(); ++stage)
        for (std::size_t number = 0; number < groups.size(stage); ++number)
            record.stages[stage].groups.push_back(groups.take(stage, number));
    return record;
}

/// All of a commit, every byte of it verified. *Throws* as `stored_groups`.
template <storage Storage>
[[nodiscard]] commit_record read_state(Storage const& storage, commit_index const& commit, std::uint64_t store_id)
{
    stored_groups<Storage> groups(storage, commit, store_id, base_bytes::kept,
                                  any_executor(std::make_shared<inline_executor>()));
    return with_groups(commit.record, groups);
}

} // namespace tidemark::detail
