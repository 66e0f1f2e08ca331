// SPDX-License-Identifier: BSL-1.0
//
// state_table: what the state consists of that the next commit refers to: the base of each group and the deltas behind it.

#pragma once

#include <tidemark/checkpoint/detail/commit_codec.hpp>
#include <tidemark/checkpoint/detail/delta_codec.hpp>
#include <tidemark/checkpoint/detail/state_log.hpp>
#include <tidemark/checkpoint/file_names.hpp>
#include <tidemark/checkpoint/records.hpp>
#include <tidemark/checkpoint/saved_groups.hpp>
#include <tidemark/checkpoint/snapshot_format.hpp>
#include <tidemark/time/batch_time.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <iterator>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {

/// Whether a base may be written that can wait.
enum class spare_time : bool {
    none, ///< a batch waits for it
    some  ///< no batch is there to wait
};

/// A group of a stage of which a base is to be written.
struct due_base {
    std::string stage;
    std::uint32_t group = 0;
};

namespace detail {

/// A group as it is after the batch `time`.
[[nodiscard]] inline state_block_ptr base_block(batch_time time, group_image group)
{
    auto block = std::make_shared<state_block>();
    block->kind = snapshot_format::block_kind::base;
    block->group = group.group;
    block->time = time;
    block->records = group.records;
    block->length = group.bytes.size();
    block->bytes = std::move(group.bytes);
    return block;
}

/// What the batch `time` has changed.
[[nodiscard]] inline state_block_ptr delta_block(batch_time time, std::vector<changed_group> groups)
{
    auto block = std::make_shared<state_block>();
    block->kind = snapshot_format::block_kind::delta;
    block->time = time;
    block->records = entries_of(groups);
    block->length = delta_length(groups);
    block->runs = std::move(groups);
    return block;
}

/// One stage of the table.
///
/// Each batch that changes it puts it into debt with as many bytes as its delta has, and each base pays: so bases are
/// written as fast as deltas are, oldest first, and the deltas that count are about as large as the state; at most
/// twice as large where there is no time between batches. A template, so that a file pays for it only where it is used.
template <std::same_as<state_block> Block>
class basic_stage_blocks {
public:
    void put_base(state_block_ptr block)
    {
        auto& group = groups_[block->group];
        base_bytes_ += block->size();
        base_bytes_ -= group.base ? group.base->size() : 0;
        group.time = block->time;
        group.base = std::move(block);
    }

    /// It is later than those before. `note_change` says of which groups it tells.
    void put_delta(state_block_ptr block) { deltas_.push_back(std::move(block)); }
    void note_change(std::uint32_t group, batch_time time) { groups_[group].changed = time; }

    /// A delta of so many bytes has been written.
    void owe(std::uint64_t bytes) { debt_ += static_cast<std::int64_t>(std::max(bytes, base_bytes_ / most_deltas)); }
    /// An earlier run has left the deltas: what they have beyond as many bytes as the bases is still owed.
    void owe_for_deltas()
    {
        for (auto const& each : deltas_)
            owe(each->size());
        debt_ = std::max<std::int64_t>(debt_ - static_cast<std::int64_t>(base_bytes_), 0);
    }
    /// A base of so many bytes has been written because it was due.
    void pay(std::uint64_t bytes) { debt_ -= static_cast<std::int64_t>(bytes); }

    void drop(std::uint32_t number)
    {
        auto const found = groups_.find(number);
        if (found == groups_.end())
            return;
        base_bytes_ -= found->second.base ? found->second.base->size() : 0;
        groups_.erase(found);
    }

    /// The group with the oldest base, when there is debt; in the time of a batch only when that is more than all bases.
    [[nodiscard]] std::optional<std::uint32_t> due(spare_time time) const
    {
        if (debt_ <= (time == spare_time::none ? static_cast<std::int64_t>(base_bytes_) : 0))
            return std::nullopt;
        auto const rank = [](auto const& each) { return std::pair(!each.second.is_behind(), each.second.time); };
        auto const oldest =
            std::min_element(groups_.begin(), groups_.end(),
                             [&rank](auto const& one, auto const& other) { return rank(one) < rank(other); });
        return oldest != groups_.end() && oldest->second.is_behind() ? std::optional(oldest->first) : std::nullopt;
    }

    /// Forgets the deltas that all bases have left behind.
    void trim()
    {
        auto oldest = batch_time(std::numeric_limits<std::int64_t>::max());
        for (auto const& [number, group] : groups_)
            if (group.is_behind())
                oldest = std::min(oldest, group.time);
        while (!deltas_.empty() && deltas_.front()->time <= oldest)
            deltas_.pop_front();
    }

