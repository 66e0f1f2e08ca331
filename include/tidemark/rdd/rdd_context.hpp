// SPDX-License-Identifier: BSL-1.0
//
// rdd_context: where rdds come from when there is no stream.

#pragma once

#include <tidemark/checkpoint/checkpoint_directory.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/settings.hpp>
#include <tidemark/execution/executor_with.hpp>
#include <tidemark/execution/plain_datasets.hpp>
#include <tidemark/expression/range_record.hpp>
#include <tidemark/expression/row.hpp>
#include <tidemark/rdd/accumulator.hpp>
#include <tidemark/rdd/rdd_leaf.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace tidemark {

/// The settings of an `rdd_context`.
struct rdd_settings {
    std::size_t partitions = 8;   ///< Of keyed data, and of `parallelize` without a number; 1 to 65536.
    std::size_t key_groups = 256; ///< What keys are sorted by on their way, a power of two, at least `partitions`.
    std::size_t partition_attempts =
        settings{}.partition_attempts; ///< How often a partition is tried before the action fails, 1 to 100.
};

/// Makes rdds and runs what is asked of them: `rdd_context rc(threads)`, or `rdd_context rc(threads, directory)` with a
/// directory for the checkpoints of rdds.
///
/// Copies share their threads, which end when the last copy and the last rdd made from it have gone.
template <bool Checkpointed = false>
class rdd_context {
public:
    /// *Throws* `config_error` for 0 threads, 0 partitions, a number of groups that is no power of two or a number of
    /// attempts out of range.
    explicit rdd_context(std::size_t threads = 1, rdd_settings how = {})
        requires(!Checkpointed)
        : rdd_context(executor_with(threads), how)
    {}

    /// The same on an executor of the caller's.
    explicit rdd_context(any_executor const& executor, rdd_settings how = {})
        requires(!Checkpointed)
        : rdd_context(executor, std::nullopt, how)
    {}

    /// The same with a place for checkpoints, which is touched by the first checkpoint only.
    rdd_context(std::size_t threads, checkpoint_directory const& where, rdd_settings how = {})
        requires Checkpointed
        : rdd_context(executor_with(threads), where, how)
    {}

    rdd_context(any_executor const& executor, checkpoint_directory const& where, rdd_settings how = {})
        requires Checkpointed
        : rdd_context(executor, std::optional(where.storage()), how)
    {}

    /// The elements of `range`, cut into `partitions` contiguous slices. Any range will do, range-v3's views included;
    /// it is walked here, once.
    ///
    /// *Throws* `config_error` for 0 partitions or more than `most_partitions`.
    template <typename Range>
    [[nodiscard]] auto parallelize(Range&& range, std::size_t partitions) const
    {
        using element = range_record_t<Range>;
        if (partitions == 0 || partitions > most_partitions)
            throw config_error("tidemark::parallelize: " + std::to_string(partitions) + " partitions; give 1 to "
                               + std::to_string(most_partitions));
        row<element> records;
        auto const end = std::end(range);
        for (auto it = std::begin(range); it != end; ++it)
            records.push_back(record_at<Range>(it));
        return rdd_leaf<element, Checkpointed>(
            std::make_shared<stored_dataset<element>>(slice_evenly<element>(std::move(records), partitions)),
            environment_);
    }

    /// The same, in as many partitions as the context's layout says.
    template <typename Range>
    [[nodiscard]] auto parallelize(Range&& range) const
    {
        return parallelize(std::forward<Range>(range), environment_->layout.partitions);
    }

    /// A value that functions of steps add to, beginning with `initial`: what the tasks of an action have added counts
    /// when they have succeeded, each task once. See `accumulator`.
    template <typename Initial = std::int64_t>
    [[nodiscard]] auto accumulator(Initial initial = Initial{}) const
    {
        static_assert(detail::accumulator_rules<Initial>::value);
        using value = accumulated_t<Initial>;
        return tidemark::accumulator<value>::make("", static_cast<value>(std::move(initial)));
    }

private:
    rdd_context(any_executor const& executor, std::optional<any_storage> checkpoints, rdd_settings how)
        : environment_(std::make_shared<rdd_environment const>(
              rdd_environment{executor.with_attempts(how.partition_attempts),
                              key_layout{how.partitions, how.key_groups}, std::move(checkpoints)}))
    {
        if (how.partitions == 0)
            throw config_error("tidemark::rdd_context: 0 partitions; give at least 1");
        if (!std::has_single_bit(how.key_groups))
            throw config_error("tidemark::rdd_context: " + std::to_string(how.key_groups)
                               + " key-groups; give a power of two");
    }

    std::shared_ptr<rdd_environment const> environment_;
};

rdd_context() -> rdd_context<false>;
rdd_context(std::size_t) -> rdd_context<false>;
rdd_context(std::size_t, rdd_settings) -> rdd_context<false>;
rdd_context(any_executor) -> rdd_context<false>;
rdd_context(any_executor, rdd_settings) -> rdd_context<false>;
rdd_context(std::size_t, checkpoint_directory) -> rdd_context<true>;
rdd_context(std::size_t, checkpoint_directory, rdd_settings) -> rdd_context<true>;
rdd_context(any_executor, checkpoint_directory) -> rdd_context<true>;
rdd_context(any_executor, checkpoint_directory, rdd_settings) -> rdd_context<true>;

} // namespace tidemark
