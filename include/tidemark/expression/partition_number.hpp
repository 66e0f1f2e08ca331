// SPDX-License-Identifier: BSL-1.0
//
// partition_number: a number of partitions that a program asks for, checked.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/core/settings.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tidemark {

/// A number of partitions, or nothing for the operator's default.
using partition_number = std::optional<std::size_t>;

/// The number that the operator called `name` was given. *Throws* `config_error` unless it is 1 to `most_partitions`.
template <std::integral Number>
[[nodiscard]] std::size_t checked_partitions(std::string_view name, Number asked)
{
    if (asked < 1 || static_cast<std::size_t>(asked) > most_partitions)
        throw config_error("tidemark::" + std::string(name) + ": " + std::to_string(asked) + " partitions; give 1 to "
                           + std::to_string(most_partitions));
    return static_cast<std::size_t>(asked);
}

/// The same, or nothing.
[[nodiscard]] inline partition_number checked_partitions(std::string_view name, partition_number asked)
{
    return asked ? partition_number(checked_partitions(name, *asked)) : asked;
}

} // namespace tidemark
