// SPDX-License-Identifier: BSL-1.0
//
// map_with_state_stage: the running side of map_with_state.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/execution/exchange.hpp>
#include <tidemark/execution/executor.hpp>
#include <tidemark/expression/row.hpp>
#include <tidemark/runtime/keyed_state_stage.hpp>
#include <tidemark/runtime/stage.hpp>
#include <tidemark/runtime/state_datasets.hpp>
#include <tidemark/state/state.hpp>
#include <tidemark/stream/stateful/map_with_state.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
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
        : base(std::move(place), std::move(parent), idle_limit(node), node.rule)
        , node_(std::move(node))
    {}

    void begin([[maybe_unused]] batch_time first) override
    {
        using initial_key = typename std::decay_t<decltype(node_.specification)>::initial_key;
        if constexpr (!std::is_void_v<initial_key>) {
            auto const& initial =
                *std::static_pointer_cast<initial_states<initial_key, state_type> const>(node_.specification.initial);
            this->begin_with(initial(), first);
        }
    }

    /// Some stage shows the states themselves. Called before the first batch.
    void show_states() { shown_ = true; }

    /// The states as after the batch of `time`, or null.
    [[nodiscard]] dataset_ptr<std::pair<key_type, state_type>> snapshot(batch_time time)
    {
        this->check(time);
        if (!this->place().grid->is_valid(time, this->place().slide))
            return nullptr;
        if (this->remembers())
            return snapshots_.of(time, this->layout().partitions);
        return std::make_shared<states_dataset<key_type, state_type>>(this->shown(), this->partitioning(), time);
    }

    void forget(batch_time done) override
    {
        auto const last = this->forgotten(done);
        results_.forget(last);
        snapshots_.forget(last);
        this->forget_inputs(last);
        dataset_stage<record_type>::forget(done);
    }
    [[nodiscard]] std::size_t kept() const override
    {
        return results_.kept() + snapshots_.kept() + this->inputs_kept() + dataset_stage<record_type>::kept();
    }

    [[nodiscard]] std::string_view kind() const override { return Node::kind; }

private:
    dataset_ptr<record_type> make(batch_time time) override
    {
        this->check(time);
        return this->place().grid->is_valid(time, this->place().slide) ? results(time) : nullptr;
    }
    dataset_ptr<record_type> make_again(batch_time time) override { this->refuse_forgotten(time); }
    bool keeps_results() const override { return true; }

    [[nodiscard]] std::shared_ptr<awaited_dataset<record_type>> results(batch_time time)
    {
        return results_.of(time, this->layout().partitions);
    }

    void step(batch_time time, bool, exchange<key_type, value_type>& coming, any_executor const& executor) override
    {
        auto const& what = node_.specification;
        auto const out = results(time);
        bool const expires =
            what.idle_limit
            && (what.rule == timeout_rule::every_batch || this->place().grid->is_valid(time, this->interval()));
        auto const one = [&](std::size_t group, row<record_type>& results) {
            auto const emit = emitter{results};
            auto const function = caller{what.function, time};
            for (auto& run : coming.runs())
                this->states().track(group, run.group(group), time.count(), what.idle_limit.has_value(), function,
                                     emit);
            if (expires)
                this->states().template expire<value_type>(group, time.count(), function, emit);
            this->changed_for_good(group);
        };
        this->for_each_group(executor, [&](std::size_t partition, std::size_t group) {
            try {
                out->append(partition, [&](row<record_type>& results) { one(group, results); });
            } catch (detail::refused_state_call const& refusal) {
                throw usage_error(std::string(refusal.what()) + " (stage \"" + this->name() + "\")");
            }
        });
    }

    void advanced(batch_time time, any_executor const& executor) override
    {
        results(time)->publish();
        if (this->remembers() && shown_)
            this->copy_states(*snapshots_.of(time, this->layout().partitions), executor);
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
    awaited_batches<record_type> results_;
    awaited_batches<std::pair<key_type, state_type>> snapshots_; // where they are remembered
    bool shown_ = false;
};

} // namespace tidemark
