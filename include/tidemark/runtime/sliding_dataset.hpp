// SPDX-License-Identifier: BSL-1.0
//
// sliding_dataset: the pairs of one window joined by key, made from those of the window before.

#pragma once

#include <tidemark/core/key_hash.hpp>
#include <tidemark/execution/held_partitions.hpp>
#include <tidemark/execution/key_placement.hpp>
#include <tidemark/execution/plain_datasets.hpp>
#include <tidemark/runtime/window_dataset.hpp>
#include <tidemark/state/sliding_values.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// What the last window held, by partition, so that the next one touches only the panes that come and go. All of it is
/// derived: it is made again from the panes of a window when it is not there, or when a function has thrown half-way.
///
/// *Threads*: one window at a time, its partitions from several.
template <typename Key, typename Value, typename Aggregation>
class sliding_window {
public:
    using record_type = std::pair<Key, Value>;
    using pane = window_pane_at<record_type>;

    /// `width`: how many batches a window covers.
    sliding_window(Aggregation aggregation, std::int64_t width, key_placement<Key> placement)
        : aggregation_(std::move(aggregation))
        , width_(width)
        , placement_(std::move(placement))
    {
        for (std::size_t part = 0; part < placement_.layout.partitions; ++part)
            parts_.emplace_back(aggregation_, width);
    }
    sliding_window(sliding_window const&) = delete;
    sliding_window& operator=(sliding_window const&) = delete;

    [[nodiscard]] bool lies_as(key_placement<Key> const& other) const
    {
        return placement_.is_that_of(other.partitioning());
    }

    /// Moves a partition on to the window of these panes, the oldest first, of which the newest may have the number
    /// `last`, and gives its pairs. `alike`: the keys of each pane lie as those of the result.
    void slide(std::size_t part, std::vector<pane> const& panes, std::int64_t last, bool alike, row<record_type>& out)
    {
        auto& here = parts_[part];
        if (!here.sound) {
            here.values.clear();
            here.panes.clear();
        }
        here.sound = false;
        auto const newest = here.panes.empty() ? std::numeric_limits<std::int64_t>::min() : here.panes.back().number;
        for (auto const& each : panes) {
            if (each.number <= newest)
                continue;
            leave(here, part, each.number - width_, alike);
            for_each_of(here, each, part, alike, [&](std::uint64_t hash, record_type const& pair) {
                here.values.enter(hash, pair.first, pair.second, each.number);
            });
            here.panes.push_back(each);
        }
        leave(here, part, last - width_, alike);
        out.clear(); // what an attempt that failed has left
        here.values.for_each(last, [&out](Key const& key, Value const& sum) { out.emplace_back(key, sum); });
        here.sound = true;
    }

private:
    struct partition {
        partition(Aggregation const& aggregation, std::int64_t width)
            : values(aggregation, width)
        {}

        sliding_values<Key, Value, Aggregation> values;
        std::vector<pane> panes; ///< Those in `values`, the oldest first.
        bool sound = true;       ///< `values` is what `panes` say.
    };

    /// The panes up to the one of that number go.
    void leave(partition& here, std::size_t part, std::int64_t last, bool alike)
    {
        auto const kept =
            std::find_if(here.panes.begin(), here.panes.end(), [last](pane const& each) { return each.number > last; });
        for (auto each = here.panes.begin(); each != kept; ++each)
            for_each_of(here, *each, part, alike,
                        [&](std::uint64_t hash, record_type const& pair) { here.values.leave(hash, pair.first); });
        here.panes.erase(here.panes.begin(), kept);
    }

    template <typename Visit>
    void for_each_of(partition const& here, pane const& from, std::size_t part, bool alike, Visit const& visit) const
    {
        if (alike) {
            constexpr auto ahead = sliding_values<Key, Value, Aggregation>::prefetch_distance;
            auto const& pairs = (*from.rows)[part];
            for (std::size_t i = 0; i < pairs.size(); ++i) {
                if (i + ahead < pairs.size())
                    here.values.prefetch(key_hash(pairs[i + ahead].first));
                visit(key_hash(pairs[i].first), pairs[i]);
            }
            return;
        }
        auto const place = placement_.place();
        for (auto const& row : *from.rows)
            for (auto const& pair : row)
                if (placement_.layout.group(place(pair.first)) % placement_.layout.partitions == part)
                    visit(key_hash(pair.first), pair);
    }

    Aggregation aggregation_;
    std::int64_t width_;
    key_placement<Key> placement_;
    std::vector<partition> parts_;
};

/// The last window that was computed of a stage, which the next one begins with.
template <typename Key, typename Value, typename Aggregation>
struct last_window {
    std::mutex mutex; ///< Of what follows.
    std::unique_ptr<sliding_window<Key, Value, Aggregation>> window;
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
            last.window = std::make_unique<window_type>(shape_.aggregation, shape_.width, placement_);
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
            window.slide(missing[number], covered_->panes(), covered_->last_number(), alike_, fresh[number]);
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
