// SPDX-License-Identifier: BSL-1.0
//
// delay_report: how total delay and processing time were distributed over the last batches.

#pragma once

#include <tidemark/core/events.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {

/// The percentiles that a `delay_report` gives: the smallest value, the median, the largest, and some in between.
inline constexpr std::array<int, 9> reported_percentiles{0, 5, 10, 25, 50, 75, 90, 95, 100};

/// The percentile `percent`, 0 to 100, of values in ascending order: the value that `percent` percent of them precede;
/// nothing when there are none.
[[nodiscard]] inline std::optional<std::int64_t> percentile(std::vector<std::int64_t> const& ascending, int percent)
{
    if (ascending.empty())
        return std::nullopt;
    auto const place = ascending.size() * static_cast<std::size_t>(std::clamp(percent, 0, 100)) / 100;
    return ascending[std::min(place, ascending.size() - 1)];
}

/// Listens to an application, keeps the delays of the last batches, and gives their distribution to `write` after each:
///
///     total delay of 10 batches, ms: 0% 12, 5% 12, 10% 13, 25% 14, 50% 15, 75% 17, 90% 40, 95% 40, 100% 40
///     processing time of 10 batches, ms: ...
///
/// A total delay above the batch interval that grows from line to line means that the application cannot keep up.
/// *Threads*: all members may be called from several threads at once.
class delay_report {
public:
    /// Keeps the delays of the last `batches` batches, at least one.
    explicit delay_report(std::function<void(std::string_view)> write, std::size_t batches = 10)
        : write_(std::move(write))
        , batches_(std::max<std::size_t>(batches, 1))
    {}

    void on(batch_completed const& event)
    {
        std::string lines;
        {
            std::scoped_lock const lock(mutex_);
            keep(total_, event.batch.total_delay());
            keep(processing_, event.batch.processing_delay());
            lines = line_of("total delay", total_) + line_of("processing time", processing_);
        }
        if (write_ && !lines.empty())
            write_(lines);
    }

    /// The total delays kept, in milliseconds, in ascending order, as `percentile` takes them.
    [[nodiscard]] std::vector<std::int64_t> total_delays() const
    {
        std::scoped_lock const lock(mutex_);
        return ascending(total_);
    }

    /// The processing times kept, in the same way.
    [[nodiscard]] std::vector<std::int64_t> processing_times() const
    {
        std::scoped_lock const lock(mutex_);
        return ascending(processing_);
    }

private:
    void keep(std::vector<std::int64_t>& kept, std::optional<std::int64_t> const& value) const
    {
        if (value)
            kept.push_back(*value);
        if (kept.size() > batches_)
            kept.erase(kept.begin());
    }

    [[nodiscard]] static std::vector<std::int64_t> ascending(std::vector<std::int64_t> const& kept)
    {
        auto all = kept;
        std::sort(all.begin(), all.end());
        return all;
    }

    [[nodiscard]] static std::string line_of(char const* what, std::vector<std::int64_t> const& kept)
    {
        auto const all = ascending(kept);
        if (all.empty())
            return {};
        std::string line = std::string(what) + " of " + std::to_string(all.size()) + " batches, ms:";
        char const* between = " ";
        for (auto const percent : reported_percentiles)
            line += std::exchange(between, ", ") + std::to_string(percent) + "% "
                    + std::to_string(*percentile(all, percent));
        return line + '\n';
    }

    std::function<void(std::string_view)> write_;
    std::size_t batches_;
    mutable std::mutex mutex_; // guards what is below
    std::vector<std::int64_t> total_;
    std::vector<std::int64_t> processing_;
};

} // namespace tidemark
