// SPDX-License-Identifier: BSL-1.0
//
// running_engine: generates, runs and commits batches, one call at a time; knows no thread and no clock but the one it
// is given.

#pragma once

#include <tidemark/checkpoint/checkpoint_directory.hpp>
#include <tidemark/checkpoint/journal_options.hpp>
#include <tidemark/checkpoint/records.hpp>
#include <tidemark/checkpoint/recovery_reader.hpp>
#include <tidemark/core/chrono.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/events.hpp>
#include <tidemark/core/later.hpp>
#include <tidemark/core/owner.hpp>
#include <tidemark/execution/executor.hpp>
#include <tidemark/execution/executor_with.hpp>
#include <tidemark/execution/rdd_environment.hpp>
#include <tidemark/execution/updates.hpp>
#include <tidemark/runtime/advancing_stage.hpp>
#include <tidemark/runtime/batch_commits.hpp>
#include <tidemark/runtime/batch_engine.hpp>
#include <tidemark/runtime/commit_log.hpp>
#include <tidemark/runtime/detail/exception_message.hpp>
#include <tidemark/runtime/job_generator.hpp>
#include <tidemark/runtime/job_graph.hpp>
#include <tidemark/runtime/job_set.hpp>
#include <tidemark/runtime/kept_values.hpp>
#include <tidemark/runtime/rate_control.hpp>
#include <tidemark/runtime/recovery.hpp>
#include <tidemark/runtime/stage_progress.hpp>
#include <tidemark/time/any_clock.hpp>
#include <tidemark/time/batch_time.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace tidemark {

/// The engine of an application. `Checkpointed`: with a checkpoint directory.
template <bool Checkpointed>
class running_engine final : public batch_engine {
public:
    /// *Requires* a directory where it is `Checkpointed`.
    running_engine(job_graph graph, std::optional<checkpoint_directory> directory, on_unreadable unreadable,
                   any_clock clock, std::vector<listener> listeners)
        : graph_(std::move(graph))
        , directory_(std::move(directory))
        , unreadable_(unreadable)
        , clock_(std::move(clock))
        , environment_(std::make_shared<rdd_environment const>(
              rdd_environment{executor_for(graph_.settings), graph_.layout, std::nullopt}))
        , generator_(graph_, log_, environment_)
        , rates_(graph_.sources, graph_.settings, graph_.batch)
        , kept_(graph_)
        , listeners_(std::move(listeners))
        , commits_(graph_, environment_, log_, kept_, generator_, graph_mutex_,
                   [this](streaming_event const& event) { tell(event); })
    {
        graph_.environment->set(environment_);
    }
    running_engine(running_engine const&) = delete;
    running_engine& operator=(running_engine const&) = delete;

    /// What was handed to the checkpoint is written first.
    ~running_engine() override
    {
        if constexpr (Checkpointed)
            log_.close();
    }

    void start() override;
    void write_in_background() override
    {
        if constexpr (Checkpointed)
            log_.write_in_background();
    }
    [[nodiscard]] bool writes_in_this_thread() const override
    {
        if constexpr (Checkpointed)
            return log_.writes_in_this_thread();
        else
            return false;
    }

    [[nodiscard]] restart_plan const& plan() const override { return generator_.plan(); }
    [[nodiscard]] job_graph const& graph() const override { return graph_; }
    [[nodiscard]] any_executor const& executor() const override { return environment_->executor; }

    [[nodiscard]] std::size_t plans_kept() const override
    {
        std::scoped_lock const lock(graph_mutex_);
        return generator_.plan().planned.size() + generator_.plan().done.size();
    }

    [[nodiscard]] std::size_t datasets_kept() const override
    {
        std::scoped_lock const lock(graph_mutex_);
        std::size_t total = 0;
        for (auto const& each : graph_.stages)
            total += each->kept();
        return total;
    }

    [[nodiscard]] owner<job_set> generate(batch_time time) override;
    [[nodiscard]] outcome run(job_set& batch) override;
    bool work_in_spare_time() override { return commits_.work_in_spare_time(); }
    void commit_at_end() override { commits_.commit_at_end(); }
    batch_time save(std::string const& name) override { return commits_.save(name); }
    batch_time save_last(std::string const& name) override { return commits_.save_last(name); }
    void drop_savepoint(std::string const& name) override { commits_.drop_savepoint(name); }
    void close() override;

    void finish_sources() override { each_source(&source_stage::finish); }
    void stop_sources() override { each_source(&source_stage::stop); }

    [[nodiscard]] bool drained() const override
    {
        std::scoped_lock const lock(graph_mutex_);
        return std::all_of(graph_.sources.begin(), graph_.sources.end(),
                           [](auto const& source) { return source->drained(); });
    }

private:
    [[nodiscard]] static any_executor executor_for(settings const& how)
    {
        return executor_with(threads_or_cores(how.threads), how.partition_attempts);
    }

