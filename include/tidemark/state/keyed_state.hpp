// SPDX-License-Identifier: BSL-1.0
//
// keyed_state: the states of all keys of one stage, by key-group, and what a batch does to them.

#pragma once

#include <tidemark/core/bitwise.hpp>
#include <tidemark/execution/exchange.hpp>
#include <tidemark/state/detail/arrivals.hpp>
#include <tidemark/state/detail/state_group.hpp>
#include <tidemark/state/held_state.hpp>
#include <tidemark/state/keyed_table.hpp>
#include <tidemark/state/state.hpp>
#include <tidemark/state/state_backend.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <optional>
#include <span>
#include <unordered_set>
#include <utility>
#include <vector>

namespace tidemark {

/// The states of one stage.
///
/// A batch goes through every group with `track` and `expire`, with `update_all` or with `alter`, and is then made
/// final by `finish` and `settle`, or by `settle` alone, or taken back by `rollback`.
/// *Threads*: different groups are independent; calls for one group come one at a time.
template <typename Key, typename State, typename Backend = keyed_table<Key, held_state<State>>>
class keyed_state {
    static_assert(indexed_state_backend<Backend, Key, held_state<State>>);

public:
    using held = held_state<State>;

    /// `idle_limit`: after how many milliseconds without an update `expire` removes a state; nothing where `expire` is
    /// never called.
    explicit keyed_state(std::size_t groups, std::optional<std::int64_t> idle_limit = std::nullopt)
        : idle_limit_(idle_limit)
    {
        groups_.reserve(groups);
        for (std::size_t i = 0; i < groups; ++i)
            groups_.emplace_back(static_cast<std::uint32_t>(i));
    }

    [[nodiscard]] std::size_t groups() const { return groups_.size(); }

    [[nodiscard]] std::size_t size() const
    {
        std::size_t total = 0;
        for (auto const& group : groups_)
            total += group.table.size();
        return total;
    }
    [[nodiscard]] std::size_t size(std::size_t group) const { return groups_[group].table.size(); }

    /// Bytes of the tables, without what keys and states own elsewhere.
    [[nodiscard]] std::size_t memory_bytes() const
    {
        std::size_t total = 0;
        for (auto const& group : groups_)
            total += group.table.memory_bytes();
        return total;
    }

    /// Calls `visit(key, held)` for every state of a group, in unspecified order.
    template <typename Visit>
    void for_each(std::size_t group, Visit const& visit) const
    {
        groups_[group].table.for_each(visit);
    }

    /// Puts a state in place that no batch has made: a saved or an initial one. Call `settle` for the group afterwards.
    void restore(std::size_t group, Key key, held state)
    {
        auto const hash = key_hash(key);
        restore(group, hash, std::move(key), std::move(state));
    }
    /// The same, with the hash of the key; after a `prefetch` some calls earlier.
    void restore(std::size_t group, std::uint64_t hash, Key key, held state)
    {
        auto& table = groups_[group].table;
        if (auto const [place, made] = table.try_emplace(hash, std::move(key), std::move(state)); !made)
            *place = std::move(state);
    }

    /// The same for a key that has no state. It does not count as changed.
    void restore_new(std::size_t group, std::uint64_t hash, Key key, held state)
    {
        groups_[group].table.restore(hash, std::move(key), std::move(state));
    }

    /// A hint that a call with this hash will come.
    void prefetch(std::size_t group, std::uint64_t hash) const { groups_[group].table.prefetch(hash); }

    /// Takes away what was put in place, if it was. Call `settle` for the group afterwards.
    void unrestore(std::size_t group, Key const& key) { groups_[group].table.erase(key_hash(key), key); }

    void reserve(std::size_t group, std::size_t keys) { groups_[group].table.reserve(keys); }

