// SPDX-License-Identifier: BSL-1.0
//
// source: what brings records into a stream, batch by batch, and how it is asked for the same batch again.

#pragma once

#include <tidemark/execution/dataset.hpp>
#include <tidemark/execution/plain_datasets.hpp>
#include <tidemark/time/batch_time.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark {

/// What a source is told when the application starts.
struct source_environment {
    std::string application;
    duration batch;            ///< The batch interval; the slide of every source.
    batch_time zero;           ///< The zero time of the batch grid; on a restart that of the first start.
    batch_time now;            ///< The clock's reading at this start.
    std::size_t partitions;    ///< How many partitions a batch should have where the source may choose.
    bool checkpointed = false; ///< Whether plans and positions are kept; else a source need not make them.
};

/// The input of one batch.
template <typename Record>
struct batch_input {
    dataset_ptr<Record> data;    ///< Null: there is no dataset for this time, which is not the same as an empty one.
    std::vector<std::byte> plan; ///< Enough to give the same input again; empty for a source that cannot.
    std::function<std::uint64_t()> records; ///< How many records have been read of it; asked when the batch is done.
    std::string description{};              ///< What it is, for people, as a list of files; may be empty.
};

/// Something that has happened to a receiver.
struct receiver_change {
    enum class kind : unsigned char { started, error, stopped };

    kind what{};
    std::string message{}; ///< Of an error.
};

/// The running side of a source. An exception from `plan` or `replay` fails those outputs of the batch that stand on
/// the source.
///
/// *Threads*: one at a time calls any of these; the datasets given out are read from several threads meanwhile.
template <typename Record>
class source_reader {
public:
    source_reader() = default;
    source_reader(source_reader const&) = delete;
    source_reader& operator=(source_reader const&) = delete;
    virtual ~source_reader() = default;

    /// Begins to receive, after the position has been set. Sources without a thread or a connection need not care. What
    /// this throws fails the start of the application, which has written nothing into the checkpoint by then; `stop` is called when what
    /// comes after it fails.
    virtual void start() {}
    /// What the one who runs the program should look at. Asked once, after `start`; told in `streaming_started::notes`.
    [[nodiscard]] virtual std::vector<std::string> start_notes() const { return {}; }
    /// A graceful stop has begun: receives no more, and batches take what has arrived, until it is `drained`; then comes
    /// `stop`. For a receiver that acknowledges what these batches take. May be called again.
    virtual void finish() { stop(); }
    /// Receives no more. `plan` may still be called for what has arrived. May be called again.
    virtual void stop() {}
    /// True when everything received has been given to a batch; a graceful stop waits for it.
    [[nodiscard]] virtual bool drained() const { return true; }

    /// What has gone wrong since the last call, in receiving or listing, though batches go on; nothing when nothing
    /// has. Asked in each batch, after `plan` or its like; listeners are told.
    [[nodiscard]] virtual std::optional<std::string> take_error() { return std::nullopt; }

    /// What has happened to the receiver since the last call, in order; nothing for a source that does not receive by
    /// itself. Asked after `start`, `finish` and `stop`, and in each batch; listeners are told.
    [[nodiscard]] virtual std::vector<receiver_change> take_receiver_changes() { return {}; }

    /// Decides what the batch of `time` reads, and gives it. Called once for each batch, in the order of times.
    [[nodiscard]] virtual batch_input<Record> plan(batch_time time) = 0;

    /// Gives the input that an earlier run planned for `time`, and takes it as given out.
    [[nodiscard]] virtual batch_input<Record> replay(batch_time time, std::span<std::byte const> plan) = 0;

    /// Called in place of `plan` for a batch whose `plan` threw in an earlier run that then planned later batches: they
    /// may have been given what this one would have been; and for each such batch of a source with a `write_ahead_log`. So by
    /// default it gives an empty dataset. A source that knows what belongs to which batch gives that.
    [[nodiscard]] virtual batch_input<Record> missed(batch_time /*time*/)
    {
        return {std::make_shared<stored_dataset<Record>>(partitioned<Record>()), {}, {}};
    }

