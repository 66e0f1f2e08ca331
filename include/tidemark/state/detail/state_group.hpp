// SPDX-License-Identifier: BSL-1.0
//
// state_group: the states of one key-group, what takes a batch back, and which of them may have timed out.

#pragma once

#include <tidemark/core/key_hash.hpp>
#include <tidemark/core/later.hpp>
#include <tidemark/state/held_state.hpp>
#include <tidemark/state/timeout_wheel.hpp>

#include <concepts>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace tidemark::detail {

/// What a key had before its first change in the batch.
template <typename KeptKey, typename State>
struct undo_step {
    std::uint64_t hash;
    KeptKey key;
    std::optional<held_state<State>> before;
};

/// Every change goes through `touch`, `insert` or `erase`, which note what it replaces; `finish` and `settle` drop the notes, and
/// `rollback` puts everything back.
template <typename Key, typename State, typename Backend>
struct state_group {
    using held = held_state<State>;

    explicit state_group(std::uint32_t number)
        : table(number)
        , phase(number)
    {}

    /// Notes `stored`, the state of a key of this hash, which is about to change.
    void touch(std::uint64_t hash, held* stored)
    {
        if (table.mark_dirty(stored))
            undone.push_back({hash, table.keep_key_of(stored), *stored});
    }

    /// Gives a state to a key that has none.
    void insert(std::uint64_t hash, Key key, held fresh)
    {
        undone.push_back({hash, table.keep(key), std::nullopt});
        auto const updated = fresh.updated;
        held const* place = nullptr;
        if constexpr (std::same_as<Key, typename Backend::kept_key>)
            place = table.try_emplace(hash, std::move(key), std::move(fresh)).first;
        else
            place = table.try_emplace(hash, undone.back().key, std::move(fresh)).first;
        if (wheel && layout == table.layout())
            wheel->schedule(table.index_of(place), updated);
    }

    /// Takes `stored`, the state of a key of this hash, away.
    void erase(std::uint64_t hash, held* stored)
    {
        touch(hash, stored);
        table.erase(stored);
    }

    /// Takes the states of `keys` away, where they have one.
    void erase_all(std::vector<Key> const& keys)
    {
        for (auto const& key : keys)
            if (auto const hash = key_hash(key); auto* const stored = table.find(hash, key))
                erase(hash, stored);
    }

    /// The batch is done: what it changed stays, and is still known as changed.
    void finish()
    {
        undone.clear();
        table.drop_kept();
    }

    /// The batch is done: what it changed stays, and nobody asks for it any more.
    void settle()
    {
        finish();
        table.clear_dirty();
    }

    /// The batch failed: every state is as before it.
    void rollback()
    {
        for (auto step = undone.rbegin(); step != undone.rend(); ++step)
            if (!step->before)
                table.erase(step->hash, step->key);
            else if (auto* const stored = table.find(step->hash, step->key))
                *stored = std::move(*step->before);
            else
                table.try_emplace(step->hash, std::move(step->key), std::move(*step->before));
        settle();
        wheel.reset(); // entries have moved; it is made again when it is asked
    }

    /// Brings the wheel in line with the table: makes it, or makes it again when entries got new numbers.
    void follow(std::int64_t idle_limit, std::int64_t now)
    {
        if (wheel && layout == table.layout())
            return;
        wheel.emplace(idle_limit, now, phase);
        layout = table.layout();
        table.for_each([this](Key const&, held& stored) { wheel->schedule(table.index_of(&stored), stored.updated); });
    }

    Backend table;
    std::vector<undo_step<typename Backend::kept_key, State>> undone;
    later<std::optional<timeout_wheel>, Key> wheel; // derived from the table
    std::uint64_t layout = 0;
    std::uint32_t phase;
};

} // namespace tidemark::detail
