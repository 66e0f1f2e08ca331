// SPDX-License-Identifier: BSL-1.0
//
// met_dataset: the pairs of two collections brought together by key, computed once.

#pragma once

#include <tidemark/execution/hash_join.hpp>
#include <tidemark/execution/held_partitions.hpp>
#include <tidemark/execution/key_placement.hpp>

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// One of the two: sent through an exchange, or read partition by partition where its keys lie in the right way already.
template <typename Chain>
class meeting_side {
public:
    using key = typename Chain::output::first_type;
    using value = typename Chain::output::second_type;

    meeting_side(pipeline<Chain> line, key_placement<key> const& placement)
        : line_(std::move(line))
        , placement_(placement)
        , narrow_(placement.is_that_of(line_.partitioning()))
    {}

    [[nodiscard]] lineage_edge edge() const
    {
        return {line_.origin(), narrow_ ? dependency::narrow : dependency::wide};
    }

    /// What travels: nothing when no exchange is needed.
    [[nodiscard]] exchange<key, value> send(any_executor const& executor) const
    {
        if (!narrow_)
            return exchange_all(line_, placement_.layout, executor, placement_.place());
        line_.prepare(executor);
        return exchange<key, value>(0, placement_.layout);
    }

    /// What a partition gets, `sent` being what `send` gave; `own` is room for what needs no exchange.
    [[nodiscard]] std::vector<exchange_run<key, value>>& arrivals(exchange<key, value>& sent, exchange<key, value>& own,
                                                                  std::size_t partition) const
    {
        if (!narrow_)
            return sent.runs();
        line_.run(partition, exchange_sink<key, value, known_place<key>>(own, 0, placement_.known(partition)));
        own.close();
        return own.runs();
    }

private:
    pipeline<Chain> line_;
    key_placement<key> placement_;
    bool narrow_;
};

/// The result of `Meeting` for the pairs of two pipelines, partition by partition, and by key-group in each; within one
/// in the order that `hash_join` says.
template <typename FirstChain, typename SecondChain, typename Meeting>
class met_dataset final : public dataset<typename Meeting::template output<typename FirstChain::output::first_type,
                                                                           typename FirstChain::output::second_type,
                                                                           typename SecondChain::output::second_type>> {
public:
    using key = typename FirstChain::output::first_type;
    using first_value = typename FirstChain::output::second_type;
    using second_value = typename SecondChain::output::second_type;
    using record_type = typename Meeting::template output<key, first_value, second_value>;

    met_dataset(pipeline<FirstChain> first, pipeline<SecondChain> second, key_placement<key> placement)
        : first_(std::move(first), placement)
        , second_(std::move(second), placement)
        , placement_(std::move(placement))
        , received_(placement_.layout.partitions)
    {}

    [[nodiscard]] std::size_t partitions() const override { return placement_.layout.partitions; }
    [[nodiscard]] std::vector<lineage_edge> parents() const override { return {first_.edge(), second_.edge()}; }
    [[nodiscard]] bool holds_records() const override
    {
        std::scoped_lock const lock(preparing_);
        return received_.complete();
    }
    [[nodiscard]] std::optional<key_partitioning> partitioning() const override { return placement_.partitioning(); }
    [[nodiscard]] std::string describe() const override { return std::string(Meeting::name); }

    /// All partitions, or those that were lost: for them a side with an exchange sends everything again.
    void prepare(any_executor const& executor) override
    {
        std::scoped_lock const once(preparing_);
        if (received_.complete())
            return;
        auto from_first = first_.send(executor);
        auto from_second = second_.send(executor);
        auto const missing = received_.missing();
        partitioned<record_type> fresh(missing.size());
        auto receive = [&](std::size_t number) { meet(from_first, from_second, missing[number], fresh[number]); };
        executor.run(missing.size(), receive);
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
    void meet(exchange<key, first_value>& from_first, exchange<key, second_value>& from_second, std::size_t partition,
              row<record_type>& out) const
    {
        exchange<key, first_value> own_first(1, placement_.layout);
        exchange<key, second_value> own_second(1, placement_.layout);
        auto& firsts = first_.arrivals(from_first, own_first, partition);
        auto& seconds = second_.arrivals(from_second, own_second, partition);
        if (firsts.empty() && seconds.empty())
            return;
        hash_join<key, first_value, second_value> table;
        for (auto group = partition; group < placement_.layout.groups; group += placement_.layout.partitions) {
            table.take(firsts, seconds, group);
            table.meet(Meeting{}, out);
        }
    }

    mutable std::mutex preparing_;
    meeting_side<FirstChain> first_;
    meeting_side<SecondChain> second_;
    key_placement<key> placement_;
    held_partitions<record_type> received_;
};

} // namespace tidemark