    [[nodiscard]] std::unique_lock<std::recursive_mutex> hold_graph() const override
    {
        return std::unique_lock(graph_mutex_);
    }
    [[nodiscard]] std::optional<batch_time> last_generated() const override { return last_generated_; }

    template <typename Event> // a file pays for all kinds of events only where an engine tells them
    void tell(Event const& event);
    void note_problem_of(listener& thrower, std::string words);
    [[nodiscard]] std::vector<std::string> begin(batch_time now);
    [[nodiscard]] std::vector<std::string> go_on(recovered const& found, batch_time now);
    void stand_before_first_batch();
    void open_sources(batch_time now);
    void start_sources();
    void stop_started(std::size_t number);
    template <typename Begin>
    void or_stop_sources(Begin const& begin);
    void each_source(void (source_stage::*end)())
    {
        {
            std::scoped_lock const lock(graph_mutex_);
            for (auto const& source : graph_.sources)
                (*source.*end)();
        }
        tell_receivers();
    }
    void tell_receivers();
    void run_output(job_set& batch, std::size_t number, outcome& result);
    [[nodiscard]] bool count_updates(job_set& batch, outcome& result);
    void advance_all(batch_time time, bool& all_done, outcome& result);
    void finish(job_set& batch, std::chrono::steady_clock::time_point began, bool has_jobs);

    // A file pays for these only where it runs an application.
    template <typename T>
    using needed = later<T, std::bool_constant<Checkpointed>>;

    needed<job_graph> graph_;
    needed<std::optional<checkpoint_directory>> directory_;
    on_unreadable unreadable_;
    needed<any_clock> clock_;
    needed<environment_ptr> environment_;
    commit_log<Checkpointed> log_;
    mutable std::recursive_mutex graph_mutex_; // between generation and what forgets finished batches; a function
                                               // that is called in a generation may slice
    job_generator<Checkpointed> generator_;    // with graph_mutex_
    needed<rate_control> rates_;               // with graph_mutex_
    kept_values<Checkpointed> kept_;
    needed<std::vector<listener>> listeners_; // with tell_mutex_
    std::mutex tell_mutex_;
    needed<std::map<std::string, receiver_info>> receivers_; // by source; with graph_mutex_
    std::optional<batch_time> last_generated_;               // with graph_mutex_; from the start on
    std::atomic<std::size_t> due_{0};                        // batches that have not been done
    stage_progress<Checkpointed> progress_;
    batch_commits<Checkpointed> commits_; // uses the others
};

template <bool Checkpointed>
void running_engine<Checkpointed>::start()
{
    auto const now = clock_.now();
    std::optional<commit_completed> first;
    std::optional<batch_time> restored;
    auto notes = begin(now);
    if constexpr (Checkpointed) {
        or_stop_sources([&] { first = commits_.begin(); });
        restored = first ? std::nullopt : commits_.last();
    }
    or_stop_sources([&] {
        for (auto const& source : graph_.sources)
            for (auto& note : source->start_notes())
                notes.push_back("the source \"" + source->name() + "\": " + std::move(note));
    });
    tell(streaming_started{now.count(), restored ? std::optional(restored->count()) : std::nullopt,
                           plan().repeat.size() + plan().missed.size(), std::move(notes), plan().unusable_commits});
    tell_receivers();
    if (first)
        tell(*first);
}

/// Gives what the one who runs the program should look at. The sources start before anything is written: a start that
/// fails for want of one leaves the checkpoint as it was, and the next one is the first.
template <bool Checkpointed>
std::vector<std::string> running_engine<Checkpointed>::begin(batch_time now)
{
    std::vector<std::string> notes;
    if constexpr (Checkpointed) {
        typename commit_log<Checkpointed>::locked_type locked(
            directory_->storage(),
            journal_options{.application = graph_.application_name,
                            .retain = graph_.settings.retained_commits,
                            .unreadable = unreadable_},
            environment_->executor);
        notes = go_on(locked.state(), now);
        start_sources();
        auto const present_name = [this](std::string const& saved) {
            auto const& upgrade = graph_.upgrade;
            return upgrade.dropped.contains(saved) ? std::nullopt : std::optional(upgrade.name_of(saved));
        };
        auto const hear = [this](commit_outcome const& heard) { commits_.hear_of(heard); };
        or_stop_sources([&] {
            for (auto& note : log_.open(std::move(locked), present_name, hear))
                notes.push_back(std::move(note));
        });
    } else {
        kept_.begin();
        generator_.follow(begin_anew(graph_, now, [&] { open_sources(now); }));
        stand_before_first_batch();
        start_sources();
    }
    return notes;
}

