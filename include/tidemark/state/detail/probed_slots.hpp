// SPDX-License-Identifier: BSL-1.0
//
// probed_slots: finding, making and erasing entries of a slot_array, and when it grows.

#pragma once

#include <tidemark/state/detail/dirty_slots.hpp>
#include <tidemark/state/detail/slot_array.hpp>
#include <tidemark/state/detail/slot_walk.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace tidemark::detail {

/// An open-addressing table of `Slot`s with linear probing.
///
/// Between the home of an entry and the entry no slot is `empty`: this is what lets a search end. So an erased slot
/// stays `erased` unless the next one is empty, and counts as used until it is taken again or the table is rebuilt.
template <typename Slot>
class probed_slots {
public:
    using array = slot_array<Slot>;

    static constexpr std::size_t none = ~std::size_t{0};

    /// Full at a load between 0.70 and 0.85, by the golden ratio of `phase`, so that near phases lie apart.
    explicit probed_slots(std::uint32_t phase) noexcept
        : full_per_1024_(717 + (phase * 0x9e3779b9U >> 16) * 154 / 65536)
    {}

    /// Leaves `other` empty; both grow at the load that `other` had.
    probed_slots(probed_slots&& other) noexcept
        : full_per_1024_(other.full_per_1024_)
    {
        swap(other);
    }
    probed_slots& operator=(probed_slots&& other) noexcept
    {
        probed_slots(std::move(other)).swap(*this);
        return *this;
    }
    ~probed_slots() = default;

    void swap(probed_slots& other) noexcept
    {
        slots_.swap(other.slots_);
        std::swap(size_, other.size_);
        std::swap(used_, other.used_);
        std::swap(limit_, other.limit_);
        std::swap(layout_, other.layout_);
        std::swap(full_per_1024_, other.full_per_1024_);
        std::swap(dirty_, other.dirty_);
    }

