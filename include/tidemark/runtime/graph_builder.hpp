// SPDX-License-Identifier: BSL-1.0
//
// graph_builder: from the description of an application to its stages, one for each node id.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/core/fixed_string.hpp>
#include <tidemark/core/owner.hpp>
#include <tidemark/expression/boundary.hpp>
#include <tidemark/expression/node_id.hpp>
#include <tidemark/runtime/advancing_stage.hpp>
#include <tidemark/runtime/batch_updates.hpp>
#include <tidemark/runtime/boundary_stages.hpp>
#include <tidemark/runtime/foundation.hpp>
#include <tidemark/runtime/graph_problems.hpp>
#include <tidemark/runtime/incremental_window_stage.hpp>
#include <tidemark/runtime/job_graph.hpp>
#include <tidemark/runtime/keyed_state_stage.hpp>
#include <tidemark/runtime/map_with_state_stage.hpp>
#include <tidemark/runtime/output_stage.hpp>
#include <tidemark/runtime/sliding_stage.hpp>
#include <tidemark/runtime/source_stage.hpp>
#include <tidemark/runtime/stage.hpp>
#include <tidemark/runtime/stage_names.hpp>
#include <tidemark/runtime/state_snapshots_stage.hpp>
#include <tidemark/runtime/transform_stage.hpp>
#include <tidemark/runtime/update_state_by_key_stage.hpp>
#include <tidemark/runtime/window_stage.hpp>
#include <tidemark/stream/checkpoint_every.hpp>
#include <tidemark/stream/dstream.hpp>
#include <tidemark/stream/exactly_once.hpp>
#include <tidemark/stream/output.hpp>
#include <tidemark/stream/remember_durations.hpp>
#include <tidemark/stream/source.hpp>
#include <tidemark/stream/stateful/map_with_state.hpp>
#include <tidemark/stream/stateful/state_snapshots.hpp>
#include <tidemark/stream/stateful/update_state_by_key.hpp>
#include <tidemark/stream/stream_leaf.hpp>
#include <tidemark/stream/streaming_context.hpp>
#include <tidemark/stream/transform.hpp>
#include <tidemark/stream/window/incremental_window.hpp>
#include <tidemark/stream/window/reduce_by_key_and_window.hpp>
#include <tidemark/stream/window/window.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace tidemark {

/// Builds a `job_graph`, output by output. Problems are collected and thrown together by `finish`.
///
/// A template so that only files that make an application pay for it.
template <typename Graph>
class basic_graph_builder {
public:
    basic_graph_builder(context_properties const& properties, duration batch)
        : context_(properties.id)
        , remember_(properties.remember)
        , problems_(properties.settings, properties.directory.has_value())
    {
        graph_.application_name = properties.application_name;
        graph_.batch = batch;
        graph_.settings = properties.settings;
        auto const& how = properties.settings; // where it breaks a rule, stages are made as if it did not
        graph_.layout = {settings_rules::partitions(how) ? how.partitions : settings{}.partitions,
                         settings_rules::key_groups(how) ? how.key_groups : settings{}.key_groups};
        graph_.accumulators = properties.shared->accumulators();
        graph_.broadcasts = properties.shared->broadcasts();
        graph_.upgrade = properties.upgrade;
        for (auto const& each : graph_.accumulators)
            names_.accumulator(each->name());
        for (auto const& each : graph_.broadcasts)
            names_.broadcast(each->name());
        problems_.expect_batch(batch);
        if (remember_)
            problems_.expect_remembered(*remember_);
    }

