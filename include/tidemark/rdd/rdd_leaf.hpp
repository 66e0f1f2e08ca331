// SPDX-License-Identifier: BSL-1.0
//
// rdd_leaf: a collection that is there already, as the beginning of an rdd expression.

#pragma once

#include <tidemark/execution/dataset.hpp>
#include <tidemark/execution/rdd_environment.hpp>
#include <tidemark/expression/expression.hpp>
#include <tidemark/expression/narrow.hpp>

#include <concepts>
#include <memory>
#include <string_view>
#include <utility>

namespace tidemark {

/// A collection and where to run what is asked of it. `Checkpointed` says whether there is a checkpoint directory there.
///
/// `rdd<T>` is the form of it that can be named: it takes any rdd expression with records `T`, whose type it hides.
template <record Record, bool Checkpointed>
struct rdd_leaf : expression_base {
    using record_type = Record;
    using level = rdd_level<Checkpointed>;
    using parents = type_list<>;

    static constexpr dependency depends = dependency::none;
    static constexpr std::string_view name = "rdd";

    dataset_ptr<Record> data;
    std::shared_ptr<rdd_environment const> environment;

    rdd_leaf(dataset_ptr<Record> records, std::shared_ptr<rdd_environment const> where)
        : data(std::move(records))
        , environment(std::move(where))
    {}

    /// What `e` computes, as a value whose type says nothing of how. It ends the stage.
    template <rdd_expression E>
        requires(Checkpointed && !std::same_as<E, rdd_leaf> && std::same_as<record_t<E>, Record>)
    rdd_leaf(E const& e); // NOLINT(google-explicit-constructor): an rdd<T> is any rdd of T; completed in evaluate.hpp

    rdd_leaf(rdd_leaf const&) = default; // and no move: an rdd that was moved from stays what it was
    rdd_leaf& operator=(rdd_leaf const& other)
    {
        if (this != &other) {
            auto last = std::exchange(data, other.data);
            environment = other.environment;
            detail::let_go(std::move(last));
        }
        return *this;
    }
    ~rdd_leaf() { detail::let_go(std::move(data)); }
};

/// Any rdd with records `T`: for class members, for functions in a source file, for lineages made in a loop.
///
/// Nothing is computed by naming it. What the type hides is checked when it is asked for: `checkpoint` on an `rdd<T>`
/// whose context has no checkpoint directory throws `config_error`.
template <record T>
using rdd = rdd_leaf<T, true>;

namespace detail {

/// The chain of narrow steps `E` on another leaf.
template <expression E>
struct rebased {
    using leaf = rdd_leaf<record_t<E>, false>;
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
