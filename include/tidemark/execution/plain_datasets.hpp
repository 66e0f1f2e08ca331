// SPDX-License-Identifier: BSL-1.0
//
// plain_datasets: collections that hold their records, and the row of several collections.

#pragma once

#include <tidemark/execution/dataset.hpp>
#include <tidemark/expression/row.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <iterator>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// The records of each partition, in a row of its own.
template <typename Record>
using partitioned = std::vector<row<Record>>;

/// `records` cut into `parts` contiguous slices of nearly equal length, as Spark's `parallelize` cuts them.
template <typename Record>
[[nodiscard]] partitioned<Record> slice_evenly(row<Record> records, std::size_t parts)
{
    partitioned<Record> slices(parts);
    for (std::size_t i = 0; i < parts; ++i) {
        auto const from = static_cast<std::ptrdiff_t>(i * records.size() / parts);
        auto const to = static_cast<std::ptrdiff_t>((i + 1) * records.size() / parts);
        slices[i].assign(std::make_move_iterator(records.begin() + from),
                         std::make_move_iterator(records.begin() + to));
    }
    return slices;
}

/// Gives all records of a row to `out`.
template <typename Record>
void feed_row(row<Record> const& records, any_sink<Record>& out)
{
    feed_all(std::span<Record const>(records.data(), records.size()), out);
}

/// A collection in memory. Its records are shared and never moved from.
template <typename Record>
class stored_dataset final : public dataset<Record> {
public:
    explicit stored_dataset(partitioned<Record> records)
        : records_(std::make_shared<partitioned<Record> const>(std::move(records)))
    {}
    explicit stored_dataset(std::shared_ptr<partitioned<Record> const> records)
        : records_(std::move(records))
    {}

    [[nodiscard]] std::size_t partitions() const override { return records_->size(); }
    [[nodiscard]] bool holds_records() const override { return true; }
    void feed(std::size_t partition, any_sink<Record>& out) override { feed_row((*records_)[partition], out); }

private:
    std::shared_ptr<partitioned<Record> const> records_;
};

/// The partitions of several collections, one collection after the other. It counts them once, for unions of unions of
/// unions, which loops make.
template <typename Record>
class merged_dataset final : public dataset<Record> {
public:
    explicit merged_dataset(std::vector<dataset_ptr<Record>> const& parts)
        : parts_(parts.begin(), parts.end())
    {}

    [[nodiscard]] std::size_t partitions() const override
    {
        return is_counted_.load(std::memory_order_acquire) ? ends_.back() : ends_of_parts().back();
    }

    void prepare(any_executor const& /*executor*/) override
    {
        std::call_once(counting_, [this] {
            ends_ = ends_of_parts();
            is_counted_.store(true, std::memory_order_release);
        });
    }

    [[nodiscard]] std::vector<lineage_edge> parents() const override
    {
        std::vector<lineage_edge> all;
        for (auto const& part : parts_)
            all.push_back({part.get()});
        return all;
    }

    [[nodiscard]] std::string describe() const override { return "union_"; }

    void feed(std::size_t partition, any_sink<Record>& out) override
    {
        auto const end = std::upper_bound(ends_.begin(), ends_.end(), partition); // ends_[0] is 0, so not the first
        parts_[static_cast<std::size_t>(end - ends_.begin()) - 1]->feed(partition - *(end - 1), out);
    }

private:
    /// 0, and behind each part how many partitions there are up to it.
    [[nodiscard]] std::vector<std::size_t> ends_of_parts() const
    {
        std::vector<std::size_t> ends{0};
        for (auto const& part : parts_)
            ends.push_back(ends.back() + part->partitions());
        return ends;
    }

    std::vector<lineage_ptr<dataset<Record>>> parts_;
    std::once_flag counting_;
    std::atomic<bool> is_counted_{false};
    std::vector<std::size_t> ends_; // with counting_
};

} // namespace tidemark