    template <typename Parent, fixed_string Name, typename Action, delivery Delivery>
    void add(output<Parent, Name, Action, Delivery> const& out)
    {
        if (graph_.batch <= duration::zero() || graph_.batch > longest_duration)
            return; // without a batch duration there is no slide to check anything against
        below_ = {};
        parents_.clear();
        auto line = line_of(out.parent);
        auto const name = names_.output(Name.view(), out.kind);
        if constexpr (Delivery == delivery::exactly_once) {
            problems_.expect_repeatable(below_.unrepeatable, name);
            graph_.plans_durable = true;
        }
        if constexpr (requires { requires Action::notes_batches; })
            problems_.expect_named_application(graph_.application_name, out.kind, name);
        if constexpr (requires { out.action.target(); })
            names_.target(out.action.target());
        graph_.description += name + ":\n" + std::string(describe<Parent>());
        graph_.outputs.push_back(make_owner<action_stage<Parent, Action>>(identity_of(name, out.kind), above_in_order(),
                                                                          out, std::move(line), *graph_.grid));
    }

    /// *Throws* `config_error` with every problem found, a line each.
    [[nodiscard]] Graph finish() &&
    {
        expect_upgraded();
        problems_.expect_none(graph_.application_name, names_.problems());
        if (graph_.intervals.empty()) // nothing asks for commits, and the log of batches must end somewhere
            graph_.intervals.push_back(duration(default_checkpoint_ms(graph_.batch.count())));
        if (remember_)
            remember_all();
        return std::move(graph_);
    }

private:
    template <stream_expression E>
    friend class erased_stream;

    template <stream_expression E>
    [[nodiscard]] stream_line<chain_t<E>> line_of(E const& e)
    {
        return {stage_of(origin_of(e)), steps_of(e)};
    }

    /// The stage of a node that exists already, now shared by one more reader; or a new one made by `make`.
    template <typename Record, typename Make>
    [[nodiscard]] std::shared_ptr<dataset_stage<Record>> once(std::uint64_t id, Make const& make)
    {
        if (auto const found = built_.find(id); found != built_.end()) {
            auto same = std::static_pointer_cast<dataset_stage<Record>>(found->second.made);
            same->share();
            below_.add(found->second.below);
            parents_.push_back(found->second.place);
            return same;
        }
        auto const outside = std::exchange(below_, {});
        auto beside = std::exchange(parents_, {});
        auto const facts = std::exchange(facts_, {});
        std::shared_ptr<dataset_stage<Record>> const made = make();
        built_.emplace(id, known{made, below_, graph_.stages.size()});
        graph_.by_id.emplace(id, made);
        keep(made, std::move(beside));
        facts_ = facts;
        if (!graph_.accumulators.empty())
            made->count_as(detail::stage_producer(graph_.stages.size()));
        below_.add(outside);
        return made;
    }

    /// Takes a new stage in, which stands on `parents_`, and goes back to one that stands beside it.
    void keep(std::shared_ptr<stage> made, std::vector<std::size_t> beside)
    {
        facts_.parents = std::exchange(parents_, std::move(beside));
        if (facts_.slide == duration::zero())
            facts_.slide = facts_.parents.empty() ? graph_.batch : remembered_[facts_.parents.front()].slide;
        parents_.push_back(graph_.stages.size());
        remembered_.push_back(std::exchange(facts_, {}));
        graph_.stages.push_back(std::move(made));
    }

    void expect_upgraded()
    {
        problems_.expect_migrated(graph_.upgrade, graph_.advancing);
        auto const expect_gone = [this](auto const& all) {
            for (auto const& each : all)
                problems_.expect_gone(graph_.upgrade, each->name());
        };
        expect_gone(graph_.advancing);
        expect_gone(graph_.sources);
        expect_gone(graph_.accumulators);
        expect_gone(graph_.broadcasts);
        for (auto const& output : graph_.outputs) // of which nothing is dropped
            problems_.expect_not_renamed(graph_.upgrade, output->name());
    }

    /// What a checkpoint interval needs is in the log and not in datasets, so it keeps none.
    void remember_all()
    {
        auto const spans = remember_durations(remembered_, *remember_);
        for (std::size_t place = 0; place < spans.size(); ++place)
            graph_.stages[place]->remember(spans[place]);
    }

