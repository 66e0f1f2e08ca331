// SPDX-License-Identifier: BSL-1.0
//
// memory_file: a new file of a memory_storage, and what all handles to one share.

#pragma once

#include <tidemark/storage/detail/memory_disk.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>

namespace tidemark {

namespace detail {

/// What all handles to a `memory_storage` share.
struct memory_state {
    memory_state(std::string where, memory_disk content)
        : name(std::move(where))
        , disk(std::move(content))
    {}

    std::string const name;
    std::mutex mutex; // guards all below
    memory_disk disk;
    std::map<std::string, std::weak_ptr<std::string const>> holders; // of the lock of each directory
    std::map<std::string, std::shared_ptr<memory_state>> aside;
};

} // namespace detail

/// A new file of a `memory_storage`; a `reserving_file`.
class memory_file {
public:
    memory_file(std::shared_ptr<detail::memory_state> state, std::shared_ptr<detail::memory_bytes> file)
        : state_(std::move(state))
        , file_(std::move(file))
    {}

    void append(std::span<std::byte const> bytes)
    {
        std::lock_guard const guard(state_->mutex);
        file_->append(bytes);
    }

    void sync()
    {
        std::lock_guard const guard(state_->mutex);
        file_->sync();
    }

    void reserve(std::uint64_t size)
    {
        std::lock_guard const guard(state_->mutex);
        file_->reserve(static_cast<std::size_t>(size));
    }

    [[nodiscard]] std::uint64_t size() const
    {
        std::lock_guard const guard(state_->mutex);
        return file_->written;
    }

private:
    std::shared_ptr<detail::memory_state> state_;
    std::shared_ptr<detail::memory_bytes> file_;
};

} // namespace tidemark
