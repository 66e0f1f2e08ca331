// SPDX-License-Identifier: BSL-1.0
//
// sliding_dataset: the pairs of one window joined by key, made from those of the window before.

#pragma once

#include <tidemark/core/owner.hpp>
#include <tidemark/execution/held_partitions.hpp>
#include <tidemark/execution/key_placement.hpp>
#include <tidemark/execution/plain_datasets.hpp>
#include <tidemark/runtime/sliding_window.hpp>
#include <tidemark/runtime/window_dataset.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// The last window that was computed of a stage, which the next one begins with.
template <typename Key, typename Value, typename Aggregation>
struct last_window {
    std::mutex mutex; ///< Of what follows.
    owner<sliding_window<Key, Value, Aggregation>> window;
    std::optional<batch_time> time;
};

/// The pairs of one window, a value for each key, in unspecified order.
template <typename Key, typename Value, typename Aggregation>
class sliding_dataset final : public dataset<std::pair<Key, Value>> {
public:
    using record_type = std::pair<Key, Value>;
    using window_type = sliding_window<Key, Value, Aggregation>;
    using last_type = last_window<Key, Value, Aggregation>;

    /// What all datasets of a stage have in common.
    struct shape {
        Aggregation aggregation;
        std::int64_t width; ///< Batches that a window covers.
        std::shared_ptr<last_type> last;
    };

    sliding_dataset(std::shared_ptr<window_dataset<record_type>> covered, shape form, key_placement<Key> placement)
        : covered_(std::move(covered))
        , shape_(std::move(form))
        , placement_(std::move(placement))
        , alike_(placement_.is_that_of(covered_->partitioning()))
        , joined_(placement_.layout.partitions)
    {}

    [[nodiscard]] std::size_t partitions() const override { return placement_.layout.partitions; }
    [[nodiscard]] std::vector<lineage_edge> parents() const override
    {
        return {{covered_, alike_ ? dependency::narrow : dependency::wide}};
    }
    [[nodiscard]] bool holds_records() const override
    {
        std::scoped_lock const lock(preparing_);
        return joined_.complete();
    }
    [[nodiscard]] std::optional<key_partitioning> partitioning() const override { return placement_.partitioning(); }
    [[nodiscard]] std::string describe() const override { return std::string(Aggregation::name); }

    /// All partitions, from the window before where this one is later; or those that were lost, from the panes.
    void prepare(any_executor const& executor) override
    {
        std::scoped_lock const once(preparing_);
        if (joined_.complete())
            return;
        covered_->prepare(executor);
        auto const missing = joined_.missing();
        std::scoped_lock const lock(shape_.last->mutex);
        auto& last = *shape_.last;
        if (missing.size() != joined_.size() || (last.time && covered_->time() < *last.time)) {
            window_type alone(shape_.aggregation, shape_.width, placement_);
            return join(alone, missing, executor);
        }
        if (!last.window || !last.window->lies_as(placement_))
            last.window = make_owner<window_type>(shape_.aggregation, shape_.width, placement_);
        last.time = covered_->time();
        join(*last.window, missing, executor);
    }

    void lose(std::size_t partition) override
    {
        std::scoped_lock const lock(preparing_);
        joined_.lose(partition);
    }

    void feed(std::size_t partition, any_sink<record_type>& out) override { feed_row(*joined_.at(partition), out); }

private:
    void join(window_type& window, std::vector<std::size_t> const& missing, any_executor const& executor)
    {
        partitioned<record_type> fresh(missing.size());
        auto one = [&](std::size_t number) {
            window.slide(missing[number], covered_->panes(), covered_->last_number(), fresh[number]);
        };
        executor.attempt(missing.size(), one);
        for (std::size_t number = 0; number < missing.size(); ++number)
            joined_.put(missing[number], std::move(fresh[number]));
    }

    mutable std::mutex preparing_;
    std::shared_ptr<window_dataset<record_type>> covered_;
    shape shape_;
    key_placement<Key> placement_;
    bool alike_;
    held_partitions<record_type> joined_;
};

} // namespace tidemark
