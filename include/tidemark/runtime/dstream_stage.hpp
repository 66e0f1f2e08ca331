// SPDX-License-Identifier: BSL-1.0
//
// dstream_stage: how a stream whose type is hidden becomes a stage.

#pragma once

#include <tidemark/runtime/graph_builder.hpp>
#include <tidemark/runtime/stage.hpp>
#include <tidemark/stream/dstream.hpp>
#include <tidemark/time/batch_time.hpp>

#include <concepts>
#include <cstdint>
#include <memory>
#include <utility>

namespace tidemark {

/// Gives the records at the end of `Chain` to a reader that does not know the steps.
template <typename Chain>
class erased_stage final : public dataset_stage<typename Chain::output> {
public:
    explicit erased_stage(stream_line<Chain> line)
        : line_(std::move(line))
    {}

private:
    dataset_ptr<typename Chain::output> make(batch_time time) override
    {
        auto line = line_.at(time);
        return line ? as_dataset(std::move(*line)) : nullptr;
    }
    bool keeps_results() const override { return false; }

    stream_line<Chain> line_;
};

/// The stream `E` behind a `dstream`.
template <stream_expression E>
class erased_stream final : public hidden_stream<record_t<E>> {
public:
    erased_stream(E stream, node_id const& id)
        : stream_(std::move(stream))
        , id_(id)
    {}

    [[nodiscard]] duration slide() const override { return stream_.slide().value(); }

    [[nodiscard]] std::shared_ptr<dataset_stage<record_t<E>>> build(graph_builder& builder) const override
    {
        if constexpr (std::same_as<E, origin_t<E>>)
            return builder.stage_of(stream_);
        else
            return builder.template once<record_t<E>>(
                id_.value(), [&] { return std::make_shared<erased_stage<chain_t<E>>>(builder.line_of(stream_)); });
    }

private:
    E stream_;
    node_id id_;
};

namespace detail {

template <stream_expression E>
auto hidden_by_the_runtime(E stream, node_id const& id)
{
    return std::make_shared<erased_stream<E>>(std::move(stream), id);
}

} // namespace detail

template <typename Graph>
template <record T>
std::shared_ptr<dataset_stage<T>> basic_graph_builder<Graph>::stage_of(dstream<T> const& stream)
{
    auto made = stream.hidden().build(*this);
    graph_.by_id.emplace(stream.id.value(), made); // another id, under which it can be looked up
    return made;
}

} // namespace tidemark
