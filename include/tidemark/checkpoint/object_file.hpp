// SPDX-License-Identifier: BSL-1.0
//
// object_file: records in our own binary form, a file for each partition and an index of them, every byte checked.

#pragma once

#include <tidemark/checkpoint/detail/bytes.hpp>
#include <tidemark/checkpoint/schema.hpp>
#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/serializable.hpp>
#include <tidemark/core/text_bytes.hpp>
#include <tidemark/storage/checksum.hpp>
#include <tidemark/storage/input_file.hpp>

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

/// What the index says of the file of one partition.
struct object_part {
    std::uint64_t bytes = 0;
    std::uint64_t records = 0;
    std::uint64_t checksum = 0; ///< Of the headers of all its blocks, and so of everything in it.

    friend bool operator==(object_part const&, object_part const&) = default;
};

/// What the index says: what the records are, and which files hold them.
struct object_index {
    std::string schema;
    std::vector<object_part> parts;
};

/// The fixed numbers of the files; `docs/object-files.md` gives the grammar.
namespace object_format {

inline constexpr std::string_view part_magic = "TIDEOBJP";  ///< What a part begins with.
inline constexpr std::string_view index_magic = "TIDEOBJI"; ///< What the index begins with.
inline constexpr std::uint32_t version = 1;                 ///< The version that is written.
inline constexpr std::size_t part_header_bytes = 24;        ///< Magic, version, number, checksum.
inline constexpr std::size_t block_header_bytes = 32;       ///< Records, length, checksum of the payload, own checksum.
inline constexpr std::size_t block_bytes = std::size_t{1} << 18; ///< A block is closed when it has so many.

} // namespace object_format

namespace detail {

/// A block passes in its own place alone: not in another file, nor before or after another block.
[[nodiscard]] inline std::uint64_t object_block_seed(std::uint32_t part, std::uint64_t block)
{
    byte_writer place;
    place.number(part);
    place.number(block);
    return checksum(place.view(), 0);
}

[[nodiscard]] inline std::vector<std::byte> object_part_header(std::uint32_t part)
{
    byte_writer out;
    out.characters(object_format::part_magic);
    out.number(object_format::version);
    out.number(part);
    out.number(checksum(out.view(), 0));
    return out.take();
}

struct object_block {
    std::uint64_t records = 0; ///< None: the last block, which is empty.
    std::uint64_t length = 0;
    std::uint64_t payload_checksum = 0;
};

[[nodiscard]] inline std::vector<std::byte> encode_object_block(object_block const& block, std::uint64_t seed)
{
    byte_writer out;
    out.number(block.records);
    out.number(block.length);
    out.number(block.payload_checksum);
    out.number(checksum(out.view(), seed));
    return out.take();
}

[[nodiscard]] inline corrupt_file corrupt_at(std::string const& file, std::uint64_t offset, std::string const& expected,
                                             std::string const& found)
{
    return corrupt_file(file + ", offset " + std::to_string(offset) + ": expected " + expected + "; found " + found
                        + ". Nothing of it can be trusted: save the records again, or read another copy");
}

[[nodiscard]] inline incompatible_file newer_format(std::string const& file, std::uint32_t found)
{
    return incompatible_file(file + " has the object format version " + std::to_string(found)
                             + "; this program reads version " + std::to_string(object_format::version)
                             + ": read it with the program that wrote it, or a newer one");
}

} // namespace detail

/// Writes the records of one partition to `file`, block by block.
template <serializable Record, typename File>
class object_part_writer {
public:
    object_part_writer(File& file, std::uint32_t part)
        : file_(&file)
        , part_(part)
    {
        append(detail::object_part_header(part));
    }

    void add(Record const& record)
    {
        block_ << record;
        ++in_block_;
        if (block_.size() >= object_format::block_bytes)
            close_block();
    }

