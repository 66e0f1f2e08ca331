// SPDX-License-Identifier: BSL-1.0
//
// record_queue_source: batches from a queue that the program fills while the stream runs.

#pragma once

#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/serializable.hpp>
#include <tidemark/sources/detail/memory_input.hpp>
#include <tidemark/sources/queue_source.hpp>
#include <tidemark/stream/source.hpp>

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {

/// A queue of datasets between the program and a stream. Copies are the same queue.
///
/// It grows without bound: who pushes faster than the stream takes looks at `size()`.
/// *Threads*: all members may be called from several threads at once.
template <typename Record>
class record_queue {
public:
    using element = std::optional<std::vector<Record>>;

    /// Adds the records of one dataset.
    void push(std::vector<Record> records) { add(std::move(records)); }
    /// Adds "no dataset", which is not the same as an empty one.
    void push_missing() { add(std::nullopt); }

    /// How many elements wait.
    [[nodiscard]] std::size_t size() const
    {
        std::scoped_lock const lock(shared_->mutex);
        return shared_->waiting.size();
    }

    /// Takes at most `amount` elements off the front.
    [[nodiscard]] std::vector<element> take(std::size_t amount)
    {
        std::vector<element> taken;
        std::scoped_lock const lock(shared_->mutex);
        for (; amount > 0 && !shared_->waiting.empty(); --amount) {
            taken.push_back(std::move(shared_->waiting.front()));
            shared_->waiting.pop_front();
        }
        return taken;
    }

private:
    struct state {
        std::mutex mutex;
        std::deque<element> waiting;
    };

    void add(element added)
    {
        std::scoped_lock const lock(shared_->mutex);
        shared_->waiting.push_back(std::move(added));
    }

    std::shared_ptr<state> shared_ = std::make_shared<state>();
};

/// The running side of `record_queue_source`.
template <typename Record>
class record_queue_reader final : public source_reader<Record> {
public:
    /// `planned`: whether what is taken is written into the plans.
    record_queue_reader(record_queue<Record> queue, queue_options<Record> options, std::size_t partitions, bool planned)
        : queue_(std::move(queue))
        , options_(std::move(options))
        , partitions_(partitions)
        , planned_(planned)
    {}

    [[nodiscard]] bool drained() const override { return queue_.size() == 0; }

    [[nodiscard]] batch_input<Record> plan(batch_time) override
    {
        auto taken = queue_.take(options_.one_at_a_time ? 1 : queue_.size());
        element records = options_.when_empty;
        if (taken.size() == 1)
            records = std::move(taken.front());
        else if (!taken.empty())
            records = detail::joined(std::span<element const>(taken));
        return input(std::move(records));
    }

    /// Gives what the earlier run had taken off the queue, and takes nothing.
    [[nodiscard]] batch_input<Record> replay(batch_time, std::span<std::byte const> plan) override
    {
        if constexpr (serializable<Record>)
            if (!plan.empty())
                return input(from_bytes<element>(plan));
        return detail::memory_input(std::vector<Record>(), partitions_);
    }

    [[nodiscard]] std::vector<std::byte> position() const override { return {}; }
    void seek(std::span<std::byte const>) override {}

private:
    using element = typename record_queue<Record>::element;

    [[nodiscard]] batch_input<Record> input(element records) const
    {
        std::vector<std::byte> plan;
        if constexpr (serializable<Record>)
            if (planned_)
                plan = to_bytes(records);
        if (!records)
            return detail::missing_input<Record>(std::move(plan));
        return detail::memory_input(*std::move(records), partitions_, std::move(plan));
    }

    record_queue<Record> queue_;
    queue_options<Record> options_;
    std::size_t partitions_;
    bool planned_;
};

/// What the program pushes into `queue`, one element for each batch or all that wait.
///
/// *Requires* serializable records in a context with a checkpoint directory: what a batch takes off the queue is
/// written down with its plan. *Partitions* each dataset as the settings say, into slices of nearly equal length.
/// *After recovery* gives a batch that runs again what it had taken. What no batch had taken is the program's to push
/// again; it went with the process. *Throws* `config_error` from `open` for records that cannot be written down.
template <typename Record>
class record_queue_source {
public:
    using record_type = Record;

    static constexpr std::string_view name = "record_queue";
    static constexpr bool replayable = serializable<Record>;

    explicit record_queue_source(record_queue<Record> queue, queue_options<Record> options = {})
        : queue_(std::move(queue))
        , options_(std::move(options))
    {}

    [[nodiscard]] std::string describe() const { return "record_queue"; }

    [[nodiscard]] std::unique_ptr<record_queue_reader<Record>> open(source_environment const& environment) const
    {
        if (environment.checkpointed && !replayable)
            throw config_error("tidemark::record_queue_source: the records cannot be saved, and the context has a "
                               "checkpoint directory; "
                               "give them a serialize member, or use a context without one");
        return std::make_unique<record_queue_reader<Record>>(queue_, options_, environment.partitions,
                                                             environment.checkpointed);
    }

private:
    record_queue<Record> queue_;
    queue_options<Record> options_;
};

} // namespace tidemark
