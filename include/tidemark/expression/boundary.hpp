// SPDX-License-Identifier: BSL-1.0
//
// boundary: the nodes that end a stage, with one parent, two, or a list of them.

#pragma once

#include <tidemark/expression/expression.hpp>
#include <tidemark/expression/node_id.hpp>
#include <tidemark/expression/owned.hpp>
#include <tidemark/expression/partitioner.hpp>

#include <concepts>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {

/// What a boundary with one parent has: an id, its parent, and the parent's slide.
template <expression Parent>
struct boundary : expression_base {
    using level = level_t<Parent>;
    using parents = type_list<Parent>;

    node_id id;
    Parent parent;

    explicit boundary(Parent before)
        : parent(std::move(before))
    {}

    [[nodiscard]] auto slide() const
        requires level::is_stream
    {
        return parent.slide();
    }
};

/// Pairs brought together by key, a view of characters as a string. `Aggregation` says what becomes of the values of one key:
///
/// `combined<Value>` names the result; `create(value)`, `merge(combined, value)` and `merge_combined(combined,
/// combined)` build it; `combines_early` allows partial results before the exchange, else values are exchanged one by
/// one. With `creates_once` there is exactly one partial result for each key and source partition; else as many as pay.
template <pair_expression Parent, typename Aggregation>
struct keyed : boundary<Parent> {
    using record_type = std::pair<owned_key_t<Parent>, typename Aggregation::template combined<mapped_t<Parent>>>;
    using aggregation_type = Aggregation;

    static constexpr dependency depends = dependency::wide;
    static constexpr auto name = Aggregation::name;
    static constexpr bool needs_dataset = false; ///< Whether a batch without a dataset is an error.

    [[no_unique_address]] Aggregation aggregation;
    told_partitioner<owned_key_t<Parent>> partitioner;

    keyed(Parent before, Aggregation how, told_partitioner<owned_key_t<Parent>> by = {})
        : boundary<Parent>(std::move(before))
        , aggregation(std::move(how))
        , partitioner(std::move(by))
    {}
};

/// Pairs laid out by key, otherwise unchanged.
template <pair_expression Parent>
struct laid_out : boundary<Parent> {
    using record_type = record_t<Parent>;

    static constexpr dependency depends = dependency::wide;
    static constexpr std::string_view name = "partition_by";
    static constexpr bool needs_dataset = false;

    told_partitioner<key_t<Parent>> partitioner;

    laid_out(Parent before, told_partitioner<key_t<Parent>> by)
        : boundary<Parent>(std::move(before))
        , partitioner(std::move(by))
    {}
};

/// All records brought into one partition and folded into one value, `Fold::empty()` where there are none.
///
/// `add(value, record)` takes one record into the partition's value, `merge(value, value)` joins those of two
/// partitions, in the order of the partitions. A fold to which only the number of records matters may have
/// `add_many(value, number)`.
template <expression Parent, typename Fold>
struct gathered : boundary<Parent> {
    using record_type = typename Fold::template result<record_t<Parent>>;

    static constexpr dependency depends = dependency::wide;
    static constexpr auto name = Fold::name;
    static constexpr bool needs_dataset = Fold::needs_dataset; ///< Whether a batch without a dataset is an error.

    [[no_unique_address]] Fold fold;

    gathered(Parent before, Fold how)
        : boundary<Parent>(std::move(before))
        , fold(std::move(how))
    {}
};

/// What a boundary with two parents has. On streams both must have a dataset in a batch.
template <expression First, expression Second>
struct pair_boundary : expression_base {
    using level = level_t<First>;
    using parents = type_list<First, Second>;

    node_id id;
    First first;
    Second second;

    pair_boundary(First one, Second other)
        : first(std::move(one))
        , second(std::move(other))
    {}

    [[nodiscard]] auto slide() const
        requires level::is_stream
    {
        return first.slide();
    }
};

/// The partitions of one expression followed by those of another.
template <expression First, expression Second>
    requires std::same_as<record_t<First>, record_t<Second>>
struct merged : pair_boundary<First, Second> {
    using record_type = record_t<First>;

    static constexpr dependency depends = dependency::narrow;
    static constexpr std::string_view name = "union_";

    using pair_boundary<First, Second>::pair_boundary;
};

/// The partitions of several expressions of one type, one expression after the other. On streams all must have a
/// dataset in a batch.
template <expression Parent>
struct merged_all : expression_base {
    using record_type = record_t<Parent>;
    using level = level_t<Parent>;
    using parents = type_list<Parent>;

    static constexpr dependency depends = dependency::narrow;
    static constexpr std::string_view name = "union_all";

    node_id id;
    std::vector<Parent> all; ///< At least one.

    explicit merged_all(std::vector<Parent> list)
        : all(std::move(list))
    {}

    [[nodiscard]] auto slide() const
        requires level::is_stream
    {
        return all.front().slide();
    }
};

/// The pairs of two expressions brought together by key. `Meeting` says what becomes of those of one key.
///
/// `output<Key, First, Second>` names the record. The node is wide by its type, though a parent that is laid out as the
/// result will be is read partition by partition.
template <pair_expression First, pair_expression Second, typename Meeting>
    requires std::same_as<key_t<First>, key_t<Second>>
struct met : pair_boundary<First, Second> {
    using record_type = typename Meeting::template output<key_t<First>, mapped_t<First>, mapped_t<Second>>;
    using meeting_type = Meeting;

    static constexpr dependency depends = dependency::wide;
    static constexpr std::string_view name = Meeting::name;

    told_partitioner<key_t<First>> partitioner;

    met(First one, Second other, told_partitioner<key_t<First>> by)
        : pair_boundary<First, Second>(std::move(one), std::move(other))
        , partitioner(std::move(by))
    {}
};

/// A boundary with one parent, of which `boundary_dataset(node, line, environment)` makes a dataset, for rdds and for
/// each batch of a stream alike. `needs_dataset` says whether a batch without one is an error; else it has no result.
template <typename N>
concept computed_boundary = expression<N> && requires(N const& node) {
    node.id;
    node.parent;
    { N::needs_dataset } -> std::convertible_to<bool>;
};

/// A boundary with two parents, of which `boundary_dataset(node, first_line, second_line, environment)` makes a
/// dataset.
template <typename N>
concept computed_pair_boundary = expression<N> && requires(N const& node) {
    node.id;
    node.first;
    node.second;
};

/// A boundary with a list of parents of one type, of which `boundary_dataset(node, lines, environment)` makes a
/// dataset.
template <typename N>
concept computed_list_boundary = expression<N> && requires(N const& node) {
    node.id;
    node.all.front();
};

/// Whether the datasets of a boundary keep their records, so that a second reader computes nothing again: as the node's
/// `keeps_results` says, by default when it is wide.
template <typename N>
inline constexpr bool keeps_results_v = [] {
    if constexpr (requires { N::keeps_results; })
        return N::keeps_results;
    else
        return N::depends == dependency::wide;
}();

} // namespace tidemark
