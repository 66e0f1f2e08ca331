// SPDX-License-Identifier: BSL-1.0
//
// output_archive: values to bytes, as an archive of Boost.Serialization that owns its buffer and calls nothing virtual.

#pragma once

#include <tidemark/checkpoint/detail/boost_names.hpp>
#include <tidemark/checkpoint/detail/encode.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/owner.hpp>

#include <boost/mpl/bool.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <utility>

namespace tidemark {

/// Appends values to one growing, contiguous buffer; a model of Boost.Serialization's saving archive.
///
/// Numbers are saved with the least significant byte first and at the width of their type, counts and versions in as
/// few bytes as they need, parts in their order. A type that saves itself is led by its class version. Hashed
/// containers are saved in the order in which they are walked, so equal ones may differ in bytes. Nothing is tracked
/// and pointers do not compile: two copies of a value are saved twice.
///
/// *Throws* `checkpoint_error` for values nested more than 500 deep and for a variant without a value; what was written
/// of it by then stays, so `clear()`. *Threads*: one at a time.
class output_archive {
public:
    using is_saving = boost::mpl::bool_<true>;
    using is_loading = boost::mpl::bool_<false>;

    output_archive() = default;
    output_archive(output_archive&& other) noexcept { swap(other); }
    output_archive& operator=(output_archive&& other) noexcept
    {
        output_archive(std::move(other)).swap(*this);
        return *this;
    }
    ~output_archive() = default;

    /// Has room for `bytes` from the start.
    explicit output_archive(std::size_t bytes) { reserve(bytes); }

    /// What was saved so far; valid until more is saved.
    [[nodiscard]] std::span<std::byte const> bytes() const noexcept { return {buffer_.get(), size_}; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// Starts over and keeps the buffer.
    void clear() noexcept { size_ = 0; }

    void reserve(std::size_t bytes)
    {
        if (bytes > capacity_)
            move_to(bytes);
    }

    template <typename T>
    output_archive& operator<<(T const& value)
    {
        detail::encode(*this, value);
        return *this;
    }

    template <typename T>
    output_archive& operator&(T const& value)
    {
        return *this << value;
    }

    /// Appends `amount` bytes as they are, without their count.
    void save_binary(void const* from, std::size_t amount)
    {
        if (amount != 0)
            std::memcpy(grow(amount), from, amount);
    }

    /// Appends a count, an index or a version: seven bits a byte, least significant first, the highest bit says that
    /// more follow.
    void save_count(std::uint64_t amount)
    {
        for (; amount >= 0x80; amount >>= 7)
            *grow(1) = static_cast<std::byte>(amount | 0x80);
        *grow(1) = static_cast<std::byte>(amount);
    }

    /// Appends `amount` bytes for the caller to fill before anything else is saved.
    [[nodiscard]] std::byte* grow(std::size_t amount)
    {
        if (amount > capacity_ - size_)
            move_to(std::max(size_ + amount, capacity_ + capacity_ / 2 + 64));
        std::byte* const added = buffer_.get() + size_;
        size_ += amount;
        return added;
    }

    // ---- For code written by Boost's convention; here they have nothing to do.

    [[nodiscard]] boost::serialization::library_version_type get_library_version() const
    {
        return boost::serialization::library_version_type(detail::followed_library_version);
    }
    template <typename T>
    void register_type(T const* = nullptr) const noexcept
    {}

private:
    template <typename>
    friend class detail::nesting;

    void enter(unsigned deepest)
    {
        if (level_ == deepest)
            throw checkpoint_error("a value is nested more than " + std::to_string(deepest)
                                   + " deep and cannot be saved; keep its parts in a container beside each other");
        ++level_;
    }
    void leave() noexcept { --level_; }

    void swap(output_archive& other) noexcept
    {
        std::swap(buffer_, other.buffer_);
        std::swap(size_, other.size_);
        std::swap(capacity_, other.capacity_);
        std::swap(level_, other.level_);
    }

    void move_to(std::size_t capacity)
    {
        owner<std::byte[]> wider(new std::byte[capacity]);
        if (size_ != 0)
            std::memcpy(wider.get(), buffer_.get(), size_);
        buffer_ = std::move(wider);
        capacity_ = capacity;
    }

    owner<std::byte[]> buffer_;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
    unsigned level_ = 0;
};

} // namespace tidemark
