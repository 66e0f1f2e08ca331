// SPDX-License-Identifier: BSL-1.0
//
// batch_times: evenly spaced times, as a range that stores none of them.

#pragma once

#include <tidemark/time/batch_time.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>

namespace tidemark {
namespace detail {

/// `first + index * step`. Unsigned on the way: the product alone may exceed 63 bits where the sum does not.
[[nodiscard]] constexpr batch_time nth_time(batch_time first, duration step, std::size_t index) noexcept
{
    auto const offset = static_cast<std::uint64_t>(step.count()) * index;
    return batch_time(static_cast<std::int64_t>(static_cast<std::uint64_t>(first.count()) + offset));
}

} // namespace detail

/// The times `first`, `first + step`, ... in ascending order, as a sized forward range.
class batch_times {
public:
    /// One of the times.
    class iterator {
    public:
        using iterator_concept = std::forward_iterator_tag;
        using iterator_category = std::input_iterator_tag; // its reference is not a real one
        using value_type = batch_time;
        using difference_type = std::ptrdiff_t;
        using pointer = void;
        using reference = batch_time;

        constexpr iterator() = default;

        [[nodiscard]] constexpr batch_time operator*() const noexcept
        {
            return detail::nth_time(first_, step_, index_);
        }

        constexpr iterator& operator++() noexcept
        {
            ++index_;
            return *this;
        }

        constexpr iterator operator++(int) noexcept
        {
            auto const before = *this;
            ++index_;
            return before;
        }

        [[nodiscard]] friend constexpr bool operator==(iterator const&, iterator const&) = default;

    private:
        friend class batch_times;

        constexpr iterator(batch_time first, duration step, std::size_t index) noexcept
            : first_(first)
            , step_(step)
            , index_(index)
        {}

        batch_time first_;
        duration step_{};
        std::size_t index_ = 0; // counted, because the time behind the last one may not fit into 64 bits
    };

    /// No times.
    constexpr batch_times() = default;

    /// `size` times from `first` on.
    constexpr batch_times(batch_time first, duration step, std::size_t size) noexcept
        : first_(first)
        , step_(step)
        , size_(size)
    {}

    [[nodiscard]] constexpr iterator begin() const noexcept { return {first_, step_, 0}; }
    [[nodiscard]] constexpr iterator end() const noexcept { return {first_, step_, size_}; }
    [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
    [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }

    /// The earliest time. *Requires* a range that is not empty.
    [[nodiscard]] constexpr batch_time front() const noexcept { return first_; }
    /// The latest time. *Requires* a range that is not empty.
    [[nodiscard]] constexpr batch_time back() const noexcept { return detail::nth_time(first_, step_, size_ - 1); }

    /// Whether both hold the same times.
    [[nodiscard]] friend constexpr bool operator==(batch_times const& left, batch_times const& right) noexcept
    {
        return left.size_ == right.size_ && (left.size_ == 0 || left.first_ == right.first_)
               && (left.size_ <= 1 || left.step_ == right.step_);
    }

private:
    batch_time first_;
    duration step_{};
    std::size_t size_ = 0;
};

/// `begin`, `begin + step`, ... up to and including `end`; none when `end` is before `begin`.
///
/// *Throws* `usage_error` when `step` is not positive.
[[nodiscard]] constexpr batch_times to(batch_time begin, batch_time end, duration step)
{
    detail::require_positive("tidemark::to: the step", step);
    if (end < begin)
        return {};
    // unsigned, because the distance between far ends needs all 64 bits
    auto const distance = static_cast<std::uint64_t>(end.count()) - static_cast<std::uint64_t>(begin.count());
    return {begin, step, distance / static_cast<std::uint64_t>(step.count()) + 1};
}

/// `begin`, `begin + step`, ... below `end`, which is left out.
///
/// *Throws* `usage_error` when `step` is not positive.
[[nodiscard]] constexpr batch_times until(batch_time begin, batch_time end, duration step)
{
    detail::require_positive("tidemark::until: the step", step);
    return begin < end ? to(begin, end - duration(1), step) : batch_times();
}

} // namespace tidemark
