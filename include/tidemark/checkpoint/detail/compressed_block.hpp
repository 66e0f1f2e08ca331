// SPDX-License-Identifier: BSL-1.0
//
// compressed_block: the payload of a block of state to fewer bytes and back.

#pragma once

#include <tidemark/checkpoint/detail/bytes.hpp>
#include <tidemark/checkpoint/detail/record_codec.hpp>
#include <tidemark/checkpoint/snapshot_format.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/storage/block_compression.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::detail {

/// How the blocks in a storage are compressed; null: in no way.
template <typename Storage>
[[nodiscard]] std::shared_ptr<block_compressions const> compressions_of(Storage const& files)
{
    if constexpr (requires { files.compressions(); })
        return files.compressions();
    else
        return nullptr;
}

/// The payload of a block that is compressed; nothing when it would not be smaller.
[[nodiscard]] inline std::vector<std::byte> compressed(block_compressions::way const& how,
                                                       std::span<std::byte const> raw)
{
    constexpr auto most = snapshot_format::compressed_piece_bytes;
    std::vector<std::byte> scratch(std::min(raw.size(), most));
    byte_writer out;
    out.number(static_cast<std::uint64_t>(raw.size()));
    for (auto rest = raw; !rest.empty(); rest = rest.subspan(std::min(rest.size(), most))) {
        auto const piece = rest.first(std::min(rest.size(), most));
        auto const size = how.compress(piece, std::span<std::byte>(scratch).first(piece.size() - 1));
        auto const bytes = size == 0 || size >= piece.size() ? piece : std::span<std::byte const>(scratch).first(size);
        out.number(static_cast<std::uint32_t>(bytes.size()));
        out.raw(bytes);
        if (out.size() >= raw.size())
            return {};
    }
    return raw.empty() ? std::vector<std::byte>() : out.take();
}

/// What a block holds that is compressed. However wrong `payload` is, not much more memory is taken than comes out of it.
///
/// *Throws* `corrupt_checkpoint`.
template <byte_range Bytes>
[[nodiscard]] std::vector<std::byte> decompressed(block_compressions::way const& how,
                                                  located_bytes<Bytes> const& payload)
{
    constexpr auto most = snapshot_format::compressed_piece_bytes;
    auto in = payload.reader();
    auto const length = in.template number<std::uint64_t>();
    std::vector<std::byte> raw;
    raw.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(length, 8 * in.left())));
    while (raw.size() < length) {
        auto const size = static_cast<std::size_t>(std::min<std::uint64_t>(length - raw.size(), most));
        auto const piece = in.raw(in.template number<std::uint32_t>());
        if (piece.size() == size) {
            raw.insert(raw.end(), piece.begin(), piece.end());
            continue;
        }
        raw.resize(raw.size() + size);
        if (piece.size() > size || !how.decompress(piece, std::span<std::byte>(raw).last(size)))
            throw in.damage("what " + std::string(how.name()) + " made of " + std::to_string(size) + " bytes before",
                            std::to_string(piece.size()) + " other bytes");
    }
    in.expect_end();
    return raw;
}

/// The name of a compression that a program may not have.
[[nodiscard]] inline std::string compression_name(std::uint16_t id)
{
    return id == 1 ? "zstd" : id == 2 ? "lz4" : "compression " + std::to_string(id);
}

/// What to say of a block of the stage `stage` that this program cannot decompress.
[[nodiscard]] inline incompatible_checkpoint no_compression(std::string_view file, std::uint64_t offset,
                                                            std::string_view stage, std::uint16_t id)
{
    auto const name = compression_name(id);
    auto const type = id <= 2 ? name + "_compression" : "your type with that id";
    return incompatible_checkpoint(std::string(file) + ", offset " + std::to_string(offset) + ": the state of stage \""
                                   + std::string(stage) + "\" is compressed by " + name
                                   + ", which this program does not read; "
                                   + (id <= 2 ? "include <tidemark/checkpoint/" + type + ".hpp>, and " : "")
                                   + "name the directory as checkpoint_directory(...).decompressed_by(" + type
                                   + (id <= 2 ? "{})" : ")") + ", or with compressed_by to go on writing so");
}

} // namespace tidemark::detail