    /// Calls `function(key, value, state)` for each record, in order, and gives each result to `emit`. With
    /// `refreshes`, a record counts as an update of an existing state, whatever the function does.
    template <typename Value, typename Function, typename Emit>
    void track(std::size_t number, std::span<travelling<Key, Value>> records, std::int64_t now, bool refreshes,
               Function const& function, Emit const& emit)
    {
        auto& group = groups_[number];
        auto& table = group.table;
        for (auto const& record : records.first(std::min(Backend::prefetch_distance, records.size())))
            table.prefetch(record.hash);
        for (std::size_t i = 0; i < records.size(); ++i) {
            prefetch_ahead(table, records, i);
            auto& [hash, key, value] = records[i];
            held* const stored = table.find(hash, key);
            state<State> handle(stored != nullptr ? &stored->value : nullptr, false);
            emit(function(std::as_const(key), std::optional<Value>(std::move(value)), handle));
            if (handle.removed_) {
                if (stored != nullptr)
                    group.erase(hash, stored);
            } else if (handle.fresh_) {
                if (stored != nullptr) {
                    group.touch(hash, stored);
                    *stored = held{std::move(*handle.fresh_), now};
                } else
                    group.insert(hash, std::move(key), held{std::move(*handle.fresh_), now});
            } else if (stored != nullptr && refreshes) {
                group.touch(hash, stored);
                stored->updated = now;
            }
        }
    }

    /// Calls `function(key, nothing, state)` for each state of a group last updated before `now` less the limit, and
    /// removes it. Looks at no other states, except those that were updated since they were due. *Requires* a limit.
    template <typename Value, typename Function, typename Emit>
    void expire(std::size_t number, std::int64_t now, Function const& function, Emit const& emit)
    {
        auto& group = groups_[number];
        group.follow(*idle_limit_, now);
        auto const look = [&](std::uint32_t index, std::int64_t horizon) -> std::optional<std::int64_t> {
            held* const stored = group.table.find_at(index);
            if (stored == nullptr)
                return std::nullopt;
            if (stored->updated >= horizon)
                return stored->updated;
            auto const& key = group.table.key_of(stored);
            state<State> handle(&stored->value, true);
            emit(function(key, std::optional<Value>(), handle));
            group.erase(key_hash(key), stored);
            return std::nullopt;
        };
        group.wheel->expire(now, look, [&](std::uint32_t index) { group.table.prefetch_at(index); });
    }

    /// Calls `function(key, values, state)` for each key with data or a state; its result is the new state, or nothing
    /// to remove the key.
    ///
    /// A state without values that is the one before does not count as changed: of the same bytes, where it is saved as
    /// its own bytes, else equal to it.
    template <typename Value, typename Function>
    void update_all(std::size_t number, exchange<Key, Value>& coming, std::int64_t now, Function const& function)
    {
        std::vector<Value> const nothing;
        auto& group = groups_[number];
        auto& table = group.table;
        auto arrived = detail::arrivals_by_key(number, coming);
        std::vector<Key> gone;
        auto const renew = [&](std::uint64_t hash, Key const& key, held& stored, std::vector<Value> const& values) {
            auto next = function(key, values, std::optional<State>(stored.value));
            if (values.empty() && next && same(*next, stored.value))
                return;
            group.touch(hash, &stored);
            stored.updated = now; // marks a key with values as dealt with in this batch
            if (next)
                stored.value = std::move(*next);
            else
                gone.push_back(key);
        };
        for (std::size_t i = 0; i < arrived.size(); ++i) {
            prefetch_ahead(table, arrived, i);
            auto& each = arrived[i];
            if (auto* const stored = table.find(each.hash, each.key)) {
                renew(each.hash, each.key, *stored, each.values);
                each.known = true;
            }
        }
        table.for_each([&](Key const& key, held& stored) {
            if (stored.updated != now)
                renew(key_hash(key), key, stored, nothing);
        });
        group.erase_all(gone);
        for (auto& [hash, key, values, known] : arrived)
            if (!known)
                if (auto next = function(std::as_const(key), values, std::optional<State>()))
                    group.insert(hash, std::move(key), held{std::move(*next), now});
    }

    /// Calls `function(change, state)` for each of `changes`; each has the `hash` of a different `key` (a pointer), and
    /// `state` points to the key's state or is null. The result is the new state, or nothing to remove the key. Looks
    /// at no other state.
    template <typename Changes, typename Function>
    void alter(std::size_t number, Changes const& changes, std::int64_t now, Function const& function)
    {
        auto& group = groups_[number];
        auto& table = group.table;
        for (std::size_t i = 0; i < changes.size(); ++i) {
            prefetch_ahead(table, changes, i);
            auto const& change = changes[i];
            held* const stored = table.find(change.hash, *change.key);
            std::optional<State> next = function(change, stored != nullptr ? &std::as_const(stored->value) : nullptr);
            if (!next) {
                if (stored != nullptr)
                    group.erase(change.hash, stored);
            } else if (stored != nullptr) {
                group.touch(change.hash, stored);
                *stored = held{std::move(*next), now};
            } else
                group.insert(change.hash, *change.key, held{std::move(*next), now});
        }
    }

