// SPDX-License-Identifier: BSL-1.0
//
// batch_commits: how batches come into the checkpoint: what they change, commits, and savepoints of these.

#pragma once

#include <tidemark/checkpoint/records.hpp>
#include <tidemark/core/chrono.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/events.hpp>
#include <tidemark/execution/rdd_environment.hpp>
#include <tidemark/runtime/advancing_stage.hpp>
#include <tidemark/runtime/batch_engine.hpp>
#include <tidemark/runtime/commit_log.hpp>
#include <tidemark/runtime/detail/exception_message.hpp>
#include <tidemark/runtime/job_generator.hpp>
#include <tidemark/runtime/job_graph.hpp>
#include <tidemark/runtime/job_set.hpp>
#include <tidemark/runtime/kept_values.hpp>
#include <tidemark/runtime/recovery.hpp>
#include <tidemark/runtime/saved_by_stage.hpp>
#include <tidemark/runtime/savepoint_requests.hpp>
#include <tidemark/time/batch_time.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// What a running application and its checkpoint have to do with each other, once it has been restored.
///
/// *Threads*: `any_saves` by the generating thread, too; `save`, `drop_savepoint` and `writes_in_this_thread` by any; the
/// others by the one that runs jobs.
template <bool Checkpointed>
class batch_commits {
public:
    using outcome = batch_engine::outcome;
    using teller = std::function<void(streaming_event const&)>;

    /// `graph_mutex` keeps sources and `generator` to one thread at a time. `tell` is called in the thread in which an
    /// event happens, that of the writer included.
    batch_commits(job_graph const& graph, environment_ptr environment, commit_log<Checkpointed>& log,
                  kept_values<Checkpointed>& kept, job_generator<Checkpointed> const& generator,
                  std::recursive_mutex& graph_mutex, teller tell)
        : graph_(graph)
        , environment_(std::move(environment))
        , log_(log)
        , kept_(kept)
        , generator_(generator)
        , graph_mutex_(graph_mutex)
        , tell_(std::move(tell))
    {}

    /// Begins after the last commit. Makes a first one where there is none, so that a restart finds the grid, whatever
    /// comes.
    [[nodiscard]] std::optional<commit_completed> begin();

    /// The batch that was brought to an end last, or that of the commit that was restored.
    [[nodiscard]] std::optional<batch_time> const& last() const { return last_; }

    /// Brings the batch, whose jobs have run, into the checkpoint.
    void complete(job_set& batch, bool all_done, outcome& result);

    /// Writes a base as it is after the last batch; false when none should be.
    bool work_in_spare_time();

    /// For a clean end. Those who wait for a commit get the last one when it is of the last batch: no other will come.
    void commit_at_end();

    /// Learns what came of a commit. *Threads*: the one that writes the checkpoint.
    void hear_of(commit_outcome const& heard);

    [[nodiscard]] bool any_saves() const { return saves_.any(); }
    batch_time save(std::string const& name);
    batch_time save_last(std::string const& name);
    void drop_savepoint(std::string const& name) { log_.drop_savepoint(name); }
    /// Nobody can ask for a savepoint any more.
    void close() { saves_.close(); }

private:
    void count_undone(batch_time time, bool all_done, outcome& result);
    void write_state(batch_time time);
    void take_changes(batch_time time, advancing_stage& stage);
    [[nodiscard]] group_image base_of(due_base const& due) const;
    [[nodiscard]] commit_record record_of(batch_time time, named_bytes positions);
    [[nodiscard]] commit_completed commit_now(batch_time time, named_bytes positions);
    void hand_commit_over(job_set& batch);
    void commit_last();
    void tell_sources(batch_time committed);
    template <typename Event> // as in running_engine
    void tell(Event event) const
    {
        tell_(std::move(event));
    }
    void answer_saves(job_set const& batch, outcome const& result);

    job_graph const& graph_;
    environment_ptr environment_;
    commit_log<Checkpointed>& log_;
    kept_values<Checkpointed>& kept_;
    job_generator<Checkpointed> const& generator_; // with graph_mutex_
    std::recursive_mutex& graph_mutex_;
    teller tell_;
    savepoint_requests saves_;
    saved_by_stage given_;
    std::optional<batch_time> last_;
    std::exception_ptr unsaved_; // why the last batch is not saved as a whole
    std::size_t undone_ = 0;     // batches since, and with, the oldest one that is not done
};

