// SPDX-License-Identifier: BSL-1.0
//
// partition_view: the records of one partition, as a view.

#pragma once

#include <tidemark/expression/row.hpp>

#include <range/v3/range_fwd.hpp>

#include <cstddef>
#include <ranges>

namespace tidemark {

/// The records of one partition: a random access view that the adaptors of range-v3 and of the standard library take.
///
/// Valid until the function that was given it has returned and its result has been iterated over.
template <typename Record>
class partition_view : public ranges::view_base {
public:
    partition_view() = default;
    explicit partition_view(row<Record> const& records)
        : begin_(records.data())
        , end_(records.data() + records.size())
    {}

    [[nodiscard]] Record const* begin() const { return begin_; }
    [[nodiscard]] Record const* end() const { return end_; }
    [[nodiscard]] Record const* data() const { return begin_; }
    [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(end_ - begin_); }
    [[nodiscard]] bool empty() const { return begin_ == end_; }
    /// *Requires* `place < size()`; `front` and `back` a partition that is not empty.
    [[nodiscard]] Record const& operator[](std::size_t place) const { return begin_[place]; }
    [[nodiscard]] Record const& front() const { return *begin_; }
    [[nodiscard]] Record const& back() const { return *(end_ - 1); }

private:
    Record const* begin_ = nullptr;
    Record const* end_ = nullptr;
};

} // namespace tidemark

template <typename Record>
inline constexpr bool std::ranges::enable_view<tidemark::partition_view<Record>> = true;
