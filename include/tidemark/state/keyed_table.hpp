// SPDX-License-Identifier: BSL-1.0
//
// keyed_table: the state of one key-group in memory: a flat hash table that knows what changed.

#pragma once

#include <tidemark/core/key_hash.hpp>
#include <tidemark/state/detail/key_storage.hpp>
#include <tidemark/state/detail/probed_slots.hpp>
#include <tidemark/state/detail/table_slot.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

namespace tidemark {

/// A map from `Key` to `Value` for one key-group, made for updates by the batch and for saving only what changed.
///
/// Each call is given the hash of its key, `Hasher()(key)`, so that a batch is hashed once. A loop over a batch calls
/// `prefetch` about `prefetch_distance` records ahead. An entry is dirty from its insertion, or from `mark_dirty`,
/// until `clear_dirty`; the keys erased in that time are kept as well. Together they are the delta of a checkpoint.
///
/// Pointers to values stay valid until a call inserts a new key; erasing moves nothing. A call that throws, because a
/// user's type or an allocation did, has changed nothing, unless a key or value can only be moved and its move
/// constructor throws. *Threads*: no two calls at once; different tables are independent.
///
/// Open addressing with linear probing; control bytes apart from the slots are compared sixteen at a time, as in
/// "Swiss tables" (Kulukundis, CppCon 2017). Memory: 1.3 to 1.8 times the size of slots.
/// The bytes of keys that are strings lie one behind the other in memory of the table, and a slot has 16 bytes for each.
template <std::movable Key, std::move_constructible Value, typename Hasher = key_hasher>
class keyed_table {
    using keys = detail::key_storage_t<Key>;
    using slot = detail::table_slot<Key, typename keys::kept_key, Value, Hasher>;
    using array = detail::slot_array<slot>;
    using control = detail::control;

    template <typename K>
    static constexpr bool names_key =
        std::convertible_to<K const&, Key const&> || std::same_as<K, typename keys::kept_key>;

public:
    using key_type = Key;
    using mapped_type = Value;
    /// What stands for a key of this table: the key itself, or where it lies. It serves as one until `drop_kept`.
    using kept_key = typename keys::kept_key;

    /// How many records ahead of the update a batch loop should call `prefetch`.
    static constexpr std::size_t prefetch_distance = 24;

    /// `phase`, for example the number of the key-group, sets at which load between 0.70 and 0.85 the table grows, so
    /// that tables that fill alike do not all grow in one batch.
    explicit keyed_table(std::uint32_t phase = 0) noexcept
        : table_(phase)
    {}

    /// Leaves `other` empty and usable.
    keyed_table(keyed_table&& other) noexcept
        : table_(std::move(other.table_))
        , keys_(std::move(other.keys_))
        , erased_(std::exchange(other.erased_, {}))
        , keeps_(std::exchange(other.keeps_, false))
    {}
    keyed_table& operator=(keyed_table&& other) noexcept
    {
        keyed_table moved(std::move(other));
        table_.swap(moved.table_);
        std::swap(keys_, moved.keys_);
        erased_.swap(moved.erased_);
        std::swap(keeps_, moved.keeps_);
        return *this;
    }
    ~keyed_table() = default;

    [[nodiscard]] std::size_t size() const noexcept { return table_.size(); }
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }

    /// Bytes held by the table itself; what keys and values own elsewhere is not counted.
    [[nodiscard]] std::size_t memory_bytes() const noexcept
    {
        return table_.memory_bytes() + keys_.memory_bytes() + erased_.capacity() * sizeof(erased_key);
    }

    /// Starts loading the memory that a call with `hash` will look at first. A hint: it changes no result.
    void prefetch(std::uint64_t hash) const noexcept { table_.slots().prefetch(hash); }

    /// The same for the key itself, where it does not lie in its slot: half way between `prefetch` and the call.
    void prefetch_key([[maybe_unused]] std::uint64_t hash) const noexcept
    {
        if constexpr (!lie_in_slots)
            if (auto const at = table_.likely(hash); at != none)
                keys_.prefetch(table_.slots()[at].key);
    }

