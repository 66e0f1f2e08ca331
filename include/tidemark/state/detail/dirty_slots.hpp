// SPDX-License-Identifier: BSL-1.0
//
// dirty_slots: which slots of a table have changed, as long as a list of them is shorter than a look at all.

#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <new>
#include <vector>

namespace tidemark::detail {

/// Slots in the order in which they were noted, each once. Too many to be worth a list are forgotten, as are all when slots
/// get other entries, or when one that has lost its entry may get another; the table then looks at its dirty bits. A
/// template, so that a file pays for it only where it is used.
template <std::unsigned_integral Number>
class dirty_slots {
public:
    /// Notes a slot that is not in the list; there are `all` slots.
    void note(std::size_t slot, std::size_t all) noexcept
    {
        if (!is_complete_ || (slots_.size() == slots_.capacity() && !make_room(all)))
            return;
        slots_.push_back(static_cast<Number>(slot));
    }

    /// A slot that is in the list loses its entry; the list goes on naming it.
    void note_gone() noexcept { names_gone_ = true; }

    /// A slot gets an entry: one that the list names already must not be noted again.
    void note_new() noexcept
    {
        if (names_gone_)
            forget();
    }

    /// From now on the list is not complete.
    void forget() noexcept
    {
        slots_.clear();
        is_complete_ = false;
    }

    /// No slot has changed.
    void clear() noexcept
    {
        slots_.clear();
        is_complete_ = true;
        names_gone_ = false;
    }

    /// Whether the list has all that has changed.
    [[nodiscard]] bool is_complete() const noexcept { return is_complete_; }
    /// Whether it has nothing else.
    [[nodiscard]] bool is_exact() const noexcept { return is_complete_ && !names_gone_; }
    [[nodiscard]] std::vector<Number> const& list() const noexcept { return slots_; }
    [[nodiscard]] std::size_t memory_bytes() const noexcept { return slots_.capacity() * sizeof(Number); }

private:
    /// One slot in so many: of more, a look at all of the control bytes costs less.
    static constexpr std::size_t sparse = 16;

    [[gnu::noinline]] bool make_room(std::size_t all) noexcept
    {
        auto const most = all / sparse;
        if (slots_.size() < most) {
            try {
                slots_.reserve(std::min(std::max<std::size_t>(2 * slots_.size(), 16), most));
                return true;
            } catch (std::bad_alloc const&) { // a look at all needs none
            }
        }
        forget();
        return false;
    }

    std::vector<Number> slots_;
    bool is_complete_ = true;
    bool names_gone_ = false;
};

} // namespace tidemark::detail
