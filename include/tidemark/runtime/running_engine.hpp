// SPDX-License-Identifier: BSL-1.0
//
// running_engine: generates, runs and commits batches, one call at a time; knows no thread and no clock but the one it
// is given.

#pragma once

#include <tidemark/checkpoint/checkpoint_directory.hpp>
#include <tidemark/checkpoint/journal.hpp>
#include <tidemark/checkpoint/records.hpp>
#include <tidemark/checkpoint/recovery_reader.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/events.hpp>
#include <tidemark/execution/executor.hpp>
#include <tidemark/execution/executor_with.hpp>
#include <tidemark/execution/rdd_environment.hpp>
#include <tidemark/execution/updates.hpp>
#include <tidemark/runtime/advancing_stage.hpp>
#include <tidemark/runtime/batch_engine.hpp>
#include <tidemark/runtime/commit_log.hpp>
#include <tidemark/runtime/detail/exception_message.hpp>
#include <tidemark/runtime/job_generator.hpp>
#include <tidemark/runtime/job_graph.hpp>
#include <tidemark/runtime/job_set.hpp>
#include <tidemark/runtime/kept_values.hpp>
#include <tidemark/runtime/rate_control.hpp>
#include <tidemark/runtime/recovery.hpp>
#include <tidemark/runtime/savepoint_requests.hpp>
#include <tidemark/runtime/stage_progress.hpp>
#include <tidemark/time/any_clock.hpp>
#include <tidemark/time/batch_time.hpp>

#include <algorithm>
#include <chrono>
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

    [[nodiscard]] std::unique_ptr<job_set> generate(batch_time time) override;
    [[nodiscard]] outcome run(job_set& batch) override;
    bool work_in_spare_time() override;
    void commit_at_end() override;
    batch_time save(std::string const& name) override;
    batch_time save_last(std::string const& name) override;
    void drop_savepoint(std::string const& name) override;
    void close() override;

    void stop_sources() override
    {
        {
            std::scoped_lock const lock(graph_mutex_);
            for (auto const& source : graph_.sources)
                source->stop();
        }
        tell_receivers();
    }

    [[nodiscard]] bool drained() const override
    {
        std::scoped_lock const lock(graph_mutex_);
        return std::all_of(graph_.sources.begin(), graph_.sources.end(),
                           [](auto const& source) { return source->drained(); });
    }

private:
    [[nodiscard]] static any_executor executor_for(settings const& how)
    {
        auto const cores = std::max<std::size_t>(std::thread::hardware_concurrency(), 1);
        return executor_with(how.threads == 0 ? cores : how.threads, how.partition_attempts);
    }

    [[nodiscard]] std::unique_lock<std::recursive_mutex> hold_graph() const override
    {
        return std::unique_lock(graph_mutex_);
    }
    [[nodiscard]] std::optional<batch_time> last_generated() const override { return last_generated_; }

    void tell(streaming_event const& event);
    [[nodiscard]] std::vector<std::string> begin(batch_time now);
    [[nodiscard]] std::vector<std::string> go_on(recovered const& found, batch_time now);
    void stand_before_first_batch();
    void open_sources(batch_time now);
    void tell_receivers();
    [[nodiscard]] commit_record record_of(batch_time time, named_bytes positions);
    [[nodiscard]] commit_completed commit_now(batch_time time, named_bytes positions);
    void hear_of_commit(commit_outcome const& heard);
    void tell_sources(batch_time committed);
    void write_state(batch_time time);
    void forget_changes();
    [[nodiscard]] group_image base_of(due_base const& due) const;
    void try_commit(job_set& batch);
    void commit_last();
    void answer_saves(job_set const& batch, outcome const& result);
    [[nodiscard]] usage_error keeps_no_checkpoints(char const* call) const;
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
    commit_log<Checkpointed> log_;
    mutable std::recursive_mutex graph_mutex_; // between generation and what forgets finished batches; a function
                                               // that is called in a generation may slice
    job_generator<Checkpointed> generator_;    // with graph_mutex_
    rate_control rates_;                       // with graph_mutex_
    kept_values<Checkpointed> kept_;
    std::vector<listener> listeners_;
    std::mutex tell_mutex_;
    std::map<std::string, receiver_info> receivers_; // by source; with graph_mutex_
    std::optional<batch_time> last_generated_;       // with graph_mutex_; from the start on
    std::optional<batch_time> last_run_;
    stage_progress<Checkpointed> progress_;
    savepoint_requests saves_;
    std::exception_ptr unsaved_; // why the last batch is not saved as a whole
    std::size_t undone_ = 0;     // batches since, and with, the oldest one that is not done
};

