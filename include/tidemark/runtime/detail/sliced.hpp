// SPDX-License-Identifier: BSL-1.0
//
// sliced: the datasets that a running graph has of a stream.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/execution/pipeline.hpp>
#include <tidemark/rdd/rdd_leaf.hpp>
#include <tidemark/runtime/job_graph.hpp>
#include <tidemark/runtime/stage.hpp>
#include <tidemark/time/batch_time.hpp>
#include <tidemark/time/batch_times.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tidemark::detail {

/// The stage of a source or boundary node in `graph`, or null.
template <stream_expression Node>
[[nodiscard]] std::shared_ptr<dataset_stage<record_t<Node>>> stage_in(job_graph const& graph, Node const& node)
{
    auto const look_up = [](auto const& stages, std::uint64_t id) {
        auto const found = stages.find(id);
        return found == stages.end() ? nullptr : std::static_pointer_cast<dataset_stage<record_t<Node>>>(found->second);
    };
    if constexpr (requires { node.id; })
        return look_up(graph.by_id, node.id.value());
    else
        return look_up(graph.snapshots, node.tracked.id.value());
}

/// What `graph` has of `stream` in the batches of `[from, to]` that are not later than `last`.
template <stream_expression E>
[[nodiscard]] std::vector<rdd<record_t<E>>> sliced(job_graph const& graph, E const& stream, batch_time from,
                                                   batch_time to, batch_time last)
{
    auto const origin = stage_in(graph, origin_of(stream));
    if (!origin)
        throw usage_error("tidemark::slice: the stream does not belong to the application \"" + graph.application_name
                          + "\"; pass a stream that one of its outputs stands on");
    std::vector<rdd<record_t<E>>> found;
    for (auto const time : graph.grid->get().slice(from, to, stream.slide().value())) {
        if (time > last)
            break;
        if (auto data = origin->at(time))
            found.emplace_back(as_dataset(pipeline(std::move(data), steps_of(stream))), graph.environment->get());
    }
    return found;
}

} // namespace tidemark::detail
