// SPDX-License-Identifier: BSL-1.0
//
// part_names: how the files in a directory of results are called.

#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace tidemark {

/// The file that says that a directory of results is whole; Spark's name for it.
inline constexpr std::string_view finished_mark = "_SUCCESS";

/// The file of one partition: `part-00000`, with more digits where five are not enough.
[[nodiscard]] inline std::string part_name(std::size_t partition)
{
    auto const digits = std::to_string(partition);
    return "part-" + std::string(5 - std::min<std::size_t>(5, digits.size()), '0') + digits;
}

} // namespace tidemark
