// SPDX-License-Identifier: BSL-1.0
//
// rows_dataset: a collection whose rows are made together at the first use and then held; what is lost is made again.

#pragma once

#include <tidemark/execution/held_partitions.hpp>
#include <tidemark/execution/plain_datasets.hpp>

#include <cstddef>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace tidemark {

/// What datasets that hold their rows have in common.
template <typename Record>
class rows_dataset : public dataset<Record> {
public:
    [[nodiscard]] std::size_t partitions() const final { return partitions_; }

    [[nodiscard]] bool holds_records() const final
    {
        std::scoped_lock const lock(preparing_);
        return held_ && held_->complete();
    }

    /// All partitions, or those that were lost.
    void prepare(any_executor const& executor) final
    {
        std::scoped_lock const once(preparing_);
        if (held_ && held_->complete())
            return;
        auto const parts = open(executor);
        if (!held_) {
            held_.emplace(parts);
            partitions_ = parts;
        }
        auto const missing = held_->missing();
        auto fresh = make(missing, executor);
        for (std::size_t number = 0; number < missing.size(); ++number)
            held_->put(missing[number], std::move(fresh[number]));
    }

    void lose(std::size_t partition) final
    {
        std::scoped_lock const lock(preparing_);
        if (held_)
            held_->lose(partition);
    }

    void feed(std::size_t partition, any_sink<Record>& out) final { feed_row(*held_->at(partition), out); }

private:
    /// Prepares what the rows are made of. Gives the number of partitions, the same one each time.
    [[nodiscard]] virtual std::size_t open(any_executor const& executor) = 0;

    /// The rows of the partitions in `wanted`, in that order.
    [[nodiscard]] virtual partitioned<Record> make(std::vector<std::size_t> const& wanted,
                                                   any_executor const& executor) = 0;

    mutable std::mutex preparing_;
    std::optional<held_partitions<Record>> held_;
    std::size_t partitions_ = 0;
};

} // namespace tidemark
