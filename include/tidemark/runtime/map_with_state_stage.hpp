// SPDX-License-Identifier: BSL-1.0
//
// map_with_state_stage: the running side of map_with_state.

#pragma once

#include <tidemark/execution/exchange.hpp>
#include <tidemark/execution/executor.hpp>
#include <tidemark/expression/row.hpp>
#include <tidemark/runtime/keyed_state_stage.hpp>
#include <tidemark/runtime/stage.hpp>
#include <tidemark/runtime/state_datasets.hpp>
#include <tidemark/stream/stateful/map_with_state.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace tidemark {

/// The stage of `map_with_state`.
template <typename Node, typename Chain>
class map_with_state_stage final
    : public dataset_stage<record_t<Node>>,
      public keyed_state_stage<typename Node::key_type, typename Node::value_type, typename Node::state_type, Chain> {
public:
    using key_type = typename Node::key_type;
    using value_type = typename Node::value_type;
    using state_type = typename Node::state_type;
    using record_type = record_t<Node>;
    using base = keyed_state_stage<key_type, value_type, state_type, Chain>;

    map_with_state_stage(Node node, state_place place, stream_line<Chain> parent)
        : base(std::move(place), std::move(parent), idle_limit(node))
        , node_(std::move(node))
    {}

    void begin([[maybe_unused]] batch_time first) override
    {
        using initial_key = typename std::decay_t<decltype(node_.specification)>::initial_key;
        if constexpr (!std::is_void_v<initial_key>)
            this->begin_with(*std::static_pointer_cast<std::vector<std::pair<initial_key, state_type>> const>(
                                 node_.specification.initial),
                             first);
    }

    /// The states as after the batch of `time`, or null.
    [[nodiscard]] dataset_ptr<std::pair<key_type, state_type>> snapshot(batch_time time)
    {
        this->check(time);
        if (!this->place().grid->is_valid(time, this->place().slide))
            return nullptr;
        return std::make_shared<states_dataset<key_type, state_type>>(this->states(), this->layout().partitions,
                                                                      this->current(), time);
    }

    void forget(batch_time done) override
    {
        std::scoped_lock const lock(results_mutex_);
        results_.erase(results_.begin(), results_.upper_bound(done));
        this->forget_inputs(done);
        dataset_stage<record_type>::forget(done);
    }
    [[nodiscard]] std::size_t kept() const override
    {
        std::scoped_lock const lock(results_mutex_);
        return results_.size() + this->inputs_kept() + dataset_stage<record_type>::kept();
    }

    [[nodiscard]] std::string_view kind() const override { return Node::kind; }

private:
    dataset_ptr<record_type> make(batch_time time) override
    {
        this->check(time);
        return this->place().grid->is_valid(time, this->place().slide) ? results(time) : nullptr;
    }
    bool keeps_results() const override { return true; }

    [[nodiscard]] std::shared_ptr<awaited_dataset<record_type>> results(batch_time time)
    {
        std::scoped_lock const lock(results_mutex_);
        auto& kept = results_[time];
        if (!kept)
            kept = std::make_shared<awaited_dataset<record_type>>(this->layout().partitions);
        return kept;
    }

    void step(batch_time time, bool, exchange<key_type, value_type>& coming, any_executor const& executor) override
    {
        auto const& what = node_.specification;
        auto const out = results(time);
        bool const expires =
            what.idle_limit
            && (what.rule == timeout_rule::every_batch || this->place().grid->is_valid(time, this->interval()));
        this->for_each_group(executor, [&](std::size_t partition, std::size_t group) {
            auto const emit = emitter{out->partition(partition)};
            auto const function = caller{what.function, time};
            for (auto& run : coming.runs())
                this->states().track(group, run.group(group), time.count(), what.idle_limit.has_value(), function,
                                     emit);
            if (expires)
                this->states().template expire<value_type>(group, time.count(), function, emit);
        });
    }

    [[nodiscard]] static std::optional<std::int64_t> idle_limit(Node const& node)
    {
        auto const& limit = node.specification.idle_limit;
        return limit ? std::optional(limit->count()) : std::nullopt;
    }

    /// Calls either form of the user's function.
    struct caller {
        typename Node::function_type const& function;
        batch_time time;

        decltype(auto) operator()(key_type const& key, std::optional<value_type> value, state<state_type>& handle) const
        {
            if constexpr (detail::simple_tracking<typename Node::function_type, key_type, value_type, state_type>)
                return std::invoke(function, key, std::move(value), handle);
            else
                return std::invoke(function, time, key, std::move(value), handle);
        }
    };

    struct emitter {
        row<record_type>& out;

        template <typename Result>
        void operator()(Result&& result) const
        {
            if constexpr (detail::simple_tracking<typename Node::function_type, key_type, value_type, state_type>)
                out.push_back(std::forward<Result>(result));
            else if (result)
                out.push_back(*std::forward<Result>(result));
        }
    };

    Node node_;
    mutable std::mutex results_mutex_;
    std::map<batch_time, std::shared_ptr<awaited_dataset<record_type>>> results_;
};

} // namespace tidemark
