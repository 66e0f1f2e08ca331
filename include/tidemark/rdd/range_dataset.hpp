// SPDX-License-Identifier: BSL-1.0
//
// range_dataset: evenly spaced integers that are made as they are read.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/execution/dataset.hpp>
#include <tidemark/expression/chunk.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tidemark {

/// `first`, `first + step` ... before `last`, in slices of nearly equal length. A negative step goes down.
template <std::signed_integral Integer>
class basic_range_dataset final : public dataset<Integer> {
public:
    /// *Requires* at least one partition. *Throws* `config_error` when the step is 0.
    basic_range_dataset(Integer first, Integer last, Integer step, std::size_t partitions)
        : first_(static_cast<std::uint64_t>(first))
        , step_(static_cast<std::uint64_t>(step))
        , size_(size_of(first, last, step))
        , partitions_(partitions)
    {}

    [[nodiscard]] std::size_t partitions() const override { return partitions_; }

    void feed(std::size_t partition, any_sink<Integer>& out) override
    {
        auto const end = begin_of(partition + 1);
        std::vector<Integer> some;
        for (auto next = begin_of(partition); next != end && !out.done(); some.clear()) {
            auto const stop = next + std::min<std::uint64_t>(end - next, chunk_records);
            for (; next != stop; ++next)
                some.push_back(static_cast<Integer>(first_ + next * step_)); // unsigned, for it may wrap around
            out.take_chunk(some);
        }
    }

private:
    [[nodiscard]] static std::uint64_t size_of(Integer first, Integer last, Integer step)
    {
        if (step == 0)
            throw config_error("tidemark::range: the step is 0; give 1 to go up, -1 to go down");
        if (step > 0 ? first >= last : first <= last)
            return 0;
        auto const from = static_cast<std::uint64_t>(first);
        auto const to = static_cast<std::uint64_t>(last);
        auto const way = step > 0 ? to - from : from - to;
        auto const stride = step > 0 ? static_cast<std::uint64_t>(step) : 0 - static_cast<std::uint64_t>(step);
        return way / stride + (way % stride != 0);
    }

    [[nodiscard]] std::uint64_t begin_of(std::size_t partition) const
    {
        return size_ / partitions_ * partition + std::min<std::uint64_t>(partition, size_ % partitions_);
    }

    std::uint64_t first_;
    std::uint64_t step_;
    std::uint64_t size_;
    std::size_t partitions_;
};

/// The range of whole numbers that `rdd_context::range` makes.
using range_dataset = basic_range_dataset<std::int64_t>;

} // namespace tidemark
