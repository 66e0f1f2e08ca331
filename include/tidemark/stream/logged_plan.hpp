// SPDX-License-Identifier: BSL-1.0
//
// logged_plan: how a plan is told that holds the records of its batch, and a position that stands behind blocks.

#pragma once

#include <tidemark/checkpoint/input_archive.hpp>
#include <tidemark/checkpoint/output_archive.hpp>
#include <tidemark/checkpoint/serialization.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tidemark::detail {

/// "tide-log": what such a plan begins with, and hardly any other; behind it comes the schema of the records.
inline constexpr std::uint64_t logged_plan_mark = 0x676f6c2d65646974;

/// Whether the bytes begin with a mark.
[[nodiscard]] inline bool begins_with(std::span<std::byte const> bytes, std::uint64_t mark)
{
    auto const wanted = to_bytes(mark);
    return bytes.size() >= wanted.size() && std::equal(wanted.begin(), wanted.end(), bytes.begin());
}

/// The schema of the records that a plan holds; nothing for one that holds none. *Throws* `corrupt_checkpoint`.
[[nodiscard]] inline std::optional<std::string> logged_schema(std::span<std::byte const> plan)
{
    if (!begins_with(plan, logged_plan_mark))
        return std::nullopt;
    input_archive in(plan.subspan(sizeof logged_plan_mark));
    return load<std::string>(in);
}

/// "tide-blk": what the position of a source begins with whose blocks are logged, and its own part of a plan.
inline constexpr std::uint64_t block_position_mark = 0x6b6c622d65646974;

/// Where such a source stands.
struct block_position {
    std::int64_t given = 0;        ///< Under which number blocks were given out last.
    std::vector<std::byte> source; ///< The source's own.
};

[[nodiscard]] inline std::vector<std::byte> encode_block_position(std::int64_t given, std::span<std::byte const> source)
{
    output_archive out;
    out << block_position_mark << given;
    std::vector<std::byte> all(out.bytes().begin(), out.bytes().end());
    all.insert(all.end(), source.begin(), source.end());
    return all;
}

/// Nothing for the position of any other source. *Throws* `corrupt_checkpoint`.
[[nodiscard]] inline std::optional<block_position> decode_block_position(std::span<std::byte const> position)
{
    if (!begins_with(position, block_position_mark))
        return std::nullopt;
    input_archive in(position.subspan(sizeof block_position_mark));
    auto const given = load<std::int64_t>(in);
    auto const source = position.last(in.remaining());
    return block_position{given, {source.begin(), source.end()}};
}

} // namespace tidemark::detail
