// SPDX-License-Identifier: BSL-1.0
//
// application: a description that can be started, waited for and stopped.

#pragma once

#include <tidemark/checkpoint/checkpoint_directory.hpp>
#include <tidemark/checkpoint/journal_options.hpp>
#include <tidemark/core/chrono.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/events.hpp>
#include <tidemark/core/owner.hpp>
#include <tidemark/core/type_list.hpp>
#include <tidemark/rdd/rdd_leaf.hpp>
#include <tidemark/runtime/batch_engine.hpp>
#include <tidemark/runtime/detail/application_parts.hpp>
#include <tidemark/runtime/dstream_stage.hpp>
#include <tidemark/runtime/graph_builder.hpp>
#include <tidemark/runtime/job_graph.hpp>
#include <tidemark/runtime/streaming_run.hpp>
#include <tidemark/stream/lineage.hpp>
#include <tidemark/stream/output.hpp>
#include <tidemark/stream/streaming_context.hpp>
#include <tidemark/time/any_clock.hpp>
#include <tidemark/time/batch_time.hpp>
#include <tidemark/time/duration.hpp>
#include <tidemark/time/interval.hpp>
#include <tidemark/time/system_clock.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {

/// Initialized, then active, then stopped; never back.
enum class application_phase : unsigned char { initialized, active, stopped };

/// Outputs and everything they stand on, made by `streaming_context::application`. Until `start()` no clock, file, lock
/// or thread is touched.
///
/// *Threads*: `request_stop`, `stop`, `await_termination`, `save`, `drop_savepoint` and `phase` may be called from any
/// thread once `start` has returned, and by what the application itself calls. Copies are handles to one application. The
/// destructor of the last ends a run without a commit: what was planned and not done runs after a restart. Call `stop()`
/// for a clean end.
class application {
public:
    /// For contexts.
    explicit application(std::shared_ptr<detail::application_parts> parts)
        : parts_(std::move(parts))
    {}

    application(application const&) = default; // and no move: a handle that was moved from stays one
    application& operator=(application const&) = default;
    ~application() = default;

    /// What `streaming_context::named` has said, or `default_application_name`.
    [[nodiscard]] std::string const& name() const { return parts_->name; }

    /// Where its checkpoints are, in words; nothing when it keeps none.
    [[nodiscard]] std::optional<std::string> directory() const
    {
        return parts_->directory ? std::optional(parts_->directory->storage().describe()) : std::nullopt;
    }

    /// Told of every event, in the thread in which it happens; may not call `stop`. Before `start` only; several are
    /// told in turn.
    ///
    /// What a listener throws changes nothing: the others are told of it by a `listener_problem`. *Throws* `usage_error`
    /// for an empty function.
    application& listen(std::function<void(streaming_event const&)> listener)
    {
        expect(application_phase::initialized, "listen", "add listeners before start()");
        if (bool const tells(listener); !tells) // an operator of it would be looked for among all kinds of events
            throw usage_error("tidemark::application::listen: the function is empty; pass one that takes a "
                              "streaming_event");
        parts_->listeners.push_back({std::move(listener)});
        return *this;
    }
    /// Whatever does not take a `streaming_event`.
    void listen(...) = delete; // of an object with `on`: `app.listen(listening(std::make_shared<my_listener>()))`

    /// What `start` does with a checkpoint that cannot be read. Unless told otherwise it throws.
    application& when_unreadable(on_unreadable choice)
    {
        expect(application_phase::initialized, "when_unreadable", "choose before start()");
        parts_->unreadable = choice;
        return *this;
    }

    /// Takes the checkpoint directory over, restores what is there, and begins to run.
    ///
    /// *Throws* `usage_error` when it was started before; `storage_error` when another process has the directory;
    /// `corrupt_checkpoint`, `incompatible_checkpoint`; `source_error` when a source cannot be opened. After a failure
    /// the application is stopped, and the checkpoint is as it was, unless it was what could not be written.
    void start() { start(any_clock(std::make_shared<system_clock>())); }

    /// The same by another clock.
    void start(any_clock clock);

    /// Waits until the application has stopped. *Throws* the first failure of an output, a stage or a commit as soon as
    /// there is one; the application runs on then, unless the failure ended it: one in a stage with a state, a plan
    /// that cannot be written, or more than `max_uncommitted` batches without a commit. It may be called again.
    void await_termination() { (void)running("await_termination").await(std::nullopt); }

