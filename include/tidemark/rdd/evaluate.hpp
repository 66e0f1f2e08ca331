// SPDX-License-Identifier: BSL-1.0
//
// evaluate: from an rdd expression to the pipeline that computes it.

#pragma once

#include <tidemark/execution/boundary_dataset.hpp>
#include <tidemark/rdd/rdd_leaf.hpp>

#include <concepts>
#include <memory>
#include <utility>
#include <vector>

namespace tidemark {
namespace detail {

template <typename E>
struct rdd_origin;

template <typename Record, bool Checkpointed>
struct rdd_origin<rdd_leaf<Record, Checkpointed>> {
    static dataset_ptr<Record> of(rdd_leaf<Record, Checkpointed> const& leaf) { return leaf.data; }
    static environment_ptr const& environment(rdd_leaf<Record, Checkpointed> const& leaf) { return leaf.environment; }
};

} // namespace detail

/// Where the actions on `e` run, to be kept; for a node with two parents, where those on its first parent do.
template <rdd_expression E>
[[nodiscard]] environment_ptr const& shared_environment_of(E const& e)
{
    return detail::rdd_origin<origin_t<E>>::environment(origin_of(e));
}

/// Where the actions on `e` run.
template <rdd_expression E>
[[nodiscard]] rdd_environment const& environment_of(E const& e)
{
    return *shared_environment_of(e);
}

/// The steps of the last stage of `e` over the dataset that it reads. What crosses a wide dependency is computed at
/// most once and is kept as long as a copy of its node lives.
template <rdd_expression E>
[[nodiscard]] pipeline<chain_t<E>> pipeline_of(E const& e)
{
    return {detail::rdd_origin<origin_t<E>>::of(origin_of(e)), steps_of(e)};
}

namespace detail {

template <computed_boundary E>
struct rdd_origin<E> {
    static dataset_ptr<record_t<E>> of(E const& e)
    {
        return e.id.template kept<dataset<record_t<E>>>(
            [&e] { return boundary_dataset(e, pipeline_of(e.parent), environment(e)); });
    }
    static environment_ptr const& environment(E const& e) { return shared_environment_of(e.parent); }
};

template <computed_pair_boundary E>
struct rdd_origin<E> {
    static dataset_ptr<record_t<E>> of(E const& e)
    {
        return e.id.template kept<dataset<record_t<E>>>(
            [&e] { return boundary_dataset(e, pipeline_of(e.first), pipeline_of(e.second), environment(e)); });
    }
    static environment_ptr const& environment(E const& e) { return shared_environment_of(e.first); }
};

template <computed_list_boundary E>
struct rdd_origin<E> {
    static dataset_ptr<record_t<E>> of(E const& e)
    {
        return e.id.template kept<dataset<record_t<E>>>([&e] {
            std::vector<decltype(pipeline_of(e.all.front()))> lines;
            lines.reserve(e.all.size());
            for (auto const& parent : e.all)
                lines.push_back(pipeline_of(parent));
            return boundary_dataset(e, std::move(lines), environment(e));
        });
    }
    static environment_ptr const& environment(E const& e) { return shared_environment_of(e.all.front()); }
};

} // namespace detail

template <record Record, bool Checkpointed>
template <rdd_expression E>
    requires(Checkpointed && !std::same_as<E, rdd_leaf<Record, Checkpointed>> && std::same_as<record_t<E>, Record>)
rdd_leaf<Record, Checkpointed>::rdd_leaf(E const& e)
    : data(as_dataset(pipeline_of(e)))
    , environment(shared_environment_of(e))
{}

} // namespace tidemark
