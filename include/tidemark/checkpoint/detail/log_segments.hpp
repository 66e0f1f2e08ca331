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
    std::uint32_t version = snapshot_format::version; ///< of the format in which it was written
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

/// Reads everything that a log consists of.
template <storage Storage>
class segments_reader {
public:
    segments_reader(Storage const& storage, std::string const& application)
        : storage_(storage)
        , application_(application)
    {}

    /// *Throws* `incompatible_checkpoint` for another application or a newer version, `storage_error` when listing
    /// fails.
    [[nodiscard]] log_segments read(inventory const& files) &&;

private:
    void note_damage(log_segment& segment, std::string_view what)
    {
        segment.damaged = true;
        log_.damaged = true;
        log_.notes.emplace_back(what);
    }

    void check_application(std::string_view file, std::string const& found) const
    {
        if (found != application_) {
            throw incompatible_checkpoint(std::string(file) + " belongs to the application '" + found
                                          + "', this one is '" + application_
                                          + "': give each application a checkpoint directory of its own");
        }
    }

    void read_manifest()
    {
        try {
            log_.listed = decode_manifest(storage_.read(std::string(manifest_name)));
        } catch (corrupt_checkpoint const& problem) {
            log_.damaged = true;
            log_.notes.push_back(std::string(problem.what()) + "; the list of segments was rebuilt from the directory");
            return;
        } catch (storage_error const& problem) {
            log_.damaged = true;
            log_.notes.push_back(std::string(problem.what()) + "; the list of segments was rebuilt from the directory");
            return;
        }
        check_application(manifest_name, log_.listed->application);
        log_.store_id = log_.listed->store_id;
        log_.newest_generation = log_.listed->generation;
    }

    /// Reads the bytes of a segment and its header; the header is nothing when it is damaged.
    [[nodiscard]] std::optional<decoded_file_header> read_segment(log_segment& segment)
    {
        try {
            segment.bytes = storage_.read(segment.name);
            auto found = decode_file_header(segment.bytes, segment.name);
            bool const same_store = log_.store_id == 0 || found.header.store_id == log_.store_id;
            if (found.header.kind != snapshot_format::file_kind::log || !same_store
                || file_id{found.header.generation, found.header.number} != segment.entry.id) {
                note_damage(segment,
                            segment.name + ", offset 16: expected the log segment of that name, found another file");
                return std::nullopt;
            }
            return found;
        } catch (corrupt_checkpoint const& problem) {
            note_damage(segment, problem.what());
        } catch (storage_error const& problem) {
            note_damage(segment, problem.what());
        }
        return std::nullopt;
    }

    /// The version that a segment says it has, though its header is damaged; records have checksums of their own.
    [[nodiscard]] static std::uint32_t version_without_header(std::span<std::byte const> bytes)
    {
        if (bytes.size() < snapshot_format::file_prefix_bytes)
            return snapshot_format::version;
        byte_reader in(bytes.subspan(snapshot_format::file_magic.size()), {}, 0);
        auto const found = in.number<std::uint32_t>();
        return found == 0 || found > snapshot_format::version ? snapshot_format::version : found;
    }

    /// Drops what stands behind the end of a segment that its own process has left for a new one after a failed append
    /// or sync: what counts of it was written again there.
    static void drop_what_was_left(log_segment& segment)
    {
        auto& [blocks, damages, torn_at] = segment.scan;
        auto const end = segment.entry.end_sequence;
        std::erase_if(blocks, [end](scanned_block const& block) { return block.header.sequence >= end; });
        auto const last = blocks.empty() ? segment.entry.first_sequence : blocks.back().header.sequence + 1;
        if (last < end) {
            return; // something that counts is missing: all that is odd may tell why
        }
        std::size_t const behind =
            blocks.empty() ? 0
                           : blocks.back().offset + snapshot_format::block_header_bytes + blocks.back().payload.size();
        std::erase_if(damages, [behind](scan_damage const& damage) { return damage.offset >= behind; });
        torn_at.reset();
    }

    Storage const& storage_;
    std::string const& application_;
    log_segments log_;
};

template <storage Storage>
log_segments segments_reader<Storage>::read(inventory const& files) &&
{
    if (files.manifest) {
        read_manifest();
    } else if (!files.logs.empty()) {
        log_.damaged = true;
        log_.notes.push_back(std::string(manifest_name)
                             + ": expected a file, found none; the list of segments was rebuilt "
                               "from the directory");
    }
    if (log_.listed) {
        for (auto const& entry : log_.listed->segments) {
            log_.segments.push_back({entry, log_name(entry.id), {}, {}});
        }
    } else {
        for (auto const id : files.logs) {
            log_.segments.push_back({{id, 0, 0, 0}, log_name(id), {}, {}});
        }
    }
    log_.newest_generation = std::max(log_.newest_generation, files.newest_generation());

    // From the newest to the oldest: without a manifest the newest sound header says which store this is.
    for (std::size_t i = log_.segments.size(); i-- != 0;) {
        auto& segment = log_.segments[i];
        auto const header = read_segment(segment);
        segment.version = header ? header->header.version : version_without_header(segment.bytes);
        if (header && !log_.listed) {
            check_application(segment.name, header->header.application);
            log_.store_id = header->header.store_id;
            segment.entry.first_sequence = header->header.first_sequence;
            segment.entry.resumed_from = header->header.resumed_from;
        }
        if (log_.store_id != 0) {
            auto const seed = block_seed(snapshot_format::file_kind::log, log_.store_id, segment.entry.id.generation,
                                         segment.entry.id.number);
            segment.scan = scan_blocks(segment.bytes, header ? header->size : 0, seed, file_end::zeros);
        }
        if (segment.entry.end_sequence != 0 && i + 1 < log_.segments.size()
            && log_.segments[i + 1].entry.id.generation == segment.entry.id.generation) {
            drop_what_was_left(segment);
        }
        for (auto const& damage : segment.scan.damages) {
            note_damage(segment, damage_at(segment.name, damage.offset, damage.expected, damage.found).what());
        }
    }
    return std::move(log_);
}

} // namespace tidemark::detail