    /// The value of `key`, or null.
    template <typename K>
        requires names_key<K>
    [[nodiscard]] Value* find(std::uint64_t hash, K const& key)
    {
        auto const at = table_.find(hash, keys_.sought(key));
        return at == none ? nullptr : &table_.slots()[at].value;
    }
    template <typename K>
        requires names_key<K>
    [[nodiscard]] Value const* find(std::uint64_t hash, K const& key) const
    {
        auto const at = table_.find(hash, keys_.sought(key));
        return at == none ? nullptr : &table_.slots()[at].value;
    }

    /// The value of `key`, made of `args` when there was none, and whether it was made. A made one is dirty.
    ///
    /// Arguments are not touched when the key is there, and must not refer to entries of this table.
    template <typename K, typename... Args>
        requires std::same_as<std::remove_cvref_t<K>, Key> || std::same_as<std::remove_cvref_t<K>, kept_key>
    std::pair<Value*, bool> try_emplace(std::uint64_t hash, K&& key, Args&&... args)
    {
        if (auto const found = table_.find(hash, keys_.sought(key)); found != none)
            return {&table_.slots()[found].value, false};
        make_room(key);
        auto const at = table_.insert(hash, keys_.store(std::forward<K>(key)), std::forward<Args>(args)...);
        keys_.came(table_.slots()[at].key);
        table_.mark(at);
        return {&table_.slots()[at].value, true};
    }

    /// Makes the value of `key`, which has none, of `args`. It is not dirty.
    template <typename... Args>
    void restore(std::uint64_t hash, Key key, Args&&... args)
    {
        make_room(key);
        auto const at = table_.insert(hash, keys_.store(std::move(key)), std::forward<Args>(args)...);
        keys_.came(table_.slots()[at].key);
    }

    /// Removes `key` and keeps it for `for_each_erased`. False when it was not there.
    template <typename K>
        requires names_key<K>
    bool erase(std::uint64_t hash, K const& key)
    {
        auto const at = table_.find(hash, keys_.sought(key));
        if (at == none)
            return false;
        erase_slot(at, hash);
        return true;
    }

    /// Removes the entry that `value` is in.
    void erase(Value* value)
    {
        auto const at = table_.slots().index_of(value);
        erase_slot(at, table_.slots()[at].hash());
    }

    /// Keeps a key that may come, or the key of an entry, also when it is erased. *Throws* what copying a key does.
    [[nodiscard]] kept_key keep(Key const& key)
    {
        make_room(key);
        keeps_ = true;
        return keys_.store(key);
    }
    [[nodiscard]] kept_key keep_key_of(Value const* value)
    {
        keeps_ = true;
        return table_.slots()[table_.slots().index_of(value)].key;
    }
    /// No kept key is used any more.
    void drop_kept() noexcept
    {
        keeps_ = false;
        keys_.compact_if_wanted(table_.slots());
    }

    /// Marks the entry of `value`, which lies in this table, as changed or about to change. False when it was marked
    /// already.
    bool mark_dirty(Value const* value) noexcept { return table_.mark(table_.slots().index_of(value)); }

    /// How many entries are dirty.
    [[nodiscard]] std::size_t dirty_size() const noexcept { return table_.dirty_size(); }

    /// `visit(key, value)` for each dirty entry. It must not insert, erase or mark. Where keys do not lie in their slots,
    /// `key` lives during the call, here and in `for_each`.
    template <std::invocable<Key const&, Value const&> Visit>
    void for_each_dirty(Visit visit) const
    {
        typename keys::buffer read;
        table_.for_each_dirty([&](slot const& entry) { visit(keys_.read(entry.key, read), entry.value); });
    }

