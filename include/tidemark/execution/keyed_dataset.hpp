// SPDX-License-Identifier: BSL-1.0
//
// keyed_dataset: pairs brought together by key, computed once.

#pragma once

#include <tidemark/execution/combiner.hpp>
#include <tidemark/execution/held_partitions.hpp>
#include <tidemark/execution/key_index.hpp>
#include <tidemark/execution/key_placement.hpp>
#include <tidemark/execution/key_table.hpp>
#include <tidemark/execution/plain_datasets.hpp>
#include <tidemark/execution/updates.hpp>
#include <tidemark/expression/owned.hpp>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace tidemark {

/// Whether there is exactly one `create` for each key and source partition: an aggregation says so by `creates_once`.
template <typename Aggregation>
inline constexpr bool creates_once_v = [] {
    if constexpr (requires { Aggregation::creates_once; })
        return Aggregation::creates_once;
    else
        return false;
}();

/// The result of `Aggregation` over the pairs of a pipeline. A key's values meet in the order of (source partition,
/// position); keys stand, within a group, in the order in which they first come out of the exchange.
///
/// Where the parent's keys lie as those of the result will, nothing is exchanged: each partition is made of the same
/// partition of the parent, with its keys in the order in which they first come.
template <typename Chain, typename Aggregation>
class keyed_dataset final
    : public dataset<std::pair<owned_t<typename Chain::output::first_type>,
                               typename Aggregation::template combined<typename Chain::output::second_type>>> {
public:
    using sent_key = typename Chain::output::first_type;
    using key = owned_t<sent_key>;
    using value = typename Chain::output::second_type;
    using combined = typename Aggregation::template combined<value>;
    using record_type = std::pair<key, combined>;

    keyed_dataset(pipeline<Chain> line, Aggregation aggregation, key_placement<key> placement)
        : line_(std::move(line))
        , aggregation_(std::move(aggregation))
        , placement_(std::move(placement))
        , narrow_(placement_.is_that_of(line_.partitioning()))
        , received_(placement_.layout.partitions)
    {}

    [[nodiscard]] std::size_t partitions() const override { return placement_.layout.partitions; }
    [[nodiscard]] std::vector<lineage_edge> parents() const override
    {
        return {line_.edge(narrow_ ? dependency::narrow : dependency::wide)};
    }
    [[nodiscard]] bool holds_records() const override
    {
        std::scoped_lock const lock(preparing_);
        return received_.complete();
    }
    [[nodiscard]] std::optional<key_partitioning> partitioning() const override { return placement_.partitioning(); }
    [[nodiscard]] std::string describe() const override { return std::string(Aggregation::name); }

    /// All partitions, or those that were lost. Where there is an exchange, everything is sent again for them, and only
    /// they receive it.
    void prepare(any_executor const& executor) override
    {
        std::scoped_lock const once(preparing_);
        if (received_.complete())
            return;
        line_.prepare(executor);
        auto const missing = received_.missing();
        partitioned<record_type> fresh(missing.size());
        if (narrow_)
            gather(missing, fresh, executor);
        else
            send_and_receive(missing, fresh, executor);
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
    using place_type = placing_hash<key>;
    static constexpr bool early = Aggregation::combines_early;
    using sent_value = std::conditional_t<early, combined, value>; // late, values travel as they are

    void gather(std::vector<std::size_t> const& missing, partitioned<record_type>& fresh,
                any_executor const& executor) const
    {
        using results = partition_results<key, combined, Aggregation>;
        auto one = [&](std::size_t number) {
            fresh[number].clear(); // what an attempt that failed has left
            line_.run(missing[number],
                      key_table_sink<sent_key, value, results, key_hasher>(results(aggregation_, fresh[number]), {}));
        };
        executor.attempt(missing.size(), one);
    }

    void send_and_receive(std::vector<std::size_t> const& missing, partitioned<record_type>& fresh,
                          any_executor const& executor) const
    {
        exchange<key, sent_value> sent(line_.partitions(), placement_.layout);
        auto send = [&](std::size_t partition) { send_partition(sent, partition); };
        executor.attempt(line_.partitions(), send);
        sent.close();
        if (sent.empty())
            return;
        std::vector<char> begun(missing.size()); // bytes, as each has its thread
        auto receive = [&](std::size_t number) {
            if (std::exchange(begun[number], true))
                receive_again(missing[number], fresh[number]);
            else
                receive_partition(sent, missing[number], fresh[number]);
        };
        executor.attempt(missing.size(), receive);
    }

    /// An attempt that failed has used up what had come: everything is sent again, in this thread, for one partition.
    void receive_again(std::size_t wanted, row<record_type>& out) const
    {
        exchange<key, sent_value> sent(line_.partitions(), placement_.layout);
        {
            held_updates counted_before;
            for (std::size_t partition = 0; partition < line_.partitions(); ++partition)
                send_partition(sent, partition);
        }
        sent.close();
        out.clear();
        receive_partition(sent, wanted, out);
    }

    void send_partition(exchange<key, sent_value>& sent, std::size_t partition) const
    {
        auto const place = placement_.place();
        if constexpr (!early)
            line_.run(partition, exchange_sink<key, value, place_type, sent_key>(sent, partition, place));
        else if constexpr (creates_once_v<Aggregation>) {
            using results = partial_results<key, combined, Aggregation>;
            line_.run(partition, key_table_sink<sent_key, value, results, place_type>(
                                     results(aggregation_, sent, partition), place));
        } else
            line_.run(partition, combining_sink<key, value, Aggregation, place_type, sent_key>(aggregation_, sent,
                                                                                               partition, place));
    }

    void receive_partition(exchange<key, sent_value>& sent, std::size_t partition, row<record_type>& out) const
    {
        key_index index;
        for (auto group = partition; group < placement_.layout.groups; group += placement_.layout.partitions) {
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
                        out.emplace_back(std::move(record.key), made(std::move(record.value)));
                    else
                        take(out[first + place].second, std::move(record.value));
                }
        }
    }

    [[nodiscard]] decltype(auto) made(sent_value&& first) const
    {
        if constexpr (early)
            return std::move(first);
        else
            return aggregation_.create(std::move(first));
    }

    void take(combined& into, sent_value&& next) const
    {
        if constexpr (early)
            aggregation_.merge_combined(into, std::move(next));
        else
            aggregation_.merge(into, std::move(next));
    }

    mutable std::mutex preparing_;
    pipeline<Chain> line_;
    [[no_unique_address]] Aggregation aggregation_;
    key_placement<key> placement_;
    bool narrow_;
    held_partitions<record_type> received_;
};

} // namespace tidemark
