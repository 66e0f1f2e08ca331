// SPDX-License-Identifier: BSL-1.0
//
// rdd_context: where rdds come from when there is no stream.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/core/settings.hpp>
#include <tidemark/execution/executor_with.hpp>
#include <tidemark/execution/plain_datasets.hpp>
#include <tidemark/expression/range_record.hpp>
#include <tidemark/expression/row.hpp>
#include <tidemark/rdd/rdd_leaf.hpp>

#include <bit>
#include <cstddef>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

namespace tidemark {

/// Makes rdds and runs what is asked of them.
///
/// Copies share their threads, which end when the last copy and the last rdd made from it have gone.
class rdd_context {
public:
    /// *Throws* `config_error` for 0 threads, 0 partitions or a number of groups that is no power of two.
    explicit rdd_context(std::size_t threads = 1, key_layout layout = {})
        : rdd_context(executor_with(threads), layout)
    {}

    /// The same on an executor of the caller's.
    explicit rdd_context(any_executor executor, key_layout layout = {})
        : environment_(std::make_shared<rdd_environment const>(rdd_environment{std::move(executor), layout}))
    {
        if (layout.partitions == 0)
            throw config_error("tidemark::rdd_context: 0 partitions; give at least 1");
        if (!std::has_single_bit(layout.groups))
            throw config_error("tidemark::rdd_context: " + std::to_string(layout.groups)
                               + " key-groups; give a power of two");
    }

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
        return rdd_leaf<element>(
            std::make_shared<stored_dataset<element>>(slice_evenly<element>(std::move(records), partitions)),
            environment_);
    }

    /// The same, in as many partitions as the context's layout says.
    template <typename Range>
    [[nodiscard]] auto parallelize(Range&& range) const
    {
        return parallelize(std::forward<Range>(range), environment_->layout.partitions);
    }

private:
    std::shared_ptr<rdd_environment const> environment_;
};

} // namespace tidemark
