// SPDX-License-Identifier: BSL-1.0
//
// batch_engine: generates, runs and commits batches, one call at a time; knows no thread and no clock but the one it is
// given.

#pragma once

#include <tidemark/checkpoint/checkpoint_directory.hpp>
#include <tidemark/checkpoint/journal.hpp>
#include <tidemark/checkpoint/records.hpp>
#include <tidemark/checkpoint/recovery_reader.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/events.hpp>
#include <tidemark/execution/executor.hpp>
#include <tidemark/execution/rdd_environment.hpp>
#include <tidemark/execution/updates.hpp>
#include <tidemark/runtime/commit_log.hpp>
#include <tidemark/runtime/detail/exception_message.hpp>
#include <tidemark/runtime/detail/sliced.hpp>
#include <tidemark/runtime/job_generator.hpp>
#include <tidemark/runtime/job_graph.hpp>
#include <tidemark/runtime/job_set.hpp>
#include <tidemark/runtime/kept_values.hpp>
#include <tidemark/runtime/recovery.hpp>
#include <tidemark/runtime/stage_progress.hpp>
#include <tidemark/time/any_clock.hpp>
#include <tidemark/time/batch_time.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// The heart of a running application.
///
/// *Threads*: `generate` by one thread, `run` and `commit` by one other, in the order of batch times. Events are told
/// one at a time.
class batch_engine {
public:
    using listener = std::function<void(streaming_event const&)>;

    batch_engine(job_graph graph, std::optional<checkpoint_directory> directory, on_unreadable unreadable,
                 any_clock clock, any_executor executor, listener tell)
        : graph_(std::move(graph))
        , directory_(std::move(directory))
        , unreadable_(unreadable)
        , clock_(std::move(clock))
        , environment_(std::make_shared<rdd_environment const>(
              rdd_environment{std::move(executor), graph_.layout, std::nullopt}))
        , generator_(graph_, log_, environment_)
        , kept_(graph_)
        , tell_(std::move(tell))
    {
        graph_.environment->set(environment_);
    }

    /// Takes the directory over, restores, opens the sources. Afterwards `plan()` says which batches come.
    void start();

    /// Which batches come first, and which is the first that the clock starts.
    [[nodiscard]] restart_plan const& plan() const { return generator_.plan(); }
    [[nodiscard]] job_graph const& graph() const { return graph_; }
    [[nodiscard]] any_executor const& executor() const { return environment_->executor; }

    /// How many plans of an earlier run are held for batches to come; for tests of what is kept.
    [[nodiscard]] std::size_t plans_kept() const
    {
        std::scoped_lock const lock(graph_mutex_);
        return generator_.plan().planned.size() + generator_.plan().done.size();
    }

    /// How many batches' datasets and inputs are held, of all stages together; for tests of what is kept.
    [[nodiscard]] std::size_t datasets_kept() const
    {
        std::scoped_lock const lock(graph_mutex_);
        std::size_t total = 0;
        for (auto const& each : graph_.stages)
            total += each->kept();
        return total;
    }

    /// Decides what the batch of `time` reads, writes that down, and makes its jobs.
    ///
    /// Failures of sources and functions fail the outputs that need them. *Throws* `checkpoint_error` when the plan
    /// cannot be written.
    [[nodiscard]] std::unique_ptr<job_set> generate(batch_time time);

    /// The datasets of `stream` in `[from, to]`, of the batches that have been generated. From any thread.
    template <stream_expression E>
    [[nodiscard]] std::vector<rdd<record_t<E>>> slice(E const& stream, batch_time from, batch_time to) const
    {
        std::scoped_lock const lock(graph_mutex_);
        if (!last_generated_)
            throw usage_error("tidemark::slice: the application \"" + graph_.application_name
                              + "\" has not been initialised; call start() first");
        return detail::sliced(graph_, stream, from, to, *last_generated_);
    }

    /// What came of a batch.
    struct outcome {
        std::exception_ptr failure; ///< The first that an output or a stage met.
        bool fatal = false;         ///< No later batch may run in this process.
    };

    /// Runs the jobs of a batch, brings every stage forward, and commits when one is due.
    [[nodiscard]] outcome run(job_set& batch);

    /// Commits the last batch if that has not been done; for a clean end. Does nothing when some batch is not done.
    void commit_at_end();

    /// Lets the checkpoint directory go and tells that nothing more will happen. The last call.
    void close();

    void stop_sources()
    {
        {
            std::scoped_lock const lock(graph_mutex_);
            for (auto const& source : graph_.sources)
                source->stop();
        }
        tell_receivers();
    }

    [[nodiscard]] bool drained() const
    {
        std::scoped_lock const lock(graph_mutex_);
        return std::all_of(graph_.sources.begin(), graph_.sources.end(),
                           [](auto const& source) { return source->drained(); });
    }

