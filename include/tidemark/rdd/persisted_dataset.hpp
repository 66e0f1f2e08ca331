// SPDX-License-Identifier: BSL-1.0
//
// persisted_dataset: a collection whose partitions are kept once they have been computed.

#pragma once

#include <tidemark/execution/collect_sink.hpp>
#include <tidemark/execution/pipeline.hpp>
#include <tidemark/execution/plain_datasets.hpp>
#include <tidemark/execution/updates.hpp>
#include <tidemark/rdd/block_keeper.hpp>
#include <tidemark/rdd/storage_level.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// How much of a persisted rdd is kept.
struct storage_info {
    block_level level;
    std::size_t partitions = 0;
    kept_blocks kept;
};

/// A collection that keeps partitions, whatever its records are.
class keeps_blocks {
public:
    keeps_blocks() = default;
    keeps_blocks(keeps_blocks const&) = delete;
    keeps_blocks& operator=(keeps_blocks const&) = delete;
    virtual ~keeps_blocks() = default;

    [[nodiscard]] virtual storage_info info() const = 0;
    /// Drops what is kept; nothing is kept from now on.
    virtual void unpersist() = 0;
};

namespace detail {

[[nodiscard]] inline std::string size_in_words(std::uint64_t bytes)
{
    return bytes < 10'240 ? std::to_string(bytes) + " B" : std::to_string(bytes / 1024) + " KiB";
}

/// The name of a collection, with what is kept of it on a second line.
[[nodiscard]] inline std::string described(std::string const& name, block_level level, kept_blocks const& kept)
{
    auto words = name + " [" + std::string(name_of(level)) + "]";
    if (kept.partitions() != 0)
        words += "\n    CachedPartitions: " + std::to_string(kept.partitions()) + "; MemorySize: "
                 + size_in_words(kept.memory_bytes) + "; DiskSize: " + size_in_words(kept.disk_bytes);
    return words;
}

} // namespace detail

/// The collection that `persist` makes. The lineage stays: what is lost is computed again, a partition at a time.
template <typename Chain>
class persisted_dataset final : public dataset<typename Chain::output>, public keeps_blocks {
public:
    using record_type = typename Chain::output;

    persisted_dataset(pipeline<Chain> line, std::shared_ptr<block_store> store, block_level level)
        : line_(std::move(line))
        , blocks_(std::move(store), level, false)
    {}

    [[nodiscard]] std::size_t partitions() const override { return line_.partitions(); }
    [[nodiscard]] std::vector<lineage_edge> parents() const override { return {line_.edge()}; }
    [[nodiscard]] std::optional<key_partitioning> partitioning() const override { return line_.partitioning(); }

    // What is kept may leave the memory at any time, so the parents are always made ready: `holds_records` is never
    // true. As things stand, though, a loop may end here.
    [[nodiscard]] bool ends_loop() const override { return blocks_.kept().partitions() == partitions(); }

    void keep_all(any_executor const& executor) override
    {
        if (!keeping_.load())
            return;
        auto one = [this](std::size_t partition) { (void)rows_of(partition); };
        executor.attempt(partitions(), one);
    }

    void lose(std::size_t partition) override { blocks_.drop(partition); }

    [[nodiscard]] std::string describe() const override
    {
        return keeping_.load() ? detail::described("persist", blocks_.level(), blocks_.kept()) : "persist [none]";
    }

    /// A partition is computed to its end even if only its first records are wanted, so that it can be kept.
    void feed(std::size_t partition, any_sink<record_type>& out) override
    {
        if (!keeping_.load())
            return line_.run(partition, sink_exit<record_type>(out));
        feed_row(*rows_of(partition), out);
    }

    [[nodiscard]] storage_info info() const override
    {
        return {keeping_.load() ? blocks_.level() : block_level{}, partitions(), blocks_.kept()};
    }
    void unpersist() override
    {
        keeping_.store(false);
        blocks_.drop_all();
    }

private:
    using row_ptr = typename block_keeper<record_type>::row_ptr;

    [[nodiscard]] row_ptr rows_of(std::size_t partition)
    {
        return blocks_.find_or(partition, [&] {
            row_ptr const rows = std::make_shared<row<record_type> const>(computed(partition));
            blocks_.try_to_keep(partition, rows);
            if (!keeping_.load())
                blocks_.drop(partition); // unpersisted meanwhile
            return rows;
        });
    }

    /// In a stream's graph, what its functions add to accumulators counts for the partition, whoever reads it first.
    [[nodiscard]] row<record_type> computed(std::size_t partition)
    {
        row<record_type> records;
        if (auto const* const whole = this->counts_as(); whole != nullptr && accumulator_cell::any()) {
            auto const producer = detail::part_producer(*whole, partition, partitions());
            held_updates held(&producer);
            line_.run(partition, collect_sink<record_type>(records));
            if (!held.empty() && counts_first(partition))
                held.keep();
        } else
            line_.run(partition, collect_sink<record_type>(records));
        return records;
    }

    /// What is computed again, because it was not kept, does not count again.
    [[nodiscard]] bool counts_first(std::size_t partition)
    {
        std::scoped_lock const lock(counted_mutex_);
        return counted_.insert(partition).second;
    }

    pipeline<Chain> line_;
    std::mutex counted_mutex_;
    std::set<std::size_t> counted_; // partitions
    std::atomic<bool> keeping_{true};
    block_keeper<record_type> blocks_;
};

} // namespace tidemark
