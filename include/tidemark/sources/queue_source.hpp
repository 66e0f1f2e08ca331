// SPDX-License-Identifier: BSL-1.0
//
// queue_source: batches from a list that is known beforehand.

#pragma once

#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/sources/detail/memory_input.hpp>
#include <tidemark/stream/source.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {

/// How a queue is given out.
template <typename Record>
struct queue_options {
    bool one_at_a_time = true; ///< One element of the queue for each batch; else all that wait, as one dataset.
    std::optional<std::vector<Record>> when_empty =
        std::vector<Record>(); ///< What a batch gets of an empty queue; nothing: no dataset.
};

namespace detail {

/// All records of `elements`; nothing when none of them has a dataset.
template <typename Record>
[[nodiscard]] std::optional<std::vector<Record>> joined(std::span<std::optional<std::vector<Record>> const> elements)
{
    std::optional<std::vector<Record>> all;
    for (auto const& element : elements) {
        if (!element)
            continue;
        if (!all)
            all.emplace();
        all->insert(all->end(), element->begin(), element->end());
    }
    return all;
}

/// What is written down of a batch: which elements of the queue it takes.
struct queue_plan {
    std::uint64_t first = 0;
    std::uint64_t count = 0;

    template <typename Archive>
    void serialize(Archive& archive, unsigned)
    {
        archive & first & count;
    }
};

} // namespace detail

/// The running side of `queue_source`.
template <typename Record>
class queue_reader final : public source_reader<Record> {
public:
    using list = std::vector<std::optional<std::vector<Record>>>;

    queue_reader(std::shared_ptr<list const> queue, queue_options<Record> options, std::size_t partitions)
        : queue_(std::move(queue))
        , options_(std::move(options))
        , partitions_(partitions)
    {}

    [[nodiscard]] batch_input<Record> plan(batch_time) override
    {
        auto const waiting = queue_->size() - std::min<std::size_t>(taken_, queue_->size());
        return take({taken_, options_.one_at_a_time ? std::min<std::size_t>(waiting, 1) : waiting});
    }

    /// *Throws* `source_error` when the program's list has become shorter.
    [[nodiscard]] batch_input<Record> replay(batch_time time, std::span<std::byte const> plan) override
    {
        auto const planned = from_bytes<detail::queue_plan>(plan);
        if (planned.count > 0 && (planned.first > queue_->size() || planned.count > queue_->size() - planned.first))
            throw source_error(
                "the batch of " + to_string(time) + " was planned with elements " + std::to_string(planned.first)
                + " to " + std::to_string(planned.first + planned.count - 1) + " of the queue; found a queue of "
                + std::to_string(queue_->size()) + ". Give queue_source the list of the earlier run, or a longer one");
        return take(planned);
    }

    [[nodiscard]] std::vector<std::byte> position() const override { return to_bytes(taken_); }
    void seek(std::span<std::byte const> position) override { taken_ = from_bytes<std::uint64_t>(position); }

private:
    [[nodiscard]] batch_input<Record> take(detail::queue_plan planned)
    {
        auto plan = to_bytes(planned);
        auto records = planned.count == 0 ? options_.when_empty : joined_of(planned);
        taken_ = planned.first + planned.count;
        if (!records)
            return detail::missing_input<Record>(std::move(plan));
        return detail::memory_input(*std::move(records), partitions_, std::move(plan));
    }

    [[nodiscard]] std::optional<std::vector<Record>> joined_of(detail::queue_plan planned) const
    {
        return detail::joined(std::span(*queue_).subspan(planned.first, planned.count));
    }

    std::shared_ptr<list const> queue_;
    queue_options<Record> options_;
    std::size_t partitions_;
    std::uint64_t taken_ = 0;
};

/// The elements of a list, one for each batch; an element without a value is a batch without a dataset.
///
/// *Partitions* each dataset as the settings say, into slices of nearly equal length.
/// *After recovery* gives the same elements again: the program makes the list anew. See also: `record_queue`,
/// `range_source`.
template <typename Record>
class queue_source {
public:
    using record_type = Record;
    using list = typename queue_reader<Record>::list;

    static constexpr std::string_view name = "queue";
    static constexpr bool replayable = true;
    static constexpr bool plans_repeat = true;

    explicit queue_source(std::vector<std::vector<Record>> batches, queue_options<Record> options = {})
        : queue_(std::make_shared<list const>(std::make_move_iterator(batches.begin()),
                                              std::make_move_iterator(batches.end())))
        , options_(std::move(options))
    {}

    /// A template, so that a list in braces means the constructor above.
    template <std::same_as<std::optional<std::vector<Record>>> Element>
    explicit queue_source(std::vector<Element> batches, queue_options<Record> options = {})
        : queue_(std::make_shared<list const>(std::move(batches)))
        , options_(std::move(options))
    {}

    [[nodiscard]] std::string describe() const { return "queue(" + std::to_string(queue_->size()) + " elements)"; }

    [[nodiscard]] std::unique_ptr<queue_reader<Record>> open(source_environment const& environment) const
    {
        return std::make_unique<queue_reader<Record>>(queue_, options_, environment.partitions);
    }

private:
    std::shared_ptr<list const> queue_;
    queue_options<Record> options_;
};

template <typename Record>
queue_source(std::vector<std::optional<std::vector<Record>>>) -> queue_source<Record>;
template <typename Record>
queue_source(std::vector<std::optional<std::vector<Record>>>, queue_options<Record>) -> queue_source<Record>;

} // namespace tidemark
