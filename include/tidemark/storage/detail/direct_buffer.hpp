// SPDX-License-Identifier: BSL-1.0
//
// direct_buffer: bytes on their way to a file past the page cache, gathered to whole pages in memory that is aligned.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <span>

#include <sys/mman.h>

namespace tidemark::detail {

/// Memory for some megabytes, as devices take it.
class direct_buffer {
public:
    static constexpr std::size_t page_bytes = 4096;

    direct_buffer()
        : bytes_(static_cast<std::byte*>(::operator new(capacity, alignment)))
    {
#ifdef MADV_HUGEPAGE
        (void)::madvise(bytes_.get(), capacity,
                        MADV_HUGEPAGE); // one entry for the device instead of 512; no is an answer
#endif
    }

    /// Takes what there is room for, and gives the rest.
    [[nodiscard]] std::span<std::byte const> take(std::span<std::byte const> some)
    {
        auto const taken = some.first(std::min(some.size(), capacity - size_));
        if (!taken.empty())
            std::memcpy(bytes_.get() + size_, taken.data(), taken.size());
        size_ += taken.size();
        return some.subspan(taken.size());
    }

    [[nodiscard]] bool is_full() const { return size_ == capacity; }
    [[nodiscard]] std::span<std::byte const> pages() const { return all().first(size_ / page_bytes * page_bytes); }
    [[nodiscard]] std::span<std::byte const> all() const { return {bytes_.get(), size_}; }

    /// Forgets the first `amount` bytes.
    void drop(std::size_t amount)
    {
        size_ -= amount;
        if (size_ != 0)
            std::memmove(bytes_.get(), bytes_.get() + amount, size_);
    }

private:
    static constexpr std::size_t capacity = std::size_t{4} << 20U;
    static constexpr std::align_val_t alignment{std::size_t{2} << 20U};

    struct freeing {
        void operator()(std::byte* bytes) const noexcept { ::operator delete(bytes, alignment); }
    };

    std::unique_ptr<std::byte, freeing> bytes_;
    std::size_t size_ = 0;
};

} // namespace tidemark::detail
