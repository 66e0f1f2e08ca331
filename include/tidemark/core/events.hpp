// SPDX-License-Identifier: BSL-1.0
//
// events: what a running application tells those who listen, with all fields.

#pragma once

#include <tidemark/core/chrono.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tidemark {

/// The key under which the metadata of an input holds its description for people.
inline constexpr std::string_view description_key = "Description";

/// What one source gave to one batch. A batch lists each source of the application once.
struct input_info {
    std::string source;        ///< The source's name.
    std::uint64_t records = 0; ///< Records read so far; final when the batch is complete.
    std::map<std::string, std::string, std::less<>> metadata{}; ///< What else the source has to say of it.

    /// The input in words, such as the files that were read; empty when the source does not describe it.
    [[nodiscard]] std::string_view description() const
    {
        auto const found = metadata.find(description_key);
        return found == metadata.end() ? std::string_view() : std::string_view(found->second);
    }
};

/// A source that receives in a thread of its own, from a socket or a pipe.
struct receiver_info {
    std::string source;                ///< The name of the source.
    std::string description;           ///< What it is, and where it receives from.
    bool active = false;               ///< Whether it may still receive.
    std::string last_error_message{};  ///< Empty when there was no error.
    std::int64_t last_error_time = -1; ///< When the error was reported, in milliseconds since the epoch; -1 for never.
};

/// One output operation of one batch. Times are milliseconds since the epoch, by the application's clock.
struct output_operation_info {
    std::int64_t batch_time = 0;        ///< Of its batch.
    std::size_t id = 0;                 ///< In the order in which the outputs were given, from 0.
    std::string name;                   ///< As the program says, or by its place.
    std::string description;            ///< Which operation it is.
    std::optional<std::int64_t> start;  ///< Nothing before it has run, and for one without a job.
    std::optional<std::int64_t> end;    ///< The same.
    std::optional<std::string> failure; ///< What it, or the making of its job, has thrown.
    std::uint64_t retries = 0;          ///< How often one of its partitions was run again after a failure.

    /// In milliseconds; nothing before it has ended.
    [[nodiscard]] std::optional<std::int64_t> duration() const
    {
        return start && end ? std::optional(*end - *start) : std::nullopt;
    }
};

/// What a stage holds after a batch.
struct stage_info {
    std::string name;        ///< As the program says, or by its place.
    std::string kind;        ///< Which operator it is.
    std::uint64_t keys = 0;  ///< Keys of a state; records of a window.
    std::uint64_t bytes = 0; ///< Memory of the tables, without what keys and states own elsewhere.
};

/// One batch. Times are milliseconds since the epoch, by the application's clock; `processing` is measured by a steady
/// clock.
struct batch_info {
    std::int64_t batch_time = 0;                  ///< When its input ends; its name.
    std::vector<input_info> inputs;               ///< Of each source.
    std::int64_t submission_time = 0;             ///< When it was generated.
    std::optional<std::int64_t> processing_start; ///< When its first output began.
    std::optional<std::int64_t> processing_end;   ///< When its last output and its states had ended.
    std::vector<output_operation_info> outputs;   ///< In the order in which they were given.
    std::vector<stage_info> stages;               ///< Filled when the batch is complete.
    std::chrono::nanoseconds processing{0};       ///< Filled when the batch is complete.

    /// How long it has waited to be run, in milliseconds; nothing before it runs.
    [[nodiscard]] std::optional<std::int64_t> scheduling_delay() const
    {
        return processing_start ? std::optional(*processing_start - submission_time) : std::nullopt;
    }
    /// How long it ran, in milliseconds; nothing before it is complete.
    [[nodiscard]] std::optional<std::int64_t> processing_delay() const
    {
        return processing_start && processing_end ? std::optional(*processing_end - *processing_start) : std::nullopt;
    }
    /// Both together.
    [[nodiscard]] std::optional<std::int64_t> total_delay() const
    {
        return processing_end ? std::optional(*processing_end - submission_time) : std::nullopt;
    }
    /// Of all its inputs.
    [[nodiscard]] std::uint64_t records() const
    {
        std::uint64_t total = 0;
        for (auto const& input : inputs)
            total += input.records;
        return total;
    }
};

