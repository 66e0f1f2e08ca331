// SPDX-License-Identifier: BSL-1.0
//
// state_backend: what the state operators ask of the store of one key-group.

#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace tidemark {
namespace detail {

struct any_visit {
    template <typename... Parts>
    constexpr void operator()(Parts const&...) const noexcept
    {}
};

} // namespace detail

/// The store of one key-group: it finds, inserts and erases entries by hash and key, and knows which changed since
/// `clear_dirty`. The calls mean what they mean in `keyed_table`, the store in memory; another store may keep entries
/// elsewhere, and may have shorter keys of its own for keys that it has or is going to have. It is constructed from the number of its key-group, and says how many records ahead a loop should call
/// `prefetch`.
template <typename B, typename Key, typename Value>
concept state_backend = std::movable<B> && std::constructible_from<B, std::uint32_t>
                        && requires(B& backend, B const& unchanged, std::uint64_t hash, Key const& key, Key&& given,
                                    Value&& start, Value* value, std::size_t entries, detail::any_visit visit) {
                               { B::prefetch_distance } -> std::convertible_to<std::size_t>;
                               unchanged.prefetch(hash);
                               unchanged.prefetch_key(hash);
                               { backend.find(hash, key) } -> std::same_as<Value*>;
                               {
                                   backend.try_emplace(hash, key, std::move(start))
                               } -> std::same_as<std::pair<Value*, bool>>;
                               {
                                   backend.try_emplace(hash, std::move(given), std::move(start))
                               } -> std::same_as<std::pair<Value*, bool>>;
                               backend.restore(hash, std::move(given), std::move(start));
                               { backend.erase(hash, key) } -> std::same_as<bool>;
                               { backend.keep(key) } -> std::same_as<typename B::kept_key>;
                               { backend.keep_key_of(value) } -> std::same_as<typename B::kept_key>;
                               { backend.find(hash, backend.keep(key)) } -> std::same_as<Value*>;
                               backend.try_emplace(hash, backend.keep(key), std::move(start));
                               { backend.erase(hash, backend.keep(key)) } -> std::same_as<bool>;
                               backend.drop_kept();
                               { backend.mark_dirty(value) } -> std::same_as<bool>;
                               backend.for_each(visit);
                               unchanged.for_each_dirty(visit);
                               unchanged.for_each_erased(visit);
                               backend.clear_dirty();
                               backend.reserve(entries);
                               backend.clear();
                               { unchanged.size() } -> std::convertible_to<std::size_t>;
                               { unchanged.dirty_size() } -> std::convertible_to<std::size_t>;
                               { unchanged.memory_bytes() } -> std::convertible_to<std::size_t>;
                           };

/// A store that also numbers its entries, so that a timeout wheel can refer to them; `layout()` changes when the
/// numbers do.
template <typename B, typename Key, typename Value>
concept indexed_state_backend =
    state_backend<B, Key, Value> && requires(B& backend, B const& unchanged, Value* value, std::uint32_t index) {
        { unchanged.index_of(value) } -> std::same_as<std::uint32_t>;
        { backend.find_at(index) } -> std::same_as<Value*>;
        unchanged.prefetch_at(index);
        { unchanged.key_of(value) } -> std::convertible_to<Key const&>;
        { unchanged.layout() } -> std::same_as<std::uint64_t>;
        backend.erase(value);
    };

} // namespace tidemark
