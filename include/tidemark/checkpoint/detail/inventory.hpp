// SPDX-License-Identifier: BSL-1.0
//
// inventory: which of the files in a checkpoint's directory are ours.

#pragma once

#include <tidemark/checkpoint/file_names.hpp>
#include <tidemark/storage/storage.hpp>

#include <algorithm>
#include <cstdint>
#include <set>

namespace tidemark::detail {

/// Our files in a directory, by name only.
struct inventory {
    bool manifest = false;
    bool manifest_scratch = false;
    std::set<file_id> logs;
    std::set<file_id> states;

    [[nodiscard]] std::uint64_t newest_generation() const
    {
        std::uint64_t newest = 0;
        for (auto const* const ids : {&logs, &states}) {
            newest = ids->empty() ? newest : std::max(newest, ids->rbegin()->generation);
        }
        return newest;
    }
};

[[nodiscard]] inline inventory take_inventory(any_storage const& storage)
{
    inventory found;
    for (auto const& name : storage.list()) {
        found.manifest = found.manifest || name == manifest_name;
        found.manifest_scratch = found.manifest_scratch || name == manifest_scratch_name;
        if (auto const log = parse_log_name(name)) {
            found.logs.insert(*log);
        }
        if (auto const state = parse_state_name(name)) {
            found.states.insert(*state);
        }
    }
    return found;
}

} // namespace tidemark::detail
