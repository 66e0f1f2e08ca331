// SPDX-License-Identifier: BSL-1.0
//
// rate_estimator: how many records a second a receiver should take, out of how the last batches went.

#pragma once

#include <tidemark/time/batch_time.hpp>
#include <tidemark/time/duration.hpp>

#include <concepts>
#include <cstdint>
#include <optional>

namespace tidemark {

/// How a batch went, as far as one source is concerned.
struct rate_sample {
    batch_time time;             ///< When the processing of the batch ended.
    std::int64_t records = 0;    ///< Of this source, in this batch.
    duration processing_delay{}; ///< From the start of its processing to the end.
    duration scheduling_delay{}; ///< From its submission to the start of its processing.
};

/// Is told of each batch that is complete, in the order of their ends, and answers with the rate to receive at from now
/// on, in records per second; nothing leaves the rate as it is.
template <typename E>
concept rate_estimator = std::movable<E> && requires(E& estimator, rate_sample const& seen) {
    { estimator.estimate(seen) } -> std::same_as<std::optional<double>>;
};

} // namespace tidemark
