// SPDX-License-Identifier: BSL-1.0
//
// part_file: one partition of an rdd's checkpoint: rows of records in checked blocks.

#pragma once

#include <tidemark/checkpoint/dataset_mark.hpp>
#include <tidemark/checkpoint/detail/block.hpp>
#include <tidemark/checkpoint/detail/bytes.hpp>
#include <tidemark/checkpoint/detail/file_header.hpp>
#include <tidemark/checkpoint/file_names.hpp>
#include <tidemark/checkpoint/snapshot_format.hpp>
#include <tidemark/storage/checksum.hpp>
#include <tidemark/storage/part_names.hpp>
#include <tidemark/storage/storage.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

namespace detail {

/// The checksum of a part that had the sum `before`, and then a block with the checksum `block`.
[[nodiscard]] inline std::uint64_t sum_of_parts(std::uint64_t before, std::uint64_t block)
{
    byte_writer both;
    both.number(block);
    return checksum(both.view(), before);
}

} // namespace detail

/// Writes the file of a partition, a block for each row.
template <storage Storage>
class basic_part_writer {
public:
    /// *Throws* `storage_error`, as all members do.
    basic_part_writer(Storage const& folder, std::uint64_t id, std::size_t partition, std::string const& schema)
        : file_(created(folder, part_name(partition)))
    {
        detail::file_header header;
        header.kind = snapshot_format::file_kind::part;
        header.number = static_cast<std::uint32_t>(partition);
        header.store_id = id;
        header.application = schema.substr(0, snapshot_format::application_limit); // for people; the mark has it all
        seed_ = detail::block_seed(header);
        waiting_ = detail::encode_file_header(header);
    }

    void append(std::span<std::byte const> row, std::uint64_t records)
    {
        detail::block_header block;
        block.kind = snapshot_format::block_kind::rows;
        block.sequence = blocks_++;
        block.records = records;
        block.length = row.size();
        block.payload_checksum = checksum(row, seed_);
        auto const front = detail::encode_block_header(block, seed_);
        put(front);
        put(row);
        entry_.records += records;
        entry_.checksum = detail::sum_of_parts(entry_.checksum, block.payload_checksum);
    }

    /// Makes all of it durable, but for its name.
    [[nodiscard]] part_entry finish()
    {
        flush();
        file_.sync();
        entry_.size = file_.size();
        return entry_;
    }

private:
    static constexpr std::size_t worth_a_call = std::size_t{1} << 18;

    /// A file that an attempt before left is none of ours.
    [[nodiscard]] static file_of_t<Storage> created(Storage const& folder, std::string const& name)
    {
        if (folder.exists(name))
            folder.remove(name);
        return folder.create(name);
    }

    void put(std::span<std::byte const> bytes)
    {
        waiting_.insert(waiting_.end(), bytes.begin(), bytes.end());
        if (waiting_.size() >= worth_a_call)
            flush();
    }

    void flush()
    {
        if (!waiting_.empty())
            file_.append(waiting_);
        waiting_.clear();
    }

    file_of_t<Storage> file_;
    std::uint64_t seed_ = 0;
    std::uint64_t blocks_ = 0;
    std::vector<std::byte> waiting_;
    part_entry entry_;
};

/// The same on a storage of whatever type.
using part_writer = basic_part_writer<any_storage>;

/// Reads the file of a partition, row by row. Every byte is verified before it is given out.
template <storage Storage>
class basic_part_reader {
public:
    /// The file `part_name(partition)` of the checkpoint in `folder`, which says of it what `expected` holds.
    ///
    /// *Throws* `corrupt_checkpoint` that names the file and the offset, `incompatible_checkpoint` for a newer version,
    /// `storage_error`, as all members do.
    basic_part_reader(Storage folder, std::uint64_t id, std::size_t partition, part_entry const& expected)
        : folder_(std::move(folder))
        , name_(part_name(partition))
        , file_(folder_.describe() + "/" + name_)
        , expected_(expected)
    {
        if (!folder_.exists(name_))
            throw corrupt_checkpoint(file_ + " is missing: the checkpoint was removed, or a part of it");
        auto const size = folder_.size(name_);
        if (size != expected_.size)
            throw detail::damage_at(file_, std::min(size, expected_.size),
                                    std::to_string(expected_.size) + " bytes in all", std::to_string(size));
        auto const front = folder_.read(name_, 0, std::min<std::uint64_t>(size, snapshot_format::file_header_limit));
        auto const header = detail::decode_file_header(front, file_);
        seed_ = detail::block_seed(snapshot_format::file_kind::part, id, 0, static_cast<std::uint32_t>(partition));
        if (detail::block_seed(header.header) != seed_)
            throw detail::damage_at(file_, 16, "the part of that number", "a file of another name or checkpoint");
        at_ = header.size;
    }

    /// The bytes of the next row; nothing at the end, after all of the part has been found as it was written.
    [[nodiscard]] std::optional<std::span<std::byte const>> next()
    {
        if (at_ == expected_.size) {
            if (found_.records != expected_.records || found_.checksum != expected_.checksum)
                throw detail::damage_at(file_, at_, std::to_string(expected_.records) + " records",
                                        std::to_string(found_.records) + " records, or other ones");
            return std::nullopt;
        }
        auto const front = bytes(snapshot_format::block_header_bytes, "a block");
        auto const block = detail::decode_block_header(front, seed_);
        if (!block || block->kind != snapshot_format::block_kind::rows || block->sequence != blocks_)
            throw detail::damage_at(file_, at_, "the header of block " + std::to_string(blocks_), "other bytes");
        at_ += front.size();
        auto const row = bytes(block->length, "the bytes of block " + std::to_string(blocks_));
        if (checksum(row, seed_) != block->payload_checksum)
            throw detail::damage_at(file_, at_, std::to_string(row.size()) + " bytes that match their checksum",
                                    "other bytes");
        at_ += row.size();
        ++blocks_;
        found_.records += block->records;
        found_.checksum = detail::sum_of_parts(found_.checksum, block->payload_checksum);
        return row;
    }

    /// The file, for messages.
    [[nodiscard]] std::string const& file() const { return file_; }
    /// Where the next block begins.
    [[nodiscard]] std::uint64_t offset() const { return at_; }

private:
    static constexpr std::uint64_t read_ahead = std::uint64_t{1} << 20;

    /// The next `length` bytes, which are not passed yet.
    [[nodiscard]] std::span<std::byte const> bytes(std::uint64_t length, std::string const& what)
    {
        if (length > expected_.size - at_)
            throw detail::damage_at(file_, at_, what, "the end of the file");
        if (at_ < buffer_at_ || at_ + length > buffer_at_ + buffer_.size()) {
            buffer_ = folder_.read(name_, at_, std::max(length, read_ahead));
            buffer_at_ = at_;
        }
        if (buffer_.size() < at_ - buffer_at_ + length)
            throw detail::damage_at(file_, buffer_at_ + buffer_.size(), what, "the end of the file");
        return std::span<std::byte const>(buffer_).subspan(static_cast<std::size_t>(at_ - buffer_at_),
                                                           static_cast<std::size_t>(length));
    }

    Storage folder_;
    std::string name_;
    std::string file_;
    part_entry expected_;
    part_entry found_;
    std::uint64_t seed_ = 0;
    std::uint64_t at_ = 0;
    std::uint64_t blocks_ = 0;
    std::vector<std::byte> buffer_;
    std::uint64_t buffer_at_ = 0;
};

/// The same on a storage of whatever type.
using part_reader = basic_part_reader<any_storage>;

} // namespace tidemark