    /// The input of a batch that was given out before and has been forgotten, if the source can tell it from the time
    /// alone; nothing where it cannot, as most sources. For `application::slice`; changes nothing.
    [[nodiscard]] virtual std::optional<batch_input<Record>> again(batch_time /*time*/) { return std::nullopt; }

    /// Where the source stands after the last batch planned or replayed.
    [[nodiscard]] virtual std::vector<std::byte> position() const = 0;

    /// Goes back to a position that `position` gave in an earlier run. Called before the first batch.
    virtual void seek(std::span<std::byte const> position) = 0;

    /// From now on at most so many records per second are to be received, by `settings::max_receive_rate` and
    /// back-pressure. Called before `start` and after each batch that changes the rate. A source that is asked for its
    /// records, and does not receive them, need not care. *Requires* a finite rate above 0.
    virtual void limit_rate(double /*records_per_second*/) {}

    /// The plan of the batch of `time` is written: a crash of the process does not lose it, and where an output is
    /// `exactly_once` or a source has a `write_ahead_log`, a loss of power does not either. A receiver whose records are
    /// logged may acknowledge now what it gave to the batch; also for a batch that runs again. What it throws is told as
    /// a problem of the source. Not called without a checkpoint directory.
    virtual void planned(batch_time /*time*/) {}

    /// The batch of `time` and all before it are committed: what only they needed may go.
    virtual void committed(batch_time /*time*/) {}
};

/// The description of a source: a value, and part of the stream's type. Making one touches nothing; `open` does.
///
/// `name` is the kind of source, as lineages and default names show it. `replayable` says whether the source can give
/// the input of a planned batch again after a crash. A source of your own is written in `examples/custom_source.cpp`.
///
/// One that has `static constexpr bool plans_repeat = true` gives a batch what depends on its position alone, so that a
/// program which goes back to a savepoint gives the same to the same batches. What waits until a batch is planned, as
/// files in a directory do, may come in another batch then, and the start says so.
template <typename S>
concept stream_source = std::copy_constructible<S> && requires(S const& source, source_environment const& environment) {
    typename S::record_type;
    { S::replayable } -> std::convertible_to<bool>;
    { S::name } -> std::convertible_to<std::string_view>;
    { source.describe() } -> std::convertible_to<std::string>;
    { source.open(environment) } -> std::convertible_to<std::unique_ptr<source_reader<typename S::record_type>>>;
};

namespace detail {

/// Says of a type that is no source what it lacks.
template <typename S>
struct source_rules {
    static constexpr bool has_record = requires { typename S::record_type; };

    static_assert(std::copy_constructible<S>,
                  "tidemark::source_stream: the source cannot be copied; hold what cannot in a std::shared_ptr");
    static_assert(
        has_record,
        "tidemark::source_stream: the source does not say what its records are; add `using record_type = ...`");
    static_assert(
        requires {
            { S::replayable } -> std::convertible_to<bool>;
        }, "tidemark::source_stream: the source does not say whether a planned batch can be given again; add `static "
           "constexpr bool replayable`");
    static_assert(
        requires {
            { S::name } -> std::convertible_to<std::string_view>;
        }, "tidemark::source_stream: the source has no name; add `static constexpr std::string_view name`");
    static_assert(
        requires(S const& source) {
            { source.describe() } -> std::convertible_to<std::string>;
        }, "tidemark::source_stream: the source does not describe itself; add `std::string describe() const`");
    static_assert(
        !has_record || stream_source<S> || requires(S const& source, source_environment const& environment) {
            { source.open(environment) } -> std::convertible_to<std::unique_ptr<source_reader<typename S::record_type>>>;
        },
        "tidemark::source_stream: the source cannot be opened; add `open(source_environment const&) const`, which gives "
        "a std::unique_ptr to a class that derives from source_reader<record_type>");

    static constexpr bool value = stream_source<S>;
};

} // namespace detail
} // namespace tidemark
