// SPDX-License-Identifier: BSL-1.0
//
// job_generator: decides what each batch reads, writes that down, and makes its jobs.

#pragma once

#include <tidemark/checkpoint/records.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/events.hpp>
#include <tidemark/core/later.hpp>
#include <tidemark/core/owner.hpp>
#include <tidemark/rdd/rdd_leaf.hpp>
#include <tidemark/runtime/commit_log.hpp>
#include <tidemark/runtime/detail/exception_message.hpp>
#include <tidemark/runtime/job_graph.hpp>
#include <tidemark/runtime/job_set.hpp>
#include <tidemark/runtime/kept_values.hpp>
#include <tidemark/runtime/recovery.hpp>
#include <tidemark/time/duration.hpp>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {
namespace detail {

/// Why a stage stands still: the input of `time` could not be made, and what comes later means nothing without it.
[[nodiscard]] inline std::exception_ptr stands_still(std::string const& stage, batch_time time,
                                                     std::exception_ptr const& why)
{
    return std::make_exception_ptr(source_error("the stage \"" + stage + "\" stands still since batch "
                                                + to_string(time) + ", whose input could not be made: "
                                                + message_of(why) + "; mend that and start again, from that batch on"));
}

} // namespace detail

/// The generating half of a running application. The graph and the log outlive it.
///
/// *Threads*: one at a time.
template <bool Checkpointed>
class job_generator {
public:
    job_generator(job_graph& graph, commit_log<Checkpointed>& log, environment_ptr environment)
        : graph_(&graph)
        , log_(&log)
        , environment_(std::move(environment))
    {}

    /// Takes over what a restart has to do.
    void follow(restart_plan plan) { plan_ = std::move(plan); }

    [[nodiscard]] restart_plan const& plan() const { return plan_; }

    /// Everything that the batch of `time` needs; `now` is the time of its submission, in milliseconds since the epoch.
    /// `commit_wanted`: a commit is due in any case. *Throws* what the log throws.
    [[nodiscard]] owner<job_set> generate(batch_time time, std::int64_t now, bool commit_wanted);

    /// Where the sources stand after the last batch that was generated.
    [[nodiscard]] named_bytes positions() const
    {
        named_bytes all;
        for (auto const& source : graph_->sources)
            all.emplace(source->name(), source->position());
        return all;
    }

    /// The last batch that was generated, or begun to be.
    [[nodiscard]] std::optional<batch_time> const& last() const { return last_; }

private:
    void plan_inputs(batch_time time);
    [[nodiscard]] bool repeat_input(source_stage& source, batch_time time) const;
    void plan_broadcasts(batch_time time);
    [[nodiscard]] bool planned_later(std::string const& source, batch_time time) const;
    [[nodiscard]] plan_record plan_of(batch_time time) const;
    void write_plan(job_set& batch);
    [[nodiscard]] bool commit_due(batch_time time) const;
    [[nodiscard]] bool done_before(std::string const& output, batch_time time) const;
    void plan_jobs(job_set& batch);
    void note_problems(job_set& batch);

    template <typename T>
    using needed = later<T, std::bool_constant<Checkpointed>>; // as in running_engine

    needed<job_graph>* graph_;
    commit_log<Checkpointed>* log_;
    needed<environment_ptr> environment_;
    needed<restart_plan> plan_;
    std::optional<batch_time> last_;
    needed<std::vector<planned_input>> new_values_; // broadcast ones, from the batch on that is generated
    needed<std::map<std::string, std::string, std::less<>>> problems_; // of each source, the last that was told
};

template <bool Checkpointed>
owner<job_set> job_generator<Checkpointed>::generate(batch_time time, std::int64_t now,
                                                     [[maybe_unused]] bool commit_wanted)
{
    auto batch = make_owner<job_set>();
    batch->time = time;
    batch->info.batch_time = time.count();
    batch->info.submission_time = now;
    last_ = time;
    plan_inputs(time);
    plan_broadcasts(time);
    if constexpr (Checkpointed) {
        write_plan(*batch);
        batch->commit_due = log_->is_open() && (commit_wanted || commit_due(time));
        if (batch->commit_due) {
            try {
                batch->positions = positions();
            } catch (...) {
                batch->no_positions = std::current_exception();
            }
        }
    }
    for (auto const& stage : graph_->advancing) {
        try {
            stage->generate(time);
        } catch (...) { // the stage keeps it, too, for those who read the stage
            if constexpr (Checkpointed)
                batch->no_input.emplace(stage.get(),
                                        detail::stands_still(stage->name(), time, std::current_exception()));
        }
    }
    plan_jobs(*batch);
    note_problems(*batch);
    if constexpr (Checkpointed) {
        plan_.planned.erase(time);
        plan_.done.erase(time);
    }
    return batch;
}

template <bool Checkpointed>
void job_generator<Checkpointed>::plan_inputs(batch_time time)
{
    for (auto const& source : graph_->sources)
        if (!repeat_input(*source, time))
            source->plan(time);
}