/// The application has started, at `time` by its clock; the rest says what was restored.
struct streaming_started {
    std::int64_t time = 0;                       ///< In milliseconds since the epoch.
    std::optional<std::int64_t> restored_commit; ///< The batch time of the commit that the state comes from.
    std::size_t batches_to_repeat = 0;           ///< Batches that an earlier run planned or missed while down.
    std::vector<std::string> notes;   ///< What was met in the checkpoint, in words; that the clock is behind it.
    std::size_t unusable_commits = 0; ///< Known newer commits that are damaged or gone; each has a note.
};

/// A source has trouble: it cannot connect, cannot list its directory, or has passed over files that came too late. The
/// batch goes on with what was read.
struct source_problem {
    std::int64_t batch_time = 0; ///< The batch during whose generation, or after whose commit, it was found.
    std::string source;          ///< Its name.
    std::string reason;          ///< In words.
};

/// A receiver has started to receive.
struct receiver_started {
    receiver_info receiver; ///< As it is then.
};

/// A receiver met an error. Reported with the next batch; of several errors in between, only the latest.
struct receiver_error {
    receiver_info receiver; ///< With that error.
};

/// A receiver has stopped: its input ended, it gave up, or the application is stopping.
struct receiver_stopped {
    receiver_info receiver; ///< With its last error, if it had one.
};

/// A batch was generated and waits to be run.
struct batch_submitted {
    batch_info batch; ///< Without what comes of running it.
};

/// The first output operation of a batch is about to run.
struct batch_started {
    batch_info batch; ///< Without what comes of running it.
};

/// An output operation is about to run.
struct output_operation_started {
    output_operation_info operation; ///< With its start.
};

/// An output operation has ended; `operation.failure` says whether it failed.
struct output_operation_completed {
    output_operation_info operation; ///< With its start, its end and its failure.
};

/// All output operations of the batch have ended, failed or not.
struct batch_completed {
    batch_info batch; ///< With all that came of it.
};

/// What a stage has given to a commit: its changes in the batches since the commit before. Bases, which spare time writes, are
/// not among it.
struct stage_saved {
    std::string name;                       ///< The stage's name.
    std::uint64_t bytes = 0;                ///< Of these changes.
    std::chrono::nanoseconds collecting{0}; ///< How long it took in these batches, by a steady clock.
};

/// A commit is durable. It is written behind its batch, so this may come among the events of later ones.
struct commit_completed {
    std::int64_t batch_time = 0;          ///< Of the batch after which all is as it was saved.
    std::uint64_t bytes = 0;              ///< Written for it, state and record.
    std::chrono::nanoseconds duration{0}; ///< Of the writing, by a steady clock.
    std::vector<stage_saved> stages{};    ///< Of each stage with a state or a window.
};

/// A commit failed. The state in memory is untouched, and the next commit is tried when it is due.
struct commit_failed {
    std::int64_t batch_time = 0; ///< Of the batch after which it was due.
    std::string reason;          ///< In words.
};

/// A listener has thrown. The others are told, once, until it throws something else; the application does not care.
struct listener_problem {
    std::size_t listener = 0; ///< Which one, in the order in which they were added, from 0.
    std::string reason;       ///< What it threw, in words.
};

/// The application has stopped: no event follows.
struct streaming_stopped {
    std::int64_t time = 0; ///< By the application's clock, in milliseconds since the epoch.
    std::size_t unfinished =
        0; ///< Batches that were due and have not been done; with a checkpoint, the next start runs them.
};

/// Any event. They come in the order in which they happen; for a batch: submitted, started, each output operation
/// started and completed, completed.
using streaming_event =
    std::variant<streaming_started, source_problem, receiver_started, receiver_error, receiver_stopped, batch_submitted,
                 batch_started, output_operation_started, output_operation_completed, batch_completed, commit_completed,
                 commit_failed, listener_problem, streaming_stopped>;

} // namespace tidemark
