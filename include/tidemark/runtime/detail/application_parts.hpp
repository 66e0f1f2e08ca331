// SPDX-License-Identifier: BSL-1.0
//
// application_parts: what the handles of one application share, and which applications this process has started.

#pragma once

#include <tidemark/checkpoint/checkpoint_directory.hpp>
#include <tidemark/checkpoint/journal_options.hpp>
#include <tidemark/core/events.hpp>
#include <tidemark/core/owner.hpp>
#include <tidemark/runtime/batch_engine.hpp>
#include <tidemark/runtime/job_graph.hpp>
#include <tidemark/runtime/running_engine.hpp>
#include <tidemark/runtime/streaming_run.hpp>
#include <tidemark/runtime/threaded_run.hpp>
#include <tidemark/time/any_clock.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tidemark::detail {

/// An application: at first a graph, then a run.
struct application_parts {
    application_parts(job_graph stages, std::optional<checkpoint_directory> where)
        : name(stages.application_name)
        , graph(std::move(stages))
        , directory(std::move(where))
    {}
    application_parts(application_parts const&) = delete;
    application_parts& operator=(application_parts const&) = delete;
    virtual ~application_parts()
    {
        if (run)
            run->abandon();
    }

    /// The engine of the graph, with nothing started. Once.
    [[nodiscard]] virtual owner<batch_engine> make_engine(any_clock clock) = 0;
    /// The same engine, started, and what will run it.
    [[nodiscard]] virtual std::shared_ptr<streaming_run> make_run(any_clock clock) = 0;

    std::string name;
    job_graph graph;
    std::optional<checkpoint_directory> directory;
    on_unreadable unreadable = on_unreadable::fail;
    std::vector<batch_engine::listener> listeners;
    bool spent = false;             // started, stopped or given away: it cannot start
    bool starting = false;          // start() is on its way
    std::optional<bool> early_stop; // a stop, graceful or not, was asked for before it had started
    std::shared_ptr<streaming_run> run;
};

/// An application with a checkpoint directory or without one, as its context is.
template <bool Checkpointed>
struct runnable_parts final : application_parts {
    using application_parts::application_parts;

    owner<batch_engine> make_engine(any_clock clock) override { return engine_by(std::move(clock)); }

    std::shared_ptr<streaming_run> make_run(any_clock clock) override
    {
        auto engine = engine_by(clock);
        engine->start();
        engine->write_in_background();
        return std::make_shared<threaded_run<running_engine<Checkpointed>>>(std::move(engine), std::move(clock));
    }

private:
    [[nodiscard]] owner<running_engine<Checkpointed>> engine_by(any_clock clock)
    {
        return make_owner<running_engine<Checkpointed>>(std::move(graph), directory, unreadable, std::move(clock),
                                                        std::move(listeners));
    }
};

/// Applications that were started; kept here as long as somebody holds them. *Threads*: any.
class started_applications {
public:
    [[nodiscard]] static started_applications& of_this_process()
    {
        static started_applications all;
        return all;
    }

    void add(std::shared_ptr<application_parts> const& started)
    {
        std::scoped_lock const lock(mutex_);
        std::size_t held = 0;
        for (auto& one : started_)
            if (!one.expired())
                std::swap(started_[held++], one); // with itself, too: moved onto itself it would be empty
        started_.resize(held);
        started_.push_back(started);
    }

    /// Those that somebody holds, the one started last first.
    [[nodiscard]] std::vector<std::shared_ptr<application_parts>> living()
    {
        std::vector<std::shared_ptr<application_parts>>
            found; // outlives the lock: letting go of the last handle ends a run
        std::scoped_lock const lock(mutex_);
        for (auto place = started_.size(); place-- != 0;)
            if (auto parts = started_[place].lock())
                found.push_back(std::move(parts));
        return found;
    }

private:
    std::mutex mutex_;
    std::vector<std::weak_ptr<application_parts>> started_; // the one started last last
};

} // namespace tidemark::detail
