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

#include <cstddef>
#include <optional>
#include <utility>

namespace tidemark {

/// The records that a stage makes while it advances; readable once it has.
template <typename Record>
class awaited_dataset final : public dataset<Record> {
public:
    explicit awaited_dataset(std::size_t parts)
        : records_(parts)
    {}

    [[nodiscard]] std::size_t partitions() const override { return records_.size(); }
    void feed(std::size_t partition, any_sink<Record>& out) override { feed_row<Record>(records_[partition], out); }

    [[nodiscard]] row<Record>& partition(std::size_t number) { return records_[number]; }

private:
    partitioned<Record> records_;
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
/// gets an error instead of other data.
template <typename Key, typename State, typename Record = std::pair<Key, State>, typename Give = give_state>
class states_dataset final : public dataset<Record> {
public:
    states_dataset(keyed_state<Key, State> const& states, std::size_t parts, batch_time const& current, batch_time made,
                   Give give = {})
        : states_(&states)
        , partitions_(parts)
        , current_(&current)
        , made_(made)
        , give_(std::move(give))
    {}

    [[nodiscard]] std::size_t partitions() const override { return partitions_; }

    void prepare(any_executor const&) override
    {
        if (*current_ != made_)
            throw usage_error("the states of batch " + to_string(made_)
                              + " were asked for while the stage was at batch " + to_string(*current_)
                              + "; collect what is to be kept while the batch runs");
    }

    [[nodiscard]] std::optional<key_partitioning> partitioning() const override
    {
        return key_partitioning{partitions_, states_->groups(), nullptr};
    }

    void feed(std::size_t partition, any_sink<Record>& out) override
    {
        for (auto group = partition; group < states_->groups(); group += partitions_)
            states_->for_each(group,
                              [&](Key const& key, held_state<State> const& held) { give_(key, held.value, out); });
    }

private:
    keyed_state<Key, State> const* states_;
    std::size_t partitions_;
    batch_time const* current_;
    batch_time made_;
    [[no_unique_address]] Give give_;
};

} // namespace tidemark
