// SPDX-License-Identifier: BSL-1.0
//
// recovery: from what a checkpoint holds to stages and sources in place, and the batches to repeat.

#pragma once

#include <tidemark/checkpoint/records.hpp>
#include <tidemark/checkpoint/recovery_reader.hpp>
#include <tidemark/checkpoint/saved_groups.hpp>
#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/checkpoint/snapshot_format.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/later.hpp>
#include <tidemark/core/settings.hpp>
#include <tidemark/execution/executor.hpp>
#include <tidemark/runtime/advancing_stage.hpp>
#include <tidemark/runtime/job_graph.hpp>
#include <tidemark/runtime/kept_values.hpp>
#include <tidemark/runtime/restart_plan.hpp>
#include <tidemark/time/batch_grid.hpp>
#include <tidemark/time/batch_times.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark {

namespace detail {

inline constexpr std::string_view key_groups_setting = snapshot_format::key_groups_setting;

/// Under what a commit names the kind of a source.
[[nodiscard]] inline std::string kind_setting(std::string const& source)
{
    return std::string(snapshot_format::source_setting) + source;
}

// Templates over the graph, so that only a program with a checkpoint directory compiles them.

/// Another batch duration is taken over where nothing of the old grid is left: after a clean stop, and without windows,
/// which hold whole batches.
template <typename Graph>
void expect_free_of_grid(Graph const& graph, recovered const& found)
{
    auto const& commit = *found.commit;
    auto const refuse = [&](std::string const& why, std::string const& advice) {
        throw incompatible_checkpoint("the checkpoint was made with batches of " + to_string(duration(commit.batch_ms))
                                      + ", and this program has batches of " + to_string(graph.batch) + "; " + why
                                      + "; run it with the old batch duration" + advice
                                      + ", or with an empty checkpoint directory");
    };
    if (!found.plans.empty())
        refuse("batch " + to_string(found.plans.front().time) + " of the old ones is planned and not committed",
               " to a clean stop first");
    std::string windows;
    std::string words;
    for (auto const& image : commit.stages)
        if (!graph.upgrade.dropped.contains(image.name) && image.kind.find("window") != std::string::npos) {
            windows += (windows.empty() ? "the window \"" : ", and the window \"") + image.name + "\"";
            words += ".dropping(\"" + image.name + "\")";
        }
    if (!windows.empty())
        refuse(windows + " holds batches of the old ones",
               ", give up what is in windows by new names for them and streaming_context" + words);
}

template <typename Graph>
void expect_same_settings(Graph const& graph, recovered const& found)
{
    auto const& commit = *found.commit;
    if (commit.batch_ms != graph.batch.count())
        expect_free_of_grid(graph, found);
    auto const saved = commit.settings.find(key_groups_setting);
    if (saved == commit.settings.end())
        throw corrupt_checkpoint("the commit of batch " + to_string(commit.time)
                                 + " does not say how many key-groups there are");
    auto const groups = from_bytes<std::uint64_t>(saved->second);
    if (groups != graph.layout.groups)
        throw incompatible_checkpoint("the checkpoint has " + std::to_string(groups)
                                      + " key-groups, and this program asks for " + std::to_string(graph.layout.groups)
                                      + "; set settings::key_groups to " + std::to_string(groups));
}

template <typename Graph>
void restore_stages(Graph const& graph, recovered const& found, batch_time first, any_executor const& executor,
                    std::vector<std::string>& notes)
{
    auto const& stages = found.commit->stages;
    later<std::map<std::string_view, advancing_stage*>, Graph> known;
    for (auto const& stage : graph.advancing)
        known.emplace(stage->name(), stage.get());
    later<std::map<std::string_view, std::string_view>, Graph> taken; // by the program's names
    for (std::size_t number = 0; number < stages.size(); ++number) {
        auto const& image = stages[number];
        if (graph.upgrade.dropped.contains(image.name)) {
            notes.push_back("the state of stage \"" + image.name + "\" (" + image.kind
                            + ") is dropped, as the program says");
            continue;
        }
        std::string_view const name = graph.upgrade.name_of(image.name);
        if (auto const [twin, fresh] = taken.try_emplace(name, image.name); !fresh)
            throw incompatible_checkpoint("the checkpoint holds the stages \"" + std::string(twin->second) + "\" and \""
                                          + image.name + "\", and both would be \"" + std::string(name)
                                          + "\" of this program; drop one of them with streaming_context::dropping");
        auto const own = known.find(name);
        if (own == known.end())
            throw incompatible_checkpoint(
                "the checkpoint holds the state of stage \"" + image.name + "\" (" + image.kind
                + "), which this program does not have"
                + (image.name.find(" < ") != std::string::npos
                       ? "; a stage without a name of its own is called by the steps before it, which "
                         "have changed"
                       : "")
                + "; give a stage that name, say with "
                  "streaming_context::renamed what it is called now or with "
                  "streaming_context::dropping that it is gone, "
                  "or begin with an empty checkpoint directory");
        if (own->second->kind() != image.kind)
            throw incompatible_checkpoint("the checkpoint holds stage \"" + image.name + "\" as " + image.kind
                                          + ", and in this program it is " + std::string(own->second->kind())
                                          + "; keep the old stage and give the new one another name, or begin with an "
                                            "empty checkpoint directory");
        own->second->restore(image, stage_groups(*found.groups, number), executor);
        known.erase(own);
    }
    for (auto const& [name, stage] : known)
        stage->begin(first);
}

/// The plans after the commit, in the order of their batches. Where records were lost, only up to the first batch
/// without one: its input is not known, so it has to be planned anew, and the later ones with it.
template <typename Graph>
[[nodiscard]] std::vector<plan_record> plans_to_repeat(Graph const& graph, recovered const& found)
{
    std::vector<plan_record> plans;
    auto last = found.commit->time;
    for (auto const& planned : found.plans) {
        if (planned.time <= last)
            continue;
        if (found.records_dropped != 0 && planned.time != last + graph.batch)
            break;
        last = planned.time;
        plans.push_back(planned);
    }
    return plans;
}

/// A plan in the names of this program, without what it drops.
template <typename Graph>
[[nodiscard]] plan_record in_present_names(Graph const& graph, plan_record const& planned)
{
    plan_record present{planned.time, {}};
    for (auto const& input : planned.inputs) {
        bool const is_broadcast = input.source.starts_with(broadcast_prefix);
        auto const saved = is_broadcast ? input.source.substr(broadcast_prefix.size()) : input.source;
        if (graph.upgrade.dropped.contains(saved))
            continue;
        auto const& name = graph.upgrade.name_of(saved);
        present.inputs.push_back({is_broadcast ? broadcast_key(name) : name, input.input});
    }
    return present;
}

/// *Throws* when batches to repeat have input of a source that is not there: without it they would lose records.
template <typename Graph>
void expect_planned_sources(Graph const& graph, plan_record const& planned)
{
    for (auto const& input : planned.inputs) {
        if (input.source.starts_with(broadcast_prefix))
            continue;
        auto const source = std::find_if(graph.sources.begin(), graph.sources.end(),
                                         [&](auto const& each) { return each->name() == input.source; });
        if (source == graph.sources.end())
            throw incompatible_checkpoint(
                "the checkpoint holds input of source \"" + input.source + "\" for batch " + to_string(planned.time)
                + ", which is not done, and this program has no such source; give a source that name, say with "
                  "streaming_context::renamed what it is called now, or "
                  "run the program that wrote it to a clean stop first");
        (*source)->expect_readable(planned.time, input.input);
    }
}

/// The batches that passed while nothing ran, as the setting wants them.
template <typename Graph>
[[nodiscard]] batch_times slept_through(Graph const& graph, batch_time after, batch_time before)
{
    auto const all = graph.grid->get().batches(after, before);
    if (all.empty() || graph.settings.down_time == catch_up::skip)
        return {};
    return graph.settings.down_time == catch_up::merged ? batch_times(all.back(), graph.batch, 1) : all;
}

/// *Throws* when a source has taken the name of another kind, whose position and plans it would misread.
template <typename Graph>
void expect_same_kinds(Graph const& graph, commit_record const& commit)
{
    for (auto const& [name, position] : commit.positions) {
        auto const saved = commit.settings.find(kind_setting(name));
        if (saved == commit.settings.end() || graph.upgrade.dropped.contains(name)) // an older version said none
            continue;
        auto const kind = from_bytes<std::string>(saved->second);
        for (auto const& source : graph.sources)
            if (source->name() == graph.upgrade.name_of(name) && source->kind() != kind)
                throw incompatible_checkpoint("the checkpoint holds the source \"" + name + "\" as " + kind
                                              + ", and in this program it is " + std::string(source->kind())
                                              + "; give the new one another name and drop the old one with "
                                                "streaming_context::dropping, or begin with an empty checkpoint "
                                                "directory");
    }
}

/// Gives the sources their positions. Says so where program and checkpoint differ, for a source under another name
/// begins anew.
template <typename Graph>
void seek_sources(Graph const& graph, commit_record const& commit, std::vector<std::string>& notes)
{
    later<std::map<std::string_view, std::span<std::byte const>>, Graph> saved; // by the names of this program
    auto const tell_of_blocks = [&notes](std::string_view name, std::span<std::byte const> position) {
        if (auto const before = decode_block_position(position))
            notes.push_back(blocks_left_of(name, *before));
    };
    for (auto const& [name, position] : commit.positions)
        if (graph.upgrade.dropped.contains(name))
            tell_of_blocks(name, position);
        else
            saved.emplace(graph.upgrade.name_of(name), position);
    auto gone = saved;
    for (auto const& source : graph.sources) {
        gone.erase(source->name());
        if (auto const position = saved.find(source->name()); position != saved.end())
            source->seek(position->second, notes);
        else
            notes.push_back(
                "the source \"" + source->name()
                + "\" is not in the checkpoint and begins anew; if it is one of the checkpoint's under "
                  "another name, give it that name back, or say with streaming_context::renamed what it is called now");
    }
    for (auto const& [name, position] : gone) {
        notes.push_back("the source \"" + std::string(name)
                        + "\" of the checkpoint is not in this program; its position is dropped at the next commit");
        tell_of_blocks(name, position);
    }
}

/// Says of which sources the batches to repeat have lost what had come for them.
template <typename Graph>
void tell_of_lost_input(Graph const& graph, std::vector<batch_time> const& repeat, std::vector<std::string>& notes)
{
    if (repeat.empty())
        return;
    for (auto const& source : graph.sources)
        if (!source->replayable())
            notes.push_back(
                "what the source \"" + source->name() + "\" (" + source->describe()
                + ") had received for the batches from " + to_string(repeat.front()) + " to " + to_string(repeat.back())
                + " is lost, for it cannot give it again; tide::write_ahead_log() behind it keeps such records");
}

/// Says of which sources a copy of a savepoint does not have what came after it, or may give it to other batches, for
/// outputs have published that.
template <typename Graph>
void tell_of_savepoint(Graph const& graph, commit_record const& commit, std::vector<std::string>& notes)
{
    auto const savepoint = commit.settings.find(snapshot_format::savepoint_setting);
    if (savepoint == commit.settings.end())
        return;
    auto const name = from_bytes<std::string>(savepoint->second);
    auto const note = [&](std::string const& what) {
        notes.push_back(
            "this is a copy of the savepoint \"" + name + "\", of batch " + to_string(commit.time) + ": " + what
            + "; give each output behind that source a new name and a new place, else files replace what is "
              "there, and a database leaves the new records out");
    };
    for (auto const& source : graph.sources)
        if (!source->replayable() || source->is_logged())
            note("it does not have what the source \"" + source->name()
                 + "\" received later, so batches of times that have run before get other records");
        else if (!source->plans_repeat())
            note("what the source \"" + source->name()
                 + "\" gave to later batches may come in others now, also in batches of times that have run before");
}

/// Says so where nothing new will run for longer than between two batches: the clock was further when the last one was
/// planned.
inline void tell_of_clock_behind(batch_time last, batch_time next, batch_time now, std::vector<std::string>& notes)
{
    if (now < last)
        notes.push_back("the next batch, that of " + to_string(next) + ", is " + to_string(next - now)
                        + " ahead of the clock, which shows " + to_string(now) + " and was at " + to_string(last)
                        + " in an earlier run; no new batch runs until it has caught up: set it right, or wait");
}

} // namespace detail

