// SPDX-License-Identifier: BSL-1.0
//
// logged_plan: how a plan is told that holds the records of its batch.

#pragma once

#include <tidemark/checkpoint/input_archive.hpp>
#include <tidemark/checkpoint/serialization.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace tidemark::detail {

/// "tide-log": what such a plan begins with, and hardly any other; behind it comes the schema of the records.
inline constexpr std::uint64_t logged_plan_mark = 0x676f6c2d65646974;

/// The schema of the records that a plan holds; nothing for one that holds none. *Throws* `corrupt_checkpoint`.
[[nodiscard]] inline std::optional<std::string> logged_schema(std::span<std::byte const> plan)
{
    auto const mark = to_bytes(logged_plan_mark);
    if (plan.size() < mark.size() || !std::equal(mark.begin(), mark.end(), plan.begin()))
        return std::nullopt;
    input_archive in(plan.subspan(mark.size()));
    return load<std::string>(in);
}

} // namespace tidemark::detail