    [[nodiscard]] array& slots() noexcept { return slots_; }
    [[nodiscard]] array const& slots() const noexcept { return slots_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t memory_bytes() const noexcept { return slots_.memory_bytes() + dirty_.memory_bytes(); }
    [[nodiscard]] std::uint64_t layout() const noexcept { return layout_; }

    /// The slot of `key`, or `none`.
    template <typename Key>
    [[nodiscard]] std::size_t find(std::uint64_t hash, Key const& key) const
    {
        auto const wanted = control::for_hash(hash);
        for (auto at = slots_.home(hash);; at = slots_.wrapped(at + array::window)) {
            auto const here = slots_.window_at(at);
            for (auto left = here.match(wanted); left != 0; left &= left - 1) {
                auto const index = slots_.wrapped(at + static_cast<std::size_t>(std::countr_zero(left)));
                if (slots_[index].holds(hash, key))
                    return index;
            }
            if (here.empty() != 0)
                return none;
        }
    }

    /// The slot in which a search for `hash` would compare keys first, or `none`.
    [[nodiscard]] std::size_t likely(std::uint64_t hash) const noexcept
    {
        auto const home = slots_.home(hash);
        auto const left = slots_.window_at(home).match(control::for_hash(hash));
        return left == 0 ? none : slots_.wrapped(home + static_cast<std::size_t>(std::countr_zero(left)));
    }

    /// Makes an entry for a key that is not there, and gives its slot. When something throws, nothing has changed.
    template <typename... Args>
    [[gnu::noinline]] std::size_t insert(std::uint64_t hash, Args&&... args)
    {
        dirty_.note_new();
        auto at = slots_.first_free(hash);
        bool fresh = slots_.control_at(at) == control::empty;
        if (fresh && used_ == limit_) {
            rebuild(slots_after_full());
            at = slots_.first_free(hash);
            fresh = true;
        }
        slots_.construct(at, control::for_hash(hash), hash, std::forward<Args>(args)...);
        ++size_;
        used_ += fresh ? 1 : 0;
        return at;
    }

    void erase(std::size_t at) noexcept
    {
        if (slots_.is_dirty(at))
            dirty_.note_gone();
        if (slots_.control_at(at + 1) != control::empty) {
            slots_.destroy(at, control::erased);
        } else { // no search goes on from here, nor from the erased ones just before
            slots_.destroy(at, control::empty);
            --used_;
            for (at = before(at); slots_.control_at(at) == control::erased; at = before(at)) {
                slots_.set_control(at, control::empty);
                --used_;
            }
        }
        --size_;
    }

    /// Says that the entry of a slot has changed or is about to. False when that was known.
    bool mark(std::size_t at) noexcept
    {
        if (slots_.is_dirty(at))
            return false;
        slots_.set_dirty(at);
        dirty_.note(at, slots_.count());
        return true;
    }

    [[nodiscard]] std::size_t dirty_size() const noexcept
    {
        if (dirty_.is_exact())
            return dirty_.list().size();
        std::size_t size = 0;
        for_each_dirty([&size](Slot const&) { ++size; });
        return size;
    }

    template <typename Visit>
    void for_each_dirty(Visit const& visit) const
    {
        if (dirty_.is_complete()) {
            for (auto const at : dirty_.list())
                if (slots_.is_dirty(at)) // it may have been erased
                    visit(slots_[at]);
        } else {
            for (std::size_t block = 0; block < slots_.count(); block += array::block)
                for (auto left = slots_.dirty_in_block(block); left != 0; left &= left - 1)
                    visit(slots_[block + static_cast<std::size_t>(std::countr_zero(left))]);
        }
    }

    void clean() noexcept
    {
        if (dirty_.is_complete())
            for (auto const at : dirty_.list())
                slots_.set_clean(at);
        else
            slots_.set_all_clean();
        dirty_.clear();
    }

    void reserve(std::size_t entries)
    {
        if (entries > size_ && entries - size_ > limit_ - used_)
            rebuild(slots_for(entries));
    }

    void clear() noexcept
    {
        slots_ = array();
        size_ = used_ = limit_ = 0;
        ++layout_;
        dirty_ = {};
    }

    [[nodiscard]] std::size_t longest_probe() const noexcept
    {
        std::size_t longest = 0;
        for (occupied_walk<array> walk(slots_); walk.more(); walk.next()) {
            auto const home = slots_.home(slots_[walk.index()].hash());
            longest = std::max(longest, slots_.wrapped(walk.index() + slots_.count() - home));
        }
        return longest;
    }

private:
    [[nodiscard]] std::size_t before(std::size_t at) const noexcept { return (at == 0 ? slots_.count() : at) - 1; }

    [[nodiscard]] static constexpr std::size_t whole_windows(std::size_t slots) noexcept
    {
        return (slots + array::window - 1) / array::window * array::window;
    }
    [[nodiscard]] std::size_t slots_for(std::size_t entries) const noexcept
    {
        return whole_windows(entries * 1024 / full_per_1024_ + 1);
    }

    /// What a full table goes on with: more, if entries fill it; as much, if what is left of erased ones does; less, if
    /// hardly an entry is there. At least a fifth of the limit is free afterwards, so rebuilds stay rare.
    [[nodiscard]] std::size_t slots_after_full() const noexcept
    {
        auto const slots = slots_.count();
        if (size_ * 5 >= limit_ * 4)
            return whole_windows(slots + slots / 3 + 1);
        return size_ * 4 > limit_ ? slots : slots_for(size_ * 2);
    }

    void rebuild(std::size_t slots)
    {
        array next(slots);
        for (occupied_walk<array> walk(slots_); walk.more(); walk.next()) {
            Slot& entry = slots_[walk.index()];
            auto const hash = entry.hash();
            auto const at = next.first_free(hash);
            next.construct(at, control::for_hash(hash), std::move_if_noexcept(entry));
            if ((slots_.control_at(walk.index()) & control::dirty) != 0)
                next.set_dirty(at);
        }
        slots_ = std::move(next);
        if (!dirty_.list().empty())
            dirty_.forget();
        limit_ = slots * full_per_1024_ / 1024;
        used_ = size_;
        ++layout_;
    }

    array slots_;
    std::size_t size_ = 0;
    std::size_t used_ = 0;  // slots that are not empty: entries, and erased ones
    std::size_t limit_ = 0; // of used_
    std::uint64_t layout_ = 0;
    std::uint32_t full_per_1024_;
    dirty_slots<std::uint32_t> dirty_;
};

} // namespace tidemark::detail
