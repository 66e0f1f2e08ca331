// SPDX-License-Identifier: BSL-1.0
//
// state_group: the states of one key-group, what takes a batch back, and which of them may have timed out.

#pragma once

#include <tidemark/core/key_hash.hpp>
#include <tidemark/core/later.hpp>
#include <tidemark/state/detail/table_slot.hpp>
#include <tidemark/state/held_state.hpp>
#include <tidemark/state/timeout_wheel.hpp>

#include <concepts>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace tidemark::detail {

/// A key that has changed in the batch. Its hash is kept where it is not made of the key in no time.
template <typename Key, typename KeptKey>
struct changed_key {
    std::uint64_t kept_hash;
    KeptKey key;

    [[nodiscard]] std::uint64_t hash() const noexcept { return kept_hash; }
};
template <typename Key>
    requires(!keeps_hash<Key, key_hasher>)
struct changed_key<Key, Key> {
    changed_key(std::uint64_t, Key const& changed)
        : key(changed)
    {}

    [[nodiscard]] std::uint64_t hash() const noexcept { return key_hash(key); }

    Key key;
};

/// Every change goes through `touch`, `insert` or `erase`, which note what it replaces; `finish` and `settle` drop the notes, and
/// `rollback` puts everything back.
template <typename Key, typename State, typename Backend>
struct state_group {
    using held = held_state<State>;
    using noted_key = changed_key<Key, typename Backend::kept_key>;

    explicit state_group(std::uint32_t number)
        : table(number)
        , phase(number)
    {}

    /// Notes `stored`, the state of a key of this hash, which is about to change.
    void touch(std::uint64_t hash, held* stored)
    {
        if (table.mark_dirty(stored))
            altered.push_back({{hash, table.keep_key_of(stored)}, *stored});
    }

    /// Gives a state to a key that has none.
    void insert(std::uint64_t hash, Key key, held fresh)
    {
        made.push_back({hash, table.keep(key)});
        auto const updated = fresh.updated;
        held const* place = nullptr;
        if constexpr (std::same_as<Key, typename Backend::kept_key>)
            place = table.try_emplace(hash, std::move(key), std::move(fresh)).first;
        else
            place = table.try_emplace(hash, made.back().key, std::move(fresh)).first;
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
        altered.clear();
        made.clear();
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
        for (auto const& each : made)
            table.erase(each.hash(), each.key);
        for (auto step = altered.rbegin(); step != altered.rend(); ++step) {
            auto& [changed, before] = *step;
            if (auto* const stored = table.find(changed.hash(), changed.key))
                *stored = std::move(before);
            else
                table.try_emplace(changed.hash(), std::move(changed.key), std::move(before));
        }
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
    std::vector<std::pair<noted_key, held>> altered; ///< With what they had before their first change in the batch.
    std::vector<noted_key> made;                     ///< In the batch; some may have had a state before.
    later<std::optional<timeout_wheel>, Key> wheel;  // derived from the table
    std::uint64_t layout = 0;
    std::uint32_t phase;
};

} // namespace tidemark::detail