    void tell(streaming_event const& event)
    {
        std::scoped_lock const lock(tell_mutex_);
        if (tell_)
            tell_(event);
    }

private:
    void open_sources(batch_time now);
    void tell_receivers();
    [[nodiscard]] commit_completed commit(batch_time time, named_bytes positions);
    void try_commit(job_set& batch, outcome& result);
    void run_output(job_set& batch, std::size_t number, outcome& result);
    [[nodiscard]] bool count_updates(job_set& batch, outcome& result);
    void advance_all(batch_time time, bool& all_done, outcome& result);
    void count_undone(batch_time time, bool all_done, outcome& result);
    void finish(job_set& batch, std::chrono::steady_clock::time_point began, bool has_jobs);

    job_graph graph_;
    std::optional<checkpoint_directory> directory_;
    on_unreadable unreadable_;
    any_clock clock_;
    environment_ptr environment_;
    commit_log log_;
    mutable std::recursive_mutex graph_mutex_; // between generation and what forgets finished batches; a function
                                               // that is called in a generation may slice
    job_generator generator_;                  // with graph_mutex_
    kept_values kept_;
    listener tell_;
    std::mutex tell_mutex_;
    std::map<std::string, receiver_info> receivers_; // by source; with graph_mutex_
    std::optional<batch_time> last_generated_;       // with graph_mutex_; from the start on
    std::optional<batch_time> last_run_;
    stage_progress progress_;
    std::size_t undone_ = 0; // batches since, and with, the oldest one that is not done
};

inline void batch_engine::start()
{
    auto const now = clock_.now();
    std::optional<locked_checkpoint> locked;
    if (directory_)
        locked.emplace(directory_->storage(), journal_options{.application = graph_.application_name,
                                                              .retain = graph_.settings.retained_commits,
                                                              .unreadable = unreadable_});
    recovered const nothing;
    auto const& found = locked ? locked->state() : nothing;
    std::vector<std::string> of_values; // told after the others
    kept_.restore(found, of_values);
    generator_.follow(take_over(graph_, found, now, environment_->executor, [&] { open_sources(now); }));
    kept_.follow(found, generator_.plan());
    auto const& coming = generator_.plan();
    auto const earliest = !coming.repeat.empty()   ? coming.repeat.front()
                          : !coming.missed.empty() ? *coming.missed.begin()
                                                   : coming.next;
    {
        std::scoped_lock const lock(graph_mutex_);
        for (auto const& stage : graph_.stages)
            stage->begin_at(earliest);
        last_generated_ = earliest - graph_.batch;
    }
    auto notes = generator_.plan().notes;
    notes.insert(notes.end(), of_values.begin(), of_values.end());
    if (locked)
        for (auto& note : log_.open(*std::move(locked)))
            notes.push_back(std::move(note));
    last_run_ = log_.last_commit();
    std::optional<commit_completed> first;
    if (log_.is_open() && !last_run_) // so that a restart finds the grid, whatever comes
        first = commit(graph_.grid->get().zero_time(), generator_.positions());
    for (auto const& source : graph_.sources)
        source->start();
    auto const restored = last_run_ ? std::optional(last_run_->count()) : std::nullopt;
    tell(streaming_started{now.count(), restored, plan().repeat.size() + plan().missed.size(), std::move(notes)});
    tell_receivers();
    if (first)
        tell(*first);
}

/// Tells what has happened to the receivers since the last call.
inline void batch_engine::tell_receivers()
{
    std::vector<streaming_event> news;
    {
        std::scoped_lock const lock(graph_mutex_);
        for (auto const& source : graph_.sources)
            for (auto const& change : source->take_receiver_changes()) {
                auto& info = receivers_.try_emplace(source->name(), receiver_info{source->name(), source->describe()})
                                 .first->second;
                info.active = change.what != receiver_change::kind::stopped
                              && (info.active || change.what == receiver_change::kind::started);
                if (change.what == receiver_change::kind::error) {
                    info.last_error_message = change.message;
                    info.last_error_time = clock_.now().count();
                    news.emplace_back(receiver_error{info});
                } else if (info.active)
                    news.emplace_back(receiver_started{info});
                else
                    news.emplace_back(receiver_stopped{info});
            }
    }
    for (auto const& event : news)
        tell(event);
}

inline void batch_engine::open_sources(batch_time now)
{
    for (auto const& source : graph_.sources)
        source->open({graph_.application_name, graph_.batch, graph_.grid->get().zero_time(), now,
                      graph_.layout.partitions, directory_.has_value()});
}

