// SPDX-License-Identifier: BSL-1.0
//
// delta_codec: what a batch has changed in the key-groups of a stage, to the payload of a delta block and back.

#pragma once

#include <tidemark/checkpoint/detail/bytes.hpp>
#include <tidemark/checkpoint/detail/record_codec.hpp>
#include <tidemark/checkpoint/records.hpp>
#include <tidemark/checkpoint/snapshot_format.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tidemark::detail {

/// How many entries and keys a delta tells of.
[[nodiscard]] inline std::uint64_t entries_of(std::vector<changed_group> const& groups)
{
    std::uint64_t entries = 0;
    for (auto const& each : groups)
        entries += each.run.put + each.run.gone;
    return entries;
}

/// How long the payload of a delta is.
[[nodiscard]] inline std::uint64_t delta_length(std::vector<changed_group> const& groups)
{
    std::uint64_t length = sizeof(std::uint32_t) + groups.size() * snapshot_format::run_entry_bytes;
    for (auto const& each : groups)
        length += each.run.bytes.size();
    return length;
}

/// A table of the runs, then the runs one after the other.
[[nodiscard]] inline std::vector<std::byte> encode_delta(std::vector<changed_group> const& groups)
{
    byte_writer out;
    out.reserve(static_cast<std::size_t>(delta_length(groups)));
    out.count(groups.size());
    for (auto const& [group, run] : groups) {
        out.number(group);
        out.number(run.put);
        out.number(run.gone);
        out.number(static_cast<std::uint64_t>(run.bytes.size()));
    }
    for (auto const& each : groups)
        out.raw(each.run.bytes);
    return out.take();
}

/// A run in the payload of a delta.
struct located_run {
    std::uint32_t group = 0;
    std::uint64_t put = 0;
    std::uint64_t gone = 0;
    std::span<std::byte const> bytes; ///< points into the payload
};

/// The runs of a delta. *Throws* `corrupt_checkpoint`.
template <byte_range Bytes>
[[nodiscard]] std::vector<located_run> decode_delta(located_bytes<Bytes> const& payload)
{
    byte_reader in = payload.reader();
    std::vector<located_run> runs(in.count(snapshot_format::run_entry_bytes));
    std::vector<std::uint64_t> sizes;
    sizes.reserve(runs.size());
    for (auto& run : runs) {
        run.group = in.template number<std::uint32_t>();
        run.put = in.template number<std::uint64_t>();
        run.gone = in.template number<std::uint64_t>();
        sizes.push_back(in.template number<std::uint64_t>());
    }
    for (std::size_t i = 0; i < runs.size(); ++i)
        runs[i].bytes = in.raw(sizes[i]);
    in.expect_end();
    return runs;
}

} // namespace tidemark::detail
