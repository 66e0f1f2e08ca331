// SPDX-License-Identifier: BSL-1.0
//
// log_segments: the manifest and all segments of a log, read into memory; what is wrong becomes a note.

#pragma once

#include <tidemark/checkpoint/detail/block_scan.hpp>
#include <tidemark/checkpoint/detail/file_header.hpp>
#include <tidemark/checkpoint/detail/inventory.hpp>
#include <tidemark/checkpoint/file_names.hpp>
#include <tidemark/checkpoint/manifest.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/storage/storage.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark::detail {

/// One segment as it was found.
struct log_segment {
    segment_entry entry;
    std::string name;
    std::vector<std::byte> bytes;
    scan_result scan; ///< points into `bytes`
    bool damaged = false;
};

/// The manifest and the segments. When the manifest cannot be read, the segments that lie in the directory take its
/// place.
struct log_segments {
    std::optional<manifest> listed;
    std::uint64_t store_id = 0; ///< 0: no file says it
    std::uint64_t newest_generation = 0;
    std::vector<log_segment> segments; ///< oldest first
    std::vector<std::string> notes;
    bool damaged = false;
};

inline void note_damage(log_segments& log, log_segment& segment, std::string_view what)
{
    segment.damaged = true;
    log.damaged = true;
    log.notes.emplace_back(what);
}

inline void check_application(std::string_view file, std::string const& found, std::string const& expected)
{
    if (found != expected) {
        throw incompatible_checkpoint(std::string(file) + " belongs to the application '" + found + "', this one is '"
                                      + expected + "': give each application a checkpoint directory of its own");
    }
}

inline void read_manifest(any_storage const& storage, std::string const& application, log_segments& log)
{
    try {
        log.listed = decode_manifest(storage.read(std::string(manifest_name)));
    } catch (corrupt_checkpoint const& problem) {
        log.damaged = true;
        log.notes.push_back(std::string(problem.what()) + "; the list of segments was rebuilt from the directory");
        return;
    } catch (storage_error const& problem) {
        log.damaged = true;
        log.notes.push_back(std::string(problem.what()) + "; the list of segments was rebuilt from the directory");
        return;
    }
    check_application(manifest_name, log.listed->application, application);
    log.store_id = log.listed->store_id;
    log.newest_generation = log.listed->generation;
}

/// Reads the bytes of a segment and its header; the header is nothing when it is damaged.
[[nodiscard]] inline std::optional<decoded_file_header> read_segment(any_storage const& storage, log_segments& log,
                                                                     log_segment& segment)
{
    try {
        segment.bytes = storage.read(segment.name);
        auto found = decode_file_header(segment.bytes, segment.name);
        bool const same_store = log.store_id == 0 || found.header.store_id == log.store_id;
        if (found.header.kind != snapshot_format::file_kind::log || !same_store
            || file_id{found.header.generation, found.header.number} != segment.entry.id) {
            note_damage(log, segment,
                        segment.name + ", offset 16: expected the log segment of that name, found another file");
            return std::nullopt;
        }
        return found;
    } catch (corrupt_checkpoint const& problem) {
        note_damage(log, segment, problem.what());
    } catch (storage_error const& problem) {
        note_damage(log, segment, problem.what());
    }
    return std::nullopt;
}

/// Drops what stands behind the end of a segment that its own process has left for a new one after a failed append or
/// sync: what counts of it was written again there.
inline void drop_what_was_left(log_segment& segment)
{
    auto& [blocks, damages, torn_at] = segment.scan;
    auto const end = segment.entry.end_sequence;
    std::erase_if(blocks, [end](scanned_block const& block) { return block.header.sequence >= end; });
    auto const last = blocks.empty() ? segment.entry.first_sequence : blocks.back().header.sequence + 1;
    if (last < end) {
        return; // something that counts is missing: all that is odd may tell why
    }
    std::size_t const behind =
        blocks.empty() ? 0 : blocks.back().offset + snapshot_format::block_header_bytes + blocks.back().payload.size();
    std::erase_if(damages, [behind](scan_damage const& damage) { return damage.offset >= behind; });
    torn_at.reset();
}

/// Reads everything that the log consists of.
///
/// *Throws* `incompatible_checkpoint` for another application or a newer version, `storage_error` when listing fails.
[[nodiscard]] inline log_segments read_segments(any_storage const& storage, std::string const& application,
                                                inventory const& files)
{
    log_segments log;
    if (files.manifest) {
        read_manifest(storage, application, log);
    } else if (!files.logs.empty()) {
        log.damaged = true;
        log.notes.push_back(std::string(manifest_name)
                            + ": expected a file, found none; the list of segments was rebuilt "
                              "from the directory");
    }
    if (log.listed) {
        for (auto const& entry : log.listed->segments) {
            log.segments.push_back({entry, log_name(entry.id), {}, {}, false});
        }
    } else {
        for (auto const id : files.logs) {
            log.segments.push_back({{id, 0, 0, 0}, log_name(id), {}, {}, false});
        }
    }
    log.newest_generation = std::max(log.newest_generation, files.newest_generation());

    // From the newest to the oldest: without a manifest the newest sound header says which store this is.
    for (std::size_t i = log.segments.size(); i-- != 0;) {
        auto& segment = log.segments[i];
        auto const header = read_segment(storage, log, segment);
        if (header && !log.listed) {
            check_application(segment.name, header->header.application, application);
            log.store_id = header->header.store_id;
            segment.entry.first_sequence = header->header.first_sequence;
            segment.entry.resumed_from = header->header.resumed_from;
        }
        if (log.store_id != 0) {
            auto const seed = block_seed(snapshot_format::file_kind::log, log.store_id, segment.entry.id.generation,
                                         segment.entry.id.number);
            segment.scan = scan_blocks(segment.bytes, header ? header->size : 0, seed);
        }
        if (segment.entry.end_sequence != 0 && i + 1 < log.segments.size()
            && log.segments[i + 1].entry.id.generation == segment.entry.id.generation) {
            drop_what_was_left(segment);
        }
        for (auto const& damage : segment.scan.damages) {
            note_damage(log, segment, damage_at(segment.name, damage.offset, damage.expected, damage.found).what());
        }
    }
    return log;
}

} // namespace tidemark::detail
