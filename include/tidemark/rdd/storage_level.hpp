// SPDX-License-Identifier: BSL-1.0
//
// storage_level: where the partitions of a persisted rdd are kept: a type for each, so that its rules are checked early.

#pragma once

#include <tidemark/execution/block_store.hpp>

#include <string_view>

namespace tidemark {

/// A level as a type. *What a level is worth is known when the program is compiled*: one that saves records does not
/// compile for those that cannot be saved.
template <block_level Where>
struct storage_level_constant {
    static constexpr block_level value = Where;
};

/// Whether a type is one of the levels below.
template <typename T>
inline constexpr bool is_storage_level_v = false;
template <block_level Where>
inline constexpr bool is_storage_level_v<storage_level_constant<Where>> = true;

template <typename T>
concept storage_level_value = is_storage_level_v<T>;

/// The levels: those of Spark, without copies on other machines and memory outside the heap, as there is one process.
namespace storage_level {

/// Not kept at all.
inline constexpr storage_level_constant<block_level{}> none{};
/// As they are; those that find no room are computed again.
inline constexpr storage_level_constant<block_level{true, false, false}> memory_only{};
/// As bytes: less room, and some time for each use.
inline constexpr storage_level_constant<block_level{true, false, true}> memory_only_ser{};
/// As they are; those that find no room go to disk.
inline constexpr storage_level_constant<block_level{true, true, false}> memory_and_disk{};
/// As bytes; those that find no room go to disk.
inline constexpr storage_level_constant<block_level{true, true, true}> memory_and_disk_ser{};
/// As bytes, on disk alone.
inline constexpr storage_level_constant<block_level{false, true, true}> disk_only{};

} // namespace storage_level

/// The name of a level, as the program writes it.
[[nodiscard]] constexpr std::string_view name_of(block_level level)
{
    if (level.memory)
        return level.disk ? (level.serialized ? "memory_and_disk_ser" : "memory_and_disk")
                          : (level.serialized ? "memory_only_ser" : "memory_only");
    return level.disk ? "disk_only" : "none";
}

} // namespace tidemark
