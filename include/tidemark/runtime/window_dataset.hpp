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
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// The batches that one window covers, found when it is read. Where the keys of all of them lie alike, so do the
/// window's: a partition holds that partition of each batch, the oldest first. Else it is one batch after the other.
template <typename Record>
class window_dataset final : public dataset<Record> {
public:
    using pane_ptr = std::shared_ptr<partitioned<Record> const>;

    /// `layout`: how the keys lie in each of the batches, where that is known and the same.
    explicit window_dataset(batch_time time, std::optional<key_partitioning> layout = std::nullopt)
        : layout_(std::move(layout))
        , time_(time)
    {}

    /// The stage has run: the panes of the window, the oldest first.
    void fill(std::vector<pane_ptr> panes)
    {
        panes_ = std::move(panes);
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
        for (auto const& pane : panes_)
            total += pane->size();
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
        for (auto const& pane : panes_) {
            if (layout_)
                feed_row<Record>((*pane)[partition], out);
            else if (partition < pane->size())
                return feed_row<Record>((*pane)[partition], out);
            else
                partition -= pane->size();
        }
    }

private:
    std::optional<key_partitioning> layout_;
    std::vector<pane_ptr> panes_;
    std::exception_ptr failure_;
    batch_time time_;
    std::atomic<bool> ready_{false};
};

} // namespace tidemark
