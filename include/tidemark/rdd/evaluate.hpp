// SPDX-License-Identifier: BSL-1.0
//
// evaluate: from an rdd expression to the pipeline that computes it.

#pragma once

#include <tidemark/execution/boundary_dataset.hpp>
#include <tidemark/execution/plain_datasets.hpp>
#include <tidemark/rdd/rdd_leaf.hpp>

#include <memory>
#include <vector>

namespace tidemark {
namespace detail {

template <rdd_expression E>
struct rdd_origin;

template <typename Record>
struct rdd_origin<rdd_leaf<Record>> {
    static dataset_ptr<Record> of(rdd_leaf<Record> const& leaf) { return leaf.data; }
    static rdd_environment const& environment(rdd_leaf<Record> const& leaf) { return *leaf.environment; }
};

} // namespace detail

/// Where the actions on `e` run; for a union, where those on its first parent do.
template <rdd_expression E>
[[nodiscard]] rdd_environment const& environment_of(E const& e)
{
    return detail::rdd_origin<origin_t<E>>::environment(origin_of(e));
}

/// The steps of the last stage of `e` over the dataset that it reads. What crosses a wide dependency is computed at
/// most once and is kept as long as a copy of its node lives.
template <rdd_expression E>
[[nodiscard]] pipeline<chain_t<E>> pipeline_of(E const& e)
{
    return {detail::rdd_origin<origin_t<E>>::of(origin_of(e)), steps_of(e)};
}

namespace detail {

template <rdd_expression E>
    requires requires(E const& e) { e.parent; }
struct rdd_origin<E> {
    static dataset_ptr<record_t<E>> of(E const& e)
    {
        return e.id.template kept<dataset<record_t<E>>>(
            [&e] { return boundary_dataset(e, pipeline_of(e.parent), environment(e).layout); });
    }
    static rdd_environment const& environment(E const& e) { return environment_of(e.parent); }
};

template <rdd_expression First, rdd_expression Second>
struct rdd_origin<merged<First, Second>> {
    using node = merged<First, Second>;

    static dataset_ptr<record_t<node>> of(node const& e)
    {
        return std::make_shared<merged_dataset<record_t<node>>>(
            std::vector{as_dataset(pipeline_of(e.first)), as_dataset(pipeline_of(e.second))});
    }
    static rdd_environment const& environment(node const& e) { return environment_of(e.first); }
};

} // namespace detail
} // namespace tidemark
