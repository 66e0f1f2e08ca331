// SPDX-License-Identifier: BSL-1.0
//
// keyed_state_stage: what all stages with a keyed state have: their input, the table, and its way to disk and back.

#pragma once

#include <tidemark/checkpoint/input_archive.hpp>
#include <tidemark/checkpoint/records.hpp>
#include <tidemark/checkpoint/row_archive.hpp>
#include <tidemark/checkpoint/saved_groups.hpp>
#include <tidemark/checkpoint/schema.hpp>
#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/core/bitwise.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/events.hpp>
#include <tidemark/core/key_hash.hpp>
#include <tidemark/execution/exchange.hpp>
#include <tidemark/execution/executor.hpp>
#include <tidemark/execution/key_layout.hpp>
#include <tidemark/execution/key_placement.hpp>
#include <tidemark/expression/partitioner.hpp>
#include <tidemark/expression/row.hpp>
#include <tidemark/runtime/advancing_stage.hpp>
#include <tidemark/runtime/detail/read_saved.hpp>
#include <tidemark/runtime/grid_cell.hpp>
#include <tidemark/runtime/stage.hpp>
#include <tidemark/runtime/state_datasets.hpp>
#include <tidemark/runtime/waiting_lines.hpp>
#include <tidemark/state/held_state.hpp>
#include <tidemark/state/keyed_state.hpp>
#include <tidemark/time/batch_time.hpp>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace tidemark {

/// Where a stage with a state stands in the graph.
struct state_place {
    std::string name;
    duration slide;
    duration interval;
    key_layout layout;
    grid_cell const* grid;
};

/// The base of stages that keep a `State` for each `Key`. A batch is all or nothing: what fails is rolled back.
template <typename Key, typename Value, typename State, typename Chain>
class keyed_state_stage : public advancing_stage {
public:
    /// `rule` is the program's own partitioner; null: by `key_hash`.
    keyed_state_stage(state_place place, stream_line<Chain> parent,
                      std::optional<std::int64_t> idle_limit = std::nullopt,
                      std::shared_ptr<partition_rule_of<Key> const> rule = nullptr)
        : place_(std::move(place))
        , rule_(std::move(rule))
        , parent_(std::move(parent))
        , shown_(std::make_shared<shown_states<Key, State>>(place_.layout.groups, idle_limit))
        , states_(shown_->table)
    {}

    void generate(batch_time time) override
    {
        if (!place_.grid->is_valid(time, place_.slide))
            return;
        fed_ = inputs_.put(time, parent_) || fed_;
    }

    std::exception_ptr advance(batch_time time, any_executor const& executor) override
    {
        auto const input = inputs_.take(time);
        if (!input)
            return nullptr;
        auto const& line = *input;
        if (collects_)
            collected_.resize(layout().groups);
        try {
            auto coming = line ? gather(time, *line, executor) : exchange<Key, Value>(0, layout());
            step(time, line.has_value(), coming, executor);
        } catch (...) {
            for (std::size_t group = 0; group < layout().groups; ++group)
                states_.rollback(group);
            collected_.clear();
            throw;
        }
        for (std::size_t group = 0; group < layout().groups; ++group)
            states_.finish(group);
        shown_->after.store(time.count(), std::memory_order_release);
        advanced(time, executor);
        return nullptr;
    }

    [[nodiscard]] stage_image describe() const override
    {
        return {place_.name,
                std::string(kind()),
                schema_of<Key>(),
                schema_of<State>(),
                rule_ ? image_by_rule : image_by_hash,
                {}};
    }

    /// A run for each group that has changed, or the group where that is no longer. The one numbered past the last
    /// group holds what belongs to the stage as a whole.
    [[nodiscard]] stage_changes take_changes(any_executor const& executor) override
    {
        stage_changes changes;
        changes.anew = std::exchange(anew_, true); // until all is given
        try {
            if (changes.anew)
                take_all_groups(changes, executor);
            else
                take_changed_groups(changes, executor);
            if (changes.anew || saved_begun_ != begun_)
                changes.bases.push_back(base(first_of_stage()));
            take_more(changes);
        } catch (...) {
            settle();
            throw;
        }
        settle();
        saved_begun_ = begun_;
        anew_ = false;
        collects_ = true;
        return changes;
    }

    [[nodiscard]] group_image base(std::uint32_t group) const override
    {
        if (group > first_of_stage())
            return base_of_more(group);
        if (group == first_of_stage())
            return {group, 1, to_bytes(begun_)};
        entries out(states_.size(group));
        states_.for_each(
            group, [&out](Key const& key, held_state<State> const& held) { out.add(key, held.value, held.updated); });
        return {group, states_.size(group), out.take()};
    }