    /// Writes what is left, and the end; what the index is to say of it.
    [[nodiscard]] object_part finish()
    {
        if (in_block_ != 0)
            close_block();
        close_block(); // an empty one is the end
        return written_;
    }

private:
    void close_block()
    {
        auto const seed = detail::object_block_seed(part_, blocks_++);
        auto const header =
            detail::encode_object_block({in_block_, block_.size(), checksum(block_.bytes(), seed)}, seed);
        append(header);
        append(block_.bytes());
        written_.checksum = checksum(header, written_.checksum);
        written_.records += std::exchange(in_block_, 0);
        block_.clear();
    }

    void append(std::span<std::byte const> bytes)
    {
        file_->append(bytes);
        written_.bytes += bytes.size();
    }

    File* file_;
    std::uint32_t part_;
    output_archive block_;
    std::uint64_t in_block_ = 0;
    std::uint64_t blocks_ = 0;
    object_part written_;
};

/// The bytes of an index.
[[nodiscard]] inline std::vector<std::byte> encode_object_index(object_index const& index)
{
    detail::byte_writer out;
    out.characters(object_format::index_magic);
    out.number(object_format::version);
    out.text(index.schema);
    out.count(index.parts.size());
    for (auto const& part : index.parts) {
        out.number(part.bytes);
        out.number(part.records);
        out.number(part.checksum);
    }
    out.number(checksum(out.view(), 0));
    return out.take();
}

/// *Throws* `corrupt_file`, or `incompatible_file` for a newer format.
template <detail::byte_range Bytes>
[[nodiscard]] object_index decode_object_index(Bytes const& whole, std::string const& file)
{
    using namespace object_format;
    std::span<std::byte const> const bytes(whole);
    auto const front = index_magic.size() + sizeof(std::uint32_t);
    if (bytes.size() < front + sizeof(std::uint64_t) || !detail::spells(bytes.first(index_magic.size()), index_magic))
        throw detail::corrupt_at(file, 0, "the index of object files",
                                 bytes.empty() ? std::string("an empty file, as text files have it")
                                               : std::to_string(bytes.size()) + " other bytes");
    auto const summed = bytes.first(bytes.size() - sizeof(std::uint64_t));
    if (detail::byte_reader(bytes.subspan(summed.size()), file, 0).number<std::uint64_t>() != checksum(summed, 0))
        throw detail::corrupt_at(file, summed.size(), "the checksum of the index", "another number");
    detail::byte_reader in(summed.subspan(index_magic.size()), file, index_magic.size());
    if (auto const found = in.number<std::uint32_t>(); found != version)
        throw detail::newer_format(file, found);
    try {
        object_index index{in.text(), {}};
        for (auto left = in.count(sizeof(object_part)); left != 0; --left) {
            auto const size = in.number<std::uint64_t>();
            auto const records = in.number<std::uint64_t>();
            index.parts.push_back({size, records, in.number<std::uint64_t>()});
        }
        in.expect_end();
        return index;
    } catch (corrupt_checkpoint const& problem) {
        throw corrupt_file(problem.what());
    }
}

/// The records of one part file, in their order.
///
/// *Throws* `corrupt_file` at the first byte that is wrong: at once for a file of another length, before a record is
/// given from a damaged block, and at the end when blocks are not those that the index means.
template <serializable Record>
class object_part_reader {
public:
    object_part_reader(std::string path, std::uint32_t number, object_part expected)
        : path_(std::move(path))
        , number_(number)
        , expected_(expected)
    {}