    template <stream_source Source, typename Level, bool Named>
    [[nodiscard]] auto stage_of(stream_leaf<Source, Level, Named> const& leaf)
    {
        return once<typename Source::record_type>(leaf.id.value(), [&] {
            if (!(leaf.context == context_))
                problems_.note_stranger(leaf.source.describe());
            auto made = std::make_shared<leaf_stage<Source>>(names_.source(leaf.label, Source::name), leaf.source);
            if constexpr (!Named || !repeatable_source<Source>)
                foundation::add(below_.unrepeatable, made->name());
            if constexpr (!Source::replayable)
                below_.forgets = true;
            if constexpr (requires { requires Source::plan_holds_records; })
                graph_.plans_durable = true;
            graph_.sources.push_back(made);
            return made;
        });
    }

    template <computed_boundary Node>
    [[nodiscard]] auto stage_of(Node const& node)
    {
        return once<record_t<Node>>(node.id.value(), [&] {
            auto parent = line_of(node.parent);
            using chain = chain_t<decltype(node.parent)>;
            return std::make_shared<computed_stage<Node, chain>>(node, std::move(parent), *graph_.environment);
        });
    }

    template <computed_pair_boundary Node>
    [[nodiscard]] auto stage_of(Node const& node)
    {
        return once<record_t<Node>>(node.id.value(), [&] {
            problems_.expect_same_slide(Node::name, node.first.slide().value(), node.second.slide().value());
            auto first = line_of(node.first);
            auto second = line_of(node.second);
            using made = computed_pair_stage<Node, chain_t<decltype(node.first)>, chain_t<decltype(node.second)>>;
            return std::make_shared<made>(node, std::move(first), std::move(second), *graph_.environment);
        });
    }

    template <computed_list_boundary Node>
    [[nodiscard]] auto stage_of(Node const& node)
    {
        return once<record_t<Node>>(node.id.value(), [&] {
            using chain = chain_t<std::remove_cvref_t<decltype(node.all.front())>>;
            return std::make_shared<computed_list_stage<Node, chain>>(node, lines_of(Node::name, node.all),
                                                                      *graph_.environment);
        });
    }

    template <typename Parent, typename Interval>
    [[nodiscard]] auto stage_of(checkpointed<Parent, Interval> const& node)
    {
        return once<record_t<Parent>>(node.id.value(), [&] {
            auto parent = line_of(node.parent);
            problems_.expect_directory("checkpoint_every");
            ask_for_commits(node, "checkpoint_every");
            return std::make_shared<passing_stage<chain_t<Parent>>>(std::move(parent));
        });
    }

    template <typename Parent, fixed_string Name, typename Window, typename Every>
    [[nodiscard]] auto stage_of(windowed<Parent, Name, Window, Every> const& node)
    {
        return once<record_t<Parent>>(node.id.value(), [&] {
            auto parent = line_of(node.parent);
            auto const window_duration = node.window_duration.value();
            auto const slide_duration = node.slide_duration.value();
            auto const slide = node.parent.slide().value();
            problems_.expect_window(node);
            auto const name = names_.stage(node, with_durations("window", node));
            facts_.window = window_duration;
            facts_.slide = slide_duration;
            using made_type = window_stage<chain_t<Parent>>;
            auto made = std::make_shared<made_type>(
                typename made_type::shape{name, window_duration, slide_duration, slide, graph_.grid.get()},
                std::move(parent));
            advance_with(made);
            return made;
        });
    }

    /// Pairs joined by key over a window are made from those of the window before.
    template <typename Parent, fixed_string Name, typename Window, typename Every, typename Reduction>
    [[nodiscard]] auto
    stage_of(keyed<windowed<Parent, Name, Window, Every>, window_reduce_aggregation<Reduction>> const& node)
    {
        using node_type = keyed<windowed<Parent, Name, Window, Every>, window_reduce_aggregation<Reduction>>;
        return once<record_t<node_type>>(node.id.value(), [&] {
            auto covered = stage_of(node.parent);
            auto const& window = node.parent;
            auto const slide = window.parent.slide().value();
            auto const width = slide > duration::zero() ? window.window_duration.value() / slide : 1;
            return std::make_shared<sliding_stage<node_type>>(node, std::move(covered),
                                                              std::max<std::int64_t>(width, 1), *graph_.environment);
        });
    }

