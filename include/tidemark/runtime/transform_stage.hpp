// SPDX-License-Identifier: BSL-1.0
//
// transform_stage: the running side of transform: the user's function, called once in each batch.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/rdd/evaluate.hpp>
#include <tidemark/rdd/rdd_leaf.hpp>
#include <tidemark/runtime/environment_cell.hpp>
#include <tidemark/runtime/stage.hpp>
#include <tidemark/stream/transform.hpp>
#include <tidemark/time/batch_time.hpp>

#include <cstddef>
#include <exception>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace tidemark {
namespace detail {

/// The one word that differs when one of several streams lacks a batch.
[[nodiscard]] inline source_error no_dataset(std::string const& what, std::size_t place, std::size_t places,
                                             batch_time time)
{
    auto const which = places == 1 ? std::string("the stream")
                                   : "stream " + std::to_string(place + 1) + " of " + std::to_string(places);
    return source_error("tidemark::" + what + ": " + which + " has no dataset for batch " + to_string(time)
                        + "; let its source give an empty one");
}

} // namespace detail

/// What both forms have: the function runs at most once for each batch, whoever asks, and what it throws is thrown to
/// each who asks.
template <typename Node>
class transform_stage_base : public dataset_stage<record_t<Node>> {
public:
    transform_stage_base(Node node, environment_cell const& where)
        : node_(std::move(node))
        , where_(&where)
    {}

    void forget(batch_time done) override
    {
        auto const last = this->forgotten(done);
        failures_.erase(failures_.begin(), failures_.upper_bound(last));
        dataset_stage<record_t<Node>>::forget(done);
    }

protected:
    [[nodiscard]] Node& node() { return node_; }
    [[nodiscard]] environment_ptr const& environment() const { return where_->get(); }

private:
    using result_type = typename Node::result_type;

    [[nodiscard]] virtual result_type call(batch_time time) = 0;

    dataset_ptr<record_t<Node>> make(batch_time time) override
    {
        if (auto const found = failures_.find(time); found != failures_.end())
            std::rethrow_exception(found->second);
        try {
            auto line = pipeline_of(call(time));
            if (!line.origin())
                throw usage_error("tidemark::" + std::string(Node::name)
                                  + ": the function gave an rdd without data for "
                                    "batch "
                                  + to_string(time) + "; give an empty rdd where there is nothing");
            return as_dataset(std::move(line));
        } catch (...) {
            failures_.emplace(time, std::current_exception());
            throw;
        }
    }

    bool keeps_results() const override
    {
        if constexpr (computed_boundary<result_type> || computed_pair_boundary<result_type>)
            return keeps_results_v<result_type>;
        else
            return false;
    }

    Node node_;
    environment_cell const* where_;
    std::map<batch_time, std::exception_ptr> failures_;
};

/// The stage of `transformed`.
template <typename Node, typename... Parents>
class transform_stage final : public transform_stage_base<Node> {
public:
    transform_stage(Node node, environment_cell const& where, stream_line<chain_t<Parents>>... lines)
        : transform_stage_base<Node>(std::move(node), where)
        , lines_(std::move(lines)...)
    {}

private:
    typename Node::result_type call(batch_time time) override
    {
        return call_with(time, std::index_sequence_for<Parents...>{});
    }

    template <std::size_t... I>
    [[nodiscard]] auto call_with(batch_time time, std::index_sequence<I...>)
    {
        std::tuple<batch_rdd_t<Parents>...> const batches{batch<I>(time)...}; // in braces: the first stream first
        return detail::call_transform(this->node().function, time, std::get<I>(batches)...);
    }

    template <std::size_t I>
    [[nodiscard]] auto batch(batch_time time)
    {
        using parent = std::tuple_element_t<I, std::tuple<Parents...>>;
        auto data = std::get<I>(lines_).origin()->at(time);
        if (!data)
            throw detail::no_dataset(std::string(Node::name), I, sizeof...(Parents), time);
        using leaf = typename detail::rebased<parent>::leaf;
        return detail::rebased<parent>::make(std::get<I>(this->node().streams),
                                             leaf(std::move(data), this->environment()));
    }

    std::tuple<stream_line<chain_t<Parents>>...> lines_;
};

/// The stage of `transformed_list`.
template <typename Node, typename Chain>
class transform_list_stage final : public transform_stage_base<Node> {
public:
    transform_list_stage(Node node, environment_cell const& where, std::vector<stream_line<Chain>> lines)
        : transform_stage_base<Node>(std::move(node), where)
        , lines_(std::move(lines))
    {}

private:
    typename Node::result_type call(batch_time time) override
    {
        std::vector<rdd<typename Chain::output>> batches;
        batches.reserve(lines_.size());
        for (std::size_t place = 0; place < lines_.size(); ++place) {
            auto line = lines_[place].at(time);
            if (!line)
                throw detail::no_dataset(std::string(Node::name), place, lines_.size(), time);
            batches.emplace_back(as_dataset(std::move(*line)), this->environment());
        }
        return detail::call_transform(this->node().function, time, batches);
    }

    std::vector<stream_line<Chain>> lines_;
};

} // namespace tidemark