    /// Replaces all states of the group by `rows`, pointers to pairs of key and state; of equal keys the first is used.
    template <typename Rows>
    void replace_all(std::size_t number, Rows const& rows, std::int64_t now)
    {
        auto& group = groups_[number];
        auto& table = group.table;
        std::unordered_set<Key, key_hasher> given;
        for (auto const* const row : rows) {
            auto const& [key, state] = *row;
            if (!given.insert(key).second)
                continue;
            auto const hash = key_hash(key);
            held* const stored = table.find(hash, key);
            if (stored == nullptr)
                group.insert(hash, key, held{state, now});
            else if (!same(state, stored->value)) {
                group.touch(hash, stored);
                *stored = held{state, now};
            }
        }
        std::vector<Key> gone;
        table.for_each([&](Key const& key, held&) {
            if (!given.contains(key))
                gone.push_back(key);
        });
        group.erase_all(gone);
    }

    /// Calls `visit(key, values, state)` for each key of the group with arrivals or a state; `state` is null where
    /// there is none. What is visited lives in the table, `arrived`, `nothing` and `copied`, which gets the keys that do
    /// not lie in the table as such.
    template <typename Value, typename Visit>
    void gather(std::size_t group, std::vector<detail::arrival<Key, Value>> const& arrived,
                std::vector<Value> const& nothing, std::deque<Key>& copied, Visit const& visit)
    {
        auto& table = groups_[group].table;
        std::unordered_set<held const*> fed;
        for (std::size_t i = 0; i < arrived.size(); ++i) {
            prefetch_ahead(table, arrived, i);
            auto const& each = arrived[i];
            held const* const stored = table.find(each.hash, each.key);
            visit(each.key, each.values, stored != nullptr ? &stored->value : nullptr);
            if (stored != nullptr)
                fed.insert(stored);
        }
        table.for_each([&](Key const& key, held& stored) {
            if (fed.contains(&stored))
                return;
            if constexpr (std::same_as<Key, typename Backend::kept_key>)
                visit(key, nothing, &stored.value);
            else
                visit(copied.emplace_back(key), nothing, &stored.value);
        });
    }

    /// The batch is done: what it changed stays, and can be asked for until `settle`, which comes before the next batch.
    void finish(std::size_t group) { groups_[group].finish(); }

    /// The batch is done: what it changed stays.
    void settle(std::size_t group) { groups_[group].settle(); }

    /// How many states of a group are new or other than when it was last settled.
    [[nodiscard]] std::size_t changed(std::size_t group) const { return groups_[group].table.dirty_size(); }

    /// Calls `put(key, held)` for each of these, then `gone(key)` for each key that has no state any more; it may be
    /// called for one again, and for one that had none when the group was last settled.
    template <typename Put, typename Gone>
    void for_each_change(std::size_t group, Put const& put, Gone const& gone) const
    {
        groups_[group].table.for_each_dirty(put);
        groups_[group].table.for_each_erased(gone);
    }

    /// They are not asked for any more, though the batch may still be taken back.
    void forget_changes(std::size_t group) { groups_[group].table.clear_dirty(); }

    /// The batch failed: every state of the group is as before it.
    void rollback(std::size_t group) { groups_[group].rollback(); }

private:
    /// Starts loading what the records behind the one at `place` will need.
    template <typename Records>
    static void prefetch_ahead(Backend const& table, Records const& records, std::size_t place)
    {
        if (auto const far = place + Backend::prefetch_distance; far < records.size())
            table.prefetch(records[far].hash);
        if (auto const near = place + Backend::prefetch_distance / 2; near < records.size())
            table.prefetch_key(records[near].hash);
    }

    /// Whether storing one in place of the other would change nothing. 0.0 equals -0.0 and has other bytes.
    [[nodiscard]] static bool same(State const& left, State const& right)
    {
        if constexpr (bitwise<State>)
            return std::memcmp(&left, &right, sizeof left) == 0;
        else if constexpr (std::equality_comparable<State>)
            return left == right;
        else
            return false;
    }

    std::vector<detail::state_group<Key, State, Backend>> groups_;
    std::optional<std::int64_t> idle_limit_;
};

} // namespace tidemark
