// SPDX-License-Identifier: BSL-1.0
//
// update_state_by_key_stage: the running side of update_state_by_key.

#pragma once

#include <tidemark/execution/exchange.hpp>
#include <tidemark/execution/executor.hpp>
#include <tidemark/runtime/keyed_state_stage.hpp>
#include <tidemark/runtime/stage.hpp>
#include <tidemark/runtime/state_datasets.hpp>
#include <tidemark/stream/stateful/update_state_by_key.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <ranges>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {

/// The stage of `update_state_by_key`.
template <typename Node, typename Chain>
class update_state_by_key_stage final
    : public dataset_stage<record_t<Node>>,
      public keyed_state_stage<typename Node::key_type, typename Node::value_type, typename Node::state_type, Chain> {
public:
    using key_type = typename Node::key_type;
    using value_type = typename Node::value_type;
    using state_type = typename Node::state_type;
    using base = keyed_state_stage<key_type, value_type, state_type, Chain>;

    update_state_by_key_stage(Node node, state_place place, stream_line<Chain> parent)
        : base(std::move(place), std::move(parent))
        , node_(std::move(node))
    {}

    void begin(batch_time) override {} // states to begin with wait for the first dataset

    void forget(batch_time done) override
    {
        this->forget_inputs(done);
        dataset_stage<record_t<Node>>::forget(done);
    }
    [[nodiscard]] std::size_t kept() const override
    {
        return this->inputs_kept() + dataset_stage<record_t<Node>>::kept();
    }

    [[nodiscard]] std::string_view kind() const override { return Node::kind; }

private:
    dataset_ptr<record_t<Node>> make(batch_time time) override
    {
        this->check(time);
        if (!this->fed() || !this->place().grid->is_valid(time, this->place().slide))
            return nullptr;
        return std::make_shared<states_dataset<key_type, state_type>>(this->states(), this->layout().partitions,
                                                                      this->current(), time);
    }
    bool keeps_results() const override { return true; }

    void step(batch_time time, bool fed, exchange<key_type, value_type>& coming, any_executor const& executor) override
    {
        if (!fed && !this->begun())
            return;
        if (!this->begun() && node_.initial)
            this->begin_with(std::views::reverse(*node_.initial), time - duration(1)); // of equal keys the first
        this->for_each_group(executor, [&](std::size_t, std::size_t group) {
            this->states().template update_all<value_type>(group, coming, time.count(), caller{node_.function, time});
        });
        this->set_begun();
    }

    /// Calls either form of the user's function.
    struct caller {
        decltype(Node::function) const& function;
        batch_time time;

        std::optional<state_type> operator()(key_type const& key, std::vector<value_type> const& values,
                                             std::optional<state_type> before) const
        {
            if constexpr (detail::simple_update<decltype(Node::function), key_type, value_type, state_type>)
                return std::invoke(function, values, std::move(before));
            else
                return std::invoke(function, time, key, values, std::move(before));
        }
    };

    Node node_;
};

} // namespace tidemark
