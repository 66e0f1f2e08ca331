// SPDX-License-Identifier: BSL-1.0
//
// timestamp: points in time as people write them, in UTC, to and from milliseconds since the epoch.

#pragma once

#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

namespace support {

/// `2019-03-17 21:44:00.0`, as `java.sql.Timestamp.toString` writes it: the fraction has at least one digit and no zero
/// behind another one. *Requires* a year from 0 to 9999.
[[nodiscard]] inline std::string format_timestamp(std::int64_t ms)
{
    namespace chrono = std::chrono;
    chrono::sys_time<chrono::milliseconds> const time{chrono::milliseconds(ms)};
    auto const midnight = chrono::floor<chrono::days>(time);
    chrono::year_month_day const date(midnight);
    chrono::hh_mm_ss const clock(time - midnight);
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02u %02d:%02d:%02d.%03d", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
    std::string line(text.data());
    for (int cut = 0; cut < 2 && line.back() == '0'; ++cut)
        line.pop_back();
    return line;
}

/// `2019-03-17 21:44:00`, with or without seconds, with a T where the space is; nothing for any other text.
[[nodiscard]] inline std::optional<std::int64_t> parse_timestamp(std::string_view text)
{
    namespace chrono = std::chrono;
    auto const number = [text](std::size_t at, std::size_t digits) {
        int value = -1;
        auto const* const end = text.data() + at + digits;
        auto const read = std::from_chars(text.data() + at, end, value);
        return read.ptr == end && value >= 0 ? value : -1;
    };
    bool const seconds = text.size() == 19;
    if ((!seconds && text.size() != 16) || text[4] != '-' || text[7] != '-' || (text[10] != ' ' && text[10] != 'T')
        || text[13] != ':' || (seconds && text[16] != ':'))
        return std::nullopt;
    int const hour = number(11, 2);
    int const minute = number(14, 2);
    int const second = seconds ? number(17, 2) : 0;
    int const month = number(5, 2);
    int const day = number(8, 2);
    int const year = number(0, 4);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 || year < 0 || month < 0
        || day < 0)
        return std::nullopt;
    chrono::year_month_day const date{chrono::year(year), chrono::month(static_cast<unsigned>(month)),
                                      chrono::day(static_cast<unsigned>(day))};
    if (!date.ok())
        return std::nullopt;
    auto const time = chrono::sys_days(date) + chrono::hours(hour) + chrono::minutes(minute) + chrono::seconds(second);
    return chrono::duration_cast<chrono::milliseconds>(time.time_since_epoch()).count();
}

} // namespace support
