// SPDX-License-Identifier: BSL-1.0
//
// paired_datasets: the records of two pipelines, place by place, or each with each.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/execution/collect_sink.hpp>
#include <tidemark/execution/rdd_environment.hpp>
#include <tidemark/operators/zip.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// The end of a fused loop that puts its records beside those of a row.
template <typename First, typename Second>
class zip_sink {
public:
    using result = std::pair<First, Second>;

    /// `seen` counts the records that came, also those that have no partner.
    zip_sink(row<First>& partners, any_sink<result>& out, std::size_t& seen)
        : partners_(&partners)
        , next_(out)
        , seen_(&seen)
    {}

    void operator()(Second const& value) { give(value); }
    void operator()(Second&& value) { give(std::move(value)); }
    void finish() { filler_.flush(next_); }
    [[nodiscard]] bool done() const { return filler_.done(next_); }

private:
    template <typename Value>
    void give(Value&& value)
    {
        auto const place = (*seen_)++;
        if (place < partners_->size())
            filler_.push(next_, result(std::move((*partners_)[place]), std::forward<Value>(value)));
    }

    row<First>* partners_;
    sink_exit<result> next_;
    chunk_filler_for<result, sink_exit<result>> filler_;
    std::size_t* seen_;
};

/// The end of a fused loop that puts each record beside each of a row.
template <typename First, typename Second>
class cross_sink {
public:
    using result = std::pair<First, Second>;

    cross_sink(row<Second> const& partners, any_sink<result>& out)
        : partners_(&partners)
        , next_(out)
    {}

    void operator()(First const& value)
    {
        for (auto partner = partners_->begin(); partner != partners_->end() && !filler_.done(next_); ++partner)
            filler_.push(next_, result(value, *partner));
    }
    void finish() { filler_.flush(next_); }
    [[nodiscard]] bool done() const { return filler_.done(next_); }

private:
    row<Second> const* partners_;
    sink_exit<result> next_;
    chunk_filler_for<result, sink_exit<result>> filler_;
};

/// The records of two pipelines that have the same place in the same partition.
template <typename First, typename Second>
class zipped_dataset final : public dataset<std::pair<typename First::output, typename Second::output>> {
public:
    using record_type = std::pair<typename First::output, typename Second::output>;

    zipped_dataset(pipeline<First> first, pipeline<Second> second)
        : first_(std::move(first))
        , second_(std::move(second))
    {}

    [[nodiscard]] std::size_t partitions() const override { return first_.partitions(); }
    [[nodiscard]] std::vector<lineage_edge> parents() const override { return {{first_.origin()}, {second_.origin()}}; }
    [[nodiscard]] std::string describe() const override { return "zip"; }

    void prepare(any_executor const&) override
    {
        if (first_.partitions() != second_.partitions())
            throw usage_error("tidemark::zip: the first has " + std::to_string(first_.partitions())
                              + " partitions and the second " + std::to_string(second_.partitions())
                              + "; give both the same number, by repartition");
    }

    void feed(std::size_t partition, any_sink<record_type>& out) override
    {
        row<typename First::output> partners;
        first_.run(partition, collect_sink<typename First::output>(partners));
        std::size_t seen = 0;
        second_.run(partition, zip_sink<typename First::output, typename Second::output>(partners, out, seen));
        if (seen != partners.size() && !out.done())
            throw usage_error("tidemark::zip: in partition " + std::to_string(partition) + " the first has "
                              + std::to_string(partners.size()) + " records and the second " + std::to_string(seen)
                              + "; both need the same number in each partition");
    }

private:
    pipeline<First> first_;
    pipeline<Second> second_;
};

/// Each record of one pipeline with each of another.
template <typename First, typename Second>
class crossed_dataset final : public dataset<std::pair<typename First::output, typename Second::output>> {
public:
    using record_type = std::pair<typename First::output, typename Second::output>;

    crossed_dataset(pipeline<First> first, pipeline<Second> second)
        : first_(std::move(first))
        , second_(std::move(second))
    {}

    [[nodiscard]] std::size_t partitions() const override { return first_.partitions() * second_.partitions(); }
    [[nodiscard]] std::vector<lineage_edge> parents() const override { return {{first_.origin()}, {second_.origin()}}; }
    [[nodiscard]] std::string describe() const override { return "cartesian"; }

    void feed(std::size_t partition, any_sink<record_type>& out) override
    {
        using sink = cross_sink<typename First::output, typename Second::output>;
        auto const across = second_.partitions();
        row<typename Second::output> partners;
        second_.run(partition % across, collect_sink<typename Second::output>(partners));
        if (!partners.empty())
            first_.run(partition / across, sink(partners, out));
    }

private:
    pipeline<First> first_;
    pipeline<Second> second_;
};

/// The dataset of `zip`.
template <typename First, typename Second, typename Chain, typename OtherChain>
[[nodiscard]] dataset_ptr<record_t<zipped<First, Second>>>
boundary_dataset(zipped<First, Second> const&, pipeline<Chain> first, pipeline<OtherChain> second,
                 environment_ptr const&)
{
    return std::make_shared<zipped_dataset<Chain, OtherChain>>(std::move(first), std::move(second));
}

/// The dataset of `cartesian`.
template <typename First, typename Second, typename Chain, typename OtherChain>
[[nodiscard]] dataset_ptr<record_t<crossed<First, Second>>>
boundary_dataset(crossed<First, Second> const&, pipeline<Chain> first, pipeline<OtherChain> second,
                 environment_ptr const&)
{
    return std::make_shared<crossed_dataset<Chain, OtherChain>>(std::move(first), std::move(second));
}

} // namespace tidemark
