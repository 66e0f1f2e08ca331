// SPDX-License-Identifier: BSL-1.0
//
// pipeline: the steps between two boundaries, fused into one loop over a dataset.

#pragma once

#include <tidemark/execution/dataset.hpp>
#include <tidemark/expression/narrow.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {

/// No step: what a chain begins with.
template <typename Record>
struct chain_start {
    using input = Record;
    using output = Record;

    template <typename Next>
    [[nodiscard]] constexpr Next before(Next next, std::size_t /*partition*/) const
    {
        return next;
    }
};

/// A chain and one more step. The type knows the steps and the first record type, and nothing of what lies before.
template <typename Chain, typename Step>
struct chain_then {
    using input = typename Chain::input;
    using output = typename Step::template output<typename Chain::output>;

    [[no_unique_address]] Chain chain;
    [[no_unique_address]] Step step;

    /// The sinks of all steps before `next`, for the partition of that number.
    template <typename Next>
    [[nodiscard]] constexpr auto before(Next next, std::size_t partition) const
    {
        using record = typename Chain::output;
        if constexpr (requires { step.template before<record>(std::move(next), partition); })
            return chain.before(step.template before<record>(std::move(next), partition), partition);
        else
            return chain.before(step.template before<record>(std::move(next)), partition);
    }
};

namespace detail {

template <expression E>
struct chain_of {
    using origin = E;
    using type = chain_start<record_t<E>>;

    [[nodiscard]] static E const& origin_of(E const& e) { return e; }
    [[nodiscard]] static type make(E const&) { return {}; }
};

template <expression Parent, typename Step>
struct chain_of<narrow<Parent, Step>> {
    using origin = typename chain_of<Parent>::origin;
    using type = chain_then<typename chain_of<Parent>::type, Step>;

    [[nodiscard]] static origin const& origin_of(narrow<Parent, Step> const& e)
    {
        return chain_of<Parent>::origin_of(e.parent);
    }
    [[nodiscard]] static type make(narrow<Parent, Step> const& e) { return {chain_of<Parent>::make(e.parent), e.step}; }
};

} // namespace detail

/// Whether every key comes out of a chain in the partition that it went in: a step says so by `keeps_keys`.
template <typename Chain>
inline constexpr bool keeps_keys_v = true;
template <typename Chain, typename Step>
inline constexpr bool keeps_keys_v<chain_then<Chain, Step>> = keeps_keys_v<Chain> && [] {
    if constexpr (requires { Step::keeps_keys; })
        return Step::keeps_keys;
    else
        return false;
}();

/// The names of the steps of a chain, in their order.
template <typename Chain>
inline constexpr std::array<std::string_view, 0> step_names_v{};
template <typename Chain, typename Step>
inline constexpr auto step_names_v<chain_then<Chain, Step>> = [] {
    constexpr auto const& before = step_names_v<Chain>;
    std::array<std::string_view, before.size() + 1> names{};
    for (std::size_t i = 0; i < before.size(); ++i)
        names[i] = before[i];
    if constexpr (requires { Step::name; })
        names.back() = Step::name;
    else
        names.back() = "step";
    return names;
}();

/// The node in which the chain of narrow steps that ends in `E` begins: a leaf or a boundary.
template <expression E>
using origin_t = typename detail::chain_of<E>::origin;

/// The narrow steps between that node and the end of `E`, as a chain.
template <expression E>
using chain_t = typename detail::chain_of<E>::type;

/// The node of type `origin_t<E>` in `e`.
template <expression E>
[[nodiscard]] origin_t<E> const& origin_of(E const& e)
{
    return detail::chain_of<E>::origin_of(e);
}

/// A copy of the steps of `e` behind that node.
template <expression E>
[[nodiscard]] chain_t<E> steps_of(E const& e)
{
    return detail::chain_of<E>::make(e);
}

/// A dataset and the steps over it.
template <typename Chain>
class pipeline {
public:
    using input = typename Chain::input;
    using output = typename Chain::output;

    pipeline(dataset_ptr<input> from, Chain steps)
        : origin_(std::move(from))
        , steps_(std::move(steps))
    {}

    [[nodiscard]] std::size_t partitions() const { return origin_->partitions(); }
    /// Called before the first `run`.
    void prepare(any_executor const& executor) const { make_ready(*origin_, executor); }
    [[nodiscard]] dataset_ptr<input> const& origin() const { return origin_.get(); }
    /// How what comes out depends on the dataset, through the steps.
    [[nodiscard]] lineage_edge edge(dependency kind = dependency::narrow) const
    {
        return {origin(), kind, step_names_v<Chain>};
    }
    /// How keys lie in the partitions of what comes out, where that is known.
    [[nodiscard]] std::optional<key_partitioning> partitioning() const
    {
        return keeps_keys_v<Chain> ? origin_->partitioning() : std::nullopt;
    }

    /// The same with one more step.
    template <typename Step>
    [[nodiscard]] pipeline<chain_then<Chain, Step>> then(Step step) const
    {
        return {origin_.get(), {steps_, std::move(step)}};
    }

    /// Runs one partition through the fused loop into `end`, and finishes it.
    template <typename End>
    void run(std::size_t partition, End end) const
    {
        auto sink = steps_.before(std::move(end), partition);
        sink_door<input, decltype(sink)> door(sink);
        origin_->feed(partition, door);
        sink.finish();
    }

private:
    lineage_ptr<dataset<input>> origin_;
    [[no_unique_address]] Chain steps_;
};

/// A pipeline as the dataset that a later stage reads.
template <typename Chain>
class piped_dataset final : public dataset<typename Chain::output> {
public:
    using record_type = typename Chain::output;

    explicit piped_dataset(pipeline<Chain> line)
        : line_(std::move(line))
    {}

    [[nodiscard]] std::size_t partitions() const override { return line_.partitions(); }
    [[nodiscard]] std::vector<lineage_edge> parents() const override
    {
        auto edge = line_.edge();
        edge.steps = edge.steps.first(edge.steps.size() - 1); // the last one is what this is called
        return {edge};
    }
    [[nodiscard]] std::optional<key_partitioning> partitioning() const override { return line_.partitioning(); }
    [[nodiscard]] std::string describe() const override { return std::string(step_names_v<Chain>.back()); }
    void feed(std::size_t partition, any_sink<record_type>& out) override
    {
        line_.run(partition, sink_exit<record_type>(out));
    }

private:
    pipeline<Chain> line_;
};

/// `line` as a dataset; where it has no step, the dataset that it stands on.
template <typename Chain>
[[nodiscard]] dataset_ptr<typename Chain::output> as_dataset(pipeline<Chain> line)
{
    if constexpr (std::same_as<Chain, chain_start<typename Chain::input>>)
        return line.origin();
    else
        return std::make_shared<piped_dataset<Chain>>(std::move(line));
}

} // namespace tidemark
