// SPDX-License-Identifier: BSL-1.0
//
// window_dataset: the records of the batches that one window covers.

#pragma once

#include <tidemark/execution/dataset.hpp>
#include <tidemark/execution/executor.hpp>
#include <tidemark/execution/key_layout.hpp>
#include <tidemark/execution/plain_datasets.hpp>
#include <tidemark/runtime/state_datasets.hpp>
#include <tidemark/time/batch_time.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// One of the batches that a window covers. It has the same number, which grows with time, in every window and every run.
template <typename Record>
struct window_pane_at {
    std::int64_t number;
    std::shared_ptr<partitioned<Record> const> rows;
    std::optional<key_partitioning> layout; ///< How its keys lie, where that is known.
};

/// The batches that one window covers, found when it is read. Where the keys of all of them lie alike, so do the
/// window's: a partition holds that partition of each batch, the oldest first. Else it is one batch after the other.
template <typename Record>
class window_dataset final : public dataset<Record> {
public:
    using pane = window_pane_at<Record>;

    /// `layout`: how the keys lie in each of the batches, where that is known and the same.
    explicit window_dataset(batch_time time, std::optional<key_partitioning> layout = std::nullopt)
        : layout_(std::move(layout))
        , time_(time)
    {}

    /// The stage has run: the panes of the window, the oldest first, and the number of the last one that it may have.
    void fill(std::vector<pane> panes, std::int64_t last)
    {
        panes_ = std::move(panes);
        last_ = last;
        ready_.store(true, std::memory_order_release);
    }
    /// One of the batches is missing: whoever reads the window is told why.
    void fail(std::exception_ptr why)
    {
        failure_ = std::move(why);
        ready_.store(true, std::memory_order_release);
    }

    [[nodiscard]] std::size_t partitions() const override
    {
        if (layout_)
            return layout_->partitions;
        std::size_t total = 0;
        for (auto const& each : panes_)
            total += each.rows->size();
        return total;
    }
    [[nodiscard]] std::optional<key_partitioning> partitioning() const override { return layout_; }
    [[nodiscard]] std::string describe() const override { return "window"; }
    void prepare(any_executor const&) override
    {
        if (!ready_.load(std::memory_order_acquire))
            throw detail::not_computed_yet(time_);
        if (failure_)
            std::rethrow_exception(failure_);
    }
    void feed(std::size_t partition, any_sink<Record>& out) override
    {
        for (auto const& each : panes_) {
            auto const& rows = *each.rows;
            if (layout_)
                feed_row<Record>(rows[partition], out);
            else if (partition < rows.size())
                return feed_row<Record>(rows[partition], out);
            else
                partition -= rows.size();
        }
    }

    // Once it is ready.

    [[nodiscard]] std::vector<pane> const& panes() const { return panes_; }
    [[nodiscard]] std::int64_t last_number() const { return last_; }
    [[nodiscard]] batch_time time() const { return time_; }

private:
    std::optional<key_partitioning> layout_;
    std::vector<pane> panes_;
    std::int64_t last_ = 0;
    std::exception_ptr failure_;
    batch_time time_;
    std::atomic<bool> ready_{false};
};

} // namespace tidemark
