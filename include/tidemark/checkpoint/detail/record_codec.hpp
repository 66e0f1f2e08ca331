// SPDX-License-Identifier: BSL-1.0
//
// record_codec: the payloads of PLAN and DONE to bytes and back.

#pragma once

#include <tidemark/checkpoint/detail/bytes.hpp>
#include <tidemark/checkpoint/records.hpp>
#include <tidemark/checkpoint/snapshot_format.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark::detail {

/// The bytes of a record, in whatever container, and where they were found.
template <byte_range Bytes>
struct located_bytes {
    Bytes bytes;
    std::string_view file;
    std::uint64_t offset = 0;
    std::uint32_t version = snapshot_format::version; ///< of the file

    [[nodiscard]] byte_reader reader() const { return {bytes, file, offset}; }
};

[[nodiscard]] inline std::vector<std::byte> encode_plan(plan_record const& plan)
{
    byte_writer out;
    out.count(plan.inputs.size());
    for (auto const& input : plan.inputs) {
        out.text(input.source);
        out.blob(input.input);
    }
    return out.take();
}

template <byte_range Bytes>
[[nodiscard]] plan_record decode_plan(batch_time time, located_bytes<Bytes> const& payload)
{
    byte_reader in = payload.reader();
    plan_record plan{time, {}};
    for (std::size_t left = in.count(4 + 8); left != 0; --left) {
        auto source = in.text();
        plan.inputs.push_back({std::move(source), in.blob()});
    }
    in.expect_end();
    return plan;
}

[[nodiscard]] inline std::vector<std::byte> encode_done(done_record const& done)
{
    byte_writer out;
    out.text(done.output);
    out.count(done.contributions.size());
    for (auto const& part : done.contributions) {
        out.text(part.accumulator);
        out.blob(part.bytes);
    }
    return out.take();
}

template <byte_range Bytes>
[[nodiscard]] done_record decode_done(batch_time time, located_bytes<Bytes> const& payload)
{
    byte_reader in = payload.reader();
    done_record done{time, in.text(), {}};
    for (std::size_t left = in.count(4 + 8); left != 0; --left) {
        auto accumulator = in.text();
        done.contributions.push_back({std::move(accumulator), in.blob()});
    }
    in.expect_end();
    return done;
}

} // namespace tidemark::detail