    void settle() override
    {
        for (std::size_t group = 0; group < layout().groups; ++group)
            if (collected_.empty() || !collected_[group].are_known)
                states_.settle(group);
        collected_.clear();
        collects_ = false;
    }

    void restore(stage_image const& image, stage_groups const& groups, any_executor const& executor) override
    {
        migration_ = expect_schema(image);
        moves_ = rule_ != nullptr || image.version == image_by_rule;
        auto one = [&](std::size_t number) { restore_group(groups.take(number)); };
        if (moves_) // keys of one group go to several
            move_groups(groups);
        else
            executor.run(groups.size(), one);
        fed_ = saved_begun_ = begun_;
        auto const now = describe();
        anew_ = moves_ || migration_ || now.version != image.version || now.key_schema != image.key_schema
                || now.state_schema != image.state_schema;
    }

    [[nodiscard]] std::string
    migrate_from(std::vector<std::shared_ptr<state_migration const>> const& migrations) override
    {
        for (auto const& each : migrations) {
            auto own = std::dynamic_pointer_cast<state_migration_to<State> const>(each);
            if (!own)
                return each->made() + ", and the stage holds " + schema_of<State>();
            migrations_.push_back(std::move(own));
        }
        return {};
    }

    [[nodiscard]] std::string const& name() const override { return place_.name; }
    [[nodiscard]] duration interval() const override { return place_.interval; }
    [[nodiscard]] stage_info info() const override
    {
        return {place_.name, std::string(kind()), states_.size(), states_.memory_bytes()};
    }

protected:
    /// *Throws* what kept `time` from being generated.
    void check(batch_time time) const { inputs_.check(time); }
    void forget_inputs(batch_time done) { inputs_.forget(done); }
    [[nodiscard]] std::size_t inputs_kept() const { return inputs_.kept(); }

    /// Brings the records of a batch together by key.
    [[nodiscard]] virtual exchange<Key, Value> gather(batch_time, pipeline<Chain> const& line,
                                                      any_executor const& executor)
    {
        if (!rule_)
            return exchange_all(line, layout(), executor);
        auto sent = exchange_all(line, layout(), executor, group_place<Key>(layout(), *rule_));
        for (auto& run : sent.runs())
            for (std::size_t group = 0; group < layout().groups; ++group)
                for (auto& record : run.group(group))
                    record.hash = key_hash(record.key); // as the table knows it
        return sent;
    }
    /// Brings the states from the batch before to `time`. `fed` tells an empty dataset from none.
    virtual void step(batch_time time, bool fed, exchange<Key, Value>& coming, any_executor const& executor) = 0;
    /// The step has succeeded, and the states are those after `time`.
    virtual void advanced(batch_time time, any_executor const& executor) = 0;

    /// Copies all states, for those who will look at them when there are others.
    void copy_states(awaited_dataset<std::pair<Key, State>>& to, any_executor const& executor)
    {
        for_each_group(executor, [&](std::size_t partition, std::size_t group) {
            to.append(partition, [&](row<std::pair<Key, State>>& copies) {
                states_.for_each(group, [&](Key const& key, held_state<State> const& held) {
                    copies.emplace_back(key, held.value);
                });
            });
        });
        to.publish();
    }

    /// The number of the group image that holds what belongs to the stage as a whole.
    [[nodiscard]] std::uint32_t first_of_stage() const { return static_cast<std::uint32_t>(layout().groups); }

    /// Adds what has changed beside the states, in group images numbered past that of the stage as a whole: everything,
    /// where all is saved anew.
    virtual void take_more(stage_changes&) {}
    [[nodiscard]] virtual group_image base_of_more(std::uint32_t group) const { return {group, 0, {}}; }

    /// Takes back what the stage has saved beside its states, in group images numbered past that of the stage as a whole.
    /// *Threads*: called from several, an image each.
    virtual void restore_more(group_image const& saved)
    {
        throw corrupt_checkpoint("stage \"" + place_.name + "\": key-group " + std::to_string(saved.group)
                                 + " was found, and there are " + std::to_string(layout().groups));
    }

    /// Calls `work(partition, group)` for every group, the groups of one partition one after the other.
    template <typename Work>
    void for_each_group(any_executor const& executor, Work const& work)
    {
        auto one = [&](std::size_t partition) {
            for (auto group = partition; group < layout().groups; group += layout().partitions)
                work(partition, group);
        };
        executor.run(layout().partitions, one);
    }

    /// To be called where the batch has changed a group for the last time, while what has changed is in the nearest
    /// cache. *Threads*: different groups at once.
    void changed_for_good(std::size_t group)
    {
        if (!collected_.empty())
            collect(group);
    }

