// SPDX-License-Identifier: BSL-1.0
//
// coalesced_dataset: neighbouring partitions of a collection read one after the other, as one.

#pragma once

#include <tidemark/execution/pipeline.hpp>
#include <tidemark/execution/rdd_environment.hpp>
#include <tidemark/operators/repartition.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// A collection in at most so many partitions.
template <typename Record>
class coalesced_dataset final : public dataset<Record> {
public:
    coalesced_dataset(dataset_ptr<Record> from, std::size_t most)
        : from_(std::move(from))
        , most_(most)
    {}

    [[nodiscard]] std::size_t partitions() const override { return std::min(most_, from_->partitions()); }
    [[nodiscard]] std::vector<lineage_edge> parents() const override { return {{from_.get()}}; }
    [[nodiscard]] std::string describe() const override { return "coalesce"; }

    void feed(std::size_t partition, any_sink<Record>& out) override
    {
        auto const sources = from_->partitions();
        auto const parts = partitions();
        for (auto each = partition * sources / parts; each < (partition + 1) * sources / parts && !out.done(); ++each)
            from_->feed(each, out);
    }

private:
    lineage_ptr<dataset<Record>> from_;
    std::size_t most_;
};

/// The dataset of `coalesce`.
template <typename Parent, typename Chain>
[[nodiscard]] dataset_ptr<record_t<Parent>> boundary_dataset(coalesced<Parent> const& node, pipeline<Chain> line,
                                                             environment_ptr const&)
{
    return std::make_shared<coalesced_dataset<record_t<Parent>>>(as_dataset(std::move(line)), node.partitions);
}

} // namespace tidemark