    /// Waits at most `limit`, for ever when that is longer than a clock can tell. True when the application has stopped,
    /// false when time is over. *Throws* as `await_termination`.
    template <typename Rep, typename Period>
    [[nodiscard]] bool await_termination_for(std::chrono::duration<Rep, Period> limit)
    {
        using std::chrono::steady_clock;
        auto& run = running("await_termination_for");
        auto const now = steady_clock::now();
        using real = std::chrono::duration<long double, steady_clock::period>;
        if (!(real(limit) < real(steady_clock::time_point::max() - now))) // in integers the comparison may overflow
            return run.await(std::nullopt);
        return run.await(real(limit) > real(0) ? now + std::chrono::ceil<steady_clock::duration>(limit) : now);
    }
    /// The same, for a literal such as `5_s`.
    [[nodiscard]] bool await_termination_for(duration limit) { return await_termination_for<>(limit); }
    /// A number is no duration.
    void await_termination_for(number_without_unit auto) = delete; // with a unit: `app.await_termination_for(5_s)`

    /// Pins a commit as the savepoint `name`: it stays, with all that it needs, until it is dropped, whatever commits
    /// follow. Waits for the next commit, which the next batch makes if none before it does, and gives its batch; durable
    /// when it returns. `copy_checkpoint` makes a directory of it from which a program starts.
    ///
    /// A name has letters, digits, `-`, `_` and `.`. Several threads may ask at once.
    /// *Throws* `usage_error` when the name is another one or taken, when the application keeps no checkpoints, is not
    /// started or ends before, and when it is called from within a batch or a listener, where it would wait for itself;
    /// `checkpoint_error` when there can be no commit, or it cannot be written. The savepoint may still turn out to be
    /// there in that case; asking again replaces it.
    batch_time save(std::string const& name) { return running("save").save(name); }

    /// Drops a savepoint: what only that needs is deleted. From anywhere once `start` has returned.
    ///
    /// *Throws* `usage_error` when there is none of that name, or the application does not run: `drop_savepoint` drops
    /// that of a directory then; `checkpoint_error` when it cannot be dropped.
    void drop_savepoint(std::string const& name)
    {
        if (!parts_->run)
            throw not_started("drop_savepoint");
        parts_->run->drop_savepoint(name);
    }

    /// Asks for the end and comes back at once; for signal handling threads and functions of the program itself. An
    /// application that has not started yet ends as soon as it has.
    void request_stop(bool graceful = true)
    {
        if (parts_->run)
            parts_->run->request_stop(graceful);
        else
            parts_->early_stop = graceful;
    }

    /// Ends the run. `graceful`: everything received and generated runs first, and the end is committed, so that a
    /// restart repeats nothing. Otherwise the running batch ends, and what was planned runs after a restart. Stopping
    /// again does nothing. An application that was not started cannot be started afterwards.
    ///
    /// *Throws* `usage_error` when called from within a batch or a listener, which would wait for itself: use
    /// `request_stop` there.
    void stop(bool graceful = true);

    /// The datasets of `stream` in the batches of `[from, to]`, both ends included: one for each that has been generated
    /// and has one, in the order of their times.
    ///
    /// An end that is off the stream's grid is moved down onto it; times before the first batch are left out. A batch
    /// whose outputs have run is there only as long as the context remembers it, or where the source can give it again.
    /// `stream` is one that an output of this application stands on, or such a one with further steps. May be called
    /// from any thread, and by outputs and functions in `transform`; not by functions of records or partitions.
    /// *Throws* `usage_error` before `start`, for a stream of another application, and for a batch that is not kept any
    /// more; what a source or a function in `transform` throws. The result of a state or a window can be read when its
    /// batch has run; an action on it throws `usage_error` before.
    /// Example: `examples/operators/slice.cpp`.
    template <stream_expression E>
    [[nodiscard]] std::vector<rdd<record_t<E>>> slice(E const& stream, batch_time from, batch_time to) const
    {
        if (!parts_->run)
            throw usage_error("tidemark::application::slice: the application \"" + name()
                              + "\" has not been initialised; call start() first");
        return parts_->run->engine().slice(stream, from, to);
    }

    /// The same for the batches from `span.begin` to `span.end`, both included.
    template <stream_expression E>
    [[nodiscard]] std::vector<rdd<record_t<E>>> slice(E const& stream, interval const& span) const
    {
        return slice(stream, span.begin, span.end);
    }

