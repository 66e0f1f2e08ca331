// SPDX-License-Identifier: BSL-1.0
//
// update_state_by_key_stage: the running side of update_state_by_key.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/core/key_hash.hpp>
#include <tidemark/execution/exchange.hpp>
#include <tidemark/execution/executor.hpp>
#include <tidemark/expression/range_record.hpp>
#include <tidemark/expression/row.hpp>
#include <tidemark/runtime/keyed_state_stage.hpp>
#include <tidemark/runtime/stage.hpp>
#include <tidemark/runtime/state_datasets.hpp>
#include <tidemark/stream/stateful/update_state_by_key.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
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
    /// What goes on is what the function gave, and not the states in place.
    static constexpr bool gives_records = detail::is_partition_update<decltype(Node::function)>;

    update_state_by_key_stage(Node node, state_place place, stream_line<Chain> parent)
        : base(std::move(place), std::move(parent), std::nullopt, node.rule)
        , node_(std::move(node))
    {}

    void begin(batch_time) override {} // states to begin with wait for the first dataset

    void forget(batch_time done) override
    {
        auto const last = this->forgotten(done);
        results_.forget(last);
        this->forget_inputs(last);
        dataset_stage<record_t<Node>>::forget(done);
    }
    [[nodiscard]] std::size_t kept() const override
    {
        return results_.kept() + this->inputs_kept() + dataset_stage<record_t<Node>>::kept();
    }

    [[nodiscard]] std::string_view kind() const override { return Node::kind; }

private:
    dataset_ptr<record_t<Node>> make(batch_time time) override
    {
        this->check(time);
        if (!this->fed() || !this->place().grid->is_valid(time, this->place().slide))
            return nullptr;
        if (gives_records || this->remembers())
            return results_.of(time, this->layout().partitions);
        return std::make_shared<states_dataset<key_type, state_type>>(this->shown(), this->partitioning(), time);
    }
    dataset_ptr<record_t<Node>> make_again(batch_time time) override { this->refuse_forgotten(time); }
    bool keeps_results() const override { return true; }

    void step(batch_time time, bool fed, exchange<key_type, value_type>& coming, any_executor const& executor) override
    {
        if (!fed && !this->begun())
            return;
        if (!this->begun() && node_.initial) {
            auto initial = node_.initial();
            std::reverse(initial.begin(), initial.end()); // of equal keys the first
            this->begin_with(initial, time - duration(1));
        }
        if constexpr (gives_records)
            update_partitions(time, coming, executor);
        else
            this->for_each_group(executor, [&](std::size_t, std::size_t group) {
                this->states().template update_all<value_type>(group, coming, time.count(),
                                                               caller{node_.function, time});
                this->changed_for_good(group);
            });
        this->set_begun();
    }

    void advanced(batch_time time, any_executor const& executor) override
    {
        if (!this->begun())
            return;
        if (gives_records)
            results_.of(time, this->layout().partitions)->publish();
        else if (this->remembers())
            this->copy_states(*results_.of(time, this->layout().partitions), executor);
    }

    // ---- A function of all keys of a partition

    using pair_type = std::pair<key_type, state_type>;

    /// What a function gave, where it belongs.
    struct placed {
        std::size_t group;
        pair_type pair;
    };

    void update_partitions(batch_time time, exchange<key_type, value_type>& coming, any_executor const& executor)
        requires gives_records
    {
        auto const parts = this->layout().partitions;
        std::vector<std::vector<placed>> given(parts); // by the partition that gave them
        auto call_one = [&](std::size_t partition) { given[partition] = call_partition(partition, coming); };
        executor.run(parts, call_one);
        auto const out = results_.of(time, parts);
        auto take_one = [&](std::size_t partition) {
            out->append(partition, [&](row<pair_type>& states) { take_partition(partition, given, states, time); });
        };
        executor.run(parts, take_one);
    }

    [[nodiscard]] std::vector<placed> call_partition(std::size_t partition, exchange<key_type, value_type>& coming)
        requires gives_records
    {
        std::vector<std::vector<detail::arrival<key_type, value_type>>> arrived; // what the updates refer to
        std::vector<value_type> const nothing;
        std::deque<key_type> copied;
        std::vector<key_update<key_type, value_type, state_type>> updates;
        auto const note = [&updates](key_type const& key, std::vector<value_type> const& values,
                                     state_type const* before) {
            updates.push_back({key, values, before != nullptr ? std::optional<state_type>(*before) : std::nullopt});
        };
        for (auto group = partition; group < this->layout().groups; group += this->layout().partitions) {
            arrived.push_back(detail::arrivals_by_key(group, coming));
            this->states().gather(group, arrived.back(), nothing, copied, note);
        }
        return place_all(partition, std::invoke(node_.function.function,
                                                partition_updates<key_type, value_type, state_type>(updates)));
    }

    template <typename Given>
    [[nodiscard]] std::vector<placed> place_all(std::size_t partition, Given&& given) const
    {
        std::vector<placed> all;
        auto const end = std::end(given);
        for (auto it = std::begin(given); it != end; ++it) {
            pair_type pair(record_at<Given>(it));
            auto const group = this->group_of(pair.first);
            if (decltype(node_.function)::keeps_keys && group % this->layout().partitions != partition)
                throw usage_error("tidemark::update_partition: the function of stage \"" + this->name()
                                  + "\" gave a key that it was not given, though it says keeping_keys(); leave that "
                                    "out, and keys are laid out again");
            all.push_back({group, std::move(pair)});
        }
        return all;
    }

    /// Of equal keys the first is the state, in the order of the partitions that gave them.
    void take_partition(std::size_t partition, std::vector<std::vector<placed>> const& given, row<pair_type>& out,
                        batch_time time)
    {
        auto const parts = this->layout().partitions;
        std::vector<std::vector<std::size_t>> places((this->layout().groups + parts - 1) / parts); // by group
        for (auto const& from : given)
            for (auto const& each : from)
                if (each.group % parts == partition) {
                    places[each.group / parts].push_back(out.size());
                    out.push_back(each.pair);
                }
        std::vector<pair_type const*> rows;
        for (auto group = partition; group < this->layout().groups; group += parts) {
            rows.clear();
            for (auto const at : places[group / parts])
                rows.push_back(&out[at]);
            this->states().replace_all(group, rows, time.count());
            this->changed_for_good(group);
        }
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
    awaited_batches<record_t<Node>> results_; // where they are not read in place
};

} // namespace tidemark
