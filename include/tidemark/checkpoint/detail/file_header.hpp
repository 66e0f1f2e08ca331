// SPDX-License-Identifier: BSL-1.0
//
// file_header: the first bytes of each file of a checkpoint, written and checked.

#pragma once

#include <tidemark/checkpoint/detail/bytes.hpp>
#include <tidemark/checkpoint/snapshot_format.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/storage/checksum.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::detail {

/// What a file says about itself.
struct file_header {
    snapshot_format::file_kind kind{};
    std::uint32_t number = 0;
    std::uint64_t store_id = 0;
    std::uint64_t generation = 0;
    std::uint64_t first_sequence = 0; ///< log: the number of its first record; savepoint: that of its commit's
    std::uint64_t resumed_from = 0;   ///< log: the commit that this generation started from; 0 when there was none
    std::string application;
    std::uint32_t version = snapshot_format::version; ///< of the format in which it was written

    friend bool operator==(file_header const&, file_header const&) = default;
};

/// The seed of all block checksums of a file: a block never passes in another file, generation or store.
[[nodiscard]] inline std::uint64_t block_seed(snapshot_format::file_kind kind, std::uint64_t store_id,
                                              std::uint64_t generation, std::uint32_t number)
{
    byte_writer identity;
    identity.number(static_cast<std::uint16_t>(kind));
    identity.number(store_id);
    identity.number(generation);
    identity.number(number);
    return checksum(identity.view(), 0);
}

[[nodiscard]] inline std::uint64_t block_seed(file_header const& header)
{
    return block_seed(header.kind, header.store_id, header.generation, header.number);
}

[[nodiscard]] inline std::vector<std::byte> encode_file_header(file_header const& header)
{
    byte_writer out;
    out.characters(snapshot_format::file_magic);
    out.number(header.version);
    out.number(static_cast<std::uint32_t>(snapshot_format::file_header_fixed_bytes + header.application.size()));
    out.number(static_cast<std::uint16_t>(header.kind));
    out.number(std::uint16_t{0});
    out.number(header.number);
    out.number(header.store_id);
    out.number(header.generation);
    out.number(header.first_sequence);
    out.number(header.resumed_from);
    out.text(header.application);
    out.number(checksum(out.view(), 0));
    return out.take();
}

/// A header, and how many bytes it took.
struct decoded_file_header {
    file_header header;
    std::size_t size = 0;
};

/// Reads the header at the front of `bytes`, which are the file `file` or its first `file_header_limit` bytes.
///
/// *Throws* `corrupt_checkpoint`, or `incompatible_checkpoint` when a newer version wrote the file.
[[nodiscard]] inline decoded_file_header decode_file_header(std::span<std::byte const> bytes, std::string_view file)
{
    using namespace snapshot_format;
    byte_reader prefix(bytes, file, 0);
    if (bytes.size() < file_prefix_bytes) {
        throw prefix.damage("a file header", std::to_string(bytes.size()) + " bytes");
    }
    if (!spells(prefix.raw(file_magic.size()), file_magic)) {
        throw damage_at(file, 0, file_magic, "other bytes");
    }
    auto const found_version = prefix.number<std::uint32_t>();
    std::size_t const size = prefix.number<std::uint32_t>();
    if (size < file_prefix_bytes + sizeof(std::uint64_t) || size > file_header_limit || size > bytes.size()) {
        throw damage_at(file, 12, "the length of a header", std::to_string(size));
    }
    auto const summed = bytes.first(size - sizeof(std::uint64_t));
    if (byte_reader(bytes.subspan(summed.size()), file, summed.size()).number<std::uint64_t>() != checksum(summed, 0)) {
        throw damage_at(file, summed.size(), "the checksum of the header", "another number");
    }
    if (found_version > compressed_version) {
        throw incompatible_checkpoint(std::string(file) + " has checkpoint format version "
                                      + std::to_string(found_version) + "; this program reads up to version "
                                      + std::to_string(compressed_version)
                                      + ": run the program that wrote it, or a newer one");
    }
    byte_reader in(summed.subspan(file_prefix_bytes), file, file_prefix_bytes);
    decoded_file_header found;
    found.size = size;
    found.header.version = found_version;
    found.header.kind = static_cast<file_kind>(in.number<std::uint16_t>());
    auto const reserved = in.number<std::uint16_t>();
    found.header.number = in.number<std::uint32_t>();
    found.header.store_id = in.number<std::uint64_t>();
    found.header.generation = in.number<std::uint64_t>();
    found.header.first_sequence = in.number<std::uint64_t>();
    found.header.resumed_from = in.number<std::uint64_t>();
    found.header.application = in.text();
    in.expect_end();
    if (reserved != 0) {
        throw damage_at(file, 18, "0", std::to_string(reserved));
    }
    return found;
}

} // namespace tidemark::detail
