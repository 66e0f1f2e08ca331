// SPDX-License-Identifier: BSL-1.0
//
// remember_durations: for how long the streams of a graph keep their datasets, and which they still have.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/time/batch_grid.hpp>
#include <tidemark/time/batch_time.hpp>
#include <tidemark/time/batch_times.hpp>
#include <tidemark/time/duration.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace tidemark {

/// A stream of a graph, with what its remember duration depends on.
struct remembered_stream {
    duration slide{};
    std::optional<duration> checkpoint_interval{}; ///< Of a state, or of a stream with `checkpoint_every`.
    duration window{};                             ///< Of a window, incremental or not; zero for all others.
    duration at_least{};                           ///< What the stream asks for by itself, as a source of files does.
    std::vector<std::size_t> parents{};            ///< Places in the graph.
};

/// The remember duration of a stream that nobody else needs: its slide; with a checkpoint interval twice that, so that
/// there are always two datasets to begin from; or what it asks for by itself.
[[nodiscard]] constexpr duration least_remember_duration(remembered_stream const& stream)
{
    auto least = std::max(stream.slide, stream.at_least);
    if (stream.checkpoint_interval && *stream.checkpoint_interval >= stream.slide)
        least = std::max(least, 2 * *stream.checkpoint_interval);
    return least;
}

/// For how long each stream of `graph` remembers its datasets, in the order of the graph.
///
/// A stream without a consumer, an output, remembers at least `context`, what `remember` was told; each parent at least
/// what its consumers do, and beneath a window its length more.
/// *Requires* that a parent stands before its consumers. *Throws* `usage_error` when one does not.
/// *Source*: the rules of `DStream.initialize` and `DStream.remember` in Apache Spark Streaming.
template <std::same_as<remembered_stream> Stream>
[[nodiscard]] constexpr std::vector<duration> remember_durations(std::vector<Stream> const& graph,
                                                                 duration context = duration::zero())
{
    std::vector<duration> remembered(graph.size(), duration::zero());
    std::vector<std::optional<duration>> needed(graph.size(), std::nullopt); // by the consumers; nothing: an output
    for (auto place = graph.size(); place-- != 0;) {                         // consumers first
        auto const& stream = graph[place];
        remembered[place] = std::max(least_remember_duration(stream), needed[place].value_or(context));
        for (auto const parent : stream.parents) {
            if (parent >= place)
                throw usage_error("tidemark::remember_durations: stream " + std::to_string(place)
                                  + " stands before its parent " + std::to_string(parent)
                                  + "; list parents before those who read them");
            needed[parent] = std::max(needed[parent].value_or(duration::zero()), remembered[place] + stream.window);
        }
    }
    return remembered;
}

/// The last time whose dataset goes when the batch of `completed` is complete, of a stream that remembers `remember`:
/// all up to it do.
[[nodiscard]] constexpr batch_time forgotten_until(batch_time completed, duration remember) noexcept
{
    return completed - remember;
}

/// The times of which a stream with this slide still has its datasets when the batch of `completed` is complete.
///
/// *Throws* `usage_error` when `slide` is not positive.
[[nodiscard]] constexpr batch_times kept_datasets(batch_grid const& grid, duration slide, duration remember,
                                                  batch_time completed)
{
    detail::require_positive("tidemark::kept_datasets: the slide", slide);
    auto const gone = std::max(forgotten_until(completed, remember), grid.zero_time());
    return to(detail::first_after(gone, grid.zero_time(), slide), completed, slide);
}

} // namespace tidemark