    template <incremental_window_node Node>
    [[nodiscard]] auto stage_of(Node const& node)
    {
        return once<record_t<Node>>(node.id.value(), [&] {
            auto parent = line_of(node.parent);
            using chain = chain_t<decltype(node.parent)>;
            problems_.expect_window(node);
            auto const name = names_.stage(node, with_durations(Node::kind, node));
            problems_.expect_directory(Node::kind);
            ask_for_commits(node, name);
            facts_.window = node.window_duration.value();
            facts_.slide = node.slide_duration.value();
            auto const interval = node.slide().value() > duration::zero() ? node.interval() : duration::zero();
            auto made = std::make_shared<incremental_window_stage<Node, chain>>(
                node, state_place{name, node.parent.slide().value(), interval, graph_.layout, graph_.grid.get()},
                std::move(parent));
            advance_with(made);
            return made;
        });
    }

    template <typename Parent, fixed_string Name, typename Specification, typename Policy>
    [[nodiscard]] auto stage_of(map_with_state_node<Parent, Name, Specification, Policy> const& node)
    {
        return state_stage<map_with_state_stage>(node);
    }

    template <typename Parent, fixed_string Name, typename Function, typename Policy>
    [[nodiscard]] auto stage_of(update_state_by_key_node<Parent, Name, Function, Policy> const& node)
    {
        return state_stage<update_state_by_key_stage>(node);
    }

    template <template <typename, typename> typename Stage, typename Node>
    [[nodiscard]] auto state_stage(Node const& node)
    {
        return once<record_t<Node>>(node.id.value(), [&] {
            auto parent = line_of(node.parent);
            using chain = chain_t<decltype(node.parent)>;
            auto const slide = node.slide().value();
            auto const name = names_.stage(node, std::string(Node::kind));
            problems_.expect_directory(Node::kind);
            ask_for_commits(node, name);
            problems_.expect_timeout(node, name);
            auto const interval = slide > duration::zero() ? node.interval() : duration::zero();
            auto made = std::make_shared<Stage<Node, chain>>(
                node, state_place{name, slide, interval, layout_of(node, name), graph_.grid.get()}, std::move(parent));
            advance_with(made);
            return made;
        });
    }

    template <typename Tracked>
    [[nodiscard]] auto stage_of(state_snapshots_node<Tracked> const& node)
    {
        using parent_chain = chain_t<decltype(node.tracked.parent)>;
        using tracked_stage = map_with_state_stage<Tracked, parent_chain>;
        auto beside = std::exchange(parents_, {});
        auto tracked = std::static_pointer_cast<tracked_stage>(stage_of(node.tracked));
        auto made = std::make_shared<state_snapshots_stage<tracked_stage>>(std::move(tracked));
        graph_.snapshots.emplace(node.tracked.id.value(), made);
        keep(made, std::move(beside));
        return std::shared_ptr<dataset_stage<record_t<state_snapshots_node<Tracked>>>>(made);
    }

    template <typename Function, typename... Streams>
    [[nodiscard]] auto stage_of(transformed<Function, Streams...> const& node)
    {
        using made_type = transform_stage<transformed<Function, Streams...>, Streams...>;
        return once<record_t<transformed<Function, Streams...>>>(node.id.value(), [&] {
            return std::apply(
                [&](auto const&... streams) {
                    (problems_.expect_same_slide(node.name, node.slide().value(), streams.slide().value()), ...);
                    // in braces: built in the order of the streams
                    std::tuple<stream_line<chain_t<Streams>>...> lines{line_of(streams)...};
                    return std::apply(
                        [&](auto&... line) {
                            return std::make_shared<made_type>(node, *graph_.environment, std::move(line)...);
                        },
                        lines);
                },
                node.streams);
        });
    }

