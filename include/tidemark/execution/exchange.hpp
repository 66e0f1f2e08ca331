// SPDX-License-Identifier: BSL-1.0
//
// exchange: where all records pass that cross a wide dependency, sorted by key-group.

#pragma once

#include <tidemark/core/key_hash.hpp>
#include <tidemark/execution/key_layout.hpp>
#include <tidemark/execution/pipeline.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace tidemark {

/// A keyed record on its way, with the hash that it is sorted by: the upper half names its group, the lower half tells
/// keys of a group apart.
template <typename Key, typename Value>
struct travelling {
    std::uint64_t hash;
    Key key;
    Value value;
};

/// What one source partition sends: its records, fewer than 2^32, by key-group, in their order within each group.
template <typename Key, typename Value>
class exchange_run {
public:
    using record_type = travelling<Key, Value>;

    exchange_run() = default;

    /// Sorts by counting, so that records of one group keep their order.
    exchange_run(std::vector<record_type> records, key_layout const& layout)
    {
        if (records.empty())
            return;
        begins_.assign(layout.groups + 1, 0);
        for (auto const& record : records)
            ++begins_[layout.group(record.hash) + 1];
        for (std::size_t group = 0; group < layout.groups; ++group)
            begins_[group + 1] += begins_[group];
        scatter(records, layout);
    }

    [[nodiscard]] bool empty() const { return begins_.empty(); }

    /// The records of one group; the receiver may move from them.
    [[nodiscard]] std::span<record_type> group(std::size_t number)
    {
        return std::span(sorted_).subspan(begins_[number], begins_[number + 1] - begins_[number]);
    }

private:
    void scatter(std::vector<record_type>& records, key_layout const& layout)
    {
        std::vector<std::uint32_t> source(records.size()); // place in the sorted run -> place in the input
        auto next = begins_;
        for (std::size_t i = 0; i < records.size(); ++i)
            source[next[layout.group(records[i].hash)]++] = static_cast<std::uint32_t>(i);
        sorted_.reserve(records.size());
        for (auto const from : source)
            sorted_.push_back(std::move(records[from]));
    }

    std::vector<record_type> sorted_;
    std::vector<std::size_t> begins_;
};

/// What all source partitions send, in the order of the source partitions.
template <typename Key, typename Value>
class exchange {
public:
    exchange(std::size_t sources, key_layout layout)
        : runs_(sources)
        , layout_(layout)
    {}

    /// *Threads*: one call for each source, from any thread.
    void deliver(std::size_t source, std::vector<travelling<Key, Value>> records)
    {
        runs_[source] = exchange_run<Key, Value>(std::move(records), layout_);
    }

    /// Drops what is empty. Called between the last delivery and the first reading.
    void close()
    {
        std::erase_if(runs_, [](auto const& run) { return run.empty(); });
    }

    [[nodiscard]] bool empty() const { return runs_.empty(); }
    [[nodiscard]] key_layout const& layout() const { return layout_; }
    /// The non-empty runs, in the order of their source partitions.
    [[nodiscard]] std::vector<exchange_run<Key, Value>>& runs() { return runs_; }

    /// How many records travel to a group.
    [[nodiscard]] std::size_t size(std::size_t group)
    {
        std::size_t total = 0;
        for (auto& run : runs_)
            total += run.group(group).size();
        return total;
    }

private:
    std::vector<exchange_run<Key, Value>> runs_;
    key_layout layout_;
};

/// The end of a fused loop over pairs that sends every pair as it is, with the hash that `place(key)` gives.
template <typename Key, typename Value, typename Place = key_hasher>
class exchange_sink {
public:
    exchange_sink(exchange<Key, Value>& to, std::size_t source, Place place = {})
        : to_(&to)
        , source_(source)
        , place_(place)
    {}

    void operator()(std::pair<Key, Value> const& pair)
    {
        records_.push_back({place_(pair.first), pair.first, pair.second});
    }
    void operator()(std::pair<Key, Value>&& pair)
    {
        auto const hash = place_(pair.first);
        records_.push_back({hash, std::move(pair.first), std::move(pair.second)});
    }
    void chunk(std::span<std::pair<Key, Value> const> pairs)
        requires chunkable<std::pair<Key, Value>>
    {
        for (auto const& pair : pairs)
            (*this)(pair);
    }
    void finish() { to_->deliver(source_, std::move(records_)); }
    [[nodiscard]] bool done() const { return false; }

private:
    exchange<Key, Value>* to_;
    std::size_t source_;
    [[no_unique_address]] Place place_;
    std::vector<travelling<Key, Value>> records_;
};

/// Runs the pairs of `line` through an exchange.
template <typename Chain, typename Place = key_hasher>
[[nodiscard]] auto exchange_all(pipeline<Chain> const& line, key_layout const& layout, any_executor const& executor,
                                Place place = {})
{
    using pair = typename Chain::output;
    using key = typename pair::first_type;
    using value = typename pair::second_type;
    line.prepare(executor);
    exchange<key, value> sent(line.partitions(), layout);
    auto one = [&](std::size_t partition) {
        line.run(partition, exchange_sink<key, value, Place>(sent, partition, place));
    };
    executor.attempt(line.partitions(), one);
    sent.close();
    return sent;
}

} // namespace tidemark
