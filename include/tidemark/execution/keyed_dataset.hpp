// SPDX-License-Identifier: BSL-1.0
//
// keyed_dataset: pairs brought together by key, computed once.

#pragma once

#include <tidemark/execution/combiner.hpp>
#include <tidemark/execution/held_partitions.hpp>
#include <tidemark/execution/key_index.hpp>
#include <tidemark/execution/plain_datasets.hpp>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// The result of `Aggregation` over the pairs of a pipeline. A key's values meet in the order of (source partition,
/// position); keys stand, within a group, in the order in which they first come out of the exchange.
template <typename Chain, typename Aggregation>
class keyed_dataset final
    : public dataset<std::pair<typename Chain::output::first_type,
                               typename Aggregation::template combined<typename Chain::output::second_type>>> {
public:
    using key = typename Chain::output::first_type;
    using value = typename Chain::output::second_type;
    using combined = typename Aggregation::template combined<value>;
    using record_type = std::pair<key, combined>;

    keyed_dataset(pipeline<Chain> line, Aggregation aggregation, key_layout layout)
        : line_(std::move(line))
        , aggregation_(std::move(aggregation))
        , layout_(layout)
        , received_(layout.partitions)
    {}

    [[nodiscard]] std::size_t partitions() const override { return layout_.partitions; }
    [[nodiscard]] std::vector<lineage_edge> parents() const override { return {{line_.origin(), dependency::wide}}; }
    [[nodiscard]] bool holds_records() const override
    {
        std::scoped_lock const lock(preparing_);
        return received_.complete();
    }
    [[nodiscard]] std::optional<key_partitioning> partitioning() const override
    {
        return key_partitioning{layout_.partitions, layout_.groups, nullptr};
    }
    [[nodiscard]] std::string describe() const override { return std::string(Aggregation::name); }

    /// All partitions, or those that were lost: for them everything is sent again, and only they receive it.
    void prepare(any_executor const& executor) override
    {
        std::scoped_lock const once(preparing_);
        if (received_.complete())
            return;
        line_.prepare(executor);
        exchange<key, combined> sent(line_.partitions(), layout_);
        auto send = [&](std::size_t partition) {
            line_.run(partition, combining_sink<key, value, Aggregation>(aggregation_, sent, partition));
        };
        executor.attempt(line_.partitions(), send);
        sent.close();
        auto const missing = received_.missing();
        partitioned<record_type> fresh(missing.size());
        if (!sent.empty()) {
            auto receive = [&](std::size_t number) { receive_partition(sent, missing[number], fresh[number]); };
            executor.run(missing.size(), receive);
        }
        for (std::size_t number = 0; number < missing.size(); ++number)
            received_.put(missing[number], std::move(fresh[number]));
    }

    void lose(std::size_t partition) override
    {
        std::scoped_lock const lock(preparing_);
        received_.lose(partition);
    }

    void feed(std::size_t partition, any_sink<record_type>& out) override { feed_row(*received_.at(partition), out); }

private:
    void receive_partition(exchange<key, combined>& sent, std::size_t partition, row<record_type>& out) const
    {
        key_index index;
        for (auto group = partition; group < layout_.groups; group += layout_.partitions) {
            auto const coming = sent.size(group);
            if (coming == 0)
                continue;
            index.reset(coming);
            auto const first = out.size();
            for (auto& run : sent.runs())
                for (auto& record : run.group(group)) {
                    auto const fresh = static_cast<std::uint32_t>(out.size() - first);
                    auto const place = index.find_or_insert(
                        record.hash, fresh, [&](std::uint32_t at) { return out[first + at].first == record.key; });
                    if (place == fresh)
                        out.emplace_back(std::move(record.key), std::move(record.value));
                    else
                        aggregation_.merge_combined(out[first + place].second, std::move(record.value));
                }
        }
    }

    mutable std::mutex preparing_;
    pipeline<Chain> line_;
    [[no_unique_address]] Aggregation aggregation_;
    key_layout layout_;
    held_partitions<record_type> received_;
};

} // namespace tidemark
