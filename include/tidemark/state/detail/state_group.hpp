// SPDX-License-Identifier: BSL-1.0
//
// state_group: the states of one key-group, how to take a batch back, and when they time out.

#pragma once

#include <tidemark/state/held_state.hpp>
#include <tidemark/state/timeout_wheel.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace tidemark::detail {

/// What a key had before its first change in the batch.
template <typename Key, typename State>
struct undo_step {
    std::uint64_t hash;
    Key key;
    std::optional<held_state<State>> before;
};

template <typename Key, typename State, typename Backend>
struct state_group {
    explicit state_group(std::uint32_t number)
        : table(number)
        , phase(number)
    {}

    /// Brings the wheel in line with the table: makes it, or makes it again when entries got new numbers.
    void follow(std::int64_t idle_limit, std::int64_t now)
    {
        if (wheel && layout == table.layout())
            return;
        wheel.emplace(idle_limit, now, phase);
        layout = table.layout();
        table.for_each([this](Key const&, held_state<State>& stored) {
            wheel->schedule(table.index_of(&stored), stored.updated);
        });
    }

    Backend table;
    std::vector<undo_step<Key, State>> undone;
    std::optional<timeout_wheel> wheel; // derived from the table
    std::uint64_t layout = 0;
    std::uint32_t phase;
};

} // namespace tidemark::detail
