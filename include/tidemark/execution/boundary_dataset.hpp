// SPDX-License-Identifier: BSL-1.0
//
// boundary_dataset: what a boundary node makes of its parent's pipeline, on rdds and in each batch of a stream alike.

#pragma once

#include <tidemark/execution/gathered_dataset.hpp>
#include <tidemark/execution/keyed_dataset.hpp>
#include <tidemark/expression/boundary.hpp>

#include <memory>
#include <utility>

namespace tidemark {

/// The dataset of `node` over `line`, its parent's pipeline: pairs by key, laid out by `layout`. Nothing is computed
/// here.
template <typename Parent, typename Aggregation, typename Chain>
[[nodiscard]] dataset_ptr<record_t<keyed<Parent, Aggregation>>>
boundary_dataset(keyed<Parent, Aggregation> const& node, pipeline<Chain> line, key_layout const& layout)
{
    return std::make_shared<keyed_dataset<Chain, Aggregation>>(std::move(line), node.aggregation, layout);
}

/// The same for a fold, whose one record is one partition under any layout.
template <typename Parent, typename Fold, typename Chain>
[[nodiscard]] dataset_ptr<record_t<gathered<Parent, Fold>>> boundary_dataset(gathered<Parent, Fold> const& node,
                                                                             pipeline<Chain> line, key_layout const&)
{
    return std::make_shared<gathered_dataset<Chain, Fold>>(std::move(line), node.fold);
}

} // namespace tidemark
