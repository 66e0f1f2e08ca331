// SPDX-License-Identifier: BSL-1.0
//
// start_validation: what Spark refuses of a stream with states at its start. Ours has no storage levels, and no state
// hangs on what is remembered.

#pragma once

#include <cstdint>
#include <optional>

namespace spark_model {

enum class start_problem : unsigned char {
    none,
    no_directory,
    below_slide,
    no_multiple,
    not_persisted,
    remembers_too_little
};

/// All in milliseconds.
struct stream_at_start {
    std::int64_t slide = 0;
    std::int64_t interval = 0;
    bool directory = true;
    bool persisted = true;                   ///< A storage level is set.
    std::optional<std::int64_t> remembers{}; ///< Where it is not twice the interval.
};

/// The first problem, in the order in which they are looked for.
[[nodiscard]] inline start_problem problem_of(stream_at_start const& stream)
{
    if (!stream.directory)
        return start_problem::no_directory;
    if (stream.interval < stream.slide)
        return start_problem::below_slide;
    if (stream.interval % stream.slide != 0)
        return start_problem::no_multiple;
    if (!stream.persisted)
        return start_problem::not_persisted;
    if (stream.remembers && *stream.remembers <= stream.interval)
        return start_problem::remembers_too_little;
    return start_problem::none;
}

} // namespace spark_model
