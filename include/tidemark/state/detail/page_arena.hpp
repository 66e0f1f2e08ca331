// SPDX-License-Identifier: BSL-1.0
//
// page_arena: memory for tables, on pages of 2 MiB where the system has them.

#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <utility>

#include <sys/mman.h>

namespace tidemark::detail {

/// How memory is asked to lie on large pages, where the system can be asked.
#if defined(MADV_HUGEPAGE)
inline constexpr std::optional<int> large_pages = MADV_HUGEPAGE;
#else
inline constexpr std::optional<int> large_pages;
#endif

/// AddressSanitizer knows where each block of `operator new` ends, and not where one of ours does.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool has_checked_blocks = true;
#elif defined(__has_feature)
inline constexpr bool has_checked_blocks = __has_feature(address_sanitizer);
#else
inline constexpr bool has_checked_blocks = false;
#endif

/// Gives pieces of regions, one behind the other, so that tables which are smaller than a large page share some: an update
/// of a state that no cache holds then needs no walk through the page tables. A piece that is given back goes to the system at
/// once, and its region with the last of them; no hole is filled again, only addresses are lost.
///
/// *Threads*: any, at once.
class page_arena {
public:
    static constexpr std::size_t page = 4096;

    /// That of the process, which outlives every table.
    [[nodiscard]] static page_arena& instance()
    {
        static auto& one = *new page_arena; // NOLINT(cppcoreguidelines-owning-memory)
        return one;
    }

    /// At the beginning of a page, all zeros. *Throws* `std::bad_alloc`.
    [[nodiscard]] void* allocate(std::size_t bytes)
    {
        bytes = in_pages(bytes);
        if (bytes > region_bytes - page)
            return map(bytes);
        std::lock_guard const lock(mutex_);
        if (current_ == nullptr || bytes > region_bytes - used_)
            begin_region();
        void* const piece = reinterpret_cast<std::byte*>(current_) + used_;
        used_ += bytes;
        ++current_->pieces;
        return piece;
    }

    void deallocate(void* piece, std::size_t bytes) noexcept
    {
        bytes = in_pages(bytes);
        if (bytes > region_bytes - page) {
            ::munmap(piece, bytes);
            return;
        }
        ::madvise(piece, bytes, MADV_DONTNEED);
        std::lock_guard const lock(mutex_);
        auto* const its = region_of(piece);
        if (--its->pieces != 0)
            return;
        if (its == current_)
            used_ = page;
        else
            ::munmap(its, region_bytes);
    }

private:
    /// At the beginning of the first page of a region.
    struct region {
        std::size_t pieces;
    };

    /// The addresses of regions are multiples of it.
    static constexpr std::size_t region_bytes = std::size_t{64} << 20U;

    [[nodiscard]] static constexpr std::size_t in_pages(std::size_t bytes) noexcept
    {
        return (bytes + page - 1) / page * page;
    }

    [[nodiscard]] static region* region_of(void* piece) noexcept
    {
        auto const at = reinterpret_cast<std::uintptr_t>(piece);
        return reinterpret_cast<region*>(at / region_bytes * region_bytes); // NOLINT(performance-no-int-to-ptr)
    }

    /// Fresh memory at a multiple of `region_bytes`.
    [[nodiscard]] static void* map(std::size_t bytes)
    {
        auto const all = bytes + region_bytes;
        void* const mapped =
            ::mmap(nullptr, all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (mapped == MAP_FAILED)
            throw std::bad_alloc();
        auto* const from = static_cast<std::byte*>(mapped);
        auto const before = (region_bytes - reinterpret_cast<std::uintptr_t>(mapped) % region_bytes) % region_bytes;
        if (before != 0)
            ::munmap(from, before);
        ::munmap(from + before + bytes, region_bytes - before);
        if constexpr (large_pages)
            ::madvise(from + before, bytes, *large_pages); // a hint
        return from + before;
    }

    void begin_region()
    {
        auto* const next = std::construct_at(static_cast<region*>(map(region_bytes)), region{0});
        if (auto* const last = std::exchange(current_, next); last != nullptr && last->pieces == 0)
            ::munmap(last, region_bytes);
        used_ = page;
    }

    std::mutex mutex_;
    region* current_ = nullptr;
    std::size_t used_ = 0; // bytes of it
};

/// Memory for tables: that of `operator new`, or of the arena where there is much of it.
struct table_memory {
    [[nodiscard]] static void* allocate(std::size_t bytes, std::align_val_t alignment)
    {
        return is_large(bytes, alignment) ? page_arena::instance().allocate(bytes) : ::operator new(bytes, alignment);
    }

    static void deallocate(void* memory, std::size_t bytes, std::align_val_t alignment) noexcept
    {
        if (is_large(bytes, alignment))
            page_arena::instance().deallocate(memory, bytes);
        else
            ::operator delete(memory, bytes, alignment);
    }

private:
    [[nodiscard]] static constexpr bool is_large(std::size_t bytes, std::align_val_t alignment) noexcept
    {
        return large_pages && !has_checked_blocks && bytes >= std::size_t{128} * 1024
               && static_cast<std::size_t>(alignment) <= page_arena::page;
    }
};

/// The same for containers of the standard library.
template <typename T>
struct table_allocator {
    using value_type = T;

    table_allocator() noexcept = default;
    template <typename U>
    table_allocator(table_allocator<U> const&) noexcept // NOLINT(google-explicit-constructor)
    {}

    [[nodiscard]] T* allocate(std::size_t count)
    {
        if (count > std::numeric_limits<std::size_t>::max() / sizeof(T))
            throw std::bad_array_new_length();
        return static_cast<T*>(table_memory::allocate(count * sizeof(T), std::align_val_t(alignof(T))));
    }
    void deallocate(T* memory, std::size_t count) noexcept
    {
        table_memory::deallocate(memory, count * sizeof(T), std::align_val_t(alignof(T)));
    }

    friend bool operator==(table_allocator const&, table_allocator const&) noexcept { return true; }
};

} // namespace tidemark::detail