    /// Puts states in place to begin with, as updated at `updated`.
    template <typename States>
    void begin_with(States const& states, batch_time updated)
    {
        for (auto const& [key, value] : states)
            states_.restore(group_of(Key(key)), Key(key), {value, updated.count()});
        for (std::size_t group = 0; group < layout().groups; ++group)
            states_.settle(group);
        anew_ = true;
    }

    [[nodiscard]] state_place const& place() const { return place_; }
    [[nodiscard]] key_layout const& layout() const { return place_.layout; }
    [[nodiscard]] std::size_t group_of(Key const& key) const
    {
        return layout().group(rule_ ? group_place<Key>(layout(), *rule_)(key) : key_hash(key));
    }
    /// How the keys lie, for those who read the states.
    [[nodiscard]] key_partitioning partitioning() const
    {
        return {layout().partitions, rule_ ? std::bit_ceil(layout().partitions) : layout().groups, rule_};
    }
    [[nodiscard]] keyed_state<Key, State>& states() { return states_; }
    /// The same for datasets, which may be read when the stage is gone.
    [[nodiscard]] std::shared_ptr<shown_states<Key, State> const> shown() const { return shown_; }
    /// Some batch generated so far, or restored, had a dataset.
    [[nodiscard]] bool fed() const { return fed_; }
    /// Some batch run so far, or restored, had a dataset; saved with the states.
    [[nodiscard]] bool begun() const { return begun_; }
    void set_begun() { begun_ = true; }

private:
    /// A key, its state, and the time of its last update.
    using entries = row_archive<Key, State, std::int64_t>;

    /// What a batch has changed in a group, as it is saved.
    struct group_changes {
        std::optional<group_image> base;
        std::optional<group_run> run;
        std::exception_ptr failure;
        bool are_known = false;
    };

    void take_all_groups(stage_changes& changes, any_executor const& executor)
    {
        std::vector<std::optional<group_image>> bases(layout().groups);
        for_each_group(executor, [&](std::size_t, std::size_t group) {
            if (states_.size(group) != 0)
                bases[group] = base(static_cast<std::uint32_t>(group));
        });
        for (auto& each : bases)
            if (each)
                changes.bases.push_back(*std::move(each));
    }

    void take_changed_groups(stage_changes& changes, any_executor const& executor)
    {
        collected_.resize(layout().groups);
        for_each_group(executor, [&](std::size_t, std::size_t group) {
            if (!collected_[group].are_known)
                collect(group);
        });
        for (std::uint32_t group = 0; group < first_of_stage(); ++group) {
            auto& each = collected_[group];
            if (each.failure)
                std::rethrow_exception(each.failure);
            if (each.base)
                changes.bases.push_back(*std::move(each.base));
            if (each.run)
                changes.runs.push_back({group, *std::move(each.run)});
        }
    }

    void collect(std::size_t group)
    {
        auto& changes = collected_[group];
        changes.are_known = true;
        auto const changed = states_.changed(group);
        try {
            if (changed != 0 && changed == states_.size(group))
                changes.base = base(static_cast<std::uint32_t>(group));
            else
                changes.run = run_of(group, changed);
        } catch (...) { // a serialize of the program; the batch itself is none the worse
            changes.failure = std::current_exception();
        }
        states_.forget_changes(group);
    }

    /// What has changed in a group; nothing when nothing has.
    [[nodiscard]] std::optional<group_run> run_of(std::size_t group, std::size_t changed) const
    {
        group_run run;
        entries out(changed);
        auto const put = [&](Key const& key, held_state<State> const& held) {
            out.add(key, held.value, held.updated);
            ++run.put;
        };
        auto const gone = [&](Key const& key) {
            out.append(key);
            ++run.gone;
        };
        states_.for_each_change(group, put, gone);
        if (run.put + run.gone == 0)
            return std::nullopt;
        run.bytes = out.take();
        return run;
    }

    /// Gives what reads the states, where they were saved as another type.
    [[nodiscard]] std::shared_ptr<state_migration_to<State> const> expect_schema(stage_image const& image) const
    {
        auto const expect = [&](std::string const& what, std::string const& found, std::string const& expected,
                                std::string const& advice) {
            if (!schema_reads(expected, found))
                throw incompatible_checkpoint("stage \"" + place_.name + "\": the checkpoint holds " + what + " "
                                              + found + ", and this program expects " + expected + "; " + advice
                                              + ", run the program that wrote it, or begin with an empty checkpoint "
                                                "directory");
        };
        expect("keys of", image.key_schema, schema_of<Key>(),
               "give the stage another name, drop this one with streaming_context::dropping, and bring states over, if "
               "they are needed, by for_each_state and initial_state");
        if (!schema_reads(schema_of<State>(), image.state_schema))
            for (auto const& each : migrations_)
                if (schema_reads(each->schema(), image.state_schema))
                    return each;
        expect("states of", image.state_schema, schema_of<State>(),
               "say with streaming_context::migrated how to make the one of the other");
        return nullptr;
    }

