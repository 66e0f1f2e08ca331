// SPDX-License-Identifier: BSL-1.0
//
// window_dataset: the records of the batches that one window covers.

#pragma once

#include <tidemark/execution/dataset.hpp>
#include <tidemark/execution/executor.hpp>
#include <tidemark/execution/plain_datasets.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <utility>
#include <vector>

namespace tidemark {

/// The batches that one window covers, found when it is read.
template <typename Record>
class window_dataset final : public dataset<Record> {
public:
    using pane_ptr = std::shared_ptr<partitioned<Record> const>;

    /// The stage has run: the panes of the window, the oldest first.
    void fill(std::vector<pane_ptr> panes) { panes_ = std::move(panes); }
    /// One of the batches is missing: whoever reads the window is told why.
    void fail(std::exception_ptr why) { failure_ = std::move(why); }

    [[nodiscard]] std::size_t partitions() const override
    {
        std::size_t total = 0;
        for (auto const& pane : panes_)
            total += pane->size();
        return total;
    }
    void prepare(any_executor const&) override
    {
        if (failure_)
            std::rethrow_exception(failure_);
    }
    void feed(std::size_t partition, any_sink<Record>& out) override
    {
        for (auto const& pane : panes_) {
            if (partition < pane->size())
                return feed_row<Record>((*pane)[partition], out);
            partition -= pane->size();
        }
    }

private:
    std::vector<pane_ptr> panes_;
    std::exception_ptr failure_;
};

} // namespace tidemark
