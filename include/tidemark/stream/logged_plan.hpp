// SPDX-License-Identifier: BSL-1.0
//
// logged_plan: how a plan is told that holds the records of its batch, and a position that stands behind blocks.

#pragma once

#include <tidemark/checkpoint/input_archive.hpp>
#include <tidemark/checkpoint/serialization.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
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

/// "tide-pos": what the position of a source begins with whose blocks are logged, and its own part of a plan.
inline constexpr std::uint64_t block_position_mark = 0x736f702d65646974;

/// "tide-blk": the same without a word on the log, as it once was: behind it come `given` and the source's own.
inline constexpr std::uint64_t first_block_position_mark = 0x6b6c622d65646974;

/// Where such a source stands.
struct block_position {
    std::int64_t given = 0;          ///< Under which number blocks were given out last.
    std::vector<std::byte> source{}; ///< The source's own.
    std::uint64_t log = 0;           ///< Which log the blocks are in, by its number; 0 where it is not known.
    std::uint64_t events = 0;        ///< How many events the log had then, at least.
    std::string place{};             ///< Where it was, for people.

    template <typename Archive>
    void serialize(Archive& archive, unsigned)
    {
        archive & given & source & log & events & place;
    }
};

[[nodiscard]] inline std::vector<std::byte> encode_block_position(block_position const& position)
{
    auto all = to_bytes(block_position_mark);
    auto const rest = to_bytes(position);
    all.insert(all.end(), rest.begin(), rest.end());
    return all;
}

/// Nothing for the position of any other source. *Throws* `corrupt_checkpoint`.
[[nodiscard]] inline std::optional<block_position> decode_block_position(std::span<std::byte const> position)
{
    if (begins_with(position, block_position_mark))
        return from_bytes<block_position>(position.subspan(sizeof block_position_mark));
    if (!begins_with(position, first_block_position_mark))
        return std::nullopt;
    input_archive in(position.subspan(sizeof first_block_position_mark));
    auto const given = load<std::int64_t>(in);
    auto const source = position.last(in.remaining());
    return block_position{given, {source.begin(), source.end()}};
}

/// Where blocks of a source stay that has no log for them any more, in words.
[[nodiscard]] inline std::string blocks_left_of(std::string_view source, block_position const& before)
{
    return "blocks that the source \"" + std::string(source) + "\" has left in "
           + (before.place.empty() ? "its directory" : before.place) + " stay there, in no batch";
}

} // namespace tidemark::detail
