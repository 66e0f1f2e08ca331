// SPDX-License-Identifier: BSL-1.0
//
// numbered_dataset: the records of a pipeline with numbers.

#pragma once

#include <tidemark/execution/gathered_dataset.hpp>
#include <tidemark/execution/rdd_environment.hpp>
#include <tidemark/expression/self_contained.hpp>
#include <tidemark/operators/count.hpp>
#include <tidemark/operators/zip_with_index.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// The end of a fused loop that gives each record a number, `number`, `number + step` ..., and sends it on.
template <typename Record>
class numbering_sink {
public:
    using result = std::pair<Record, std::int64_t>;

    numbering_sink(any_sink<result>& out, std::int64_t number, std::int64_t step)
        : next_(out)
        , number_(number)
        , step_(step)
    {}

    void operator()(Record const& value) { give(value); }
    void operator()(Record&& value) { give(std::move(value)); }
    void finish() { filler_.flush(next_); }
    [[nodiscard]] bool done() const { return filler_.done(next_); }

private:
    template <typename Value>
    void give(Value&& value)
    {
        filler_.push(next_, result(std::forward<Value>(value), number_));
        number_ += step_;
        if constexpr (!self_contained<Record>)
            filler_.flush(next_); // may look into what goes now
    }

    sink_exit<result> next_;
    chunk_filler_for<result, sink_exit<result>> filler_;
    std::int64_t number_;
    std::int64_t step_;
};

/// The number of records in each partition but the last.
template <typename Chain>
[[nodiscard]] row<std::int64_t> count_all_but_last(pipeline<Chain> const& line, any_executor const& executor)
{
    using record = typename Chain::output;
    row<std::int64_t> counts(line.partitions() == 0 ? 0 : line.partitions() - 1);
    count_fold const fold;
    auto one = [&](std::size_t partition) {
        line.run(partition, fold_sink<record, count_fold, std::int64_t>(fold, counts[partition]));
    };
    executor.attempt(counts.size(), one);
    return counts;
}

/// Records by their places: of consecutive numbers, the first of each partition is counted out once.
template <typename Chain, numbering How>
class numbered_dataset final : public dataset<std::pair<typename Chain::output, std::int64_t>> {
public:
    using record_type = std::pair<typename Chain::output, std::int64_t>;

    explicit numbered_dataset(pipeline<Chain> line)
        : line_(std::move(line))
    {}

    [[nodiscard]] std::size_t partitions() const override { return line_.partitions(); }
    [[nodiscard]] std::vector<lineage_edge> parents() const override { return {{line_.origin()}}; }
    [[nodiscard]] std::string describe() const override
    {
        return How == numbering::consecutive ? "zip_with_index" : "zip_with_unique_id";
    }

    void prepare(any_executor const& executor) override
    {
        if constexpr (How == numbering::consecutive) {
            std::scoped_lock const once(preparing_);
            if (!begins_.empty())
                return;
            std::vector<std::int64_t> begins{0};
            for (auto const records : count_all_but_last(line_, executor))
                begins.push_back(begins.back() + records);
            begins_ = std::move(begins);
        }
    }

    void feed(std::size_t partition, any_sink<record_type>& out) override
    {
        using sink = numbering_sink<typename Chain::output>;
        if constexpr (How == numbering::consecutive)
            line_.run(partition, sink(out, begins_[partition], 1));
        else
            line_.run(partition,
                      sink(out, static_cast<std::int64_t>(partition), static_cast<std::int64_t>(line_.partitions())));
    }

private:
    std::mutex preparing_;
    pipeline<Chain> line_;
    std::vector<std::int64_t> begins_; // the number of each partition's first record
};

/// The dataset of `zip_with_index` and `zip_with_unique_id`.
template <typename Parent, numbering How, typename Chain>
[[nodiscard]] dataset_ptr<record_t<numbered<Parent, How>>>
boundary_dataset(numbered<Parent, How> const&, pipeline<Chain> line, environment_ptr const&)
{
    return std::make_shared<numbered_dataset<Chain, How>>(std::move(line));
}

} // namespace tidemark
