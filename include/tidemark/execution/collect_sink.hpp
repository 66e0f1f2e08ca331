// SPDX-License-Identifier: BSL-1.0
//
// collect_sink: ends of fused loops that keep the records, and the dataset that computes its parent once.

#pragma once

#include <tidemark/execution/pipeline.hpp>
#include <tidemark/execution/plain_datasets.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace tidemark {

/// Appends all records to a row.
template <typename Record>
class collect_sink {
public:
    explicit collect_sink(row<Record>& out)
        : out_(&out)
    {}

    void operator()(Record const& value) { out_->push_back(value); }
    void operator()(Record&& value) { out_->push_back(std::move(value)); }
    void chunk(std::span<Record const> values)
        requires chunkable<Record>
    {
        for (auto const& value : values)
            out_->push_back(value);
    }
    void finish() {}
    [[nodiscard]] bool done() const { return false; }

private:
    row<Record>* out_;
};

/// Computes every partition of `line`.
template <typename Chain>
[[nodiscard]] partitioned<typename Chain::output> collect_partitions(pipeline<Chain> const& line,
                                                                     any_executor const& executor)
{
    line.prepare(executor);
    partitioned<typename Chain::output> all(line.partitions());
    auto one = [&](std::size_t partition) {
        row<typename Chain::output> records; // neighbours share cache lines, and other threads grow them
        line.run(partition, collect_sink<typename Chain::output>(records));
        all[partition] = std::move(records);
    };
    executor.attempt(all.size(), one);
    return all;
}

/// A collection that is computed at its first use and then kept.
template <typename Chain>
class kept_dataset final : public dataset<typename Chain::output> {
public:
    using record_type = typename Chain::output;

    explicit kept_dataset(pipeline<Chain> line)
        : partitioning_(line.partitioning())
        , line_(std::move(line))
    {}

    [[nodiscard]] std::size_t partitions() const override
    {
        if (holds_records())
            return records_->size();
        std::scoped_lock const lock(preparing_);
        return records_ ? records_->size() : line_->partitions();
    }
    /// Without the mutex: tasks ask, and who prepares waits for those of others.
    [[nodiscard]] bool holds_records() const override { return ready_.load(std::memory_order_acquire); }
    [[nodiscard]] std::vector<lineage_edge> parents() const override
    {
        std::scoped_lock const lock(preparing_);
        return line_ ? std::vector<lineage_edge>{line_->edge()} : std::vector<lineage_edge>();
    }

    [[nodiscard]] std::optional<key_partitioning> partitioning() const override { return partitioning_; }

    void prepare(any_executor const& executor) override
    {
        std::scoped_lock const once(preparing_);
        if (records_)
            return;
        records_ = std::make_shared<partitioned<record_type> const>(collect_partitions(*line_, executor));
        ready_.store(true, std::memory_order_release);
        line_.reset(); // what it was made from may go
    }

    void feed(std::size_t partition, any_sink<record_type>& out) override { feed_row((*records_)[partition], out); }

    /// The records, once `prepare` has been called.
    [[nodiscard]] std::shared_ptr<partitioned<record_type> const> const& records() const { return records_; }

private:
    mutable std::mutex preparing_;
    std::optional<key_partitioning> partitioning_;
    std::optional<pipeline<Chain>> line_;
    std::shared_ptr<partitioned<record_type> const> records_;
    std::atomic<bool> ready_ = false; // that there are records
};

} // namespace tidemark
