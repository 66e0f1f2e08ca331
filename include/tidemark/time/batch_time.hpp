// SPDX-License-Identifier: BSL-1.0
//
// batch_time: a point in time, and the name of the batch whose interval ends there.

#pragma once

#include <tidemark/time/duration.hpp>

#include <compare>
#include <cstdint>
#include <iosfwd>
#include <string>

namespace tidemark {

/// A point in time, in milliseconds since the Unix epoch. A batch is named by the end of its interval.
class batch_time {
public:
    /// The epoch.
    constexpr batch_time() = default;
    constexpr explicit batch_time(std::int64_t milliseconds) noexcept
        : count_(milliseconds)
    {}

    /// Milliseconds since the epoch.
    [[nodiscard]] constexpr std::int64_t count() const noexcept { return count_; }

    constexpr batch_time& operator+=(duration step) noexcept
    {
        count_ += step.count();
        return *this;
    }

    constexpr batch_time& operator-=(duration step) noexcept
    {
        count_ -= step.count();
        return *this;
    }

    [[nodiscard]] friend constexpr batch_time operator+(batch_time time, duration step) noexcept
    {
        return time += step;
    }

    [[nodiscard]] friend constexpr batch_time operator+(duration step, batch_time time) noexcept
    {
        return time += step;
    }

    [[nodiscard]] friend constexpr batch_time operator-(batch_time time, duration step) noexcept
    {
        return time -= step;
    }

    [[nodiscard]] friend constexpr duration operator-(batch_time to, batch_time from) noexcept
    {
        return duration(to.count_ - from.count_);
    }

    /// As Boost.Serialization asks for it.
    template <typename Archive>
    constexpr void serialize(Archive& archive, unsigned)
    {
        archive & count_;
    }

    [[nodiscard]] friend constexpr bool operator==(batch_time, batch_time) = default;
    [[nodiscard]] friend constexpr std::strong_ordering operator<=>(batch_time, batch_time) = default;

private:
    std::int64_t count_ = 0;
};

/// `time` moved onto the grid `zero + k * step`, towards `zero`: down after it, up before it.
///
/// *Throws* `usage_error` when `step` is not positive.
[[nodiscard]] constexpr batch_time floor(batch_time time, duration step, batch_time zero)
{
    detail::require_positive("tidemark::floor: the step", step);
    return zero + (time - zero) / step * step; // integer division truncates: that is the rule
}

/// `time` moved onto the multiples of `step`, towards the epoch.
///
/// *Throws* `usage_error` when `step` is not positive.
[[nodiscard]] constexpr batch_time floor(batch_time time, duration step) { return floor(time, step, batch_time()); }

/// Whether `time` lies a whole number of `step`s from the epoch.
[[nodiscard]] constexpr bool is_multiple_of(batch_time time, duration step) noexcept
{
    return is_multiple_of(time - batch_time(), step);
}

/// The count with its unit: `1000 ms`.
[[nodiscard]] inline std::string to_string(batch_time time) { return std::to_string(time.count()) + " ms"; }

/// Writes what `to_string` gives. The stream's own header, as `<iostream>`, is the program's to include.
template <typename Traits>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, batch_time time)
{
    return out << to_string(time);
}

} // namespace tidemark
