// SPDX-License-Identifier: BSL-1.0
//
// state_datasets: what stages with a state give to read: the records of a batch, and the states in place.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/execution/dataset.hpp>
#include <tidemark/execution/executor.hpp>
#include <tidemark/execution/key_layout.hpp>
#include <tidemark/execution/plain_datasets.hpp>
#include <tidemark/expression/row.hpp>
#include <tidemark/state/held_state.hpp>
#include <tidemark/state/keyed_state.hpp>
#include <tidemark/time/batch_time.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace tidemark {

namespace detail {

[[nodiscard]] inline usage_error not_computed_yet(batch_time time)
{
    return usage_error("tidemark: the result of a state or window for batch " + to_string(time)
                       + " is not there yet; it is computed when the batch runs, so look at it in an output such as "
                         "foreach_rdd, and not in a transform");
}

} // namespace detail

/// The records that a stage makes while it advances; readable once it has said so.
template <typename Record>
class awaited_dataset final : public dataset<Record> {
public:
    awaited_dataset(std::size_t parts, batch_time time)
        : records_(parts)
        , time_(time)
    {}

    [[nodiscard]] std::size_t partitions() const override { return records_.size(); }
    void prepare(any_executor const&) override
    {
        if (!ready_.load(std::memory_order_acquire))
            throw detail::not_computed_yet(time_);
    }
    void feed(std::size_t partition, any_sink<Record>& out) override { feed_row<Record>(records_[partition], out); }

    /// Lets `fill` append to the records of a partition, in a row of its own: neighbours share cache lines, and other threads
    /// grow them. What it throws fails the batch, and leaves the partition empty. *Threads*: different partitions at once.
    template <typename Fill>
    void append(std::size_t number, Fill const& fill)
    {
        auto records = std::move(records_[number]);
        fill(records);
        records_[number] = std::move(records);
    }
    /// All records are there.
    void publish() { ready_.store(true, std::memory_order_release); }

private:
    partitioned<Record> records_;
    batch_time time_;
    std::atomic<bool> ready_{false};
};

/// The awaited datasets of a stage, batch by batch. *Threads*: any.
template <typename Record>
class awaited_batches {
public:
    using dataset_type = awaited_dataset<Record>;

    [[nodiscard]] std::shared_ptr<dataset_type> of(batch_time time, std::size_t parts)
    {
        std::scoped_lock const lock(mutex_);
        auto& kept = batches_[time];
        if (!kept)
            kept = std::make_shared<dataset_type>(parts, time);
        return kept;
    }

    void forget(batch_time last)
    {
        std::scoped_lock const lock(mutex_);
        batches_.erase(batches_.begin(), batches_.upper_bound(last));
    }
    [[nodiscard]] std::size_t kept() const
    {
        std::scoped_lock const lock(mutex_);
        return batches_.size();
    }

private:
    mutable std::mutex mutex_;
    std::map<batch_time, std::shared_ptr<dataset_type>> batches_;
};

/// The states of a stage. Datasets that read them hold them, too, for an rdd may outlive its application.
template <typename Key, typename State>
struct shown_states {
    shown_states(std::size_t groups, std::optional<std::int64_t> idle_limit)
        : table(groups, idle_limit)
    {}

    keyed_state<Key, State> table;
    std::atomic<std::int64_t> after{0}; ///< The batch that they are after.
};

/// Gives each state with its key.
struct give_state {
    template <typename Key, typename State>
    void operator()(Key const& key, State const& state, any_sink<std::pair<Key, State>>& out) const
    {
        out.take(std::pair<Key, State>(key, state));
    }
};

/// All states of a stage, read in place; `Give` makes records of them. Whoever reads it after the next batch has begun
/// gets an error instead of other data. After the last batch they stay readable, whether or not the stage is there.
template <typename Key, typename State, typename Record = std::pair<Key, State>, typename Give = give_state>
class states_dataset final : public dataset<Record> {
public:
    states_dataset(std::shared_ptr<shown_states<Key, State> const> states, key_partitioning keys, batch_time made,
                   Give give = {})
        : states_(std::move(states))
        , keys_(std::move(keys))
        , made_(made)
        , give_(std::move(give))
    {}

    [[nodiscard]] std::size_t partitions() const override { return keys_.partitions; }

    void prepare(any_executor const&) override
    {
        batch_time const current(states_->after.load(std::memory_order_acquire));
        if (current < made_)
            throw detail::not_computed_yet(made_);
        if (current != made_)
            throw usage_error("the states of batch " + to_string(made_)
                              + " were asked for while the stage was at batch " + to_string(current)
                              + "; collect what is to be kept while the batch runs, or give the context "
                                "remembering(d)");
    }

    [[nodiscard]] std::optional<key_partitioning> partitioning() const override { return keys_; }

    void feed(std::size_t partition, any_sink<Record>& out) override
    {
        auto const& table = states_->table;
        for (auto group = partition; group < table.groups(); group += keys_.partitions)
            table.for_each(group, [&](Key const& key, held_state<State> const& held) { give_(key, held.value, out); });
    }

private:
    std::shared_ptr<shown_states<Key, State> const> states_;
    key_partitioning keys_;
    batch_time made_;
    [[no_unique_address]] Give give_;
};

} // namespace tidemark
