// SPDX-License-Identifier: BSL-1.0
//
// policy: how often a stage asks for a commit, and the rules that an interval must keep.

#pragma once

#include <tidemark/time/slide.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace tidemark {

/// The rules for a checkpoint interval on a stream, where the compiler knows both.
template <std::int64_t IntervalMs, std::int64_t SlideMs>
struct checkpoint_interval_rules {
    static_assert(IntervalMs > 0, "tidemark::checkpoint_every: the checkpoint interval is not positive; "
                                  "pass a positive multiple of the stream's slide");
    static_assert(IntervalMs <= 0 || IntervalMs >= SlideMs,
                  "tidemark::checkpoint_every: the checkpoint interval is smaller than the stream's slide; "
                  "pass a positive multiple of the stream's slide");
    static_assert(IntervalMs < SlideMs || IntervalMs % SlideMs == 0,
                  "tidemark::checkpoint_every: the checkpoint interval is not a multiple of the stream's slide; "
                  "pass a positive multiple of the stream's slide");

    static constexpr bool value = true;
};

/// The same rules at run time: nothing, or what is wrong with the interval of the stage `stage`.
[[nodiscard]] inline std::optional<std::string> checkpoint_interval_problem(duration interval, duration slide,
                                                                            std::string const& stage)
{
    std::string what;
    if (interval <= duration::zero())
        what = "the checkpoint interval is not positive";
    else if (interval < slide)
        what = "the checkpoint interval is smaller than the stream's slide";
    else if (interval % slide != duration::zero())
        what = "the checkpoint interval is not a multiple of the stream's slide";
    else
        return std::nullopt;
    return "tidemark::checkpoint_every: " + what + "; pass a positive multiple of the stream's slide (found "
           + to_string(interval) + " on a slide of " + to_string(slide) + ", stage " + stage + ")";
}

/// The interval of a state for which the program gives none: the smallest multiple of the slide that is at least 10 s; 0
/// for a slide that is not positive, which `application()` refuses.
[[nodiscard]] constexpr std::int64_t default_checkpoint_ms(std::int64_t slide_ms)
{
    return slide_ms > 0 ? slide_ms * ((10'000 + slide_ms - 1) / slide_ms) : 0;
}

/// That of `map_with_state`: ten slides.
[[nodiscard]] constexpr std::int64_t default_map_with_state_checkpoint_ms(std::int64_t slide_ms)
{
    return 10 * slide_ms;
}

/// A policy that leaves the interval to the stage's default.
struct default_interval {};

/// A policy with an interval of its own: commit at least this often. `Interval` is a `static_slide` or a
/// `dynamic_slide`.
template <slide Interval>
struct given_interval {
    Interval interval;
};

} // namespace tidemark