template <bool Checkpointed>
std::optional<commit_completed> batch_commits<Checkpointed>::begin()
{
    last_ = log_.last_commit();
    if (last_)
        return std::nullopt;
    auto const zero = graph_.grid->get().zero_time();
    write_state(zero);
    return commit_now(zero, generator_.positions());
}

template <bool Checkpointed>
void batch_commits<Checkpointed>::complete(job_set& batch, bool all_done, outcome& result)
{
    last_ = batch.time;
    count_undone(batch.time, all_done, result);
    write_state(batch.time);
    if (batch.commit_due && undone_ == 0 && !result.fatal)
        hand_commit_over(batch);
    bool const saves = saves_.any();
    if (saves)
        log_.finish();
    if (auto const failure = log_.take_failure(); failure && !result.failure)
        result.failure = failure;
    if (saves)
        answer_saves(batch, result);
}

/// Too many batches behind one that is not done, or without a commit, are fatal.
template <bool Checkpointed>
void batch_commits<Checkpointed>::count_undone(batch_time time, bool all_done, outcome& result)
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

/// Hands what the batch has changed to the log. A batch behind one that is not done will never be committed.
template <bool Checkpointed>
void batch_commits<Checkpointed>::write_state(batch_time time)
{
    if (undone_ != 0) {
        for (auto const& stage : graph_.advancing)
            stage->settle();
        return;
    }
    unsaved_ = nullptr;
    auto const attempt = [this](auto const& work) {
        try {
            work();
        } catch (...) { // a serialize of the program may throw anything
            unsaved_ = std::current_exception();
        }
    };
    for (auto const& stage : graph_.advancing) // each, whatever another one throws: it gives its changes only now
        attempt([&] { take_changes(time, *stage); });
    attempt([&] { log_.write_state(time, [this](due_base const& due) { return base_of(due); }); });
}

template <bool Checkpointed>
void batch_commits<Checkpointed>::take_changes(batch_time time, advancing_stage& stage)
{
    auto const began = std::chrono::steady_clock::now();
    auto changes = stage.take_changes(environment_->executor);
    stage_saved given{stage.name(), 0, std::chrono::steady_clock::now() - began};
    for (auto const& base : changes.bases)
        given.bytes += base.bytes.size();
    for (auto const& changed : changes.runs)
        given.bytes += changed.run.bytes.size();
    log_.change(time, stage.name(), std::move(changes));
    given_.add(std::move(given));
}

template <bool Checkpointed>
group_image batch_commits<Checkpointed>::base_of(due_base const& due) const
{
    auto const stage = std::find_if(graph_.advancing.begin(), graph_.advancing.end(),
                                    [&](auto const& each) { return each->name() == due.stage; });
    return (*stage)->base(due.group);
}

template <bool Checkpointed>
bool batch_commits<Checkpointed>::work_in_spare_time()
{
    if (!last_ || undone_ != 0 || unsaved_)
        return false;
    try {
        return log_.write_base(*last_, [this](due_base const& due) { return base_of(due); });
    } catch (...) { // what cannot be saved is told by the next batch that tries
        return false;
    }
}

template <bool Checkpointed>
commit_record batch_commits<Checkpointed>::record_of(batch_time time, named_bytes positions)
{
    commit_record record;
    record.time = time;
    record.zero = graph_.grid->get().zero_time();
    record.batch_ms = graph_.batch.count();
    record.graph = graph_.description;
    record.settings.emplace(detail::key_groups_setting, to_bytes(static_cast<std::uint64_t>(graph_.layout.groups)));
    for (auto const& source : graph_.sources)
        record.settings.emplace(detail::kind_setting(source->name()), to_bytes(std::string(source->kind())));
    record.positions = std::move(positions);
    kept_.save(record);
    if (unsaved_)
        std::rethrow_exception(unsaved_);
    for (auto const& stage : graph_.advancing)
        record.stages.push_back(stage->describe());
    return record;
}

template <bool Checkpointed>
commit_completed batch_commits<Checkpointed>::commit_now(batch_time time, named_bytes positions)
{
    given_.hand_over(time);
    auto const report = log_.commit_now(record_of(time, std::move(positions)));
    tell_sources(time);
    return {time.count(), report.bytes, report.duration, given_.committed(time)};
}

