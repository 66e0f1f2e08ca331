// SPDX-License-Identifier: BSL-1.0
//
// laid_out_dataset: pairs in the partitions of their keys, computed once.

#pragma once

#include <tidemark/execution/exchange.hpp>
#include <tidemark/execution/held_partitions.hpp>
#include <tidemark/execution/key_placement.hpp>

#include <bit>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// The pairs of a pipeline, each partition in the order of (source partition, position). Pairs that lie in the right way
/// already pass through, and are not held.
template <typename Chain>
class laid_out_dataset final : public dataset<typename Chain::output> {
public:
    using record_type = typename Chain::output;
    using key = typename record_type::first_type;
    using value = typename record_type::second_type;

    laid_out_dataset(pipeline<Chain> line, key_placement<key> placement)
        : line_(std::move(line))
        , placement_(std::move(placement))
        , narrow_(placement_.is_that_of(line_.partitioning()))
        , received_(placement_.layout.partitions)
    {}

    [[nodiscard]] std::size_t partitions() const override { return placement_.layout.partitions; }
    [[nodiscard]] std::vector<lineage_edge> parents() const override
    {
        return {{line_.origin(), narrow_ ? dependency::narrow : dependency::wide}};
    }
    [[nodiscard]] bool holds_records() const override
    {
        std::scoped_lock const lock(preparing_);
        return received_.complete();
    }
    [[nodiscard]] std::optional<key_partitioning> partitioning() const override { return placement_.partitioning(); }
    [[nodiscard]] std::string describe() const override { return "partition_by"; }

    void prepare(any_executor const& executor) override
    {
        std::scoped_lock const once(preparing_);
        if (narrow_)
            return line_.prepare(executor);
        if (received_.complete())
            return;
        auto const partitions = placement_.layout.partitions;
        auto sent =
            exchange_all(line_, key_layout{partitions, std::bit_ceil(partitions)}, executor, placement_.by_partition());
        auto const missing = received_.missing();
        partitioned<record_type> fresh(missing.size());
        auto receive = [&](std::size_t number) { receive_partition(sent, missing[number], fresh[number]); };
        if (!sent.empty())
            executor.run(missing.size(), receive);
        for (std::size_t number = 0; number < missing.size(); ++number)
            received_.put(missing[number], std::move(fresh[number]));
    }

    void lose(std::size_t partition) override
    {
        std::scoped_lock const lock(preparing_);
        received_.lose(partition);
    }

    void feed(std::size_t partition, any_sink<record_type>& out) override
    {
        if (narrow_)
            line_.run(partition, sink_exit<record_type>(out));
        else
            feed_row(*received_.at(partition), out);
    }

private:
    static void receive_partition(exchange<key, value>& sent, std::size_t partition, row<record_type>& out)
    {
        out.reserve(sent.size(partition));
        for (auto& run : sent.runs())
            for (auto& record : run.group(partition))
                out.emplace_back(std::move(record.key), std::move(record.value));
    }

    mutable std::mutex preparing_;
    pipeline<Chain> line_;
    key_placement<key> placement_;
    bool narrow_;
    held_partitions<record_type> received_;
};

} // namespace tidemark
