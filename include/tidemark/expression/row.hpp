// SPDX-License-Identifier: BSL-1.0
//
// row: the records of a partition, contiguous in memory.

#pragma once

#include <tidemark/core/owner.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <type_traits>
#include <utility>
#include <vector>

namespace tidemark {

/// As much of `std::vector` as a row needs, for the one type that `std::vector` packs into bits. A template, so that a
/// file pays for it only where it has such records.
///
/// *Throws* `std::bad_alloc`.
template <std::same_as<bool> Bool>
class unpacked_bools {
public:
    using value_type = Bool;
    using size_type = std::size_t;
    using difference_type = std::ptrdiff_t;
    using reference = Bool&;
    using const_reference = Bool const&;
    using iterator = Bool*;
    using const_iterator = Bool const*;

    unpacked_bools() = default;
    explicit unpacked_bools(size_type length, Bool value = false) { resize(length, value); }
    template <std::input_iterator First, std::sentinel_for<First> Last>
    unpacked_bools(First first, Last last)
    {
        insert(begin(), first, last);
    }
    unpacked_bools(std::initializer_list<Bool> bools)
        : unpacked_bools(bools.begin(), bools.end())
    {}
    unpacked_bools(unpacked_bools const& other)
        : unpacked_bools(other.begin(), other.end())
    {}
    unpacked_bools(unpacked_bools&& other) noexcept { swap(other); }
    unpacked_bools& operator=(unpacked_bools other) noexcept
    {
        swap(other);
        return *this;
    }
    ~unpacked_bools() = default;

    [[nodiscard]] size_type size() const noexcept { return size_; }
    [[nodiscard]] size_type capacity() const noexcept { return capacity_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] Bool* data() noexcept { return bools_.get(); }
    [[nodiscard]] Bool const* data() const noexcept { return bools_.get(); }
    [[nodiscard]] iterator begin() noexcept { return data(); }
    [[nodiscard]] iterator end() noexcept { return data() + size_; }
    [[nodiscard]] const_iterator begin() const noexcept { return data(); }
    [[nodiscard]] const_iterator end() const noexcept { return data() + size_; }
    [[nodiscard]] reference operator[](size_type place) { return bools_[place]; }
    [[nodiscard]] const_reference operator[](size_type place) const { return bools_[place]; }
    [[nodiscard]] reference front() { return bools_[0]; }
    [[nodiscard]] const_reference front() const { return bools_[0]; }
    [[nodiscard]] reference back() { return bools_[size_ - 1]; }
    [[nodiscard]] const_reference back() const { return bools_[size_ - 1]; }

    void reserve(size_type length)
    {
        if (length <= capacity_)
            return;
        owner<Bool[]> wider(new Bool[length]()); // NOLINT(modernize-avoid-c-arrays)
        std::copy(begin(), end(), wider.get());
        bools_ = std::move(wider);
        capacity_ = length;
    }

    void resize(size_type length, Bool value = false)
    {
        reserve(length);
        std::fill(data() + std::min(size_, length), data() + length, value);
        size_ = length;
    }

    template <std::input_iterator First, std::sentinel_for<First> Last>
    void assign(First first, Last last)
    {
        clear();
        insert(begin(), first, last);
    }

    void push_back(Bool value) { emplace_back(value); }

    reference emplace_back(Bool value = false)
    {
        if (size_ == capacity_)
            reserve(std::max<size_type>(2 * capacity_, 16));
        return bools_[size_++] = value;
    }

    void pop_back() { --size_; }
    void clear() noexcept { size_ = 0; }

    template <std::input_iterator First, std::sentinel_for<First> Last>
    iterator insert(const_iterator before, First first, Last last)
    {
        auto const place = before - begin();
        auto const old = static_cast<difference_type>(size_);
        for (; first != last; ++first)
            push_back(*first);
        std::rotate(begin() + place, begin() + old, end());
        return begin() + place;
    }

    iterator erase(const_iterator first, const_iterator last)
    {
        auto const place = begin() + (first - begin());
        size_ = static_cast<size_type>(std::copy(begin() + (last - begin()), end(), place) - begin());
        return place;
    }

    void swap(unpacked_bools& other) noexcept
    {
        std::swap(bools_, other.bools_);
        std::swap(size_, other.size_);
        std::swap(capacity_, other.capacity_);
    }

    friend bool operator==(unpacked_bools const& left, unpacked_bools const& right)
    {
        return std::equal(left.begin(), left.end(), right.begin(), right.end());
    }

private:
    owner<Bool[]> bools_; // NOLINT(modernize-avoid-c-arrays)
    size_type size_ = 0;
    size_type capacity_ = 0;
};

namespace detail {

template <typename Record>
struct row_type {
    using type = std::vector<Record>;
};
template <>
struct row_type<bool> {
    using type = unpacked_bools<bool>;
};

} // namespace detail

/// A vector of records that converts to a span: `std::vector`, except for `bool`, which `std::vector` packs into bits.
template <typename Record>
using row = typename detail::row_type<Record>::type;

/// `records` as a row; moved where the types are the same.
template <typename Record>
[[nodiscard]] row<Record> row_of(std::vector<Record> records)
{
    if constexpr (std::same_as<row<Record>, std::vector<Record>>)
        return records;
    else
        return row<Record>(records.begin(), records.end());
}

} // namespace tidemark
