// SPDX-License-Identifier: BSL-1.0
//
// batch_engine: generates, runs and commits batches, one call at a time; knows no thread and no clock but the one it is given.

#pragma once

#include <tidemark/checkpoint/checkpoint_directory.hpp>
#include <tidemark/checkpoint/journal.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/events.hpp>
#include <tidemark/runtime/job_set.hpp>
#include <tidemark/runtime/recovery.hpp>
#include <tidemark/time/any_clock.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
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
/// *Threads*: `generate` by one thread, `run` and `commit` by one other, in the order of batch times. Events are told one at a time.
class batch_engine {
public:
    using listener = std::function<void(streaming_event const&)>;

    batch_engine(job_graph graph, std::optional<checkpoint_directory> directory, on_unreadable unreadable,
                 any_clock clock, any_executor executor, listener tell)
        : graph_(std::move(graph))
        , directory_(std::move(directory))
        , unreadable_(unreadable)
        , clock_(std::move(clock))
        , environment_(std::make_shared<rdd_environment const>(rdd_environment{std::move(executor), graph_.layout}))
        , tell_(std::move(tell))
    {}

    /// Takes the directory over, restores, opens the sources. Afterwards `repeat()` and `next()` say which batches come.
    void start();

    /// Batches of an earlier run, or slept through, that come first.
    [[nodiscard]] std::vector<batch_time> const& repeat() const { return plan_.repeat; }
    /// The first batch that the clock starts.
    [[nodiscard]] batch_time next() const { return plan_.next; }
    [[nodiscard]] job_graph const& graph() const { return graph_; }

