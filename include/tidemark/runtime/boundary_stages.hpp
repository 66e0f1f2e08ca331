// SPDX-License-Identifier: BSL-1.0
//
// boundary_stages: the running side of wide nodes, unions and checkpoint steps.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/execution/boundary_dataset.hpp>
#include <tidemark/execution/collect_sink.hpp>
#include <tidemark/execution/exchange.hpp>
#include <tidemark/execution/plain_datasets.hpp>
#include <tidemark/runtime/stage.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// The stage of `keyed` and `gathered`.
template <typename Node, typename Chain>
class wide_stage final : public dataset_stage<record_t<Node>> {
public:
    wide_stage(Node node, stream_line<Chain> parent, key_layout layout)
        : node_(std::move(node))
        , parent_(std::move(parent))
        , layout_(layout)
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
        return boundary_dataset(node_, std::move(*line), layout_);
    }
    bool keeps_results() const override { return true; }

    Node node_;
    stream_line<Chain> parent_;
    key_layout layout_;
};

/// The stage of `merged`.
template <typename First, typename Second>
class merged_stage final : public dataset_stage<typename First::output> {
public:
    using record_type = typename First::output;

    merged_stage(stream_line<First> first, stream_line<Second> second)
        : first_(std::move(first))
        , second_(std::move(second))
    {}

private:
    dataset_ptr<record_type> make(batch_time time) override
    {
        auto first = first_.at(time);
        auto second = second_.at(time);
        if (!first || !second)
            throw source_error(std::string("tidemark::union_: the ") + (first ? "second" : "first")
                               + " stream has no dataset for batch " + to_string(time)
                               + "; let its source give an empty one");
        return std::make_shared<merged_dataset<record_type>>(
            std::vector{as_dataset(std::move(*first)), as_dataset(std::move(*second))});
    }
    bool keeps_results() const override { return false; }

    stream_line<First> first_;
    stream_line<Second> second_;
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
