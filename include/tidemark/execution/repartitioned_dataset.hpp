// SPDX-License-Identifier: BSL-1.0
//
// repartitioned_dataset: the records of a pipeline in another number of partitions, computed once.

#pragma once

#include <tidemark/execution/collect_sink.hpp>
#include <tidemark/execution/rdd_environment.hpp>
#include <tidemark/execution/rows_dataset.hpp>
#include <tidemark/operators/repartition.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// The records numbered `from` up to, not including, `to` of several rows that stand one after the other; moved out of
/// them.
template <typename Record>
[[nodiscard]] row<Record> moved_out(partitioned<Record>& rows, std::size_t from, std::size_t to)
{
    row<Record> out;
    out.reserve(to - from);
    std::size_t begin = 0; // of the row, among all
    for (auto& each : rows) {
        auto const end = begin + each.size();
        for (auto place = std::max(from, begin); place < std::min(to, end); ++place)
            out.push_back(std::move(each[place - begin]));
        begin = end;
    }
    return out;
}

/// All records of the pipeline, in their order, in slices whose sizes differ by one at most.
template <typename Chain>
class repartitioned_dataset final : public rows_dataset<typename Chain::output> {
public:
    using record_type = typename Chain::output;

    repartitioned_dataset(pipeline<Chain> line, std::size_t partitions)
        : line_(std::move(line))
        , asked_(partitions)
    {}

    [[nodiscard]] std::vector<lineage_edge> parents() const override { return {{line_.origin(), dependency::wide}}; }
    [[nodiscard]] std::string describe() const override { return "repartition"; }

private:
    [[nodiscard]] std::size_t open(any_executor const& executor) override
    {
        line_.prepare(executor);
        return asked_;
    }

    [[nodiscard]] partitioned<record_type> make(std::vector<std::size_t> const& wanted,
                                                any_executor const& executor) override
    {
        auto rows = collect_partitions(line_, executor);
        std::size_t total = 0;
        for (auto const& each : rows)
            total += each.size();
        partitioned<record_type> made(wanted.size());
        auto one = [&](std::size_t number) {
            auto const slice = wanted[number];
            made[number] = moved_out<record_type>(rows, slice * total / asked_, (slice + 1) * total / asked_);
        };
        executor.run(wanted.size(), one);
        return made;
    }

    pipeline<Chain> line_;
    std::size_t asked_;
};

/// The dataset of `repartition`.
template <typename Parent, typename Chain>
[[nodiscard]] dataset_ptr<record_t<Parent>> boundary_dataset(repartitioned<Parent> const& node, pipeline<Chain> line,
                                                             environment_ptr const&)
{
    return std::make_shared<repartitioned_dataset<Chain>>(std::move(line), node.partitions);
}

} // namespace tidemark
