// SPDX-License-Identifier: BSL-1.0
//
// rdd_leaf: a collection that is there already, as the beginning of an rdd expression.

#pragma once

#include <tidemark/execution/dataset.hpp>
#include <tidemark/execution/exchange.hpp>
#include <tidemark/expression/expression.hpp>
#include <tidemark/expression/narrow.hpp>

#include <memory>
#include <string_view>
#include <utility>

namespace tidemark {

/// Where the actions of an rdd run.
struct rdd_environment {
    any_executor executor;
    key_layout layout;
};

/// A collection and where to run what is asked of it.
template <record Record>
struct rdd_leaf : expression_base {
    using record_type = Record;
    using level = rdd_level;
    using parents = type_list<>;

    static constexpr dependency depends = dependency::none;
    static constexpr std::string_view name = "rdd";

    dataset_ptr<Record> data;
    std::shared_ptr<rdd_environment const> environment;

    rdd_leaf(dataset_ptr<Record> records, std::shared_ptr<rdd_environment const> where)
        : data(std::move(records))
        , environment(std::move(where))
    {}
    rdd_leaf(rdd_leaf const&) = default; // and no move: an rdd that was moved from stays what it was
    rdd_leaf& operator=(rdd_leaf const&) = default;
    ~rdd_leaf() = default;
};

namespace detail {

/// The chain of narrow steps `E` on another leaf.
template <expression E>
struct rebased {
    using leaf = rdd_leaf<record_t<E>>;
    using type = leaf;

    static type make(E const&, leaf origin) { return origin; }
};

template <expression Parent, typename Step>
struct rebased<narrow<Parent, Step>> {
    using leaf = typename rebased<Parent>::leaf;
    using type = narrow<typename rebased<Parent>::type, Step>;

    static type make(narrow<Parent, Step> const& e, leaf origin)
    {
        return type(rebased<Parent>::make(e.parent, std::move(origin)), e.step);
    }
};

} // namespace detail

/// The rdd expression that a function given to `foreach_rdd` gets for the stream `E`: the same narrow steps on one
/// batch's data, so that what the function adds is fused with them.
template <stream_expression E>
using batch_rdd_t = typename detail::rebased<E>::type;

} // namespace tidemark
