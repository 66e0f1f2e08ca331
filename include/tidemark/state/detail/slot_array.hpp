// SPDX-License-Identifier: BSL-1.0
//
// slot_array: the memory of one table: slots and their control bytes.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/state/detail/control_window.hpp>
#include <tidemark/state/detail/page_arena.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <type_traits>
#include <utility>

namespace tidemark::detail {

/// Control bytes of a table that has no memory yet: every search ends at once. Never written.
inline constexpr unsigned char no_controls[2 * control_window::width] = {};

/// A fixed number of slots in one block of memory. Owns the slots that are marked as occupied.
///
/// A key's slot is the first free one from its home on; homes wrap around. The first window of control bytes is
/// repeated behind the last, so that a window may start at any slot; the dirty bits of the repetition mean nothing.
template <typename Slot>
class slot_array {
public:
    static constexpr std::size_t window = control_window::width;

    static constexpr std::size_t block = 64; // slots that are looked at together

    slot_array() noexcept = default;

    /// *Requires* a positive multiple of `window`. *Throws* `std::bad_alloc`, and `error` beyond 2^32 slots.
    explicit slot_array(std::size_t slots)
    {
        if (slots >= std::size_t{1} << 32) {
            throw error("tidemark::keyed_table: " + std::to_string(slots)
                        + " slots are wanted in one key-group, at most 4294967280 are possible; use more key-groups");
        }
        auto* const memory = static_cast<std::byte*>(table_memory::allocate(bytes_for(slots), alignment));
        slots_ = reinterpret_cast<Slot*>(memory);
        controls_ = reinterpret_cast<unsigned char*>(memory + slots * sizeof(Slot));
        std::memset(controls_, 0, slots + window); // all empty, none dirty
        count_ = slots;
        // Odd, and another one for another size: else a walk over a large table would fill a smaller one from one end.
        salt_ = static_cast<std::uint32_t>(slots * 0x9e3779b1) | 1;
    }

    slot_array(slot_array&& other) noexcept { swap(other); }

    slot_array& operator=(slot_array&& other) noexcept
    {
        slot_array(std::move(other)).swap(*this);
        return *this;
    }

    ~slot_array()
    {
        if (slots_ != nullptr) {
            if constexpr (!std::is_trivially_destructible_v<Slot>) {
                for (std::size_t at = 0; at < count_; ++at)
                    if (controls_[at] >= control::occupied)
                        std::destroy_at(slots_ + at);
            }
            table_memory::deallocate(slots_, bytes_for(count_), alignment);
        }
    }

    void swap(slot_array& other) noexcept
    {
        std::swap(slots_, other.slots_);
        std::swap(controls_, other.controls_);
        std::swap(count_, other.count_);
        std::swap(salt_, other.salt_);
    }

    [[nodiscard]] std::size_t count() const noexcept { return count_; }
    [[nodiscard]] std::size_t memory_bytes() const noexcept { return count_ == 0 ? 0 : bytes_for(count_); }

    [[nodiscard]] std::size_t home(std::uint64_t hash) const noexcept
    {
        auto const salted = static_cast<std::uint32_t>(hash) * salt_;
        return static_cast<std::size_t>(std::uint64_t{salted} * count_ >> 32);
    }

    /// `at`, which is less than twice the count, brought back into the array.
    [[nodiscard]] std::size_t wrapped(std::size_t at) const noexcept { return at < count_ ? at : at - count_; }

    [[nodiscard]] control_window window_at(std::size_t at) const noexcept { return control_window(controls_ + at); }
    [[nodiscard]] unsigned char control_at(std::size_t at) const noexcept { return controls_[at]; }

    void set_control(std::size_t at, unsigned char byte) noexcept
    {
        controls_[at] = byte;
        if (at < window)
            controls_[count_ + at] = byte;
    }

    [[nodiscard]] Slot& operator[](std::size_t at) noexcept { return slots_[at]; }
    [[nodiscard]] Slot const& operator[](std::size_t at) const noexcept { return slots_[at]; }

    /// The slot that holds `part`, which is a part of it.
    [[nodiscard]] std::size_t index_of(void const* part) const noexcept
    {
        auto const* const from = reinterpret_cast<std::byte const*>(slots_);
        return static_cast<std::size_t>(static_cast<std::byte const*>(part) - from) / sizeof(Slot);
    }

