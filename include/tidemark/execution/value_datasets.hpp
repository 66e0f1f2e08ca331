// SPDX-License-Identifier: BSL-1.0
//
// value_datasets: datasets made of others by records as keys (count_by_value, distinct, intersection, subtract), and of
// a fold that may give nothing (reduce).

#pragma once

#include <tidemark/execution/gathered_dataset.hpp>
#include <tidemark/execution/key_placement.hpp>
#include <tidemark/execution/keyed_dataset.hpp>
#include <tidemark/execution/plain_datasets.hpp>
#include <tidemark/execution/rdd_environment.hpp>
#include <tidemark/expression/owned.hpp>
#include <tidemark/operators/count_by_value.hpp>
#include <tidemark/operators/distinct.hpp>
#include <tidemark/operators/flat_map.hpp>
#include <tidemark/operators/intersection.hpp>
#include <tidemark/operators/map.hpp>
#include <tidemark/operators/reduce.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace tidemark {

/// Makes the pair of each record and one value. The record moves where it can.
template <typename Value>
struct beside {
    Value value;

    template <typename Record>
    [[nodiscard]] std::pair<std::remove_cvref_t<Record>, Value> operator()(Record&& record) const
    {
        return {std::forward<Record>(record), value};
    }
};

/// Nothing but the key of a pair, where it stands.
struct without_value {
    template <typename Key, typename Value>
    [[nodiscard]] Key const& operator()(std::pair<Key, Value> const& pair) const
    {
        return pair.first;
    }
};

/// Adds up numbers that belong to one record.
template <typename Number>
struct adding_aggregation {
    template <typename Value>
    using combined = Number;

    static constexpr std::string_view name = "by value";
    static constexpr bool combines_early = true;

    [[nodiscard]] Number create(Number value) const { return value; }
    void merge(Number& sum, Number const& value) const { sum += value; }
    void merge_combined(Number& sum, Number const& other) const { sum += other; }
};

/// Nothing to add up: the key alone counts.
struct no_number {
    no_number& operator+=(no_number const&) { return *this; }
};

/// How often each of two collections has a record.
struct side_counts {
    std::int64_t first = 0;
    std::int64_t second = 0;

    side_counts& operator+=(side_counts const& other)
    {
        first += other.first;
        second += other.second;
        return *this;
    }
};

/// A range of one record, where it stands, several times.
template <typename Record>
struct repeated {
    /// Stands at the record, `left` times.
    struct iterator {
        Record const* record;
        std::int64_t left;

        [[nodiscard]] Record const& operator*() const { return *record; }
        iterator& operator++()
        {
            --left;
            return *this;
        }
        friend bool operator==(iterator const& one, iterator const& other) { return one.left == other.left; }
    };

    Record const& record;
    std::int64_t times;

    [[nodiscard]] iterator begin() const { return {&record, times}; }
    [[nodiscard]] iterator end() const { return {&record, 0}; }
};

/// The record when both sides have it.
template <set_question Asked>
struct answer {
    template <typename Record>
    [[nodiscard]] repeated<Record> operator()(std::pair<Record, side_counts> const& each) const
    {
        auto const& [record, counts] = each;
        return {record, counts.first != 0 && counts.second != 0 ? 1 : 0};
    }
};

/// The record as often as the first side has it, when the second has it not.
template <>
struct answer<set_question::in_first_only> {
    template <typename Record>
    [[nodiscard]] repeated<Record> operator()(std::pair<Record, side_counts> const& each) const
    {
        auto const& [record, counts] = each;
        return {record, counts.second == 0 ? counts.first : 0};
    }
};

namespace detail {

/// A dataset and one step.
template <typename Step, typename Record>
[[nodiscard]] auto stepped(dataset_ptr<Record> from, Step step)
{
    return as_dataset(pipeline(std::move(from), chain_start<Record>{}).then(std::move(step)));
}

/// The sum of `Number`s for each record of `line`, which are pairs.
template <typename Number, typename Chain>
[[nodiscard]] auto summed(pipeline<Chain> line, key_layout layout)
{
    using key = owned_t<typename Chain::output::first_type>;
    return dataset_ptr<std::pair<key, Number>>(std::make_shared<keyed_dataset<Chain, adding_aggregation<Number>>>(
        std::move(line), adding_aggregation<Number>{}, key_placement<key>{layout}));
}

[[nodiscard]] inline key_layout layout_with(partition_number partitions, rdd_environment const& where)
{
    return {partitions.value_or(where.layout.partitions), where.layout.groups};
}

} // namespace detail

/// The dataset of `reduce`.
template <typename Parent, typename Reduction, typename Chain>
[[nodiscard]] dataset_ptr<record_t<Parent>> boundary_dataset(reduced<Parent, Reduction> const& node,
                                                             pipeline<Chain> line, environment_ptr const&)
{
    dataset_ptr<std::optional<record_t<Parent>>> const total =
        std::make_shared<gathered_dataset<Chain, reduce_fold<Reduction>>>(std::move(line), node.fold);
    return detail::stepped(total, flat_map_step<std::identity>{});
}

/// The dataset of `count_by_value`.
template <typename Parent, typename Chain>
[[nodiscard]] dataset_ptr<record_t<counted_by_value<Parent>>>
boundary_dataset(counted_by_value<Parent> const& node, pipeline<Chain> line, environment_ptr const& where)
{
    using number = std::int64_t;
    return detail::summed<number>(line.then(map_step<beside<number>>{{1}}),
                                  detail::layout_with(node.partitions, *where));
}

/// The dataset of `distinct`.
template <typename Parent, typename Chain>
[[nodiscard]] dataset_ptr<record_t<distinct_records<Parent>>>
boundary_dataset(distinct_records<Parent> const& node, pipeline<Chain> line, environment_ptr const& where)
{
    return detail::stepped(detail::summed<no_number>(line.then(map_step<beside<no_number>>{}),
                                                     detail::layout_with(node.partitions, *where)),
                           map_step<without_value>{});
}

/// The dataset of `intersection` and of `subtract`.
template <typename First, typename Second, set_question Asked, typename Chain, typename OtherChain>
[[nodiscard]] dataset_ptr<record_t<First>> boundary_dataset(compared<First, Second, Asked> const&,
                                                            pipeline<Chain> first, pipeline<OtherChain> second,
                                                            environment_ptr const& where)
{
    using record = std::pair<record_t<First>, side_counts>;
    using step = map_step<beside<side_counts>>;
    dataset_ptr<record> const both = std::make_shared<merged_dataset<record>>(std::vector<dataset_ptr<record>>{
        as_dataset(first.then(step{{{1, 0}}})), as_dataset(second.then(step{{{0, 1}}}))});
    return detail::stepped(detail::summed<side_counts>(pipeline(both, chain_start<record>{}), where->layout),
                           flat_map_step<answer<Asked>>{});
}

} // namespace tidemark
