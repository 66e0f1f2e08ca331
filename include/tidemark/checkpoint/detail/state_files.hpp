// SPDX-License-Identifier: BSL-1.0
//
// state_files: where the blocks of a commit lie, and which of them keep a file that should go.

#pragma once

#include <tidemark/checkpoint/detail/commit_codec.hpp>
#include <tidemark/checkpoint/detail/state_log.hpp>
#include <tidemark/checkpoint/detail/state_table.hpp>
#include <tidemark/checkpoint/file_names.hpp>
#include <tidemark/checkpoint/snapshot_format.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/time/batch_time.hpp>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <iterator>
#include <map>
#include <utility>
#include <vector>

namespace tidemark::detail {

/// What a commit says of its state.
struct state_references {
    std::vector<file_reference> files;
    std::vector<std::vector<block_reference>> blocks; ///< for each stage
};

/// The state files of a checkpoint, and what of them counts. A template, so that a file pays for it only where it is used.
template <std::same_as<state_block> Block>
class basic_state_files {
public:
    /// Notes how long a file is.
    void note(file_reference const& file) { sizes_.insert_or_assign(file.id, file.size); }

    /// How many bytes of state count, as of the last `references`.
    [[nodiscard]] std::uint64_t live_bytes() const { return live_bytes_; }

    /// Where these blocks lie. *Throws* `checkpoint_error` when one is in no file: memory was short when it was handed over.
    [[nodiscard]] state_references references(state_snapshot const& snapshot)
    {
        auto const used = used_by(snapshot);
        forget_all_but(used);
        state_references made;
        std::map<file_id, std::uint32_t> numbers;
        for (auto const& [id, file] : used) {
            numbers.emplace(id, static_cast<std::uint32_t>(made.files.size()));
            made.files.push_back({id, file.end});
        }
        for (auto const& stage : snapshot) {
            auto& references = made.blocks.emplace_back();
            for (auto const& block : stage)
                references.push_back({block->kind, block->group, numbers.at(block->file), block->offset,
                                      block->stored_length, block->records, block->payload_checksum, block->time});
        }
        return made;
    }

    /// The bases in the file that holds least of what counts, where it holds nothing but bases, and more than half of
    /// what is kept does not count: a base that nothing changes would keep its file for good.
    [[nodiscard]] std::vector<state_block_ptr> sparse(state_snapshot const& snapshot) const
    {
        std::uint64_t kept = 0;
        for (auto const& [id, size] : sizes_)
            kept += size;
        auto const used = used_by(snapshot);
        if (used.empty() || kept <= 2 * live_bytes_ + spare_bytes)
            return {};
        auto const rank = [](auto const& each) { return std::pair(each.second.has_deltas, each.second.live); };
        auto const least =
            std::min_element(used.begin(), std::prev(used.end()),
                             [&rank](auto const& one, auto const& other) { return rank(one) < rank(other); });
        if (least == std::prev(used.end()) || least->second.has_deltas)
            return {};
        std::vector<state_block_ptr> bases;
        for (auto const& stage : snapshot)
            std::copy_if(stage.begin(), stage.end(), std::back_inserter(bases),
                         [&](auto const& block) { return block->file == least->first; });
        return bases;
    }

private:
    /// What of a file counts.
    struct used_file {
        std::uint64_t end = 0;  ///< up to here
        std::uint64_t live = 0; ///< so many bytes
        bool has_deltas = false;
    };
    using used_map = std::map<file_id, used_file>;

    [[nodiscard]] static used_map used_by(state_snapshot const& snapshot)
    {
        used_map used;
        for (auto const& stage : snapshot)
            for (auto const& block : stage) {
                if (block->file == file_id{})
                    throw checkpoint_error(
                        "a change of batch " + to_string(block->time)
                        + " was lost for want of memory; start the application again, with more of it");
                auto& file = used[block->file];
                file.end = std::max(file.end, block->end());
                file.live += block->stored_size();
                file.has_deltas = file.has_deltas || block->kind == snapshot_format::block_kind::delta;
            }
        return used;
    }

    void forget_all_but(used_map const& used)
    {
        std::erase_if(sizes_, [&](auto const& each) { return !used.contains(each.first); });
        live_bytes_ = 0;
        for (auto const& [id, file] : used)
            live_bytes_ += file.live;
    }

    /// So much may lie in files and not count, however small the state is.
    static constexpr std::uint64_t spare_bytes = std::uint64_t{4} << 20U;

    std::map<file_id, std::uint64_t> sizes_; // so far as they are known
    std::uint64_t live_bytes_ = 0;
};

using state_files = basic_state_files<state_block>;

} // namespace tidemark::detail