    [[nodiscard]] bool is_dirty(std::size_t at) const noexcept
    {
        constexpr auto both = control::occupied | control::dirty;
        return (controls_[at] & both) == both;
    }
    void set_dirty(std::size_t at) noexcept { controls_[at] |= control::dirty; }
    void set_clean(std::size_t at) noexcept { controls_[at] &= static_cast<unsigned char>(~control::dirty); }
    void set_all_clean() noexcept
    {
        for (std::size_t at = 0; at < count_; at += control_word::width)
            control_word::clean(controls_ + at);
    }

    /// Bit i is set if the slot `at` + i, in the block that starts at `at`, has an entry, or a dirty one.
    [[nodiscard]] std::uint64_t occupied_in_block(std::size_t at) const noexcept
    {
        std::uint64_t mask = 0;
        for (std::size_t i = 0; i < block && at + i < count_; i += window)
            mask |= std::uint64_t{window_at(at + i).occupied()} << i;
        return mask;
    }
    [[nodiscard]] std::uint64_t dirty_in_block(std::size_t at) const noexcept
    {
        std::uint64_t mask = 0;
        for (std::size_t i = 0; i < block && at + i < count_; i += window) {
            auto const here = window_at(at + i);
            mask |= std::uint64_t{here.dirty() & here.occupied()} << i;
        }
        return mask;
    }

    void prefetch(std::uint64_t hash) const noexcept
    {
        auto const at = home(hash);
        prefetch_slot(at);
        load(at * sizeof(Slot) + 64); // it may lie a little behind its home
    }

    /// Starts loading a slot, which may be beyond the last, and its control byte.
    void prefetch_slot(std::size_t at) const noexcept
    {
#if defined(__GNUC__)
        __builtin_prefetch(controls_ + at);
        __asm__ volatile(""); // GCC takes a function that only prefetches for a pure one, and drops calls of it
#endif
        load(at * sizeof(Slot));
    }

    /// Starts loading all slots of the block that starts at `at`, which may lie behind the last.
    void prefetch_block(std::size_t at) const noexcept
    {
        for (std::size_t line = 0; line < block * sizeof(Slot); line += 64)
            load(at * sizeof(Slot) + line);
    }

    /// The first slot without an entry, from the home of `hash` on. *Requires* that there is one.
    [[nodiscard]] std::size_t first_free(std::uint64_t hash) const noexcept
    {
        auto at = home(hash);
        for (;; at = wrapped(at + window))
            if (auto const free = ~window_at(at).occupied() & 0xffffU; free != 0)
                return wrapped(at + static_cast<std::size_t>(std::countr_zero(free)));
    }

    /// Puts an entry into a slot without one. When the constructor throws, nothing has changed.
    template <typename... Args>
    void construct(std::size_t at, unsigned char byte, Args&&... args)
    {
        std::construct_at(slots_ + at, std::forward<Args>(args)...);
        set_control(at, byte);
    }

    void destroy(std::size_t at, unsigned char byte) noexcept
    {
        set_control(at, byte);
        std::destroy_at(slots_ + at);
    }

private:
    /// Starts loading what lies so many bytes behind the first slot.
    void load([[maybe_unused]] std::size_t offset) const noexcept
    {
#if defined(__GNUC__)
        auto const at = reinterpret_cast<std::uintptr_t>(slots_) + offset; // a number: there may be nothing
        __builtin_prefetch(reinterpret_cast<void const*>(at));             // NOLINT(performance-no-int-to-ptr)
        __asm__ volatile("");                                              // as in `prefetch_slot`
#endif
    }

    static constexpr std::align_val_t alignment{std::max<std::size_t>(64, alignof(Slot))};

    static constexpr std::size_t bytes_for(std::size_t slots) noexcept { return slots * sizeof(Slot) + slots + window; }

    Slot* slots_ = nullptr;
    unsigned char* controls_ = const_cast<unsigned char*>(no_controls);
    std::size_t count_ = 0;
    std::uint32_t salt_ = 1;
};

} // namespace tidemark::detail