template <bool Checkpointed>
std::vector<std::string> running_engine<Checkpointed>::go_on(recovered const& found, batch_time now)
{
    std::vector<std::string> of_values; // told after the others
    kept_.restore(found, of_values);
    generator_.follow(take_over(graph_, found, now, environment_->executor, [&] { open_sources(now); }));
    kept_.follow(found, plan());
    stand_before_first_batch();
    auto notes = plan().notes;
    notes.insert(notes.end(), of_values.begin(), of_values.end());
    return notes;
}

template <bool Checkpointed>
void running_engine<Checkpointed>::stand_before_first_batch()
{
    auto const& coming = plan();
    auto const earliest = !coming.repeat.empty()   ? coming.repeat.front()
                          : !coming.missed.empty() ? *coming.missed.begin()
                                                   : coming.next;
    std::scoped_lock const lock(graph_mutex_);
    for (auto const& stage : graph_.stages)
        stage->begin_at(earliest);
    last_generated_ = earliest - graph_.batch;
    due_ = coming.repeat.size() + coming.missed.size();
}

/// A listener only watches: what it throws is told to the others.
template <bool Checkpointed>
template <typename Event>
void running_engine<Checkpointed>::tell(Event const& event)
{
    std::scoped_lock const lock(tell_mutex_);
    for (auto& each : listeners_) {
        try {
            each.told(event);
        } catch (...) {
            note_problem_of(each, detail::message_of(std::current_exception()));
        }
    }
}

/// Told once, until it is another one. With the lock.
template <bool Checkpointed>
void running_engine<Checkpointed>::note_problem_of(listener& thrower, std::string words)
{
    if (thrower.problem == words)
        return;
    thrower.problem = std::move(words);
    auto const number = static_cast<std::size_t>(&thrower - listeners_.data());
    for (auto const& each : listeners_) {
        if (&each == &thrower)
            continue;
        try {
            each.told(listener_problem{number, thrower.problem});
        } catch (...) { // it may throw again for what happens next
        }
    }
}

/// Tells what has happened to the receivers since the last call.
template <bool Checkpointed>
void running_engine<Checkpointed>::tell_receivers()
{
    struct change {
        receiver_change::kind what;
        receiver_info info;
    };
    std::vector<change> news;
    {
        std::scoped_lock const lock(graph_mutex_);
        for (auto const& source : graph_.sources)
            for (auto const& each : source->take_receiver_changes()) {
                auto& info = receivers_.try_emplace(source->name(), receiver_info{source->name(), source->describe()})
                                 .first->second;
                info.active = each.what != receiver_change::kind::stopped
                              && (info.active || each.what == receiver_change::kind::started);
                if (each.what == receiver_change::kind::error) {
                    info.last_error_message = each.message;
                    info.last_error_time = clock_.now().count();
                }
                news.push_back({each.what, info});
            }
    }
    for (auto& [what, info] : news)
        if (what == receiver_change::kind::error)
            tell(receiver_error{std::move(info)});
        else if (info.active)
            tell(receiver_started{std::move(info)});
        else
            tell(receiver_stopped{std::move(info)});
}

template <bool Checkpointed>
void running_engine<Checkpointed>::open_sources(batch_time now)
{
    for (auto const& source : graph_.sources)
        source->open({graph_.application_name, graph_.batch, graph_.grid->get().zero_time(), now,
                      graph_.layout.partitions, Checkpointed});
}

/// All of them, or none.
template <bool Checkpointed>
void running_engine<Checkpointed>::start_sources()
{
    rates_.begin();
    std::size_t started = 0;
    try {
        for (; started < graph_.sources.size(); ++started)
            graph_.sources[started]->start();
    } catch (...) {
        stop_started(started);
        throw;
    }
}

/// Stops the first `number` sources, for a start that fails: what one of them throws then is not what failed.
template <bool Checkpointed>
void running_engine<Checkpointed>::stop_started(std::size_t number)
{
    for (std::size_t i = 0; i < number; ++i) {
        try {
            graph_.sources[i]->stop();
        } catch (...) {
        }
    }
}

/// Goes on with a start whose sources have started.
template <bool Checkpointed>
template <typename Begin>
void running_engine<Checkpointed>::or_stop_sources(Begin const& begin)
{
    try {
        begin();
    } catch (...) {
        stop_started(graph_.sources.size());
        throw;
    }
}

template <bool Checkpointed>
owner<job_set> running_engine<Checkpointed>::generate(batch_time time)
{
    std::unique_lock lock(graph_mutex_);
    held_updates held;
    broadcast_cell::generation_scope const sees_what_it_makes;
    auto batch = generator_.generate(time, clock_.now().count(), commits_.any_saves());
    batch->updates = kept_.updates_of(time);
    batch->updates->record_known(detail::generation_producer, held.take());
    last_generated_ = std::max(*last_generated_, time);
    if (time >= plan().next)
        ++due_;
    lock.unlock();
    tell_receivers();
    for (auto const& problem : batch->problems)
        tell(problem);
    if (batch->has_jobs())
        tell(batch_submitted{batch->info});
    return batch;
}

