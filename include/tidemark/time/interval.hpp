// SPDX-License-Identifier: BSL-1.0
//
// interval: a span of time from one point to another.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/time/batch_time.hpp>

#include <compare>
#include <string>

namespace tidemark {

/// The span from `begin` to `end`; both ends belong to it when it selects batches.
struct interval {
    batch_time begin;
    batch_time end;

    [[nodiscard]] constexpr duration length() const noexcept { return end - begin; }

    /// Whether a batch of `time` is selected.
    [[nodiscard]] constexpr bool contains(batch_time time) const noexcept { return begin <= time && time <= end; }

    [[nodiscard]] friend constexpr bool operator==(interval const&, interval const&) = default;
};

/// `<begin>` and `<end>` in brackets: `[1000 ms, 2000 ms]`.
[[nodiscard]] inline std::string to_string(interval const& span)
{
    return '[' + to_string(span.begin) + ", " + to_string(span.end) + ']';
}

/// The interval so much later.
[[nodiscard]] constexpr interval operator+(interval const& span, duration shift) noexcept
{
    return {span.begin + shift, span.end + shift};
}

/// The interval so much earlier.
[[nodiscard]] constexpr interval operator-(interval const& span, duration shift) noexcept
{
    return {span.begin - shift, span.end - shift};
}

namespace detail {

[[noreturn]] inline void refuse_interval_order(interval const& left, interval const& right)
{
    throw usage_error("tidemark::interval: " + to_string(left) + " lasts " + to_string(left.length()) + " and "
                      + to_string(right) + " lasts " + to_string(right.length())
                      + "; only intervals of equal length have an order, so compare their begin or their end");
}

} // namespace detail

/// Orders intervals of equal length in time.
///
/// *Throws* `usage_error` when the lengths differ.
[[nodiscard]] constexpr std::strong_ordering operator<=>(interval const& left, interval const& right)
{
    if (left.length() != right.length())
        detail::refuse_interval_order(left, right);
    return left.end <=> right.end;
}

} // namespace tidemark