/// Gives the source what an earlier run has planned, or knows to be missed. False when that run did not plan the batch.
template <bool Checkpointed>
bool job_generator<Checkpointed>::repeat_input(source_stage& source, batch_time time) const
{
    if constexpr (Checkpointed) {
        auto const planned = plan_.planned.find(time);
        if (planned == plan_.planned.end())
            return false;
        auto const& inputs = planned->second.inputs;
        auto const input =
            std::find_if(inputs.begin(), inputs.end(), [&](auto const& each) { return each.source == source.name(); });
        if (input != inputs.end()) {
            source.replay(time, input->input);
            return true;
        }
        if (source.is_logged() || planned_later(source.name(), time)) { // a log has no more than the plan
            source.missed(time);
            return true;
        }
    }
    return false;
}

/// What the broadcast values of the batch are: as an earlier run has planned, or as they are now.
template <bool Checkpointed>
void job_generator<Checkpointed>::plan_broadcasts(batch_time time)
{
    if constexpr (Checkpointed) {
        new_values_.clear();
        auto const planned = plan_.planned.find(time);
        for (auto const& each : graph_->broadcasts) {
            auto const key = detail::broadcast_key(each->name());
            if (planned == plan_.planned.end()) {
                if (auto fresh = each->plan(time); fresh && log_->is_open())
                    new_values_.push_back({key, detail::with_schema(each->schema(), *fresh)});
                continue;
            }
            for (auto const& input : planned->second.inputs)
                if (input.source == key)
                    detail::read_with_schema("broadcast value \"" + each->name() + "\", batch " + to_string(time),
                                             each->schema(), input.input,
                                             [&](std::span<std::byte const> value) { each->replay(time, value); });
        }
    } else
        for (auto const& each : graph_->broadcasts)
            (void)each->plan(time);
}

/// Whether the earlier run gave input of the source to a batch after that of `time`.
template <bool Checkpointed>
bool job_generator<Checkpointed>::planned_later(std::string const& source, batch_time time) const
{
    return std::any_of(plan_.planned.upper_bound(time), plan_.planned.end(), [&](auto const& later) {
        auto const& inputs = later.second.inputs;
        return std::any_of(inputs.begin(), inputs.end(), [&](auto const& input) { return input.source == source; });
    });
}

template <bool Checkpointed>
plan_record job_generator<Checkpointed>::plan_of(batch_time time) const
{
    plan_record record{time, {}};
    for (auto const& source : graph_->sources)
        if (auto input = source->planned(time))
            record.inputs.push_back({source->name(), *std::move(input)});
    record.inputs.insert(record.inputs.end(), new_values_.begin(), new_values_.end());
    return record;
}

/// What an earlier run has planned is in the log, and has been durable since this run has opened it.
template <bool Checkpointed>
void job_generator<Checkpointed>::write_plan(job_set& batch)
{
    if (!log_->is_open())
        return;
    auto const time = batch.time;
    if (!plan_.planned.contains(time))
        log_->plan(plan_of(time), graph_->plans_durable);
    for (auto const& source : graph_->sources) {
        if (!source->has_input(time))
            continue; // so the plan has nothing of it
        try {
            source->plan_written(time);
        } catch (...) { // what is not acknowledged is sent again
            batch.problems.push_back({time.count(), source->name(), detail::message_of(std::current_exception())});
        }
    }
}

template <bool Checkpointed>
bool job_generator<Checkpointed>::commit_due(batch_time time) const
{
    auto const since = time - graph_->grid->get().zero_time();
    return std::any_of(graph_->intervals.begin(), graph_->intervals.end(),
                       [&](duration interval) { return is_multiple_of(since, interval); });
}

/// Whether an earlier run has published the output of that batch.
template <bool Checkpointed>
bool job_generator<Checkpointed>::done_before(std::string const& output, batch_time time) const
{
    if constexpr (Checkpointed) {
        auto const done = plan_.done.find(time);
        return done != plan_.done.end() && done->second.contains(output);
    } else
        return false;
}

template <bool Checkpointed>
void job_generator<Checkpointed>::plan_jobs(job_set& batch)
{
    auto const time = batch.time;
    for (auto const& output : graph_->outputs) {
        planned_output planned{output.get(), nullptr, nullptr, false};
        output_operation_info info{
            time.count(), batch.outputs.size(), output->name(), output->description(), {}, {}, {}, 0};
        try {
            planned.job = output->job(time, plan_.planned.contains(time), environment_);
        } catch (...) {
            planned.failure = std::current_exception();
            info.failure = detail::message_of(planned.failure);
        }
        planned.done_before = done_before(output->name(), time);
        batch.outputs.push_back(std::move(planned));
        batch.info.outputs.push_back(std::move(info));
    }
    for (auto const& source : graph_->sources) {
        auto& input = batch.info.inputs.emplace_back(input_info{source->name()});
        if (auto words = source->describe_input(time); !words.empty())
            input.metadata.emplace(description_key, std::move(words));
    }
}

/// A problem is told once, until there is another or a batch was without it.
template <bool Checkpointed>
void job_generator<Checkpointed>::note_problems(job_set& batch)
{
    for (auto const& source : graph_->sources) {
        auto const problem = source->take_error();
        if (!problem) {
            problems_.erase(source->name());
            continue;
        }
        auto& told = problems_[source->name()];
        if (told == *problem)
            continue;
        told = *problem;
        batch.problems.push_back({batch.time.count(), source->name(), *problem});
    }
}

} // namespace tidemark
