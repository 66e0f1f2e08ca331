// SPDX-License-Identifier: BSL-1.0
//
// inventory: which of the files in a checkpoint's directory are ours.

#pragma once

#include <tidemark/checkpoint/file_names.hpp>
#include <tidemark/storage/storage.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tidemark::detail {

/// Our files in a directory, by name only.
struct inventory {
    bool manifest = false;
    bool manifest_scratch = false;
    std::vector<file_id> logs;           ///< sorted
    std::vector<file_id> states;         ///< sorted
    std::vector<file_id> spares;         ///< state files that nothing needs
    std::vector<std::string> savepoints; ///< their names, sorted

    [[nodiscard]] std::uint64_t newest_generation() const
    {
        std::uint64_t newest = 0;
        for (auto const* const ids : {&logs, &states}) {
            newest = ids->empty() ? newest : std::max(newest, ids->back().generation);
        }
        return newest;
    }
};

template <storage Storage>
[[nodiscard]] inventory take_inventory(Storage const& storage)
{
    inventory found;
    for (auto const& name : storage.list()) {
        found.manifest = found.manifest || name == manifest_name;
        found.manifest_scratch = found.manifest_scratch || name == manifest_scratch_name;
        if (auto const log = parse_log_name(name)) {
            found.logs.push_back(*log);
        }
        if (auto const state = parse_state_name(name)) {
            found.states.push_back(*state);
        }
        if (auto const spare = parse_spare_name(name)) {
            found.spares.push_back(*spare);
        }
        if (auto savepoint = parse_savepoint_file_name(name)) {
            found.savepoints.push_back(*std::move(savepoint));
        }
    }
    std::sort(found.logs.begin(), found.logs.end()); // not as their names are: numbers of more than ten digits
    std::sort(found.states.begin(), found.states.end());
    return found;
}

} // namespace tidemark::detail