    /// Whether it has been started, and whether it has ended. *Threads*: any.
    [[nodiscard]] application_phase phase() const
    {
        if (!parts_->run)
            return parts_->spent ? application_phase::stopped : application_phase::initialized;
        return parts_->run->ended() ? application_phase::stopped : application_phase::active;
    }

    /// For tests that call each batch themselves: the engine, with nothing started. Afterwards the application is
    /// spent.
    [[nodiscard]] owner<batch_engine> engine(any_clock clock)
    {
        expect(application_phase::initialized, "engine", "make another one");
        parts_->spent = true;
        return parts_->make_engine(std::move(clock));
    }

private:
    void expect(application_phase wanted, char const* call, char const* advice) const
    {
        if (phase() != wanted)
            throw usage_error(
                "tidemark::application::" + std::string(call) + ": the application \"" + name()
                + (phase() == application_phase::active ? "\" is active; " : "\" has been started or stopped before; ")
                + advice);
    }

    [[nodiscard]] usage_error not_started(char const* call) const
    {
        return usage_error("tidemark::application::" + std::string(call) + ": the application \"" + name()
                           + "\" was not started; call start() first");
    }

    [[nodiscard]] usage_error would_wait_for_itself(char const* call) const
    {
        return usage_error("tidemark::application::" + std::string(call)
                           + ": called from within a batch or a listener of \"" + name()
                           + "\", it would wait for itself; call "
                           + (std::string_view(call) == "save" ? "it from another thread" : "request_stop() there"));
    }

    [[nodiscard]] streaming_run& running(char const* call) const
    {
        if (!parts_->run)
            throw not_started(call);
        if (parts_->run->runs_in_this_thread())
            throw would_wait_for_itself(call);
        return *parts_->run;
    }

    std::shared_ptr<detail::application_parts> parts_;
};

inline void application::start(any_clock clock)
{
    expect(application_phase::initialized, "start", "make another one to run again");
    parts_->spent = true;
    parts_->starting = true;
    try {
        parts_->run = parts_->make_run(std::move(clock));
    } catch (...) {
        parts_->starting = false;
        throw;
    }
    parts_->starting = false;
    if (parts_->early_stop)
        parts_->run->request_stop(*parts_->early_stop);
    detail::started_applications::of_this_process().add(parts_);
    parts_->run->begin();
}

/// The application of this process that is active and was started last, if there is one.
///
/// What it gives is another handle of that application. *Threads*: may be called from any thread, and from functions of
/// outputs and listeners.
/// See also: `get_active_or_create`, `application::request_stop`. Example: `examples/operators/get_active_or_create.cpp`.
[[nodiscard]] inline std::optional<application> get_active()
{
    for (auto& parts : detail::started_applications::of_this_process().living()) {
        application found(parts);
        if (found.phase() == application_phase::active)
            return found;
    }
    return std::nullopt;
}

inline void application::stop(bool graceful)
{
    if (parts_->starting || (parts_->run && parts_->run->runs_in_this_thread()))
        throw would_wait_for_itself("stop");
    if (!parts_->run) {
        parts_->spent = true;
        return;
    }
    parts_->run->stop(graceful);
}

template <slide Batch, bool Checkpointed>
template <typename... Outputs>
auto basic_streaming_context<Batch, Checkpointed>::application(Outputs... outputs) const
{
    static_assert(sizeof...(Outputs) > 0, "tidemark::application: there is no output operation, so nothing would run; "
                                          "pass at least one stream with foreach_rdd, print or save_as_text_files");
    static_assert(
        detail::names_distinct_v<detail::distinct_states_t<Outputs...>>,
        "tidemark::application: two different stages have one name; give each stateful stage a name of its own");
    static_assert(
        (detail::path_names_distinct_v<type_list<>, Outputs> && ...),
        "tidemark::application: one name is used twice on one path; give each stateful stage a name of its own");
    static_assert(
        (output_operation<Outputs> && ...),
        "tidemark::application: an argument is no output operation; end the stream with foreach_rdd, print or "
        "save_as_text_files");
    graph_builder builder(properties_, batch_.value());
    (builder.add(outputs), ...);
    using parts = detail::runnable_parts<Checkpointed>;
    return tidemark::application(std::make_shared<parts>(std::move(builder).finish(), properties_.directory));
}

} // namespace tidemark
