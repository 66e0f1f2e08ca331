// SPDX-License-Identifier: BSL-1.0
//
// log_reader: the records of a log in their order, across segments and starts of the process.

#pragma once

#include <tidemark/checkpoint/detail/block.hpp>
#include <tidemark/checkpoint/detail/log_segments.hpp>
#include <tidemark/checkpoint/detail/record_codec.hpp>
#include <tidemark/checkpoint/snapshot_format.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark::detail {

/// One sound record.
struct log_entry {
    block_header header;
    std::span<std::byte const> payload; ///< points into the segment's bytes
    std::size_t offset = 0;             ///< of the payload in its file
    std::size_t segment = 0;
    bool given_up = false; ///< a commit that a later start of the process did not start from, and so went another way
};

/// Says why a commit cannot be used.
[[nodiscard]] inline std::string unusable_commit(std::int64_t time, std::string_view file, std::string_view problem)
{
    return "the commit of batch " + std::to_string(time) + " ms in " + std::string(file)
           + " cannot be used: " + std::string(problem);
}

/// All sound records of a log, and the headers of its damaged commits.
struct log_records {
    log_segments log;
    std::vector<log_entry> entries;            ///< by sequence number
    std::vector<block_header> damaged_commits; ///< of commits whose payload is damaged, but those that were given up
    std::uint64_t records_dropped = 0;
    std::uint64_t last_sequence = 0;

    [[nodiscard]] std::string const& file_of(log_entry const& entry) const { return log.segments[entry.segment].name; }

    [[nodiscard]] located_bytes<std::span<std::byte const>> located(log_entry const& entry) const
    {
        return {entry.payload, file_of(entry), entry.offset, log.segments[entry.segment].version};
    }
};

/// Reads the records of a log.
template <storage Storage>
class log_reader {
public:
    log_reader(Storage const& storage, std::string const& application)
        : storage_(storage)
        , application_(application)
    {}

    /// *Throws* `incompatible_checkpoint` for another application or a newer version, `storage_error` when listing
    /// fails.
    [[nodiscard]] log_records read(inventory const& files) &&;

private:
    /// Where the part of a segment ends that counts. What a process wrote after another one had taken over lies behind
    /// it.
    [[nodiscard]] std::vector<std::uint64_t> segment_ends() const
    {
        auto const& segments = records_.log.segments;
        constexpr auto open = std::numeric_limits<std::uint64_t>::max();
        std::vector<std::uint64_t> ends(segments.size(), open);
        for (std::size_t i = 0; i < segments.size(); ++i) {
            auto const& entry = segments[i].entry;
            ends[i] = entry.end_sequence != 0 ? entry.end_sequence : open;
            for (std::size_t later = i + 1; later < segments.size(); ++later) {
                auto const& next = segments[later].entry;
                if (next.id.generation != entry.id.generation && next.first_sequence != 0) {
                    ends[i] = std::min(ends[i], next.first_sequence);
                }
            }
        }
        return ends;
    }

    /// The newest commit that still counts when seen from each segment: later starts gave up those behind it.
    [[nodiscard]] std::vector<std::uint64_t> newest_counting_commits() const
    {
        auto const& segments = records_.log.segments;
        std::vector<std::uint64_t> newest(segments.size(), std::numeric_limits<std::uint64_t>::max());
        for (std::size_t i = 0; i < segments.size(); ++i) {
            for (std::size_t later = i + 1; later < segments.size(); ++later) {
                auto const& next = segments[later].entry;
                if (next.id.generation != segments[i].entry.id.generation && next.first_sequence != 0) {
                    newest[i] = std::min(newest[i], next.resumed_from);
                }
            }
        }
        return newest;
    }

    void note_missing(log_segment const& segment, std::uint64_t from, std::uint64_t to)
    {
        records_.records_dropped += to - from;
        records_.log.damaged = true;
        records_.log.notes.push_back(segment.name + ": expected the records " + std::to_string(from) + " to "
                                     + std::to_string(to - 1) + ", found none of them");
    }

    /// Takes the records of one segment that count.
    void take_records(std::size_t index, std::uint64_t end, std::uint64_t newest_commit)
    {
        auto& segment = records_.log.segments[index];
        bool const first_is_known = segment.entry.first_sequence != 0;
        std::uint64_t next = first_is_known ? segment.entry.first_sequence : records_.last_sequence + 1;
        std::size_t behind_last = 0; // of the sound blocks, in bytes
        for (auto const& block : segment.scan.blocks) {
            behind_last = block.offset + snapshot_format::block_header_bytes + block.payload.size();
            auto const sequence = block.header.sequence;
            using snapshot_format::block_kind;
            bool const is_record = block.header.kind == block_kind::plan || block.header.kind == block_kind::done
                                   || block.header.kind == block_kind::commit;
            if (!is_record || sequence < next || sequence >= end || sequence <= records_.last_sequence) {
                ++records_.records_dropped;
                records_.log.notes.push_back(
                    damage_at(segment.name, block.offset,
                              "a record that follows " + std::to_string(records_.last_sequence) + " and counts",
                              "record " + std::to_string(sequence) + ", which was written after the segment's end")
                        .what());
                continue;
            }
            if (sequence != next && (first_is_known || !records_.entries.empty())) {
                note_missing(segment, next, sequence);
                segment.damaged = true;
            }
            bool const given_up = block.header.kind == block_kind::commit && sequence > newest_commit;
            records_.entries.push_back(
                {block.header, block.payload, block.offset + snapshot_format::block_header_bytes, index, given_up});
            records_.last_sequence = sequence;
            next = sequence + 1;
        }
        for (auto const& damage : segment.scan.damages) {
            auto const& header = damage.header;
            if (!header || header->kind != snapshot_format::block_kind::commit || header->sequence >= end
                || header->sequence > newest_commit)
                continue;
            records_.damaged_commits.push_back(*header);
            records_.log.notes.push_back(unusable_commit(header->time, segment.name, "its record is damaged"));
        }
        if (segment.entry.end_sequence != 0 && next < segment.entry.end_sequence) {
            note_missing(segment, next, segment.entry.end_sequence);
            segment.damaged = true;
            records_.last_sequence = std::max(records_.last_sequence, segment.entry.end_sequence - 1);
        } else if (!segment.scan.damages.empty() && segment.scan.damages.back().offset >= behind_last) {
            ++records_.records_dropped;
        } else if (segment.scan.torn_at && index + 1 == records_.log.segments.size()) {
            records_.log.notes.push_back(segment.name + ", offset " + std::to_string(*segment.scan.torn_at)
                                         + ": the last record is cut short, as a crash leaves it, and does not count");
        }
    }

    Storage const& storage_;
    std::string const& application_;
    log_records records_;
};

template <storage Storage>
log_records log_reader<Storage>::read(inventory const& files) &&
{
    records_.log = segments_reader(storage_, application_).read(files);
    auto const ends = segment_ends();
    auto const newest_commits = newest_counting_commits();
    for (std::size_t i = 0; i < ends.size(); ++i) {
        take_records(i, ends[i], newest_commits[i]);
    }
    return std::move(records_);
}

} // namespace tidemark::detail
