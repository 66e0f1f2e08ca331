// SPDX-License-Identifier: BSL-1.0
//
// boundary_dataset: what a boundary node makes of its parent's pipeline, on rdds and in each batch of a stream alike.

#pragma once

#include <tidemark/execution/coalesced_dataset.hpp>
#include <tidemark/execution/gathered_dataset.hpp>
#include <tidemark/execution/key_placement.hpp>
#include <tidemark/execution/keyed_dataset.hpp>
#include <tidemark/execution/numbered_dataset.hpp>
#include <tidemark/execution/paired_datasets.hpp>
#include <tidemark/execution/laid_out_dataset.hpp>
#include <tidemark/execution/met_dataset.hpp>
#include <tidemark/execution/plain_datasets.hpp>
#include <tidemark/execution/rdd_environment.hpp>
#include <tidemark/execution/repartitioned_dataset.hpp>
#include <tidemark/execution/sorted_dataset.hpp>
#include <tidemark/execution/value_datasets.hpp>
#include <tidemark/expression/boundary.hpp>

#include <memory>
#include <utility>
#include <vector>

namespace tidemark {

/// The dataset of `node` over `line`, its parent's pipeline: pairs by key, laid out as the node, the parent or `where`
/// says. Nothing is computed here.
template <typename Parent, typename Aggregation, typename Chain>
[[nodiscard]] dataset_ptr<record_t<keyed<Parent, Aggregation>>>
boundary_dataset(keyed<Parent, Aggregation> const& node, pipeline<Chain> line, environment_ptr const& where)
{
    auto placement = placement_for(node.partitioner, where->layout, {line.partitioning()});
    return std::make_shared<keyed_dataset<Chain, Aggregation>>(std::move(line), node.aggregation, std::move(placement));
}

/// The same for pairs that are only laid out.
template <typename Parent, typename Chain>
[[nodiscard]] dataset_ptr<record_t<Parent>> boundary_dataset(laid_out<Parent> const& node, pipeline<Chain> line,
                                                             environment_ptr const& where)
{
    auto placement = placement_for(node.partitioner, where->layout, {line.partitioning()});
    return std::make_shared<laid_out_dataset<Chain>>(std::move(line), std::move(placement));
}

/// The same for pairs of two pipelines that meet by key.
template <typename First, typename Second, typename Meeting, typename FirstChain, typename SecondChain>
[[nodiscard]] dataset_ptr<record_t<met<First, Second, Meeting>>>
boundary_dataset(met<First, Second, Meeting> const& node, pipeline<FirstChain> first, pipeline<SecondChain> second,
                 environment_ptr const& where)
{
    auto placement = placement_for(node.partitioner, where->layout, {first.partitioning(), second.partitioning()});
    return std::make_shared<met_dataset<FirstChain, SecondChain, Meeting>>(std::move(first), std::move(second),
                                                                           std::move(placement));
}

/// The same for a fold, whose one record is one partition under any layout.
template <typename Parent, typename Fold, typename Chain>
[[nodiscard]] dataset_ptr<record_t<gathered<Parent, Fold>>>
boundary_dataset(gathered<Parent, Fold> const& node, pipeline<Chain> line, environment_ptr const&)
{
    return std::make_shared<gathered_dataset<Chain, Fold>>(std::move(line), node.fold);
}

/// The same for the partitions of two pipelines in a row.
template <typename First, typename Second, typename Chain, typename OtherChain>
[[nodiscard]] dataset_ptr<record_t<merged<First, Second>>>
boundary_dataset(merged<First, Second> const&, pipeline<Chain> first, pipeline<OtherChain> second,
                 environment_ptr const&)
{
    return std::make_shared<merged_dataset<record_t<First>>>(
        std::vector{as_dataset(std::move(first)), as_dataset(std::move(second))});
}

/// The same for the partitions of several pipelines in a row.
template <typename Parent, typename Chain>
[[nodiscard]] dataset_ptr<record_t<Parent>> boundary_dataset(merged_all<Parent> const&,
                                                             std::vector<pipeline<Chain>> lines, environment_ptr const&)
{
    std::vector<dataset_ptr<record_t<Parent>>> all;
    all.reserve(lines.size());
    for (auto& line : lines)
        all.push_back(as_dataset(std::move(line)));
    return std::make_shared<merged_dataset<record_t<Parent>>>(all);
}

} // namespace tidemark
