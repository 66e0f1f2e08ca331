// SPDX-License-Identifier: BSL-1.0
//
// memory_input: records in memory as the input of a batch.

#pragma once

#include <tidemark/execution/dataset.hpp>
#include <tidemark/expression/row.hpp>
#include <tidemark/stream/source.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace tidemark::detail {

/// Records that are shared and never moved from, in slices of nearly equal length.
template <typename Record>
class sliced_dataset final : public dataset<Record> {
public:
    sliced_dataset(std::shared_ptr<row<Record> const> records, std::size_t slices)
        : records_(std::move(records))
        , slices_(slices)
    {}

    [[nodiscard]] std::size_t partitions() const override { return slices_; }

    void feed(std::size_t partition, any_sink<Record>& out) override
    {
        auto const from = begin_of(partition);
        feed_all(std::span<Record const>(*records_).subspan(from, begin_of(partition + 1) - from), out);
    }

private:
    [[nodiscard]] std::size_t begin_of(std::size_t slice) const
    {
        auto const size = records_->size();
        return size / slices_ * slice + std::min(slice, size % slices_);
    }

    std::shared_ptr<row<Record> const> records_;
    std::size_t slices_;
};

struct fixed_count {
    std::uint64_t count;
    std::uint64_t operator()() const { return count; }
};

/// `records` in `partitions` slices, or fewer where that would leave empty ones; nothing has no partition.
template <typename Record>
[[nodiscard]] batch_input<Record> memory_input(std::vector<Record> records, std::size_t partitions,
                                               std::vector<std::byte> plan = {})
{
    auto const size = records.size();
    auto kept = std::make_shared<row<Record> const>(row_of(std::move(records)));
    return {std::make_shared<sliced_dataset<Record>>(std::move(kept), std::min(size, partitions)), std::move(plan),
            fixed_count{size}};
}

/// No dataset at all.
template <typename Record>
[[nodiscard]] batch_input<Record> missing_input(std::vector<std::byte> plan = {})
{
    return {nullptr, std::move(plan), fixed_count{0}};
}

} // namespace tidemark::detail