template <bool Checkpointed>
void running_engine<Checkpointed>::start()
{
    auto const now = clock_.now();
    std::optional<commit_completed> first;
    auto notes = begin(now);
    if constexpr (Checkpointed) {
        last_run_ = log_.last_commit();
        if (!last_run_) { // so that a restart finds the grid, whatever comes
            auto const zero = graph_.grid->get().zero_time();
            write_state(zero);
            first = commit_now(zero, generator_.positions());
        }
    }
    rates_.begin();
    for (auto const& source : graph_.sources)
        source->start();
    auto const restored = last_run_ ? std::optional(last_run_->count()) : std::nullopt;
    tell(streaming_started{now.count(), restored, plan().repeat.size() + plan().missed.size(), std::move(notes)});
    tell_receivers();
    if (first)
        tell(*first);
}

/// Gives what the one who runs the program should look at.
template <bool Checkpointed>
std::vector<std::string> running_engine<Checkpointed>::begin(batch_time now)
{
    std::vector<std::string> notes;
    if constexpr (Checkpointed) {
        locked_checkpoint locked(directory_->storage(), journal_options{.application = graph_.application_name,
                                                                        .retain = graph_.settings.retained_commits,
                                                                        .unreadable = unreadable_});
        notes = go_on(locked.state(), now);
        auto const present_name = [this](std::string const& saved) {
            auto const& upgrade = graph_.upgrade;
            return upgrade.dropped.contains(saved) ? std::nullopt : std::optional(upgrade.name_of(saved));
        };
        auto const hear = [this](commit_outcome const& heard) { hear_of_commit(heard); };
        for (auto& note : log_.open(std::move(locked), present_name, hear))
            notes.push_back(std::move(note));
    } else {
        kept_.begin();
        generator_.follow(begin_anew(graph_, now, [&] { open_sources(now); }));
        stand_before_first_batch();
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
}

/// What a listener throws is dropped: it only watches.
template <bool Checkpointed>
void running_engine<Checkpointed>::tell(streaming_event const& event)
{
    std::scoped_lock const lock(tell_mutex_);
    for (auto const& each : listeners_) {
        try {
            each(event);
        } catch (...) {
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

template <bool Checkpointed>
std::unique_ptr<job_set> running_engine<Checkpointed>::generate(batch_time time)
{
    std::unique_lock lock(graph_mutex_);
    held_updates held;
    broadcast_cell::generation_scope const sees_what_it_makes;
    auto batch = generator_.generate(time, clock_.now().count(), saves_.any());
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
    last_run_ = batch.time;
    if constexpr (Checkpointed) { // without a checkpoint nothing is ever behind
        count_undone(batch.time, all_done, result);
        write_state(batch.time);
        if (batch.commit_due && undone_ == 0 && !result.fatal)
            try_commit(batch);
        bool const saves = saves_.any();
        if (saves)
            log_.finish();
        if (auto const failure = log_.take_failure(); failure && !result.failure)
            result.failure = failure;
        if (saves)
            answer_saves(batch, result);
    } else
        forget_changes();
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

/// Too many batches behind one that is not done, or without a commit, are fatal.
template <bool Checkpointed>
void running_engine<Checkpointed>::count_undone(batch_time time, bool all_done, outcome& result)
{
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
template <bool Checkpointed>
bool running_engine<Checkpointed>::count_updates(job_set& batch, outcome& result)
{
    try {
        batch.updates->apply(kept_.order());
        return true;
    } catch (...) { // a merge of the program
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
commit_record running_engine<Checkpointed>::record_of(batch_time time, named_bytes positions)
{
    commit_record record;
    record.time = time;
    record.zero = graph_.grid->get().zero_time();
    record.batch_ms = graph_.batch.count();
    record.graph = graph_.description;
    record.settings.emplace(detail::key_groups_setting, to_bytes(static_cast<std::uint64_t>(graph_.layout.groups)));
    record.positions = std::move(positions);
    kept_.save(record);
    if (unsaved_)
        std::rethrow_exception(unsaved_);
    for (auto const& stage : graph_.advancing)
        record.stages.push_back(stage->describe());
    return record;
}

template <bool Checkpointed>
commit_completed running_engine<Checkpointed>::commit_now(batch_time time, named_bytes positions)
{
    auto const report = log_.commit_now(record_of(time, std::move(positions)));
    tell_sources(time);
    return {time.count(), report.bytes, report.duration};
}

template <bool Checkpointed>
void running_engine<Checkpointed>::tell_sources(batch_time committed)
{
    std::scoped_lock const lock(graph_mutex_);
    for (auto const& source : graph_.sources)
        source->committed(committed);
}

/// By the thread that writes the checkpoint. A commit that fails is tried again when the next is due; only too many
/// batches without one end the application.
template <bool Checkpointed>
void running_engine<Checkpointed>::hear_of_commit(commit_outcome const& heard)
{
    try {
        if (heard.failure)
            std::rethrow_exception(heard.failure);
        tell_sources(heard.time);
        tell(commit_completed{heard.time.count(), heard.report.bytes, heard.report.duration});
    } catch (...) { // a source of the program may throw anything
        auto const failure = std::current_exception();
        log_.miss_commit(failure);
        tell(commit_failed{heard.time.count(), detail::message_of(failure)});
    }
}

/// Hands what the batch has changed to the log. A batch behind one that is not done will never be committed.
template <bool Checkpointed>
void running_engine<Checkpointed>::write_state(batch_time time)
{
    if (undone_ != 0)
        return forget_changes();
    try {
        for (auto const& stage : graph_.advancing)
            log_.change(time, stage->name(), stage->take_changes(environment_->executor));
        log_.write_state(time, [this](due_base const& due) { return base_of(due); });
        unsaved_ = nullptr;
    } catch (...) { // a serialize of the program may throw anything
        unsaved_ = std::current_exception();
    }
}

template <bool Checkpointed>
void running_engine<Checkpointed>::forget_changes()
{
    for (auto const& stage : graph_.advancing)
        stage->settle();
}

template <bool Checkpointed>
group_image running_engine<Checkpointed>::base_of(due_base const& due) const
{
    auto const stage = std::find_if(graph_.advancing.begin(), graph_.advancing.end(),
                                    [&](auto const& each) { return each->name() == due.stage; });
    return (*stage)->base(due.group);
}

/// Writes a base as it is after the last batch.
template <bool Checkpointed>
bool running_engine<Checkpointed>::work_in_spare_time()
{
    if constexpr (Checkpointed) {
        if (!last_run_ || undone_ != 0 || unsaved_)
            return false;
        try {
            return log_.write_base(*last_run_, [this](due_base const& due) { return base_of(due); });
        } catch (...) { // what cannot be saved is told by the next batch that tries
        }
    }
    return false;
}

/// Hands the commit of the batch over.
template <bool Checkpointed>
void running_engine<Checkpointed>::try_commit(job_set& batch)
{
    try {
        if (batch.no_positions)
            std::rethrow_exception(batch.no_positions);
        log_.commit(record_of(batch.time, std::move(batch.positions)));
    } catch (...) { // a position of the program may throw anything
        hear_of_commit({batch.time, {}, std::current_exception()});
    }
}

/// Pins the commit of the batch, if it has one, for those who wait for that. One that was generated before they asked may
/// have none; then they wait for the next.
template <bool Checkpointed>
void running_engine<Checkpointed>::answer_saves(job_set const& batch, outcome const& result)
{
    auto const refuse = [&](std::string const& why) {
        saves_.answer([&](std::string const& name) -> batch_time {
            throw checkpoint_error("the savepoint \"" + name + "\" was not made: " + why
                                   + (result.failure ? ": " + detail::message_of(result.failure) : ""));
        });
    };
    if (undone_ != 0 || result.fatal)
        refuse("batch " + to_string(batch.time) + " or one before it is not done, and nothing later can be committed; "
               + "mend what fails and start again");
    else if (log_.last_commit() == batch.time)
        saves_.answer([this](std::string const& name) { return log_.save(name); });
    else if (batch.commit_due)
        refuse("the commit of batch " + to_string(batch.time) + " failed; ask again when commits succeed");
}

template <bool Checkpointed>
usage_error running_engine<Checkpointed>::keeps_no_checkpoints(char const* call) const
{
    return usage_error("tidemark::application::" + std::string(call) + ": the application \"" + graph_.application_name
                       + "\" keeps no checkpoints; pass a checkpoint_directory to its streaming_context");
}

template <bool Checkpointed>
batch_time running_engine<Checkpointed>::save(std::string const& name)
{
    if constexpr (Checkpointed) {
        log_.expect_free(name);
        return saves_.ask(name);
    } else
        throw keeps_no_checkpoints("save");
}

template <bool Checkpointed>
batch_time running_engine<Checkpointed>::save_last(std::string const& name)
{
    if constexpr (Checkpointed) {
        log_.expect_free(name);
        commit_last();
        if (last_run_ && log_.last_commit() != last_run_)
            throw checkpoint_error("the savepoint \"" + name + "\" was not made: batch " + to_string(*last_run_)
                                   + " cannot be committed, as it or one before it is not done, or a later one is "
                                     "generated; mend what fails, or run what is generated");
        return log_.save(name);
    } else
        throw keeps_no_checkpoints("save");
}

template <bool Checkpointed>
void running_engine<Checkpointed>::drop_savepoint(std::string const& name)
{
    if constexpr (Checkpointed)
        log_.drop_savepoint(name);
    else
        throw keeps_no_checkpoints("drop_savepoint");
}

/// Those who wait for a commit get the last one when it is of the last batch: no other will come.
template <bool Checkpointed>
void running_engine<Checkpointed>::commit_at_end()
{
    if constexpr (Checkpointed) {
        commit_last();
        if (log_.is_open() && last_run_ && log_.last_commit() == last_run_)
            saves_.answer([this](std::string const& name) { return log_.save(name); });
    }
}

template <bool Checkpointed>
void running_engine<Checkpointed>::commit_last()
{
    if constexpr (Checkpointed) {
        log_.finish();
        std::unique_lock lock(graph_mutex_);
        if (!log_.is_open() || !last_run_ || undone_ != 0 || log_.last_commit() == last_run_
            || generator_.last() != last_run_)
            return; // a batch that was planned and not run has moved the sources on: their positions are not those of the last batch
        auto now_at = generator_.positions();
        lock.unlock();
        tell(commit_now(*last_run_, std::move(now_at)));
    }
}

template <bool Checkpointed>
void running_engine<Checkpointed>::close()
{
    saves_.close();
    if constexpr (Checkpointed)
        log_.close();
    tell_receivers();
    tell(streaming_stopped{clock_.now().count()});
}

} // namespace tidemark
