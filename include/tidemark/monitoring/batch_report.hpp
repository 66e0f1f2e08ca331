// SPDX-License-Identifier: BSL-1.0
//
// batch_report: a line of text for each batch, commit and failure, for people at a terminal.

#pragma once

#include <tidemark/core/chrono.hpp>
#include <tidemark/core/events.hpp>

#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace tidemark {
namespace detail {

[[nodiscard]] inline std::string with_unit(double value, char const* unit)
{
    char text[64];
    std::snprintf(text, sizeof text, "%.1f %s", value, unit);
    return text;
}

[[nodiscard]] inline std::string bytes_in_words(std::uint64_t bytes)
{
    auto const value = static_cast<double>(bytes);
    if (bytes < 10'000)
        return std::to_string(bytes) + " B";
    return bytes < 10'000'000 ? with_unit(value / 1024, "KiB") : with_unit(value / (1024 * 1024), "MiB");
}

[[nodiscard]] inline std::string time_in_words(std::chrono::nanoseconds time)
{
    return with_unit(static_cast<double>(time.count()) / 1e6, "ms");
}

} // namespace detail

/// Listens to an application and gives a line to `write` for each batch (time, records, processing time, size of each
/// state), each commit (size and time), each failure of a source, an output or a commit, and for what a restart
/// restored. Batches without input and without a failure are left out.
///
/// *Threads*: calls `write` from the thread that delivers the event, one call at a time.
class batch_report {
public:
    explicit batch_report(std::function<void(std::string_view)> write)
        : write_(std::move(write))
    {}

    void on(streaming_started const& event) const
    {
        for (auto const& note : event.notes)
            write_("note: " + note + "\n");
        if (event.restored_commit)
            write_("restored the commit of batch " + std::to_string(*event.restored_commit) + " ms; "
                   + std::to_string(event.batches_to_repeat) + " batches to run again or to catch up with"
                   + (event.unusable_commits == 0
                          ? ""
                          : "; newer ones that cannot be used: " + std::to_string(event.unusable_commits))
                   + "\n");
    }

    void on(source_problem const& event) const { write_("source " + event.source + ": " + event.reason + "\n"); }

    void on(batch_completed const& event) const
    {
        auto const& batch = event.batch;
        std::string line = "batch " + std::to_string(batch.batch_time) + " ms: " + std::to_string(batch.records())
                           + " records in " + detail::time_in_words(batch.processing);
        for (auto const& stage : batch.stages)
            line += "; " + stage.name + " " + std::to_string(stage.keys)
                    + (stage.kind == "window" ? " records, " : " keys, ") + detail::bytes_in_words(stage.bytes);
        bool failed = false;
        for (auto const& output : batch.outputs)
            if (output.failure) {
                line += "\n  " + output.name + " failed: " + *output.failure;
                failed = true;
            }
        if (failed || batch.records() != 0)
            write_(line + "\n");
    }

    void on(commit_completed const& event) const
    {
        write_("commit " + std::to_string(event.batch_time) + " ms: " + detail::bytes_in_words(event.bytes) + " in "
               + detail::time_in_words(event.duration) + "\n");
    }

    void on(commit_failed const& event) const
    {
        write_("commit " + std::to_string(event.batch_time) + " ms failed: " + event.reason + "\n");
    }

    void on(listener_problem const& event) const
    {
        write_("listener " + std::to_string(event.listener) + " threw: " + event.reason + "\n");
    }

    void on(streaming_stopped const& event) const
    {
        if (event.unfinished != 0)
            write_("stopped; " + std::to_string(event.unfinished)
                   + (event.unfinished == 1 ? " batch has" : " batches have") + " not been done\n");
    }

private:
    std::function<void(std::string_view)> write_;
};

} // namespace tidemark
