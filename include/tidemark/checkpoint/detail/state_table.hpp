// SPDX-License-Identifier: BSL-1.0
//
// state_table: where the state lies that the next commit refers to: the base of each group and the deltas behind it.

#pragma once

#include <tidemark/checkpoint/detail/commit_codec.hpp>
#include <tidemark/checkpoint/detail/delta_codec.hpp>
#include <tidemark/checkpoint/detail/state_log.hpp>
#include <tidemark/checkpoint/file_names.hpp>
#include <tidemark/checkpoint/records.hpp>
#include <tidemark/checkpoint/snapshot_format.hpp>
#include <tidemark/time/batch_time.hpp>

#include <algorithm>
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

/// What a commit says of its state.
struct state_references {
    std::vector<file_reference> files;
    std::vector<std::vector<block_reference>> blocks; ///< for each stage
};

/// A group as it is after the batch `time`.
[[nodiscard]] inline state_block_ptr base_block(batch_time time, group_image group)
{
    auto const length = static_cast<std::uint64_t>(group.bytes.size());
    return std::make_shared<state_block>(state_block{snapshot_format::block_kind::base, group.group, time,
                                                     group.records, length, std::move(group.bytes)});
}

/// What the batch `time` has changed.
[[nodiscard]] inline state_block_ptr delta_block(batch_time time, std::vector<changed_group> const& groups)
{
    auto bytes = encode_delta(groups);
    auto const length = static_cast<std::uint64_t>(bytes.size());
    return std::make_shared<state_block>(
        state_block{snapshot_format::block_kind::delta, 0, time, entries_of(groups), length, std::move(bytes)});
}

/// One stage of the table.
///
/// Each batch that changes it puts it into debt with as many bytes as its delta has, and each base pays: so bases are
/// written as fast as deltas are, oldest first, and the deltas that count are about as large as the state; at most
/// twice as large where there is no time between batches.
class stage_blocks {
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

    /// Calls `visit(block)` for each base and delta.
    template <typename Visit>
    void for_each(Visit const& visit) const
    {
        for (auto const& [number, group] : groups_)
            if (group.base)
                visit(*group.base);
        for (auto const& delta : deltas_)
            visit(*delta);
    }

    /// The group of which the base lies in `file`; nothing when there is none.
    [[nodiscard]] std::optional<std::uint32_t> base_in(file_id file) const
    {
        for (auto const& [number, group] : groups_)
            if (group.base && group.base->file == file)
                return number;
        return std::nullopt;
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

/// Where all state lies, by the names of the stages.
class state_table {
public:
    state_table() = default;

    /// As `index` says; `record` is what was read as it says.
    state_table(commit_index const& index, commit_record const& record)
    {
        for (std::size_t i = 0; i < index.blocks.size(); ++i)
            take(stages_[record.stages[i].name], index, i, record.stages[i]);
    }

    /// Notes how long a file is.
    void note_file(file_reference const& file) { sizes_.insert_or_assign(file.id, file.size); }

    [[nodiscard]] stage_blocks& stage(std::string const& name) { return stages_[name]; }
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

    /// A base that should be written again; nothing when there is none.
    [[nodiscard]] std::optional<due_base> due(spare_time time) const
    {
        for (auto const& [name, blocks] : stages_)
            if (auto const group = blocks.due(time))
                return due_base{name, *group};
        for (auto const& [name, blocks] : stages_)
            if (auto const group = sparse_ ? blocks.base_in(*sparse_) : std::nullopt)
                return due_base{name, *group};
        return std::nullopt;
    }

    /// How many bytes of state count, as of the last `references`.
    [[nodiscard]] std::uint64_t live_bytes() const { return live_bytes_; }

    /// What a commit with these stages refers to; the others are gone. *Requires* that all blocks are in files.
    [[nodiscard]] state_references references(std::vector<stage_image> const& stages)
    {
        std::erase_if(stages_, [&](auto const& known) {
            return std::none_of(stages.begin(), stages.end(),
                                [&known](auto const& stage) { return stage.name == known.first; });
        });
        auto const used = used_files();
        find_sparse(used);
        state_references made;
        std::map<file_id, std::uint32_t> numbers;
        for (auto const& [id, file] : used) {
            numbers.emplace(id, static_cast<std::uint32_t>(made.files.size()));
            made.files.push_back({id, file.end});
        }
        for (auto const& each : stages) {
            auto& references = made.blocks.emplace_back();
            stages_[each.name].for_each([&](state_block const& block) {
                references.push_back({block.kind, block.group, numbers.at(block.file), block.offset, block.length,
                                      block.records, block.payload_checksum, block.time});
            });
        }
        return made;
    }

private:
    /// What of a file counts.
    struct used_file {
        std::uint64_t end = 0;  ///< up to here
        std::uint64_t live = 0; ///< so many bytes
        bool has_deltas = false;
    };
    using used_map = std::map<file_id, used_file>;

    [[nodiscard]] used_map used_files()
    {
        used_map used;
        for (auto& [name, blocks] : stages_) {
            blocks.trim();
            blocks.for_each([&](state_block const& block) {
                auto& file = used[block.file];
                file.end = std::max(file.end, block.end());
                file.live += block.size();
                file.has_deltas = file.has_deltas || block.kind == snapshot_format::block_kind::delta;
            });
        }
        return used;
    }

    /// A base that nothing changes would keep its file for good. Where more than half of what is kept does not count,
    /// the file that holds least of what does is emptied.
    void find_sparse(used_map const& used)
    {
        std::erase_if(sizes_, [&](auto const& each) { return !used.contains(each.first); });
        std::uint64_t kept = 0;
        for (auto const& [id, size] : sizes_)
            kept += size;
        live_bytes_ = 0;
        for (auto const& [id, file] : used)
            live_bytes_ += file.live;
        sparse_.reset();
        if (used.empty() || kept <= 2 * live_bytes_ + spare_bytes)
            return;
        auto const rank = [](auto const& each) { return std::pair(each.second.has_deltas, each.second.live); };
        auto const least =
            std::min_element(used.begin(), std::prev(used.end()),
                             [&rank](auto const& one, auto const& other) { return rank(one) < rank(other); });
        if (least != std::prev(used.end()) && !least->second.has_deltas)
            sparse_ = least->first;
    }

    static void take(stage_blocks& stage, commit_index const& index, std::size_t number, stage_image const& image)
    {
        for (auto const& each : index.blocks[number]) {
            auto block = std::make_shared<state_block>();
            block->kind = each.kind;
            block->group = each.group;
            block->time = each.time;
            block->records = each.records;
            block->length = each.length;
            block->file = index.files[each.file].id;
            block->offset = each.offset;
            block->payload_checksum = each.payload_checksum;
            if (each.kind == snapshot_format::block_kind::base)
                stage.put_base(std::move(block));
            else
                stage.put_delta(std::move(block));
        }
        for (auto const& group : image.groups)
            if (!group.runs.empty())
                stage.note_change(group.group, group.runs.back().time);
    }

    /// So much may lie in files and not count, however small the state is.
    static constexpr std::uint64_t spare_bytes = std::uint64_t{4} << 20U;

    std::map<file_id, std::uint64_t> sizes_; // of files, so far as they are known
    std::uint64_t live_bytes_ = 0;
    std::optional<file_id> sparse_; // to be emptied
    std::map<std::string, stage_blocks, std::less<>> stages_;
};

} // namespace detail

} // namespace tidemark
