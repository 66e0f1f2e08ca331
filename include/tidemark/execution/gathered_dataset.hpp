// SPDX-License-Identifier: BSL-1.0
//
// gathered_dataset: one record folded out of all partitions, computed once.

#pragma once

#include <tidemark/execution/pipeline.hpp>
#include <tidemark/execution/plain_datasets.hpp>

#include <cstddef>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// Folds the lanes that are kept, with a fold that says how to without a branch: `add_if(value, record, keep)`.
template <typename Record, typename Fold, typename Value>
struct fold_lanes {
    Fold const* fold;
    Value value;

    void operator()(Record const& record, bool keep) { fold->add_if(value, record, keep); }
};

/// The end of a fused loop that folds its records into one value.
template <typename Record, typename Fold, typename Value>
class fold_sink {
public:
    fold_sink(Fold const& fold, Value& value)
        : fold_(&fold)
        , out_(&value)
        , value_(fold.empty())
    {}

    void operator()(Record const& record) { fold_->add(value_, record); }
    void operator()(Record&& record) { fold_->add(value_, std::move(record)); }
    void chunk(std::span<Record const> records)
        requires chunkable<Record>
    {
        if constexpr (requires { fold_->add_many(value_, records.size()); })
            fold_->add_many(value_, records.size());
        else
            for (auto const& record : records)
                fold_->add(value_, record);
    }
    [[nodiscard]] auto lanes()
        requires chunkable<Record>
                 && requires(Fold const& fold, Value& value, Record const& record) { fold.add_if(value, record, true); }
    {
        return fold_lanes<Record, Fold, Value>{fold_, value_};
    }
    void close(fold_lanes<Record, Fold, Value> const& lanes) { value_ = lanes.value; }
    void finish() { *out_ = std::move(value_); }
    [[nodiscard]] bool done() const { return false; }

private:
    Fold const* fold_;
    Value* out_;
    Value value_; // here while the loop runs, so that it can stay in a register
};

/// Folds each partition, then the partitions' values in their order.
template <typename Chain, typename Fold>
[[nodiscard]] auto fold_all(pipeline<Chain> const& line, Fold const& fold, any_executor const& executor)
{
    using record = typename Chain::output;
    using value = typename Fold::template result<record>;
    line.prepare(executor);
    row<value> parts(line.partitions(), fold.empty());
    auto one = [&](std::size_t partition) {
        line.run(partition, fold_sink<record, Fold, value>(fold, parts[partition]));
    };
    held_updates held; // of the tasks and of what joins their values
    executor.attempt(parts.size(), one);
    value total = fold.empty();
    for (auto& part : parts)
        fold.merge(total, std::move(part));
    held.keep();
    return total;
}

/// `fold_all` as a collection of one partition with one record.
template <typename Chain, typename Fold>
class gathered_dataset final : public dataset<typename Fold::template result<typename Chain::output>> {
public:
    using record_type = typename Fold::template result<typename Chain::output>;

    gathered_dataset(pipeline<Chain> line, Fold fold)
        : line_(std::move(line))
        , fold_(std::move(fold))
    {}

    [[nodiscard]] std::size_t partitions() const override { return 1; }
    [[nodiscard]] std::vector<lineage_edge> parents() const override { return {line_.edge(dependency::wide)}; }
    [[nodiscard]] bool holds_records() const override
    {
        std::scoped_lock const lock(preparing_);
        return total_.has_value();
    }
    [[nodiscard]] std::string describe() const override { return std::string(Fold::name); }

    void prepare(any_executor const& executor) override
    {
        std::scoped_lock const once(preparing_);
        if (!total_)
            total_.emplace(fold_all(line_, fold_, executor));
    }

    void lose(std::size_t) override
    {
        std::scoped_lock const lock(preparing_);
        total_.reset();
    }

    void feed(std::size_t, any_sink<record_type>& out) override { out.take(*total_); }

private:
    mutable std::mutex preparing_;
    pipeline<Chain> line_;
    [[no_unique_address]] Fold fold_;
    std::optional<record_type> total_;
};

} // namespace tidemark
