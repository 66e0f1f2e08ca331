// SPDX-License-Identifier: BSL-1.0
//
// lanes: the records of a chunk side by side, each with whether a filter has kept it, for steps that compute them all.

#pragma once

#include <tidemark/expression/chunk.hpp>

#include <cstddef>
#include <memory>
#include <span>

namespace tidemark {

/// A sink that takes the records of a chunk together with whether they are kept, and may compute those that are not.
///
/// `lanes()` gives a function object for one chunk, called with `(record const&, bool)` for each of its records, which
/// `close(lanes)` takes back. It is a local variable of the loop, so that what it counts stays in registers.
template <typename Sink>
concept lane_sink = requires(Sink& sink) { sink.lanes(); };

/// Brings the records that are kept together, for a sink that takes no lanes.
template <chunkable Record>
struct kept_lanes {
    Record* out;
    std::size_t kept = 0;

    void operator()(Record const& value, bool keep) // always copies, then advances by 0 or 1: no branch to mispredict
    {
        std::construct_at(out + kept, value);
        kept += static_cast<std::size_t>(keep);
    }
};

/// The lanes of `next`; those into `buffer` where it has none.
template <typename Record, typename Next>
[[nodiscard]] auto open_lanes(Next& next, chunk_buffer<Record>& buffer)
{
    if constexpr (lane_sink<Next>)
        return next.lanes();
    else
        return kept_lanes<Record>{buffer.data()};
}

/// Gives `next` what `open_lanes` has opened, after the last record of a chunk.
template <typename Record, typename Next, typename Lanes>
void close_lanes(Next& next, Lanes const& lanes)
{
    if constexpr (lane_sink<Next>)
        next.close(lanes);
    else if (lanes.kept != 0)
        next.chunk(std::span<Record const>(lanes.out, lanes.kept));
}

} // namespace tidemark
