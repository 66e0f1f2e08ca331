// SPDX-License-Identifier: BSL-1.0
//
// storage_lock: the right to be the one who writes to a storage, as long as it lives.

#pragma once

#include <memory>
#include <utility>

namespace tidemark {

/// Holds the lock of a storage; gives it back when destroyed. Moves, and is never copied.
class storage_lock {
public:
    /// For those who write a storage: the lock is held until `held` is destroyed.
    explicit storage_lock(std::shared_ptr<void const> held) noexcept
        : held_(std::move(held))
    {}

    storage_lock(storage_lock&&) noexcept = default;
    storage_lock& operator=(storage_lock&&) noexcept = default;
    storage_lock(storage_lock const&) = delete;
    storage_lock& operator=(storage_lock const&) = delete;
    ~storage_lock() = default;

    /// Whether it still holds the lock: not when it was moved from.
    [[nodiscard]] bool holds() const noexcept { return held_ != nullptr; }

private:
    std::shared_ptr<void const> held_;
};

} // namespace tidemark