inline std::unique_ptr<job_set> batch_engine::generate(batch_time time)
{
    std::unique_lock lock(graph_mutex_);
    held_updates held;
    broadcast_cell::generation_scope const sees_what_it_makes;
    auto batch = generator_.generate(time, clock_.now().count());
    batch->updates = kept_.updates_of(time);
    batch->updates->record_known(detail::generation_producer, held.take());
    last_generated_ = std::max(*last_generated_, time);
    lock.unlock();
    tell_receivers();
    for (auto const& problem : batch->problems)
        tell(problem);
    if (batch->has_jobs())
        tell(batch_submitted{batch->info});
    return batch;
}

inline batch_engine::outcome batch_engine::run(job_set& batch)
{
    auto const began = std::chrono::steady_clock::now();
    bool const has_jobs = batch.has_jobs();
    outcome result;
    bool all_done = true;
    if (log_.is_open()) // else what was missed is lost, and a window goes on without it
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
    last_run_ = batch.time;
    count_undone(batch.time, all_done, result);
    if (batch.commit_due && undone_ == 0 && !result.fatal)
        try_commit(batch, result);
    return result;
}

/// The stages that no output has asked for go on, too.
inline void batch_engine::advance_all(batch_time time, bool& all_done, outcome& result)
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

/// Too many batches behind one that is not done, or without a commit, are fatal. Without a checkpoint nothing is ever
/// behind.
inline void batch_engine::count_undone(batch_time time, bool all_done, outcome& result)
{
    if (!log_.is_open())
        return;
    auto const allowed = graph_.settings.max_uncommitted;
    auto const give_up = [&](std::string const& words, char const* advice) {
        result.fatal = true;
        result.failure = std::make_exception_ptr(checkpoint_error(
            words + "; settings::max_uncommitted allows " + std::to_string(allowed) + "; " + advice + " and start again"
            + (result.failure ? ". The last failure: " + detail::message_of(result.failure) : "")));
    };
    if (undone_ != 0 || !all_done)
        ++undone_;
    if (undone_ > allowed && !result.fatal)
        give_up(std::to_string(undone_) + " batches, from the oldest one that is not done to batch " + to_string(time)
                    + ", cannot be committed",
                "mend the output that fails");
    if (auto const without = log_.count_batch(); without > allowed && !result.fatal)
        give_up("no commit has succeeded in " + std::to_string(without) + " batches up to " + to_string(time),
                "make the checkpoint directory writable");
}

/// The batch is done: what it has added to accumulators counts. False when that fails, half-way perhaps.
inline bool batch_engine::count_updates(job_set& batch, outcome& result)
{
    try {
        batch.updates->apply(kept_.order());
        return true;
    } catch (...) { // a merge of the program
        result = {std::current_exception(), true};
        return false;
    }
}

inline void batch_engine::run_output(job_set& batch, std::size_t number, outcome& result)
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
            if (log_.is_open())
                log_.done({time, name, kept_values::contributions(name, made, *batch.updates)});
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

inline void batch_engine::finish(job_set& batch, std::chrono::steady_clock::time_point began, bool has_jobs)
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
    if (has_jobs)
        tell(batch_completed{batch.info});
}

inline commit_completed batch_engine::commit(batch_time time, named_bytes positions)
{
    commit_record record;
    record.time = time;
    record.zero = graph_.grid->get().zero_time();
    record.batch_ms = graph_.batch.count();
    record.graph = graph_.description;
    record.settings.emplace(detail::key_groups_setting, to_bytes(static_cast<std::uint64_t>(graph_.layout.groups)));
    record.positions = std::move(positions);
    kept_.save(record);
    for (auto const& stage : graph_.advancing)
        record.stages.push_back(stage->save());
    auto const report = log_.commit(record);
    {
        std::scoped_lock const lock(graph_mutex_);
        for (auto const& source : graph_.sources)
            source->committed(time);
    }
    return {time.count(), report.bytes, report.duration};
}

/// A commit that fails is tried again when the next is due; only too many batches without one end the application.
inline void batch_engine::try_commit(job_set& batch, outcome& result)
{
    try {
        if (batch.no_positions)
            std::rethrow_exception(batch.no_positions);
        tell(commit(batch.time, std::move(batch.positions)));
    } catch (...) { // a serialize or a position of the program may throw anything
        auto const failure = std::current_exception();
        log_.miss_commit();
        tell(commit_failed{batch.time.count(), detail::message_of(failure)});
        if (!result.failure)
            result.failure = failure;
    }
}

inline void batch_engine::commit_at_end()
{
    std::unique_lock lock(graph_mutex_);
    if (!log_.is_open() || !last_run_ || undone_ != 0 || log_.last_commit() == last_run_
        || generator_.last() != last_run_)
        return; // a batch that was planned and not run has moved the sources on: their positions are not those of the last batch
    auto now_at = generator_.positions();
    lock.unlock();
    tell(commit(*last_run_, std::move(now_at)));
}

inline void batch_engine::close()
{
    log_.close();
    tell_receivers();
    tell(streaming_stopped{clock_.now().count()});
}

} // namespace tidemark
