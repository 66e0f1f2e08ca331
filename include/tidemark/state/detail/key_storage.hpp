// SPDX-License-Identifier: BSL-1.0
//
// key_storage: where the keys of a table lie: in their slots, or, as strings do, one behind the other in memory of the table.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/state/detail/page_arena.hpp>
#include <tidemark/state/detail/slot_walk.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace tidemark::detail {

/// Keys that lie in their slots.
template <typename Key>
class keys_in_slots {
public:
    using kept_key = Key;
    struct buffer {};

    template <typename K>
    [[nodiscard]] K&& store(K&& key) const noexcept
    {
        return std::forward<K>(key);
    }
    [[nodiscard]] Key const& sought(Key const& key) const noexcept { return key; }
    [[nodiscard]] Key const& read(Key const& kept, buffer&) const noexcept { return kept; }
    [[nodiscard]] Key const& get(Key const& kept) const noexcept { return kept; }
    [[nodiscard]] decltype(auto) take(Key& kept) const noexcept { return std::move_if_noexcept(kept); }

    template <typename Slots>
    void make_room(Key const&, Slots&) const noexcept
    {}
    template <typename Slots>
    void compact_if_wanted(Slots&) const noexcept
    {}
    void came(Key const&) const noexcept {}
    void went(Key const&) const noexcept {}
    void prefetch(Key const&) const noexcept {}
    void clear() const noexcept {}
    [[nodiscard]] static constexpr std::size_t memory_bytes() noexcept { return 0; }
};

/// Where the bytes of a string lie in an arena.
struct string_piece {
    std::uint32_t offset;
    std::uint32_t length;
};

/// Strings that lie one behind the other. A slot has 8 bytes for each, and none is an allocation of its own. The bytes of
/// those that went stay until the arena is compacted.
template <typename Allocator>
class string_arena {
public:
    using kept_key = string_piece;
    using buffer = std::string;

    /// A string to be found among the kept ones.
    struct wanted {
        char const* bytes;
        std::string_view key;

        friend bool operator==(string_piece const& kept, wanted const& other) noexcept
        {
            return std::string_view(other.bytes + kept.offset, kept.length) == other.key;
        }
    };

    string_arena() noexcept = default;
    string_arena(string_arena&& other) noexcept
        : bytes_(std::exchange(other.bytes_, {}))
        , living_(std::exchange(other.living_, 0))
    {}
    string_arena& operator=(string_arena&& other) noexcept
    {
        bytes_ = std::exchange(other.bytes_, {});
        living_ = std::exchange(other.living_, 0);
        return *this;
    }
    ~string_arena() = default;

    /// Copies the key in, though no slot has it yet. *Throws* `std::bad_alloc`, and `error` beyond 4 GiB.
    [[nodiscard]] string_piece store(std::string_view key)
    {
        if (key.size() > most_bytes - bytes_.size())
            throw error("tidemark::keyed_table: keys of more than 4294967295 bytes are in one key-group; use more "
                        "key-groups");
        if (!has_room(key))
            bytes_.reserve(bytes_.size() + std::max(key.size(), bytes_.size() / 8 + 64));
        auto const offset = static_cast<std::uint32_t>(bytes_.size());
        bytes_.insert(bytes_.end(), key.begin(), key.end());
        return {offset, static_cast<std::uint32_t>(key.size())};
    }
    [[nodiscard]] string_piece store(string_piece kept) const noexcept { return kept; }

    [[nodiscard]] wanted sought(std::string_view key) const noexcept { return {bytes_.data(), key}; }
    [[nodiscard]] wanted sought(string_piece kept) const noexcept { return sought(view(kept)); }

    [[nodiscard]] std::string const& read(string_piece kept, std::string& into) const
    {
        return into.assign(view(kept));
    }
    [[nodiscard]] std::string get(string_piece kept) const { return std::string(view(kept)); }
    [[nodiscard]] std::string take(string_piece kept) const { return get(kept); }

    /// Makes room for a key by compacting, where that gives enough; `store` grows where it does not.
    template <typename Slots>
    void make_room(std::string_view key, Slots& slots)
    {
        if (!has_room(key) && wants_compaction())
            compact(slots);
    }
    template <typename Slots>
    void make_room(string_piece, Slots&) const noexcept
    {}

    /// Without memory for it, all stays as it is.
    template <typename Slots>
    void compact_if_wanted(Slots& slots) noexcept
    {
        if (wants_compaction()) {
            try {
                compact(slots);
            } catch (std::bad_alloc const&) {
            }
        }
    }

    /// A slot has the key now, or has it no more.
    void came(string_piece kept) noexcept { living_ += kept.length; }
    void went(string_piece kept) noexcept { living_ -= kept.length; }

    void prefetch([[maybe_unused]] string_piece kept) const noexcept
    {
#if defined(__GNUC__)
        __builtin_prefetch(bytes_.data() + kept.offset);
        __asm__ volatile("");
#endif
    }

    void clear() noexcept { *this = string_arena(); }
    [[nodiscard]] std::size_t memory_bytes() const noexcept { return bytes_.capacity(); }

private:
    static constexpr std::size_t most_bytes = std::numeric_limits<std::uint32_t>::max();

    [[nodiscard]] bool has_room(std::string_view key) const noexcept
    {
        return key.size() <= bytes_.capacity() - bytes_.size();
    }

    /// Whether most of the memory is of keys that went.
    [[nodiscard]] bool wants_compaction() const noexcept
    {
        auto const gone = bytes_.size() - living_;
        return gone > living_ && gone > 4096;
    }

    template <typename Slots>
    void compact(Slots& slots)
    {
        decltype(bytes_) next;
        next.reserve(living_ + living_ / 8 + 64);
        for (occupied_walk<Slots> walk(slots); walk.more(); walk.next()) {
            string_piece& kept = slots[walk.index()].key;
            auto const key = view(kept);
            kept.offset = static_cast<std::uint32_t>(next.size());
            next.insert(next.end(), key.begin(), key.end());
        }
        bytes_ = std::move(next);
    }

    [[nodiscard]] std::string_view view(string_piece kept) const noexcept
    {
        return {bytes_.data() + kept.offset, kept.length};
    }

    std::vector<char, Allocator> bytes_;
    std::size_t living_ = 0; // bytes of the keys that slots have
};

template <typename Key>
struct key_storage {
    using type = keys_in_slots<Key>;
};
template <>
struct key_storage<std::string> {
    using type = string_arena<table_allocator<char>>;
};

/// Where a table keeps keys of this type.
template <typename Key>
using key_storage_t = typename key_storage<Key>::type;

} // namespace tidemark::detail