template <bool Checkpointed>
void batch_commits<Checkpointed>::hand_commit_over(job_set& batch)
{
    given_.hand_over(batch.time);
    try {
        if (batch.no_positions)
            std::rethrow_exception(batch.no_positions);
        log_.commit(record_of(batch.time, std::move(batch.positions)));
    } catch (...) { // a position of the program may throw anything
        hear_of({batch.time, {}, std::current_exception()});
    }
}

/// A commit that fails is tried again when the next is due; only too many batches without one end the application.
template <bool Checkpointed>
void batch_commits<Checkpointed>::hear_of(commit_outcome const& heard)
{
    if (heard.failure) {
        log_.miss_commit(heard.failure);
        tell(commit_failed{heard.time.count(), detail::message_of(heard.failure)});
        return;
    }
    tell_sources(heard.time);
    tell(commit_completed{heard.time.count(), heard.report.bytes, heard.report.duration, given_.committed(heard.time)});
}

/// What a source throws is told, and changes nothing: the commit is durable, and the others learn of it.
template <bool Checkpointed>
void batch_commits<Checkpointed>::tell_sources(batch_time committed)
{
    std::vector<source_problem> problems;
    {
        std::scoped_lock const lock(graph_mutex_);
        for (auto const& source : graph_.sources) {
            try {
                source->committed(committed);
            } catch (...) { // a source of the program may throw anything
                problems.push_back({committed.count(), source->name(), detail::message_of(std::current_exception())});
            }
        }
    }
    for (auto& problem : problems)
        tell(std::move(problem));
}

template <bool Checkpointed>
batch_time batch_commits<Checkpointed>::save(std::string const& name)
{
    log_.expect_free(name);
    return saves_.ask(name);
}

template <bool Checkpointed>
batch_time batch_commits<Checkpointed>::save_last(std::string const& name)
{
    log_.expect_free(name);
    commit_last();
    if (last_ && log_.last_commit() != last_)
        throw checkpoint_error("the savepoint \"" + name + "\" was not made: batch " + to_string(*last_)
                               + " cannot be committed, as it or one before it is not done, or a later one is "
                                 "generated; mend what fails, or run what is generated");
    return log_.save(name);
}

/// Pins the commit of the batch, if it has one, for those who wait for that. One that was generated before they asked may
/// have none; then they wait for the next.
template <bool Checkpointed>
void batch_commits<Checkpointed>::answer_saves(job_set const& batch, outcome const& result)
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
void batch_commits<Checkpointed>::commit_at_end()
{
    commit_last();
    if (log_.is_open() && last_ && log_.last_commit() == last_)
        saves_.answer([this](std::string const& name) { return log_.save(name); });
}

template <bool Checkpointed>
void batch_commits<Checkpointed>::commit_last()
{
    log_.finish();
    std::unique_lock lock(graph_mutex_);
    if (!log_.is_open() || !last_ || undone_ != 0 || log_.last_commit() == last_ || generator_.last() != last_)
        return; // a batch that was planned and not run has moved the sources on: their positions are not those of the last batch
    auto now_at = generator_.positions();
    lock.unlock();
    try {
        tell(commit_now(*last_, std::move(now_at)));
    } catch (...) { // no other commit will come that could be heard of
        tell(commit_failed{last_->count(), detail::message_of(std::current_exception())});
        throw;
    }
}

/// Without a checkpoint nothing is written down, and nothing is ever behind.
template <>
class batch_commits<false> {
public:
    using outcome = batch_engine::outcome;

    template <typename... Others>
    explicit batch_commits(job_graph const& graph, Others const&...)
        : graph_(graph)
    {}

    void complete(job_set&, bool, outcome&)
    {
        for (auto const& stage : graph_.advancing)
            stage->settle();
    }
    bool work_in_spare_time() { return false; }
    void commit_at_end() {}

    [[nodiscard]] bool any_saves() const { return false; }
    batch_time save(std::string const&) { throw keeps_no_checkpoints("save"); }
    batch_time save_last(std::string const&) { throw keeps_no_checkpoints("save"); }
    void drop_savepoint(std::string const&) { throw keeps_no_checkpoints("drop_savepoint"); }
    void close() {}

private:
    [[nodiscard]] usage_error keeps_no_checkpoints(char const* call) const
    {
        return usage_error("tidemark::application::" + std::string(call) + ": the application \""
                           + graph_.application_name
                           + "\" keeps no checkpoints; pass a checkpoint_directory to its streaming_context");
    }

    job_graph const& graph_;
};

} // namespace tidemark