    /// How many plans of an earlier run are held for batches to come; for tests of what is kept.
    [[nodiscard]] std::size_t plans_kept() const
    {
        std::scoped_lock const lock(graph_mutex_);
        return plan_.planned.size() + plan_.done.size();
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
    /// Failures of sources and functions fail the outputs that need them. *Throws* `checkpoint_error` when the plan cannot be written.
    [[nodiscard]] std::unique_ptr<job_set> generate(batch_time time);

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
        std::scoped_lock const lock(graph_mutex_);
        for (auto const& source : graph_.sources)
            source->stop();
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
    void plan_inputs(batch_time time);
    [[nodiscard]] bool planned_later(std::string const& source, batch_time time) const;
    void write_plan(batch_time time);
    void plan_jobs(job_set& batch);
    void write_done(batch_time time, std::string const& output);
    [[nodiscard]] bool commit_due(batch_time time) const;
    [[nodiscard]] named_bytes positions() const;
    void commit(batch_time time, named_bytes positions);
    void try_commit(batch_time time, named_bytes positions, outcome& result);
    /// The stages that have been brought to a batch; with an exception, those that could not.
    using advanced_stages = std::map<advancing_stage const*, std::exception_ptr>;

    void run_output(planned_output& planned, output_operation_info& info, advanced_stages& advanced, batch_time time,
                    outcome& result);
    void advance(advancing_stage& stage, advanced_stages& advanced, batch_time time, outcome& result);
    void count_undone(batch_time time, bool all_done, outcome& result);
    void finish(job_set& batch, std::chrono::steady_clock::time_point began, bool has_jobs);

    job_graph graph_;
    std::optional<checkpoint_directory> directory_;
    on_unreadable unreadable_;
    any_clock clock_;
    std::shared_ptr<rdd_environment const> environment_;
    listener tell_;
    std::mutex tell_mutex_;
    mutable std::mutex graph_mutex_; // between generation and what forgets finished batches
    std::mutex journal_mutex_;
    std::optional<journal> journal_;
    restart_plan plan_;
    std::optional<batch_time> last_commit_;
    std::optional<batch_time> last_run_;
    std::optional<batch_time> last_generated_; // or begun to be; with graph_mutex_
    advanced_stages standing_;                 // stages that missed the input of a batch, and stay where they are
    std::size_t undone_ = 0;                   // batches since, and with, the oldest one that is not done
    std::size_t since_failed_commit_ = 0;      // batches since a commit failed and none has succeeded
};

inline void batch_engine::start()
{
    auto const now = clock_.now();
    recovered found;
    if (directory_) {
        auto storage = directory_->storage();
        auto opened = journal::open(storage, {.application = graph_.application_name,
                                              .retain = graph_.settings.retained_commits,
                                              .unreadable = unreadable_});
        found = std::move(opened.state);
        journal_.emplace(std::move(opened.log));
    }
    plan_ = take_over(graph_, found, now, environment_->executor, [&] { open_sources(now); });
    streaming_started event{now.count(), std::nullopt, plan_.repeat.size(), found.notes};
    if (found.commit) {
        event.restored_commit = found.commit->time.count();
        last_commit_ = last_run_ = found.commit->time;
    } else if (journal_)
        commit(graph_.grid->get().zero_time(), positions()); // so that a restart finds the grid, whatever comes
    for (auto const& source : graph_.sources)
        source->start();
    tell(event);
}

inline void batch_engine::open_sources(batch_time now)
{
    for (auto const& source : graph_.sources)
        source->open(
            {graph_.application_name, graph_.batch, graph_.grid->get().zero_time(), now, graph_.layout.partitions});
}

inline void batch_engine::plan_inputs(batch_time time)
{
    auto const planned = plan_.planned.find(time);
    for (auto const& source : graph_.sources) {
        if (planned != plan_.planned.end()) {
            auto const& inputs = planned->second.inputs;
            auto const input = std::find_if(inputs.begin(), inputs.end(),
                                            [&](auto const& each) { return each.source == source->name(); });
            if (input != inputs.end()) {
                source->replay(time, input->input);
                continue;
            }
            if (planned_later(source->name(), time)) {
                source->missed(time);
                continue;
            }
        }
        source->plan(time);
    }
}

/// Whether the earlier run gave input of the source to a batch after that of `time`.
inline bool batch_engine::planned_later(std::string const& source, batch_time time) const
{
    return std::any_of(plan_.planned.upper_bound(time), plan_.planned.end(), [&](auto const& later) {
        auto const& inputs = later.second.inputs;
        return std::any_of(inputs.begin(), inputs.end(), [&](auto const& input) { return input.source == source; });
    });
}

inline void batch_engine::write_plan(batch_time time)
{
    if (!journal_ || plan_.planned.contains(time))
        return;
    plan_record record{time, {}};
    for (auto const& source : graph_.sources)
        if (auto input = source->planned(time))
            record.inputs.push_back({source->name(), *std::move(input)});
    std::scoped_lock const lock(journal_mutex_);
    journal_->plan(record, false);
}

namespace detail {

[[nodiscard]] inline std::string words_of(std::exception_ptr const& failure)
{
    try {
        std::rethrow_exception(failure);
    } catch (std::exception const& problem) {
        return problem.what();
    } catch (...) {
        return "an exception that is no std::exception";
    }
}

/// Why a stage stands still: the input of `time` could not be made, and what comes later means nothing without it.
[[nodiscard]] inline std::exception_ptr stands_still(std::string const& stage, batch_time time,
                                                     std::exception_ptr const& why)
{
    return std::make_exception_ptr(source_error("the stage \"" + stage + "\" stands still since batch "
                                                + to_string(time) + ", whose input could not be made: " + words_of(why)
                                                + "; mend that and start again, from that batch on"));
}

} // namespace detail

inline std::unique_ptr<job_set> batch_engine::generate(batch_time time)
{
    std::unique_lock lock(graph_mutex_);
    auto batch = std::make_unique<job_set>();
    batch->time = time;
    last_generated_ = time;
    plan_inputs(time);
    write_plan(time);
    if (journal_ && commit_due(time))
        batch->positions = positions();
    for (auto const& stage : graph_.advancing) {
        try {
            stage->generate(time);
        } catch (...) { // the stage keeps it, too, for those who read the stage
            batch->no_input.emplace(stage.get(), detail::stands_still(stage->name(), time, std::current_exception()));
        }
    }
    plan_jobs(*batch);
    plan_.planned.erase(time);
    plan_.done.erase(time);
    lock.unlock();
    if (batch->has_jobs())
        tell(batch_submitted{batch->info});
    return batch;
}

inline void batch_engine::plan_jobs(job_set& batch)
{
    auto const time = batch.time;
    auto const done = plan_.done.find(time);
    batch.info.batch_time = time.count();
    batch.info.submission_time = clock_.now().count();
    for (auto const& output : graph_.outputs) {
        planned_output planned{output.get(), nullptr, nullptr, false};
        output_operation_info info{
            time.count(), batch.outputs.size(), output->name(), output->description(), {}, {}, {}};
        try {
            planned.job = output->job(time, environment_);
        } catch (...) {
            planned.failure = std::current_exception();
            info.failure = detail::words_of(planned.failure);
        }
        planned.done_before = done != plan_.done.end() && done->second.contains(output->name());
        batch.outputs.push_back(std::move(planned));
        batch.info.outputs.push_back(std::move(info));
    }
    for (auto const& source : graph_.sources)
        batch.info.inputs.push_back({source->name(), 0});
}

inline batch_engine::outcome batch_engine::run(job_set& batch)
{
    auto const began = std::chrono::steady_clock::now();
    bool const has_jobs = batch.has_jobs();
    outcome result;
    advanced_stages advanced;
    bool all_done = true;
    if (journal_) // else what was missed is lost, and a window goes on without it
        standing_.merge(batch.no_input);
    batch.info.processing_start = clock_.now().count();
    if (has_jobs)
        tell(batch_started{batch.info});
    for (std::size_t i = 0; i < batch.outputs.size(); ++i) {
        run_output(batch.outputs[i], batch.info.outputs[i], advanced, batch.time, result);
        all_done = all_done && !batch.info.outputs[i].failure;
    }
    for (auto const& stage : graph_.advancing) {
        try {
            advance(*stage, advanced, batch.time, result);
        } catch (...) {
            all_done = false;
            if (!result.failure)
                result.failure = std::current_exception();
        }
    }
    finish(batch, began, has_jobs);
    last_run_ = batch.time;
    count_undone(batch.time, all_done, result);
    if (batch.positions && undone_ == 0 && !result.fatal)
        try_commit(batch.time, std::move(*batch.positions), result);
    return result;
}

/// Too many batches behind one that is not done, or without a commit, are fatal. Without a checkpoint nothing is ever behind.
inline void batch_engine::count_undone(batch_time time, bool all_done, outcome& result)
{
    if (!journal_)
        return;
    auto const allowed = graph_.settings.max_uncommitted;
    auto const give_up = [&](std::string const& words, char const* advice) {
        result.fatal = true;
        result.failure = std::make_exception_ptr(checkpoint_error(
            words + "; settings::max_uncommitted allows " + std::to_string(allowed) + "; " + advice + " and start again"
            + (result.failure ? ". The last failure: " + detail::words_of(result.failure) : "")));
    };
    if (undone_ != 0 || !all_done)
        ++undone_;
    if (undone_ > allowed && !result.fatal)
        give_up(std::to_string(undone_) + " batches lie between the oldest one that is not done and batch "
                    + to_string(time),
                "mend the output that fails");
    if (since_failed_commit_ != 0 && ++since_failed_commit_ > allowed && !result.fatal)
        give_up("no commit has succeeded in " + std::to_string(since_failed_commit_) + " batches up to "
                    + to_string(time),
                "make the checkpoint directory writable");
}

inline void batch_engine::run_output(planned_output& planned, output_operation_info& info, advanced_stages& advanced,
                                     batch_time time, outcome& result)
{
    if (planned.done_before) {
        info.failure.reset();
        return;
    }
    if (planned.job) {
        info.start = clock_.now().count();
        tell(output_operation_started{info});
        try {
            for (auto* const stage : planned.output->above())
                advance(*stage, advanced, time, result);
            planned.job->run();
            write_done(time, planned.output->name());
        } catch (...) {
            planned.failure = std::current_exception();
            info.failure = detail::words_of(planned.failure);
        }
        info.end = clock_.now().count();
        tell(output_operation_completed{info});
    }
    if (planned.failure && !result.failure)
        result.failure = planned.failure;
}

/// Each stage advances once in a batch, after those that it reads. One that fails stays where it was, and so do those that read it.
inline void batch_engine::advance(advancing_stage& stage, advanced_stages& advanced, batch_time time, outcome& result)
{
    if (auto const found = standing_.find(&stage); found != standing_.end())
        std::rethrow_exception(found->second);
    auto const [known, fresh] = advanced.try_emplace(&stage);
    if (known->second)
        std::rethrow_exception(known->second);
    if (!fresh)
        return;
    bool ready = false;
    try {
        for (auto* const before : stage.above())
            advance(*before, advanced, time, result);
        ready = true;
        stage.advance(time, environment_->executor);
    } catch (...) {
        known->second = std::current_exception();
        if (ready && !result.fatal) {
            result.fatal = true;
            result.failure = known->second;
        }
        throw;
    }
}

inline void batch_engine::write_done(batch_time time, std::string const& output)
{
    if (!journal_)
        return;
    std::scoped_lock const lock(journal_mutex_);
    journal_->done({time, output, {}}, false);
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

inline bool batch_engine::commit_due(batch_time time) const
{
    auto const since = time - graph_.grid->get().zero_time();
    return std::any_of(graph_.intervals.begin(), graph_.intervals.end(),
                       [&](duration interval) { return is_multiple_of(since, interval); });
}

inline named_bytes batch_engine::positions() const
{
    named_bytes all;
    for (auto const& source : graph_.sources)
        all.emplace(source->name(), source->position());
    return all;
}

inline void batch_engine::commit(batch_time time, named_bytes positions)
{
    commit_record record;
    record.time = time;
    record.zero = graph_.grid->get().zero_time();
    record.batch_ms = graph_.batch.count();
    record.graph = graph_.description;
    record.settings.emplace(detail::key_groups_setting, to_bytes(static_cast<std::uint64_t>(graph_.layout.groups)));
    record.positions = std::move(positions);
    for (auto const& stage : graph_.advancing)
        record.stages.push_back(stage->save());
    auto const report = [&] {
        std::scoped_lock const lock(journal_mutex_);
        return journal_->commit(record);
    }();
    last_commit_ = time;
    {
        std::scoped_lock const lock(graph_mutex_);
        for (auto const& source : graph_.sources)
            source->committed(time);
    }
    tell(commit_completed{time.count(), report.bytes, report.duration});
}

/// A commit that fails is tried again when the next is due; only too many batches without one end the application.
inline void batch_engine::try_commit(batch_time time, named_bytes positions, outcome& result)
{
    try {
        commit(time, std::move(positions));
        since_failed_commit_ = 0;
    } catch (error const& problem) {
        since_failed_commit_ = std::max<std::size_t>(since_failed_commit_, 1);
        tell(commit_failed{time.count(), problem.what()});
        if (!result.failure)
            result.failure = std::current_exception();
    }
}

inline void batch_engine::commit_at_end()
{
    std::unique_lock lock(graph_mutex_);
    if (!journal_ || !last_run_ || undone_ != 0 || last_commit_ == last_run_ || last_generated_ != last_run_)
        return; // a batch that was planned and not run has moved the sources on: their positions are not those of the last batch
    auto now_at = positions();
    lock.unlock();
    commit(*last_run_, std::move(now_at));
}

inline void batch_engine::close()
{
    {
        std::scoped_lock const lock(journal_mutex_);
        journal_.reset();
    }
    tell(streaming_stopped{clock_.now().count()});
}

} // namespace tidemark
