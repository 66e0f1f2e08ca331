// SPDX-License-Identifier: BSL-1.0
//
// sorted_dataset: the records of a pipeline in order over all partitions, computed once.

#pragma once

#include <tidemark/execution/collect_sink.hpp>
#include <tidemark/execution/rdd_environment.hpp>
#include <tidemark/execution/rows_dataset.hpp>
#include <tidemark/operators/sort_by.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// Joins sorted runs that stand one after the other, each from one bound up to the next, into one; among equal records
/// those of an earlier run come first.
template <typename Record, typename Order>
void merge_runs(row<Record>& records, std::vector<std::size_t> bounds, Order const& order)
{
    row<Record> merged;
    merged.reserve(records.size());
    auto const at = [&records](std::size_t place) {
        return std::make_move_iterator(records.begin() + static_cast<std::ptrdiff_t>(place));
    };
    while (bounds.size() > 2) {
        std::vector<std::size_t> fewer{bounds.front()};
        for (std::size_t run = 0; run + 1 < bounds.size(); run += 2) {
            auto const last = std::min(run + 2, bounds.size() - 1);
            std::merge(at(bounds[run]), at(bounds[run + 1]), at(bounds[run + 1]), at(bounds[last]),
                       std::back_inserter(merged), order);
            fewer.push_back(bounds[last]);
        }
        bounds = std::move(fewer);
        records.swap(merged);
        merged.clear();
    }
}

/// Sorts short runs by insertion, and joins them. `std::stable_sort` is not asked: the memory that libstdc++ takes for it
/// has the alignment of plain `new`, whatever the records need, and a name that C++17 has deprecated.
template <typename Record, typename Order>
void sort_in_runs(row<Record>& records, Order const& order)
{
    constexpr std::size_t longest = 16;
    auto const at = [&records](std::size_t place) { return records.begin() + static_cast<std::ptrdiff_t>(place); };
    std::vector<std::size_t> bounds{0};
    while (bounds.back() < records.size()) {
        auto const end = std::min(bounds.back() + longest, records.size());
        for (auto next = bounds.back() + 1; next < end; ++next)
            std::rotate(std::upper_bound(at(bounds.back()), at(next), records[next], order), at(next), at(next + 1));
        bounds.push_back(end);
    }
    merge_runs<Record>(records, std::move(bounds), order);
}

/// Whether the records themselves are sorted, and not their places: those of up to a cache line.
template <typename Record>
inline constexpr bool sorted_themselves = sizeof(Record) <= 64;

/// `order` of records, by their places.
template <typename Record, typename Order>
struct place_order {
    Order const& order;

    [[nodiscard]] bool operator()(Record const* left, Record const* right) const { return order(*left, *right); }
};

/// Where each record stands, in their order.
template <typename Record>
[[nodiscard]] row<Record*> places_of(row<Record>& records)
{
    row<Record*> places;
    places.reserve(records.size());
    for (auto& record : records)
        places.push_back(&record);
    return places;
}

/// The records that stand at `places`, moved out of there.
template <typename Record>
[[nodiscard]] row<Record> moved_from(row<Record*> const& places)
{
    row<Record> out;
    out.reserve(places.size());
    for (auto* const record : places)
        out.push_back(std::move(*record));
    return out;
}

/// Puts records in order; equal ones stay in theirs.
template <typename Record, typename Order>
void sort_stably(row<Record>& records, Order const& order)
{
    if constexpr (sorted_themselves<Record>)
        sort_in_runs<Record>(records, order);
    else {
        auto places = places_of<Record>(records);
        sort_in_runs<Record*>(places, place_order<Record, Order>{order});
        records = moved_from<Record>(places);
    }
}

/// The last record of each of `parts` partitions but the last one, found in sorted rows by regular sampling; null where
/// a partition comes before all records.
///
/// Each sample stands for the same number of records up to itself, however they are spread over the rows; there are
/// about as many samples as rows times partitions.
template <typename Record, typename Order>
[[nodiscard]] std::vector<Record const*> splitters_of(partitioned<Record> const& rows, std::size_t parts,
                                                      Order const& order)
{
    std::size_t total = 0;
    for (auto const& each : rows)
        total += each.size();
    auto const stride = std::max<std::size_t>(1, total / parts / std::max<std::size_t>(1, rows.size()));
    std::vector<Record const*> samples;
    for (auto const& each : rows)
        for (auto place = stride; place <= each.size(); place += stride)
            samples.push_back(&each[place - 1]);
    sort_in_runs<Record const*>(samples, place_order<Record, Order>{order});
    std::vector<Record const*> splitters;
    for (std::size_t part = 1; part < parts; ++part) {
        auto const before = part * samples.size() / parts;
        splitters.push_back(before == 0 ? nullptr : samples[before - 1]);
    }
    return splitters;
}

