// SPDX-License-Identifier: BSL-1.0
//
// dataset: a partitioned collection whose partitions can be fed to a sink; where types are erased.

#pragma once

#include <tidemark/execution/lineage_node.hpp>
#include <tidemark/expression/chunk.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>

namespace tidemark {

/// Where the records of one partition go, whatever fused loop waits there.
template <typename Record>
class any_sink {
public:
    any_sink() = default;
    any_sink(any_sink const&) = delete;
    any_sink& operator=(any_sink const&) = delete;
    virtual ~any_sink() = default;

    virtual void take(Record const& value) = 0;
    virtual void take(Record&& value) = 0;
    /// At most `chunk_records` records at a time.
    virtual void take_chunk(std::span<Record const> values) = 0;
    /// True when nothing more is wanted; a source may stop then.
    [[nodiscard]] virtual bool done() const = 0;
};

/// A sink on the stack for the time of a loop, where nothing else can see it, so that what it counts stays in
/// registers.
template <typename Sink>
struct at_hand {
    explicit at_hand(Sink& far)
        : home(far)
        , sink(std::move(far))
    {}
    at_hand(at_hand const&) = delete;
    at_hand& operator=(at_hand const&) = delete;
    ~at_hand()
    {
        std::destroy_at(&home); // sinks hold references, so they cannot be assigned
        std::construct_at(&home, std::move(sink));
    }

    Sink& home;
    Sink sink;
};

/// The door from erased records into the fused loop that begins with `Sink`.
template <typename Record, typename Sink>
class sink_door final : public any_sink<Record> {
public:
    explicit sink_door(Sink& sink)
        : sink_(sink)
    {}

    void take(Record const& value) override { sink_(value); }
    void take(Record&& value) override { sink_(std::move(value)); }
    void take_chunk(std::span<Record const> values) override
    {
        if constexpr (chunk_sink<Sink, Record>)
            sink_.chunk(values);
        else {
            at_hand<Sink> near(sink_);
            push_chunk(near.sink, values);
        }
    }
    [[nodiscard]] bool done() const override { return sink_.done(); }

private:
    Sink& sink_;
};

/// The door from a fused loop out to erased records; the end of a stage that another stage reads.
template <typename Record>
class sink_exit {
public:
    explicit sink_exit(any_sink<Record>& out)
        : out_(&out)
    {}

    void operator()(Record const& value) { out_->take(value); }
    void operator()(Record&& value) { out_->take(std::move(value)); }
    void chunk(std::span<Record const> values)
        requires chunkable<Record>
    {
        out_->take_chunk(values);
    }
    void finish() {}
    [[nodiscard]] bool done() const { return out_->done(); }

private:
    any_sink<Record>* out_;
};

/// A collection of `Record`s: a way to those of each partition.
///
/// *Threads*: `feed` once the node is ready, from several threads.
template <typename Record>
class dataset : public lineage_node {
public:
    /// Gives the records of one partition, in their order, until `out` is done. May be called again, for the same
    /// records.
    virtual void feed(std::size_t partition, any_sink<Record>& out) = 0;
};

/// A dataset that several may hold.
template <typename Record>
using dataset_ptr = std::shared_ptr<dataset<Record>>;

/// Gives all of `values` to `out`, some thousand at a call.
template <typename Record>
void feed_all(std::span<Record const> values, any_sink<Record>& out)
{
    for (; !values.empty() && !out.done(); values = values.subspan(std::min(values.size(), chunk_records)))
        out.take_chunk(values.first(std::min(values.size(), chunk_records)));
}

} // namespace tidemark