    /// Calls `give(Record&&)` for each record, until it answers false.
    template <typename Give>
    void read(Give&& give) const
    {
        if (auto const found = find_file(path_); !found || found->size != expected_.bytes)
            throw detail::corrupt_at(path_, 0, "a file of " + std::to_string(expected_.bytes) + " bytes",
                                     found ? std::to_string(found->size) : "no such file");
        input_file const file(path_);
        expect_header(file);
        object_part seen{object_format::part_header_bytes, 0, 0};
        std::vector<std::byte> payload;
        for (std::uint64_t number = 0;; ++number) {
            auto const block = next_block(file, number, seen, payload);
            if (block.records == 0)
                break;
            if (!give_all(payload, block.records, seen, give))
                return;
        }
        if (!(seen == expected_))
            throw detail::corrupt_at(path_, seen.bytes,
                                     std::to_string(expected_.records) + " records, those that the index means",
                                     std::to_string(seen.records) + " records, or others");
    }

private:
    void expect_header(input_file const& file) const
    {
        auto const expected = detail::object_part_header(number_);
        auto const found = bytes_at(file, 0, expected.size());
        auto const front = object_format::part_magic.size();
        if (!std::equal(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(front), expected.begin()))
            throw detail::corrupt_at(path_, 0, "a part of object files", "other bytes");
        if (found != expected)
            throw detail::corrupt_at(path_, front, "the header of part " + std::to_string(number_), "another one");
    }

    [[nodiscard]] detail::object_block next_block(input_file const& file, std::uint64_t number, object_part& seen,
                                                  std::vector<std::byte>& payload) const
    {
        auto const seed = detail::object_block_seed(number_, number);
        auto const header = bytes_at(file, seen.bytes, object_format::block_header_bytes);
        detail::byte_reader in(header, path_, seen.bytes);
        detail::object_block block;
        block.records = in.number<std::uint64_t>();
        block.length = in.number<std::uint64_t>();
        block.payload_checksum = in.number<std::uint64_t>();
        if (header != detail::encode_object_block(block, seed))
            throw detail::corrupt_at(path_, seen.bytes, "the header of block " + std::to_string(number), "other bytes");
        seen.bytes += header.size();
        payload = bytes_at(file, seen.bytes, block.length);
        if (checksum(payload, seed) != block.payload_checksum)
            throw detail::corrupt_at(path_, seen.bytes,
                                     std::to_string(block.length) + " bytes that match their checksum", "other bytes");
        seen.checksum = checksum(header, seen.checksum);
        return block;
    }

    template <typename Give>
    [[nodiscard]] bool give_all(std::vector<std::byte> const& payload, std::uint64_t records, object_part& seen,
                                Give& give) const
    {
        input_archive in(payload);
        for (std::uint64_t i = 0; i < records; ++i)
            if (!give(next_record(in, seen.bytes)))
                return false;
        if (in.remaining() != 0)
            throw detail::corrupt_at(path_, seen.bytes + in.position(), "the end of the block",
                                     std::to_string(in.remaining()) + " more bytes");
        seen.bytes += payload.size();
        seen.records += records;
        return true;
    }

    [[nodiscard]] Record next_record(input_archive& in, std::uint64_t offset) const
    {
        auto const at = offset + in.position();
        try {
            return load<Record>(in);
        } catch (corrupt_checkpoint const& problem) {
            throw detail::corrupt_at(path_, at, "a record", problem.what());
        } catch (incompatible_checkpoint const& problem) {
            throw incompatible_file(path_ + ", offset " + std::to_string(at) + ": " + problem.what());
        }
    }

    [[nodiscard]] std::vector<std::byte> bytes_at(input_file const& file, std::uint64_t offset,
                                                  std::uint64_t size) const
    {
        if (offset > expected_.bytes || expected_.bytes - offset < size)
            throw detail::corrupt_at(path_, offset, std::to_string(size) + " more bytes", "the end of the file");
        std::vector<char> room(static_cast<std::size_t>(size));
        auto const got = file.read_at(offset, std::span<char>(room.data(), room.size()));
        auto const bytes = text_bytes(room.data(), got);
        if (got != size)
            throw detail::corrupt_at(path_, offset, std::to_string(size) + " more bytes", std::to_string(got));
        return {bytes.begin(), bytes.end()};
    }

    std::string path_;
    std::uint32_t number_;
    object_part expected_;
};

} // namespace tidemark