/// Where a sorted row is cut: partition `p` gets the records from place `p` of the result up to place `p + 1`.
template <typename Record, typename Order>
[[nodiscard]] std::vector<std::size_t> cuts_of(row<Record> const& sorted, std::vector<Record const*> const& splitters,
                                               Order const& order)
{
    std::vector<std::size_t> cuts{0};
    for (auto const* const last : splitters) {
        auto const from = sorted.begin() + static_cast<std::ptrdiff_t>(cuts.back());
        auto const end = last == nullptr ? from : std::upper_bound(from, sorted.end(), *last, order);
        cuts.push_back(static_cast<std::size_t>(end - sorted.begin()));
    }
    cuts.push_back(sorted.size());
    return cuts;
}

/// All records of the pipeline, each partition before the next.
///
/// *Source:* H. Shi, J. Schaeffer, "Parallel sorting by regular sampling", Journal of Parallel and Distributed Computing
/// 14 (1992): each partition is sorted by itself, regular samples of the sorted rows say where to cut them, and each
/// target merges the pieces that are its own.
template <typename Chain, typename Order>
class sorted_dataset final : public rows_dataset<typename Chain::output> {
public:
    using record_type = typename Chain::output;

    sorted_dataset(pipeline<Chain> line, Order order, partition_number partitions)
        : line_(std::move(line))
        , order_(std::move(order))
        , asked_(partitions)
    {}

    [[nodiscard]] std::vector<lineage_edge> parents() const override { return {{line_.origin(), dependency::wide}}; }
    [[nodiscard]] std::string describe() const override { return "sort_by"; }

private:
    using cut_list = std::vector<std::size_t>;

    [[nodiscard]] std::size_t open(any_executor const& executor) override
    {
        line_.prepare(executor);
        return asked_.value_or(line_.partitions());
    }

    [[nodiscard]] partitioned<record_type> make(std::vector<std::size_t> const& wanted,
                                                any_executor const& executor) override
    {
        partitioned<record_type> rows(line_.partitions());
        auto sort_one = [&](std::size_t source) {
            row<record_type> records; // neighbours share cache lines, and other threads grow them
            line_.run(source, collect_sink<record_type>(records));
            sort_stably<record_type>(records, order_);
            rows[source] = std::move(records);
        };
        executor.attempt(rows.size(), sort_one);
        auto const splitters = splitters_of<record_type>(rows, asked_.value_or(rows.size()), order_);
        std::vector<cut_list> cuts(rows.size()); // all of them before the first record moves: splitters lie in the rows
        auto cut_one = [&](std::size_t source) {
            cuts[source] = cuts_of<record_type>(rows[source], splitters, order_);
        };
        executor.run(rows.size(), cut_one);
        partitioned<record_type> made(wanted.size());
        auto merge_one = [&](std::size_t number) { made[number] = merged_part(rows, cuts, wanted[number]); };
        executor.run(wanted.size(), merge_one);
        return made;
    }

    [[nodiscard]] row<record_type> merged_part(partitioned<record_type>& rows, std::vector<cut_list> const& cuts,
                                               std::size_t part) const
    {
        row<record_type*> places;
        cut_list bounds{0};
        for (std::size_t source = 0; source < rows.size(); ++source) {
            for (auto place = cuts[source][part]; place < cuts[source][part + 1]; ++place)
                places.push_back(&rows[source][place]);
            if (places.size() != bounds.back())
                bounds.push_back(places.size());
        }
        if constexpr (sorted_themselves<record_type>) {
            auto out = moved_from<record_type>(places);
            merge_runs<record_type>(out, std::move(bounds), order_);
            return out;
        } else {
            merge_runs<record_type*>(places, std::move(bounds), place_order<record_type, Order>{order_});
            return moved_from<record_type>(places);
        }
    }

    pipeline<Chain> line_;
    Order order_;
    partition_number asked_;
};

/// The dataset of `sort_by`.
template <typename Parent, typename Projection, typename Chain>
[[nodiscard]] dataset_ptr<record_t<Parent>> boundary_dataset(sorted_by<Parent, Projection> const& node,
                                                             pipeline<Chain> line, environment_ptr const&)
{
    using made = sorted_dataset<Chain, projected_order<Projection>>;
    return std::make_shared<made>(std::move(line), node.order, node.partitions);
}

} // namespace tidemark
