// SPDX-License-Identifier: BSL-1.0
//
// exchange: where all records pass that cross a wide dependency, sorted by key-group.

#pragma once

#include <tidemark/core/chunkable.hpp>
#include <tidemark/core/key_hash.hpp>
#include <tidemark/execution/key_layout.hpp>
#include <tidemark/execution/pipeline.hpp>
#include <tidemark/expression/owned.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
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

/// Records of one source partition, fewer than 2^32: by key-group, in their order within each group.
template <typename Key, typename Value>
class exchange_run {
public:
    using record_type = travelling<Key, Value>;

    exchange_run() = default;

    /// Sorts by counting, so that records of one group keep their order. The records are moved from.
    exchange_run(std::span<record_type> records, key_layout const& layout)
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
    static constexpr bool plain =
        chunkable<Key> && chunkable<Value> && std::default_initializable<record_type>; // moving is copying bytes

    void scatter(std::span<record_type> records, key_layout const& layout)
    {
        auto next = begins_;
        if constexpr (plain) {
            sorted_.resize(records.size());
            for (auto const& record : records)
                sorted_[next[layout.group(record.hash)]++] = record;
        } else {
            std::vector<std::uint32_t> source(records.size()); // place in the sorted run -> place in the input
            for (std::size_t i = 0; i < records.size(); ++i)
                source[next[layout.group(records[i].hash)]++] = static_cast<std::uint32_t>(i);
            sorted_.reserve(records.size());
            for (auto const from : source)
                sorted_.push_back(std::move(records[from]));
        }
    }

    std::vector<record_type> sorted_;
    std::vector<std::uint32_t> begins_;
};

/// What all source partitions send, in the order of the source partitions.
template <typename Key, typename Value>
class exchange {
public:
    using run_type = exchange_run<Key, Value>;

    exchange(std::size_t sources, key_layout layout)
        : sent_(sources)
        , layout_(layout)
    {}

    /// Drops what a source has delivered, so that it may begin anew. *Threads*: as `deliver`.
    void begin(std::size_t source) { sent_[source].clear(); }

    /// Takes the next records of a source; they are moved from. *Threads*: one call at a time for each source.
    void deliver(std::size_t source, std::span<travelling<Key, Value>> records)
    {
        if (!records.empty())
            sent_[source].emplace_back(records, layout_);
    }

    /// Called between the last delivery and the first reading.
    void close()
    {
        for (auto& runs : sent_)
            std::move(runs.begin(), runs.end(), std::back_inserter(runs_));
        sent_.clear();
    }

    [[nodiscard]] bool empty() const { return runs_.empty(); }
    [[nodiscard]] key_layout const& layout() const { return layout_; }
    /// All runs, in the order of their source partitions, and of delivery.
    [[nodiscard]] std::vector<run_type>& runs() { return runs_; }

    /// How many records travel to a group.
    [[nodiscard]] std::size_t size(std::size_t group)
    {
        std::size_t total = 0;
        for (auto& run : runs_)
            total += run.group(group).size();
        return total;
    }

private:
    std::vector<std::vector<run_type>> sent_; // by source, until `close`
    std::vector<run_type> runs_;
    key_layout layout_;
};

/// The records of one source partition on their way into an exchange. They are sorted in blocks that the processor's
/// second cache holds, so that sorting reads and writes nothing farther away.
template <typename Key, typename Value>
class outgoing_records {
public:
    outgoing_records(exchange<Key, Value>& to, std::size_t source)
        : to_(&to)
        , source_(source)
    {
        to.begin(source);
    }

    template <typename K, typename V>
    void send(std::uint64_t hash, K&& key, V&& value)
    {
        make_room();
        records_.emplace_back(hash, owned<Key>(std::forward<K>(key)), std::forward<V>(value));
    }
    void send(travelling<Key, Value>&& record)
    {
        make_room();
        records_.push_back(std::move(record));
    }

    /// Sends what waits. Nothing may be sent afterwards.
    void finish()
    {
        flush();
        records_ = {};
    }

private:
    static constexpr std::size_t block_bytes = std::size_t{512} << 10U;
    static constexpr std::size_t block = std::max<std::size_t>(block_bytes / sizeof(travelling<Key, Value>), 4096);

    void make_room()
    {
        if (records_.size() == block)
            flush();
    }

    void flush()
    {
        to_->deliver(source_, records_);
        records_.clear();
    }

    exchange<Key, Value>* to_;
    std::size_t source_;
    std::vector<travelling<Key, Value>> records_;
};

/// The end of a fused loop over pairs that sends every pair as it is, with the hash that `place(key)` gives. Of a `Sent`
/// key that is a view, a `Key` is made.
template <typename Key, typename Value, typename Place = key_hasher, typename Sent = Key>
class exchange_sink {
public:
    exchange_sink(exchange<Key, Value>& to, std::size_t source, Place place = {})
        : place_(place)
        , records_(to, source)
    {}

    void operator()(std::pair<Sent, Value> const& pair) { records_.send(place_(pair.first), pair.first, pair.second); }
    void operator()(std::pair<Sent, Value>&& pair)
    {
        auto const hash = place_(pair.first);
        records_.send(hash, std::move(pair.first), std::move(pair.second));
    }
    void chunk(std::span<std::pair<Sent, Value> const> pairs)
        requires chunkable<std::pair<Sent, Value>>
    {
        for (auto const& pair : pairs)
            (*this)(pair);
    }
    void finish() { records_.finish(); }
    [[nodiscard]] bool done() const { return false; }

private:
    [[no_unique_address]] Place place_;
    outgoing_records<Key, Value> records_;
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
