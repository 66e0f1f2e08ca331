// SPDX-License-Identifier: BSL-1.0
//
// plays: which client has played which video and when, as a line of text, and by the hour.

#pragma once

#include "timestamp.hpp"

#include <boost/hana/adapt_struct.hpp>

#include <charconv>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace support {

inline constexpr std::int64_t hour_ms = 3'600'000;

/// A client has played a video. `at` is in milliseconds since the epoch.
struct play {
    std::string video;
    std::string client;
    std::int64_t at = 0;

    friend bool operator==(play const&, play const&) = default;
};

/// A video in the hour that ends at `end`, in milliseconds since the epoch.
struct video_hour {
    std::string video;
    std::int64_t end = 0;

    friend bool operator==(video_hour const&, video_hour const&) = default;
    friend auto operator<=>(video_hour const&, video_hour const&) = default;
};

/// How often a video was played in an hour, so far.
using hits = std::pair<video_hour, std::int64_t>;

/// Reads `video-935,client-17,1552859040000`: video, client, time. Nothing for any other line.
[[nodiscard]] inline std::optional<play> parse_play(std::string_view line)
{
    constexpr std::int64_t end_of_year_9998 =
        253'370'764'800'000; // what can be written with four digits, hour end included
    auto const first = line.find(',');
    auto const second = first == std::string_view::npos ? first : line.find(',', first + 1);
    if (second == std::string_view::npos || first == 0 || second == first + 1)
        return std::nullopt;
    auto const digits = line.substr(second + 1);
    std::int64_t at = 0;
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), at);
    if (error != std::errc() || end != digits.data() + digits.size() || at < 0 || at >= end_of_year_9998)
        return std::nullopt;
    return play{std::string(line.substr(0, first)), std::string(line.substr(first + 1, second - first - 1)), at};
}

/// The play as a record of its video and hour, counting one. An hour ends where the next begins: a play at 22:00 sharp
/// belongs to the hour that ends at 23:00.
[[nodiscard]] inline std::pair<video_hour, std::int64_t> by_video_and_hour(play played)
{
    return {video_hour{std::move(played.video), (played.at / hour_ms + 1) * hour_ms}, 1};
}

/// `video-935, 2019-03-17 23:00:00.0, 18`
[[nodiscard]] inline std::string line_of(hits const& one)
{
    return one.first.video + ", " + format_timestamp(one.first.end) + ", " + std::to_string(one.second);
}

} // namespace support

BOOST_HANA_ADAPT_STRUCT(support::video_hour, video, end);