    void move_groups(stage_groups const& groups)
    {
        for (std::size_t number = 0; number < groups.size(); ++number)
            restore_group(groups.take(number));
        for (std::size_t group = 0; group < layout().groups; ++group)
            states_.settle(group);
    }

    void restore_group(group_image const& saved)
    {
        if (saved.group == layout().groups) {
            detail::read_saved("stage \"" + place_.name + "\", its beginning",
                               [&] { begun_ = from_bytes<bool>(saved.bytes); });
            return;
        }
        if (saved.group > layout().groups)
            return restore_more(saved);
        detail::read_saved("stage \"" + place_.name + "\", key-group " + std::to_string(saved.group), [&] {
            read_group(saved);
            for (auto const& run : saved.runs)
                read_run(saved.group, run);
        });
        if (!moves_)
            states_.settle(saved.group);
    }

    void read_group(group_image const& saved)
    {
        input_archive in(saved.bytes);
        if (!moves_)
            states_.reserve(saved.group,
                            static_cast<std::size_t>(std::min<std::uint64_t>(saved.records, saved.bytes.size())));
        // The keys of a base differ; so do their values, where these are saved as they are.
        bool const are_new = bitwise<Key> && !moves_ && states_.size(saved.group) == 0;
        read_entries(saved.group, saved.records, are_new, in);
        detail::expect_no_more(in);
    }

    void read_run(std::uint32_t group, group_run const& run)
    {
        input_archive in(run.bytes);
        read_entries(group, run.put, false, in);
        for (std::uint64_t i = 0; i < run.gone; ++i) {
            auto const key = load<Key>(in);
            states_.unrestore(group_of(key), key);
        }
        detail::expect_no_more(in);
    }

    /// A saved entry, and where it belongs.
    struct placed_entry {
        std::size_t group;
        std::uint64_t hash;
        std::tuple<Key, State, std::int64_t> content;
    };

    /// Puts entries in place, some at a time, so that the memory for each is there when it comes.
    void read_entries(std::uint32_t saved_in, std::uint64_t amount, bool are_new, input_archive& in)
    {
        static constexpr std::size_t at_a_time = 32;
        std::vector<placed_entry> next;
        next.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(amount, at_a_time)));
        while (amount != 0) {
            for (; amount != 0 && next.size() < at_a_time; --amount)
                next.push_back(read_entry(saved_in, in));
            for (auto& [group, hash, content] : next) {
                auto& [key, value, updated] = content;
                if (are_new)
                    states_.restore_new(group, hash, std::move(key), {std::move(value), updated});
                else
                    states_.restore(group, hash, std::move(key), {std::move(value), updated});
            }
            next.clear();
        }
    }

    [[nodiscard]] placed_entry read_entry(std::uint32_t saved_in, input_archive& in)
    {
        auto content = migration_ ? read_migrated(in) : entries::read(in);
        auto const& key = std::get<0>(content);
        auto const hash = key_hash(key);
        auto const group = rule_ ? group_of(key) : layout().group(hash);
        if (group != saved_in && !moves_)
            throw corrupt_checkpoint("a key of another group");
        states_.prefetch(group, hash);
        return {group, hash, std::move(content)};
    }

    [[nodiscard]] std::tuple<Key, State, std::int64_t> read_migrated(input_archive& in) const
    {
        auto key = load<Key>(in);
        auto value = migration_->read(in);
        return {std::move(key), std::move(value), load<std::int64_t>(in)};
    }

    static constexpr std::uint32_t image_by_hash = 1;
    static constexpr std::uint32_t image_by_rule = 2; // keys lie in other groups than their hash says

    state_place place_;
    std::shared_ptr<partition_rule_of<Key> const> rule_;
    stream_line<Chain> parent_;
    std::shared_ptr<shown_states<Key, State>> shown_;
    keyed_state<Key, State>& states_; // those of `shown_`
    bool fed_ = false;
    bool begun_ = false;
    bool saved_begun_ = false;
    bool anew_ = true;                     // the next changes are everything
    bool collects_ = false;                // someone takes the changes, and the next batch collects them on its way
    std::vector<group_changes> collected_; // of the batch, for each group; empty when nothing is collected
    waiting_lines<Chain> inputs_;
    std::vector<std::shared_ptr<state_migration_to<State> const>> migrations_;
    std::shared_ptr<state_migration_to<State> const> migration_; // of what is being restored
    bool moves_ = false;                                         // the same: keys may change their groups
};

} // namespace tidemark