template <bool Checkpointed>
batch_engine::outcome running_engine<Checkpointed>::run(job_set& batch)
{
    auto const began = std::chrono::steady_clock::now();
    bool const has_jobs = batch.has_jobs();
    outcome result;
    bool all_done = true;
    if constexpr (Checkpointed)
        progress_.stand_still(std::move(batch.no_input));
    progress_.begin(*batch.updates);
    update_place_scope const place({nullptr, batch.updates.get()});
    for (auto const& each : graph_.broadcasts)
        each->use(batch.time);
    batch.info.processing_start = clock_.now().count();
    if (has_jobs)
        tell(batch_started{batch.info});
    for (std::size_t i = 0; i < batch.outputs.size(); ++i) {
        run_output(batch, i, result);
        all_done = all_done && !batch.info.outputs[i].failure;
    }
    advance_all(batch.time, all_done, result);
    all_done = all_done && count_updates(batch, result);
    finish(batch, began, has_jobs);
    commits_.complete(batch, all_done, result);
    if (all_done && due_ != 0) // whoever drives the engine may run a batch twice
        --due_;
    return result;
}

/// The stages that no output has asked for go on, too.
template <bool Checkpointed>
void running_engine<Checkpointed>::advance_all(batch_time time, bool& all_done, outcome& result)
{
    auto const note = [&](std::exception_ptr const& failure) {
        all_done = false;
        if (!result.failure)
            result.failure = failure;
    };
    for (auto const& stage : graph_.advancing) {
        try {
            progress_.advance(*stage, time, environment_->executor);
        } catch (...) {
            note(std::current_exception());
        }
    }
    if (progress_.lost())
        note(progress_.lost());
    if (progress_.fatal())
        result = {progress_.fatal(), true};
}

/// The batch is done: what it has added to accumulators counts. False when that fails, half-way perhaps.
template <bool Checkpointed>
bool running_engine<Checkpointed>::count_updates(job_set& batch, outcome& result)
{
    try {
        if constexpr (Checkpointed)
            kept_.expect_own(*batch.updates);
        batch.updates->apply(kept_.order());
        return true;
    } catch (...) { // a merge of the program, or an accumulator that is not its own
        result = {std::current_exception(), true};
        return false;
    }
}

template <bool Checkpointed>
void running_engine<Checkpointed>::run_output(job_set& batch, std::size_t number, outcome& result)
{
    auto& planned = batch.outputs[number];
    auto& info = batch.info.outputs[number];
    auto const time = batch.time;
    if (planned.done_before) {
        info.failure.reset();
        return;
    }
    if (planned.job) {
        info.start = clock_.now().count();
        auto const retries_before = environment_->executor.retries();
        tell(output_operation_started{info});
        try {
            for (auto* const stage : planned.output->above())
                progress_.advance(*stage, time, environment_->executor);
            auto const& name = planned.output->name();
            held_updates held;
            planned.job->run();
            auto made = held.take();
            if constexpr (Checkpointed)
                log_.done({time, name, kept_.contributions(name, made, *batch.updates)});
            batch.updates->record(detail::output_producer(name), std::move(made));
            batch.updates->all_written();
        } catch (...) {
            planned.failure = std::current_exception();
            info.failure = detail::message_of(planned.failure);
        }
        info.retries = environment_->executor.retries() - retries_before;
        info.end = clock_.now().count();
        tell(output_operation_completed{info});
    }
    if (planned.failure && !result.failure)
        result.failure = planned.failure;
}

template <bool Checkpointed>
void running_engine<Checkpointed>::finish(job_set& batch, std::chrono::steady_clock::time_point began, bool has_jobs)
{
    {
        std::scoped_lock const lock(graph_mutex_);
        for (std::size_t i = 0; i < graph_.sources.size(); ++i)
            batch.info.inputs[i].records = graph_.sources[i]->records(batch.time);
        batch.outputs.clear();
        for (auto const& stage : graph_.stages)
            stage->forget(batch.time);
    }
    for (auto const& stage : graph_.advancing)
        batch.info.stages.push_back(stage->info());
    batch.info.processing_end = clock_.now().count();
    batch.info.processing = std::chrono::steady_clock::now() - began;
    {
        std::scoped_lock const lock(graph_mutex_);
        rates_.complete(batch.info);
    }
    if (has_jobs)
        tell(batch_completed{batch.info});
}

template <bool Checkpointed>
void running_engine<Checkpointed>::close()
{
    commits_.close();
    if constexpr (Checkpointed)
        log_.close();
    tell_receivers();
    tell(streaming_stopped{clock_.now().count(), due_});
}

} // namespace tidemark
