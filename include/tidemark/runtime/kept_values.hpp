// SPDX-License-Identifier: BSL-1.0
//
// kept_values: the accumulators and broadcast values of an application, on their way to the checkpoint and back.

#pragma once

#include <tidemark/checkpoint/input_archive.hpp>
#include <tidemark/checkpoint/output_archive.hpp>
#include <tidemark/checkpoint/records.hpp>
#include <tidemark/checkpoint/recovery_reader.hpp>
#include <tidemark/checkpoint/schema.hpp>
#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/later.hpp>
#include <tidemark/core/owner.hpp>
#include <tidemark/execution/updates.hpp>
#include <tidemark/runtime/batch_updates.hpp>
#include <tidemark/runtime/detail/read_saved.hpp>
#include <tidemark/runtime/job_graph.hpp>
#include <tidemark/runtime/restart_plan.hpp>
#include <tidemark/time/batch_time.hpp>

#include <algorithm>
#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {
namespace detail {

/// Before the name of a broadcast value among the settings of a commit and the inputs of a plan. No source has such a
/// name.
inline constexpr std::string_view broadcast_prefix = "broadcast\n";

[[nodiscard]] inline std::string broadcast_key(std::string const& name) { return std::string(broadcast_prefix) + name; }

[[nodiscard]] inline std::vector<std::byte> with_schema(std::string const& schema, std::vector<std::byte> const& value)
{
    output_archive out;
    out << schema << value;
    return {out.bytes().begin(), out.bytes().end()};
}

/// Calls `read` with the bytes of a value that was saved with its schema. *Throws* `incompatible_checkpoint` for
/// another schema.
template <typename Read>
void read_with_schema(std::string const& what, std::string const& expected, std::span<std::byte const> saved,
                      Read const& read)
{
    std::string found;
    std::vector<std::byte> value;
    read_saved(what, [&] {
        input_archive in(saved);
        found = load<std::string>(in);
        value = load<std::vector<std::byte>>(in);
    });
    if (!schema_reads(expected, found))
        throw incompatible_checkpoint(what + ": the checkpoint holds " + found + ", and this program expects "
                                      + expected
                                      + "; give it another name, run the program that wrote it, or begin with an empty "
                                        "checkpoint directory");
    read_saved(what, [&] { read(value); });
}

} // namespace detail

/// Puts accumulators and broadcast values where a checkpoint says, and writes them down. The graph outlives it.
///
/// *Threads*: `begin`, or `restore` and `follow`, first; then `updates_of` by the generating thread, `contributions` and
/// `save` by the one that runs jobs.
template <bool Checkpointed>
class kept_values {
public:
    explicit kept_values(job_graph const& graph)
        : graph_(&graph)
    {
        find_order();
    }

    /// Puts all values in place as they begin. *Throws* what makes a broadcast value.
    void begin()
    {
        for (auto const& each : graph_->accumulators)
            each->begin();
        for (auto const& each : graph_->broadcasts)
            each->begin(false);
    }

    /// Puts all values in place: as in the checkpoint, or as they begin. Says so in `notes` where the program lacks one.
    ///
    /// *Throws* `incompatible_checkpoint` for values that this program has otherwise; what makes a broadcast value.
    void restore(recovered const& found, std::vector<std::string>& notes)
    {
        restore_accumulators(found, notes);
        restore_broadcasts(found, notes);
    }

    /// Takes over what outputs have added that an earlier run has published, of the batches that `plan` repeats.
    ///
    /// *Throws* as `restore`.
    void follow(recovered const& found, restart_plan const& plan)
    {
        for (auto const& done : found.dones) {
            if (!plan.planned.contains(done.time))
                continue; // it will be another batch
            std::map<std::string, updates> made;
            for (auto const& each : done.contributions)
                read_contribution(done.time, each, made);
            written_[done.time].merge(std::move(made)); // of a producer that stands in several records the first counts
        }
    }

    /// Where the updates of a batch are to go; they begin with what an earlier run has written down.
    [[nodiscard]] owner<batch_updates> updates_of(batch_time time)
    {
        auto known = make_owner<batch_updates>();
        if constexpr (Checkpointed)
            if (auto const found = written_.find(time); found != written_.end()) {
                for (auto& [producer, made] : found->second)
                    known->record_known(producer, std::move(made));
                written_.erase(found);
            }
        return known;
    }

    /// What the DONE of an output must say: its own updates, and those of what was computed for it.
    [[nodiscard]] static std::vector<contribution> contributions(std::string const& output, updates const& own,
                                                                 batch_updates const& others)
    {
        std::vector<contribution> all;
        auto const write = [&all](std::string const& producer, updates const& made) {
            for (auto const& each : made.entries()) {
                if (each.cell->name().empty())
                    continue; // of an rdd: no checkpoint knows it
                output_archive out;
                out << producer << detail::with_schema(each.cell->schema(), each.cell->save_part(*each.part));
                all.push_back({each.cell->name(), {out.bytes().begin(), out.bytes().end()}});
            }
        };
        others.for_each_unwritten(write);
        write(detail::output_producer(output), own);
        return all;
    }