    /// `visit(key)` for each key that was erased since `clear_dirty` and is absent now. A key that came and went
    /// several times is visited each time, even if it came only after `clear_dirty`.
    template <std::invocable<Key const&> Visit>
    void for_each_erased(Visit visit) const
    {
        for (erased_key const& gone : erased_)
            if (table_.find(gone.hash, keys_.sought(gone.key)) == none)
                visit(gone.key);
    }

    /// Forgets which entries are dirty and which keys were erased.
    void clear_dirty() noexcept
    {
        table_.clean();
        erased_.clear();
    }

    /// `visit(key, value)` for each entry, in unspecified order. It may mark entries, and erase the one it was given.
    template <std::invocable<Key const&, Value&> Visit>
    void for_each(Visit visit)
    {
        typename keys::buffer read;
        for (detail::occupied_walk<array> walk(table_.slots()); walk.more(); walk.next()) {
            slot& entry = table_.slots()[walk.index()];
            visit(keys_.read(entry.key, read), entry.value);
        }
    }
    template <std::invocable<Key const&, Value const&> Visit>
    void for_each(Visit visit) const
    {
        typename keys::buffer read;
        for (detail::occupied_walk<array> walk(table_.slots()); walk.more(); walk.next()) {
            slot const& entry = table_.slots()[walk.index()];
            visit(keys_.read(entry.key, read), entry.value);
        }
    }

    /// A number below 2^32 for the entry that `value` is in. It is valid while the entry lives and `layout()` stays the
    /// same; once the entry is erased, a later one may get the number.
    [[nodiscard]] std::uint32_t index_of(Value const* value) const noexcept
    {
        return static_cast<std::uint32_t>(table_.slots().index_of(value));
    }

    /// The value of the entry with that number, or null when there is none.
    [[nodiscard]] Value* find_at(std::uint32_t index) noexcept
    {
        array& slots = table_.slots();
        return index < slots.count() && slots.control_at(index) >= control::occupied ? &slots[index].value : nullptr;
    }

    /// Starts loading what a call of `find_at` with that number, and of what it finds, will look at first.
    void prefetch_at(std::uint32_t index) const noexcept { table_.slots().prefetch_slot(index); }

    /// The key of the entry that `value` is in; a copy, where it does not lie in its slot.
    [[nodiscard]] decltype(auto) key_of(Value const* value) const
    {
        return keys_.get(table_.slots()[table_.slots().index_of(value)].key);
    }

    /// Changes whenever entries got new numbers.
    [[nodiscard]] std::uint64_t layout() const noexcept { return table_.layout(); }

    /// Makes room for `entries` in all: up to that many, insertions move no entry, provided that nothing is erased.
    void reserve(std::size_t entries) { table_.reserve(entries); }

    /// Removes all entries, the record of changes and the memory, as if the table were new.
    void clear() noexcept
    {
        table_.clear();
        keys_.clear();
        keeps_ = false;
        std::vector<erased_key>().swap(erased_);
    }

    /// The longest distance of an entry from its home, in slots. Looks at every entry; for monitoring.
    [[nodiscard]] std::size_t longest_probe() const noexcept { return table_.longest_probe(); }

private:
    struct erased_key {
        std::uint64_t hash;
        Key key;
    };

    static constexpr bool lie_in_slots = std::same_as<Key, typename keys::kept_key>;
    static constexpr std::size_t none = detail::probed_slots<slot>::none;

    template <typename K>
    void make_room(K const& key)
    {
        if (!keeps_)
            keys_.make_room(key, table_.slots());
    }

    void erase_slot(std::size_t at, std::uint64_t hash)
    {
        array& slots = table_.slots();
        if (erased_.size() == erased_.capacity())
            erased_.reserve(2 * erased_.size() + 4); // before the key moves: this may throw
        erased_.push_back({hash, keys_.take(slots[at].key)});
        keys_.went(slots[at].key);
        table_.erase(at);
    }

    detail::probed_slots<slot> table_;
    [[no_unique_address]] keys keys_;
    std::vector<erased_key> erased_;
    bool keeps_ = false; // keys, outside
};

} // namespace tidemark
