// SPDX-License-Identifier: BSL-1.0
//
// state_handover: state on its way between a journal's two threads.

#pragma once

#include <tidemark/checkpoint/detail/state_files.hpp>
#include <tidemark/checkpoint/detail/state_table.hpp>
#include <tidemark/checkpoint/records.hpp>
#include <tidemark/storage/storage.hpp>

#include <concepts>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

namespace tidemark {

/// State on its way from a journal's `hand_over` to its `write` or `commit`.
template <std::same_as<detail::state_block> Block>
class basic_state_handover {
public:
    /// How many bytes of state it holds.
    [[nodiscard]] std::uint64_t bytes() const
    {
        std::uint64_t total = 0;
        for (auto const& block : blocks_)
            total += block->length;
        return total;
    }

    /// Goes on with what was handed over after it. *Requires* that this one is not for a commit.
    void append(basic_state_handover later)
    {
        blocks_.insert(blocks_.end(), std::make_move_iterator(later.blocks_.begin()),
                       std::make_move_iterator(later.blocks_.end()));
        record_ = std::move(later.record_);
        snapshot_ = std::move(later.snapshot_);
    }

private:
    template <storage Storage>
    friend class basic_journal;

    std::vector<detail::state_block_ptr> blocks_;
    commit_record record_;            // of the commit, if it is for one
    detail::state_snapshot snapshot_; // what the commit refers to
};

/// The same for the blocks that journals write.
using state_handover = basic_state_handover<detail::state_block>;

} // namespace tidemark