    /// All bases and deltas.
    [[nodiscard]] std::vector<state_block_ptr> blocks() const
    {
        std::vector<state_block_ptr> all;
        for (auto const& [number, group] : groups_)
            if (group.base)
                all.push_back(group.base);
        all.insert(all.end(), deltas_.begin(), deltas_.end());
        return all;
    }

    /// Whether `block` is the base of its group.
    [[nodiscard]] bool has_base(state_block_ptr const& block) const
    {
        auto const found = groups_.find(block->group);
        return found != groups_.end() && found->second.base == block;
    }

private:
    /// However small the deltas are, so many follow a base at most.
    static constexpr std::uint64_t most_deltas = 512;
    static constexpr batch_time never{std::numeric_limits<std::int64_t>::min()};

    struct group_blocks {
        state_block_ptr base;       ///< null: there was nothing before the first delta
        batch_time time = never;    ///< of the base
        batch_time changed = never; ///< of the last delta that says something of the group

        [[nodiscard]] bool is_behind() const { return changed > time; }
    };

    std::map<std::uint32_t, group_blocks> groups_;
    std::deque<state_block_ptr> deltas_; // by time
    std::uint64_t base_bytes_ = 0;
    std::int64_t debt_ = 0;
};

using stage_blocks = basic_stage_blocks<state_block>;

/// The blocks of which a commit is made, for each of its stages.
using state_snapshot = std::vector<std::vector<state_block_ptr>>;

/// What the state of all stages consists of, by their names. Asks no block where it lies, so others may write them. A template
/// for the same reason.
template <std::same_as<state_block> Block>
class basic_state_table {
public:
    basic_state_table() = default;

    /// As `index` says; `groups` is what was read as it says.
    basic_state_table(commit_index const& index, saved_groups const& groups)
    {
        for (std::size_t i = 0; i < index.blocks.size(); ++i)
            take(stages_[index.record.stages[i].name], index, i, groups);
    }

    [[nodiscard]] basic_stage_blocks<Block>& stage(std::string const& name) { return stages_[name]; }
    void begin_anew(std::string const& name) { stages_[name] = {}; }

    /// `name_of(name)` gives the name that a stage has from now on, or nothing when it is dropped.
    template <typename NameOf>
    void rename(NameOf const& name_of)
    {
        auto const before = std::exchange(stages_, {});
        for (auto const& [name, blocks] : before)
            if (std::optional<std::string> const now = name_of(name))
                stages_.insert_or_assign(*now, blocks);
    }

    /// These bases keep a file for themselves that nothing else needs.
    void set_sparse(std::vector<state_block_ptr> bases) { sparse_ = std::move(bases); }

    /// A base that should be written again; nothing when there is none.
    [[nodiscard]] std::optional<due_base> due(spare_time time) const
    {
        for (auto const& [name, blocks] : stages_)
            if (auto const group = blocks.due(time))
                return due_base{name, *group};
        for (auto const& base : sparse_)
            for (auto const& [name, blocks] : stages_)
                if (blocks.has_base(base))
                    return due_base{name, base->group};
        return std::nullopt;
    }

    /// The blocks of these stages, as far as they count; the other stages are gone.
    [[nodiscard]] state_snapshot snapshot(std::vector<stage_image> const& stages)
    {
        std::erase_if(stages_, [&](auto const& known) {
            return std::none_of(stages.begin(), stages.end(),
                                [&known](auto const& stage) { return stage.name == known.first; });
        });
        state_snapshot blocks;
        for (auto const& each : stages) {
            auto& stage = stages_[each.name];
            stage.trim();
            blocks.push_back(stage.blocks());
        }
        return blocks;
    }

private:
    static void take(basic_stage_blocks<Block>& stage, commit_index const& index, std::size_t number,
                     saved_groups const& groups)
    {
        for (auto const& each : index.blocks[number]) {
            auto block = std::make_shared<state_block>();
            block->kind = each.kind;
            block->group = each.group;
            block->time = each.time;
            block->records = each.records;
            block->length = each.length;
            block->stored_length = each.length;
            block->file = index.files[each.file].id;
            block->offset = each.offset;
            block->payload_checksum = each.payload_checksum;
            if (each.kind == snapshot_format::block_kind::base)
                stage.put_base(std::move(block));
            else
                stage.put_delta(std::move(block));
        }
        for (auto const& [group, time] : groups.changed(number))
            stage.note_change(group, time);
        stage.owe_for_deltas();
    }

    std::vector<state_block_ptr> sparse_;
    std::map<std::string, basic_stage_blocks<Block>, std::less<>> stages_;
};

using state_table = basic_state_table<state_block>;

} // namespace detail

} // namespace tidemark
