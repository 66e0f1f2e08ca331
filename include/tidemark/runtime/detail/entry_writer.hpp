// SPDX-License-Identifier: BSL-1.0
//
// entry_writer: entries of a keyed state to bytes.

#pragma once

#include <tidemark/checkpoint/detail/fixed_size.hpp>
#include <tidemark/checkpoint/detail/wire_size.hpp>
#include <tidemark/checkpoint/output_archive.hpp>
#include <tidemark/state/held_state.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace tidemark::detail {

template <typename Key, typename State>
inline constexpr std::size_t least_entry_bytes =
    wire_size_v<Key>.least + wire_size_v<State>.least + sizeof(std::int64_t);

template <typename Key, typename State>
inline constexpr bool entries_are_fixed = wire_size_v<Key>.fixed && wire_size_v<State>.fixed;

/// Saves entries, as an archive does: key, state, and time of the last update.
template <typename Key, typename State>
class entry_writer {
public:
    /// There will be about so many.
    explicit entry_writer(std::size_t entries)
        : out_(entries * least_entry_bytes<Key, State>)
    {}

    void put(Key const& key, held_state<State> const& held) { out_ << key << held.value << held.updated; }
    void put(Key const& key) { out_ << key; }

    [[nodiscard]] std::vector<std::byte> take() { return {out_.bytes().begin(), out_.bytes().end()}; }

private:
    output_archive out_;
};

/// The same without a copy, where all entries have one length.
template <typename Key, typename State>
    requires entries_are_fixed<Key, State>
class entry_writer<Key, State> {
public:
    /// *Requires* that there will be exactly so many, before the first key alone.
    explicit entry_writer(std::size_t entries)
        : bytes_(entries * least_entry_bytes<Key, State>)
        , write_{bytes_.data()}
    {}

    void put(Key const& key, held_state<State> const& held)
    {
        write_(key);
        write_(held.value);
        write_(held.updated);
    }
    void put(Key const& key)
    {
        auto const end = bytes_.size();
        bytes_.resize(end + wire_size_v<Key>.least);
        fixed_writer{bytes_.data() + end}(key);
    }

    [[nodiscard]] std::vector<std::byte> take() { return std::move(bytes_); }

private:
    std::vector<std::byte> bytes_;
    fixed_writer write_;
};

} // namespace tidemark::detail