    template <typename Function, typename Parent>
    [[nodiscard]] auto stage_of(transformed_list<Function, Parent> const& node)
    {
        using node_type = transformed_list<Function, Parent>;
        return once<record_t<node_type>>(node.id.value(), [&] {
            return std::make_shared<transform_list_stage<node_type, chain_t<Parent>>>(
                node, *graph_.environment, lines_of(node.name, node.streams));
        });
    }

    template <record T>
    [[nodiscard]] std::shared_ptr<dataset_stage<T>> stage_of(dstream<T> const& stream); // see dstream_stage.hpp

    template <typename Stream>
    [[nodiscard]] auto lines_of(std::string_view what, std::vector<Stream> const& streams)
    {
        std::vector<stream_line<chain_t<Stream>>> lines;
        lines.reserve(streams.size());
        for (auto const& stream : streams) {
            problems_.expect_same_slide(what, streams.front().slide().value(), stream.slide().value());
            lines.push_back(line_of(stream));
        }
        return lines;
    }

    [[nodiscard]] output_identity identity_of(std::string const& name, std::string_view kind) const
    {
        auto const whole = [this](std::string const& output) { return graph_.application_name + '/' + output; };
        output_identity identity{name, std::string(kind), whole(name), {}, below_.forgets};
        for (auto const& [before, now] : graph_.upgrade.renamed)
            if (now == name)
                identity.former_names.push_back(whole(before));
        return identity;
    }

    [[nodiscard]] std::vector<advancing_stage*> above_in_order() const
    {
        std::vector<advancing_stage*> ordered;
        for (auto const& each : graph_.advancing)
            if (std::find(below_.advancing.begin(), below_.advancing.end(), each.get()) != below_.advancing.end())
                ordered.push_back(each.get());
        return ordered;
    }

    template <typename Stage>
    void advance_with(std::shared_ptr<Stage> const& made)
    {
        made->stand_on(above_in_order());
        if (auto const found = graph_.upgrade.migrations.find(made->name()); found != graph_.upgrade.migrations.end())
            problems_.expect_migration(made->name(), made->migrate_from(found->second));
        graph_.advancing.push_back(made);
        below_.advancing.push_back(made.get());
    }

    template <typename Node>
    [[nodiscard]] static std::string with_durations(std::string_view what, Node const& node)
    {
        return std::string(what) + "(" + to_string(node.window_duration.value()) + ", "
               + to_string(node.slide_duration.value()) + ")";
    }

    /// How the keys of a state lie, in as many partitions as it asks for.
    template <typename Node>
    [[nodiscard]] key_layout layout_of(Node const& node, std::string const& stage)
    {
        auto layout = graph_.layout;
        if constexpr (requires { node.partitions(); })
            if (auto const& asked = node.partitions()) {
                layout.partitions = *asked;
                problems_.expect_partitions(Node::kind, layout, stage);
            }
        return layout;
    }

    template <typename Node>
    void ask_for_commits(Node const& node, std::string const& stage)
    {
        auto const slide = node.slide().value();
        if (slide <= duration::zero())
            return; // reported where it comes from
        auto const interval = interval_of(node);
        if (problems_.expect_interval(interval, slide, stage))
            graph_.intervals.push_back(interval);
    }

    template <typename Node>
    [[nodiscard]] static duration interval_of(Node const& node)
    {
        if constexpr (requires { node.interval(); })
            return node.interval();
        else
            return node.interval.value();
    }

    struct known {
        std::shared_ptr<stage> made;
        foundation below;
        std::size_t place; // among the stages
    };

    node_id context_;
    std::optional<duration> remember_;
    graph_problems problems_;
    Graph graph_;
    std::map<std::uint64_t, known> built_;
    foundation below_;                          // of what is being built
    std::vector<std::size_t> parents_;          // the same: the stages that it reads
    remembered_stream facts_;                   // the same: what it knows of itself
    std::vector<remembered_stream> remembered_; // of each stage
    stage_names names_;
};

} // namespace tidemark
