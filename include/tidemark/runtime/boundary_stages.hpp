// SPDX-License-Identifier: BSL-1.0
//
// boundary_stages: the running side of boundaries that a batch goes through, and of checkpoint steps.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/execution/boundary_dataset.hpp>
#include <tidemark/execution/collect_sink.hpp>
#include <tidemark/expression/boundary.hpp>
#include <tidemark/runtime/environment_cell.hpp>
#include <tidemark/runtime/stage.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// The stage of a boundary whose dataset `boundary_dataset` makes of that of its parent.
template <typename Node, typename Chain>
class computed_stage final : public dataset_stage<record_t<Node>> {
public:
    computed_stage(Node node, stream_line<Chain> parent, environment_cell const& where)
        : node_(std::move(node))
        , parent_(std::move(parent))
        , where_(&where)
    {}

private:
    dataset_ptr<record_t<Node>> make(batch_time time) override
    {
        auto line = parent_.at(time);
        if (!line) {
            if constexpr (Node::needs_dataset)
                throw source_error("tidemark::" + std::string(Node::name) + ": there is no dataset for batch "
                                   + to_string(time) + "; let the source give an empty one");
            return nullptr;
        }
        return boundary_dataset(node_, std::move(*line), where_->get());
    }
    bool keeps_results() const override { return keeps_results_v<Node>; }

    Node node_;
    stream_line<Chain> parent_;
    environment_cell const* where_;
};

/// The stage of a boundary with two parents, which must both have a dataset.
template <typename Node, typename First, typename Second>
class computed_pair_stage final : public dataset_stage<record_t<Node>> {
public:
    computed_pair_stage(Node node, stream_line<First> first, stream_line<Second> second, environment_cell const& where)
        : node_(std::move(node))
        , first_(std::move(first))
        , second_(std::move(second))
        , where_(&where)
    {}

private:
    dataset_ptr<record_t<Node>> make(batch_time time) override
    {
        auto first = first_.at(time);
        auto second = second_.at(time);
        if (!first || !second)
            throw source_error("tidemark::" + std::string(Node::name) + ": the " + (first ? "second" : "first")
                               + " stream has no dataset for batch " + to_string(time)
                               + "; let its source give an empty one");
        return boundary_dataset(node_, std::move(*first), std::move(*second), where_->get());
    }
    bool keeps_results() const override { return keeps_results_v<Node>; }

    Node node_;
    stream_line<First> first_;
    stream_line<Second> second_;
    environment_cell const* where_;
};

/// The stage of a boundary with a list of parents, which must all have a dataset.
template <typename Node, typename Chain>
class computed_list_stage final : public dataset_stage<record_t<Node>> {
public:
    computed_list_stage(Node node, std::vector<stream_line<Chain>> parents, environment_cell const& where)
        : node_(std::move(node))
        , parents_(std::move(parents))
        , where_(&where)
    {}

private:
    dataset_ptr<record_t<Node>> make(batch_time time) override
    {
        std::vector<pipeline<Chain>> lines;
        lines.reserve(parents_.size());
        for (auto const& parent : parents_) {
            auto line = parent.at(time);
            if (!line)
                throw source_error("tidemark::" + std::string(Node::name) + ": stream "
                                   + std::to_string(lines.size() + 1) + " of " + std::to_string(parents_.size())
                                   + " has no dataset for batch " + to_string(time)
                                   + "; let its source give an empty one");
            lines.push_back(*std::move(line));
        }
        return boundary_dataset(node_, std::move(lines), where_->get());
    }
    bool keeps_results() const override { return keeps_results_v<Node>; }

    Node node_;
    std::vector<stream_line<Chain>> parents_;
    environment_cell const* where_;
};

/// The stage of `checkpoint_every` as a step: keeps what passes for the time of its batch.
template <typename Chain>
class passing_stage final : public dataset_stage<typename Chain::output> {
public:
    explicit passing_stage(stream_line<Chain> parent)
        : parent_(std::move(parent))
    {}

private:
    dataset_ptr<typename Chain::output> make(batch_time time) override
    {
        auto line = parent_.at(time);
        return line ? std::make_shared<kept_dataset<Chain>>(std::move(*line)) : nullptr;
    }
    bool keeps_results() const override { return true; }

    stream_line<Chain> parent_;
};

} // namespace tidemark