/// Puts a graph at its beginning, with nothing to repeat. `open_sources` is called as soon as the grid is known.
template <typename Graph, typename OpenSources>
[[nodiscard]] restart_plan begin_anew(Graph& graph, batch_time now, OpenSources const& open_sources)
{
    restart_plan plan;
    graph.grid->set(batch_grid::first_start(now, graph.batch));
    plan.next = graph.grid->get().start_time();
    for (auto const& stage : graph.advancing)
        stage->begin(plan.next);
    open_sources();
    return plan;
}

/// Puts a graph where a checkpoint says, or at its beginning when there is no commit. `open_sources` is called as soon
/// as the grid is known.
///
/// *Requires* that `found` gives its groups one by one.
/// *Throws* `incompatible_checkpoint` for another batch duration where that cannot be taken over, another number of
/// key-groups, and states that this program does not have or has otherwise; `corrupt_checkpoint` for states that make no sense.
template <typename Graph, typename OpenSources>
[[nodiscard]] restart_plan take_over(Graph& graph, recovered const& found, batch_time now, any_executor const& executor,
                                     OpenSources const& open_sources)
{
    if (!found.commit)
        return begin_anew(graph, now, open_sources);
    restart_plan plan;
    plan.unusable_commits = found.unusable_commits;
    auto const& commit = *found.commit;
    detail::expect_same_settings(graph, found);
    detail::expect_same_kinds(graph, commit);
    graph.grid->set(batch_grid(commit.zero, graph.batch));
    detail::restore_stages(graph, found, graph.grid->get().restart_time(commit.time), executor, plan.notes);
    open_sources();
    detail::seek_sources(graph, commit, plan.notes);
    detail::tell_of_savepoint(graph, commit, plan.notes);
    auto last = commit.time;
    for (auto const& planned : detail::plans_to_repeat(graph, found)) {
        auto present = detail::in_present_names(graph, planned);
        detail::expect_planned_sources(graph, present);
        plan.planned.emplace(planned.time, std::move(present));
        plan.repeat.push_back(planned.time);
        last = planned.time;
    }
    detail::tell_of_lost_input(graph, plan.repeat, plan.notes);
    for (auto const& done : found.dones)
        if (plan.planned.contains(done.time))
            plan.done[done.time].insert(graph.upgrade.name_of(done.output));
    plan.next = std::max(graph.grid->get().restart_time(now), graph.grid->get().restart_time(last));
    plan.missed = detail::slept_through(graph, last, plan.next);
    detail::tell_of_clock_behind(last, plan.next, now, plan.notes);
    return plan;
}

} // namespace tidemark
