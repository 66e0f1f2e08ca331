// SPDX-License-Identifier: BSL-1.0
//
// rate_control: how fast each receiver may be, by the settings and by how its batches went.

#pragma once

#include <tidemark/core/events.hpp>
#include <tidemark/core/settings.hpp>
#include <tidemark/runtime/source_stage.hpp>
#include <tidemark/sources/pid_rate_estimator.hpp>
#include <tidemark/sources/rate_estimator.hpp>
#include <tidemark/time/batch_time.hpp>
#include <tidemark/time/duration.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

namespace tidemark {

/// Tells the sources of an application how fast they may receive: `settings::max_receive_rate`, and under
/// `settings::backpressure` no faster than a `pid_rate_estimator` of their own says.
///
/// *Threads*: one at a time.
class rate_control {
public:
    /// *Requires* that `sources` stay.
    rate_control(std::vector<std::shared_ptr<source_stage>> const& sources, settings const& how, duration batch)
        : sources_(&sources)
        , most_(how.max_receive_rate == 0 ? unlimited : static_cast<double>(how.max_receive_rate))
        , first_(how.backpressure && how.initial_receive_rate != 0 ? static_cast<double>(how.initial_receive_rate)
                                                                   : most_)
    {
        if (how.backpressure)
            estimators_ = std::vector(sources.size(), pid_rate_estimator(batch, how.gains));
    }

    /// Before the sources start.
    void begin() const
    {
        if (first_ != unlimited)
            for (auto const& source : *sources_)
                source->limit_rate(first_);
    }

    /// A batch is complete.
    void complete(batch_info const& batch)
    {
        for (std::size_t i = 0; i < estimators_.size(); ++i) {
            auto const rate = estimators_[i].estimate(
                {batch_time(batch.processing_end.value_or(0)), static_cast<std::int64_t>(batch.inputs[i].records),
                 duration(batch.processing_delay().value_or(0)), duration(batch.scheduling_delay().value_or(0))});
            if (rate)
                (*sources_)[i]->limit_rate(std::min(*rate, most_));
        }
    }

private:
    static constexpr double unlimited = std::numeric_limits<double>::infinity();

    std::vector<std::shared_ptr<source_stage>> const* sources_;
    double most_;
    double first_;
    std::vector<pid_rate_estimator> estimators_; // one for each source, or none
};

} // namespace tidemark