    /// *Throws* `usage_error` for updates of an accumulator that no commit of this application would hold.
    void expect_own(batch_updates const& all) const
    {
        all.for_each([this](updates const& made) {
            for (auto const& each : made.entries())
                if (!each.cell->name().empty() && !is_own(*each.cell))
                    throw usage_error("tidemark::accumulator: \"" + each.cell->name()
                                      + "\" was made by another streaming_context, or after application(), so that no "
                                        "checkpoint of the application \""
                                      + graph_->application_name
                                      + "\" would hold it; make it with this context, before application()");
        });
    }

    /// In which order the updates of a batch count.
    [[nodiscard]] std::vector<std::string> const& order() const { return order_; }

    void save(commit_record& record) const
    {
        record.accumulators = unknown_accumulators_;
        for (auto const& each : graph_->accumulators)
            record.accumulators.insert_or_assign(each->name(), detail::with_schema(each->schema(), each->save()));
        for (auto const& [key, bytes] : unknown_broadcasts_)
            record.settings.insert_or_assign(key, bytes);
        for (auto const& each : graph_->broadcasts)
            record.settings.insert_or_assign(detail::broadcast_key(each->name()),
                                             detail::with_schema(each->schema(), each->save()));
    }

private:
    [[nodiscard]] bool is_own(accumulator_cell const& cell) const
    {
        auto const& own = graph_->accumulators;
        return std::any_of(own.begin(), own.end(), [&](auto const& each) { return each.get() == &cell; });
    }

    void find_order()
    {
        order_.emplace_back(detail::generation_producer);
        for (std::size_t i = 1; i <= graph_->stages.size(); ++i)
            order_.push_back(detail::stage_producer(i));
        for (auto const& each : graph_->advancing)
            order_.push_back(detail::state_producer(each->name()));
        for (auto const& each : graph_->outputs)
            order_.push_back(detail::output_producer(each->name()));
    }

    void restore_accumulators(recovered const& found, std::vector<std::string>& notes)
    {
        if (found.commit)
            for (auto const& [name, bytes] : found.commit->accumulators)
                if (!graph_->upgrade.dropped.contains(name))
                    unknown_accumulators_.emplace(graph_->upgrade.name_of(name), bytes);
        for (auto const& each : graph_->accumulators) {
            auto const saved = unknown_accumulators_.find(each->name());
            if (saved == unknown_accumulators_.end()) {
                each->begin();
                continue;
            }
            detail::read_with_schema("accumulator \"" + each->name() + "\"", each->schema(), saved->second,
                                     [&](std::span<std::byte const> value) { each->restore(value); });
            unknown_accumulators_.erase(saved);
        }
        for (auto const& [name, bytes] : unknown_accumulators_)
            notes.push_back("the accumulator \"" + name
                            + "\" of the checkpoint is not in this program; its value is kept as it is");
    }

    void restore_broadcasts(recovered const& found, std::vector<std::string>& notes)
    {
        if (found.commit)
            for (auto const& [key, bytes] : found.commit->settings)
                if (key.starts_with(detail::broadcast_prefix)) {
                    auto const name = key.substr(detail::broadcast_prefix.size());
                    if (!graph_->upgrade.dropped.contains(name))
                        unknown_broadcasts_.emplace(detail::broadcast_key(graph_->upgrade.name_of(name)), bytes);
                }
        for (auto const& each : graph_->broadcasts) {
            auto const saved = unknown_broadcasts_.find(detail::broadcast_key(each->name()));
            if (saved == unknown_broadcasts_.end()) {
                each->begin(found.commit.has_value());
                continue;
            }
            detail::read_with_schema("broadcast value \"" + each->name() + "\"", each->schema(), saved->second,
                                     [&](std::span<std::byte const> value) { each->restore(value); });
            unknown_broadcasts_.erase(saved);
        }
        for (auto const& [key, bytes] : unknown_broadcasts_)
            notes.push_back("the broadcast value \"" + key.substr(detail::broadcast_prefix.size())
                            + "\" of the checkpoint is not in this program; it is kept as it is");
    }

    /// What the program no longer adds up is dropped, for its value stands still.
    void read_contribution(batch_time time, contribution const& saved, std::map<std::string, updates>& made) const
    {
        auto const& name = graph_->upgrade.name_of(saved.accumulator);
        auto const cell = std::find_if(graph_->accumulators.begin(), graph_->accumulators.end(),
                                       [&](auto const& each) { return each->name() == name; });
        if (cell == graph_->accumulators.end())
            return;
        auto const what = "accumulator \"" + saved.accumulator + "\", batch " + to_string(time);
        std::string producer;
        std::vector<std::byte> part;
        detail::read_saved(what, [&] {
            input_archive in(saved.bytes);
            producer = load<std::string>(in);
            part = load<std::vector<std::byte>>(in);
        });
        detail::read_with_schema(what, (*cell)->schema(), part, [&](std::span<std::byte const> value) {
            made[producer].add(*cell, (*cell)->load_part(value));
        });
    }

    job_graph const* graph_;
    std::vector<std::string> order_;
    named_bytes unknown_accumulators_;
    named_bytes unknown_broadcasts_;
    later<std::map<batch_time, std::map<std::string, updates>>, std::bool_constant<Checkpointed>>
        written_; // by an earlier run, by producer
};

} // namespace tidemark
