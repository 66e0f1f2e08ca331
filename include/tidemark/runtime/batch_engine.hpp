// SPDX-License-Identifier: BSL-1.0
//
// batch_engine: generates, runs and commits batches, one call at a time, as whoever drives it sees that.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/core/events.hpp>
#include <tidemark/core/owner.hpp>
#include <tidemark/execution/executor.hpp>
#include <tidemark/runtime/detail/sliced.hpp>
#include <tidemark/runtime/job_graph.hpp>
#include <tidemark/runtime/job_set.hpp>
#include <tidemark/runtime/restart_plan.hpp>
#include <tidemark/time/batch_time.hpp>

#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace tidemark {

/// The heart of a running application; see `running_engine`.
///
/// *Threads*: `generate` by one thread, `run` and the commits by one other, in the order of batch times. Events are told
/// one at a time.
class batch_engine {
public:
    /// Is told what happens. A class of its own, so that a file which only keeps some does not pay for all kinds of events.
    struct listener {
        std::function<void(streaming_event const&)> told;
        std::string problem{}; ///< What it has thrown last, in words.
    };

    batch_engine() = default;
    batch_engine(batch_engine const&) = delete;
    batch_engine& operator=(batch_engine const&) = delete;
    virtual ~batch_engine() = default;

    /// Takes the directory over, restores, opens the sources. Afterwards `plan()` says which batches come.
    virtual void start() = 0;

    /// From now on a thread of its own writes the checkpoint, and `run` does not wait for it: whether a commit has
    /// succeeded, an event tells, and a later `run` when it has not. After `start`.
    virtual void write_in_background() = 0;
    /// Whether this is that thread, which tells events, too. From any thread.
    [[nodiscard]] virtual bool writes_in_this_thread() const = 0;

    /// Which batches come first, and which is the first that the clock starts.
    [[nodiscard]] virtual restart_plan const& plan() const = 0;
    [[nodiscard]] virtual job_graph const& graph() const = 0;
    [[nodiscard]] virtual any_executor const& executor() const = 0;

    /// How many plans of an earlier run are held for batches to come; for tests of what is kept.
    [[nodiscard]] virtual std::size_t plans_kept() const = 0;

    /// How many batches' datasets and inputs are held, of all stages together; for tests of what is kept.
    [[nodiscard]] virtual std::size_t datasets_kept() const = 0;

    /// Decides what the batch of `time` reads, writes that down, and makes its jobs.
    ///
    /// Failures of sources and functions fail the outputs that need them. *Throws* `checkpoint_error` when the plan
    /// cannot be written.
    [[nodiscard]] virtual owner<job_set> generate(batch_time time) = 0;

    /// The datasets of `stream` in `[from, to]`, of the batches that have been generated. From any thread.
    template <stream_expression E>
    [[nodiscard]] std::vector<rdd<record_t<E>>> slice(E const& stream, batch_time from, batch_time to) const
    {
        auto const lock = hold_graph();
        auto const last = last_generated();
        if (!last)
            throw usage_error("tidemark::slice: the application \"" + graph().application_name
                              + "\" has not been initialised; call start() first");
        return detail::sliced(graph(), stream, from, to, *last);
    }

    /// What came of a batch.
    struct outcome {
        std::exception_ptr failure; ///< The first that an output or a stage met.
        bool fatal = false;         ///< No later batch may run in this process.
    };

    /// Runs the jobs of a batch, brings every stage forward, and commits when one is due.
    [[nodiscard]] virtual outcome run(job_set& batch) = 0;

    /// Does a small piece of work that no batch has to wait for; for the time between two calls of `run`, which are in
    /// the same thread. False when there is none.
    virtual bool work_in_spare_time() = 0;

    /// Commits the last batch if that has not been done; for a clean end. Does nothing when some batch is not done.
    virtual void commit_at_end() = 0;

    /// Waits for the next commit, which the next batch that is generated makes if none before does, and pins it under the
    /// name. Gives its batch. From any thread but those that generate and run.
    ///
    /// *Throws* `usage_error` when the name is none for a savepoint or is taken, there is no checkpoint directory, or
    /// the run ends before; `checkpoint_error` when there can be no commit.
    virtual batch_time save(std::string const& name) = 0;

    /// The same of the last batch that has run, at once: for whoever calls each batch. Commits it if that has not been
    /// done.
    virtual batch_time save_last(std::string const& name) = 0;

    /// Drops a savepoint. From any thread. *Throws* `usage_error` when there is none of that name; `checkpoint_error`.
    virtual void drop_savepoint(std::string const& name) = 0;

    /// Lets the checkpoint directory go and tells that nothing more will happen. The last call.
    virtual void close() = 0;

    /// The sources receive no more; batches go on until they are `drained`.
    virtual void finish_sources() = 0;
    virtual void stop_sources() = 0;
    [[nodiscard]] virtual bool drained() const = 0;

private:
    /// Keeps the graph as it is for as long as the lock lives; a function that is called in a generation may ask, too.
    [[nodiscard]] virtual std::unique_lock<std::recursive_mutex> hold_graph() const = 0;
    /// With the graph held; nothing before the start.
    [[nodiscard]] virtual std::optional<batch_time> last_generated() const = 0;
};

} // namespace tidemark
