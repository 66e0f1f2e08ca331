// SPDX-License-Identifier: BSL-1.0
//
// graph_problems: all that can be wrong with the description of an application, in words.

#pragma once

#include <tidemark/checkpoint/policy.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/settings.hpp>
#include <tidemark/execution/key_layout.hpp>
#include <tidemark/stream/upgrade.hpp>
#include <tidemark/stream/window/window.hpp>
#include <tidemark/time/duration.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {

/// Collects problems, so that they are thrown together.
class graph_problems {
public:
    graph_problems(settings const& how, bool has_directory)
        : has_directory_(has_directory)
        , found_(problems_of(how))
    {}

    /// *Throws* `config_error` with every problem found, those with names last, a line each.
    void expect_none(std::string const& application_name, std::vector<std::string> const& with_names) const
    {
        auto const amount = found_.size() + with_names.size();
        if (amount == 0)
            return;
        auto all = application_name + ": " + std::to_string(amount) + (amount == 1 ? " problem" : " problems");
        for (auto const* const some : {&found_, &with_names})
            for (auto const& problem : *some)
                all += "\n  " + problem;
        throw config_error(all);
    }

    void expect_batch(duration batch)
    {
        if (batch <= duration::zero())
            note("tidemark::streaming_context: the batch duration is not positive; pass at least 1_ms (found "
                 + to_string(batch) + ")");
        else
            expect_not_longer("tidemark::streaming_context: the batch duration", batch);
    }

    void expect_remembered(duration span)
    {
        if (span <= duration::zero())
            note("tidemark::streaming_context::remembering: the span is not positive; pass at least the "
                 "batch duration (found "
                 + to_string(span) + ")");
        else
            expect_not_longer("tidemark::streaming_context::remembering: the span", span);
    }

    /// Each migration has a stage.
    template <typename Stages>
    void expect_migrated(upgrade const& said, Stages const& stages)
    {
        for (auto const& [name, migrations] : said.migrations) {
            bool known = false;
            for (auto const& stage : stages)
                known = known || stage->name() == name;
            if (!known)
                note("tidemark::streaming_context::migrated: there is no stage \"" + name
                     + "\" with a state; give the name that it has in this program");
        }
    }

    /// What is said to be called otherwise now is not in the program.
    void expect_not_renamed(upgrade const& said, std::string const& name)
    {
        if (said.renamed.contains(name))
            note("tidemark::streaming_context::renamed: \"" + name
                 + "\" is said to have another name now, and this program has it; give the new one another name");
    }

    /// Nor is what is said to be gone.
    void expect_gone(upgrade const& said, std::string const& name)
    {
        expect_not_renamed(said, name);
        if (said.dropped.contains(name))
            note("tidemark::streaming_context::dropping: \"" + name
                 + "\" is to be dropped at each start, and this program has it; give the new one another name");
    }

    void expect_migration(std::string const& stage, std::string const& unfit)
    {
        if (!unfit.empty())
            note("tidemark::streaming_context::migrated: the function for stage \"" + stage
                 + "\" does not give the states that the stage holds; return them from it (found " + unfit + ")");
    }

    void note_stranger(std::string const& source)
    {
        note("tidemark::application: " + source
             + " belongs to another streaming context; make all streams with one context");
    }

    /// What the types cannot tell of a `dstream`: an output delivered exactly once stands on none of these sources.
    void expect_repeatable(std::vector<std::string> const& sources, std::string const& output)
    {
        for (auto const& source : sources)
            note("tidemark::exactly_once: the source \"" + source + "\" of the output \"" + output
                 + "\" has no name, or cannot give a batch again after a crash; name it, and put "
                   "`| tide::write_ahead_log()` or `| tide::at_most_once()` behind it if it cannot be read again");
    }

    /// Who notes the batches of an output elsewhere tells applications apart by their names.
    void expect_named_application(std::string const& application, std::string_view kind, std::string const& output)
    {
        if (application == default_application_name)
            note("tidemark::" + std::string(kind)
                 + ": the application has no name, by which the batches of the output \"" + output
                 + "\" are told from those of other applications; give it one with streaming_context::named");
    }

    void expect_directory(std::string_view what)
    {
        if (!has_directory_)
            note("tidemark::" + std::string(what)
                 + ": the context has no checkpoint directory; pass a tide::checkpoint_directory to "
                   "streaming_context");
    }

    void expect_same_slide(std::string_view what, duration one, duration other)
    {
        if (one != other)
            note("tidemark::" + std::string(what)
                 + ": the two streams have different slides; use streams of one slide, or give "
                   "the slower one's slide to window on the other (found "
                 + to_string(one) + " and " + to_string(other) + ")");
    }

    template <typename Node>
    void expect_window(Node const& node)
    {
        auto const window_duration = node.window_duration.value();
        auto const slide_duration = node.slide_duration.value();
        auto const slide = node.parent.slide().value();
        if (slide > duration::zero()) // else reported where it comes from
            for (auto& problem : window_problems(window_duration, slide_duration, slide))
                note(std::move(problem));
        expect_not_longer("tidemark::window: the window duration", window_duration);
        expect_not_longer("tidemark::window: the slide duration", slide_duration);
    }

    void expect_partitions(std::string_view what, key_layout const& layout, std::string const& stage)
    {
        if (layout.partitions == 0 || layout.partitions > layout.groups)
            note("tidemark::" + std::string(what)
                 + "::num_partitions: the number is out of range; pass 1 to settings::key_groups, "
                 + std::to_string(layout.groups) + " (found " + std::to_string(layout.partitions) + ", stage " + stage
                 + ")");
    }

    template <typename Node>
    void expect_timeout(Node const& node, std::string const& stage)
    {
        if constexpr (requires { node.specification.idle_limit; })
            if (auto const& limit = node.specification.idle_limit;
                limit && (*limit <= duration::zero() || *limit > longest_duration))
                note("tidemark::state_spec: the timeout is not positive or too long; pass 1 ms to "
                     + to_string(longest_duration) + " (found " + to_string(*limit) + ", stage " + stage + ")");
    }

    /// True when commits may be asked for at this interval.
    [[nodiscard]] bool expect_interval(duration interval, duration slide, std::string const& stage)
    {
        expect_not_longer("tidemark::checkpoint_every: the checkpoint interval of stage " + stage, interval);
        auto problem = checkpoint_interval_problem(interval, slide, stage);
        if (!problem)
            return true;
        note(*std::move(problem));
        return false;
    }

private:
    void note(std::string problem) { found_.push_back(std::move(problem)); }

    void expect_not_longer(std::string const& what, duration found)
    {
        if (found > longest_duration)
            note(what + " is too long; pass at most " + to_string(longest_duration) + " (found " + to_string(found)
                 + ")");
    }

    bool has_directory_;
    std::vector<std::string> found_;
};

} // namespace tidemark
