// SPDX-License-Identifier: BSL-1.0
//
// key_index: from a key to its place in a vector, for tables that live as long as one batch.

#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace tidemark {

/// Open addressing with linear probing over places in a vector that the caller holds.
class key_index {
public:
    /// Empties the index and makes room for `keys` keys. Called before the first search.
    void reset(std::size_t keys)
    {
        auto const wanted = std::bit_ceil(keys + keys / 2 + 4);
        mask_ = wanted - 1;
        slots_.assign(wanted, slot{0, nothing});
    }

    /// The place of the key; for a new key `fresh`, which is noted as its place. `matches(place)` compares keys.
    ///
    /// *Requires* that no more different keys are asked for than `reset` was told: a search ends at a free slot only.
    template <typename Matches>
    [[nodiscard]] std::uint32_t find_or_insert(std::uint64_t hash, std::uint32_t fresh, Matches const& matches)
    {
        auto const tag =
            static_cast<std::uint32_t>(hash); // the upper half chose the group, so the keys of a group share bits of it
        for (std::size_t i = tag & mask_;; i = (i + 1) & mask_) {
            auto& here = slots_[i];
            if (here.place == nothing) {
                here = {tag, fresh};
                return fresh;
            }
            if (here.tag == tag && matches(here.place))
                return here.place;
        }
    }

    /// The place of the key, or `nothing`.
    template <typename Matches>
    [[nodiscard]] std::uint32_t find(std::uint64_t hash, Matches const& matches) const
    {
        auto const tag = static_cast<std::uint32_t>(hash);
        for (std::size_t i = tag & mask_;; i = (i + 1) & mask_) {
            auto const& here = slots_[i];
            if (here.place == nothing || (here.tag == tag && matches(here.place)))
                return here.place;
        }
    }

    /// Makes room for one key more than the `keys` that are there; for tables whose size is not known before.
    void make_room(std::size_t keys)
    {
        if (2 * keys < slots_.size())
            return;
        auto const before = std::exchange(slots_, {});
        slots_.assign(std::max<std::size_t>(64, 2 * before.size()), slot{0, nothing});
        mask_ = slots_.size() - 1;
        for (auto const& one : before)
            if (one.place != nothing)
                put(one);
    }

    static constexpr std::uint32_t nothing = ~std::uint32_t{0};

private:
    struct slot {
        std::uint32_t tag;
        std::uint32_t place;
    };

    void put(slot const& one)
    {
        auto i = one.tag & mask_;
        while (slots_[i].place != nothing)
            i = (i + 1) & mask_;
        slots_[i] = one;
    }

    std::vector<slot> slots_;
    std::size_t mask_ = 0;
};

} // namespace tidemark
