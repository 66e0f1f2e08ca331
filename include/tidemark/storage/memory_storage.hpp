// SPDX-License-Identifier: BSL-1.0
//
// memory_storage: a storage in memory that knows what a loss of power would leave of it; for tests.

#pragma once

#include <tidemark/storage/detail/failure.hpp>
#include <tidemark/storage/detail/memory_disk.hpp>
#include <tidemark/storage/memory_file.hpp>
#include <tidemark/storage/storage_lock.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

namespace tidemark {

/// Files in memory; a `storage`.
///
/// Bytes are durable after `sync` of their file, names after `sync_directory`, neither by the other. Its lock holds
/// within the process.
class memory_storage {
public:
    /// An empty one, called `name` in messages.
    explicit memory_storage(std::string name = "memory")
        : memory_storage(std::move(name), detail::memory_disk())
    {}

    [[nodiscard]] memory_file create(std::string const& name) const
    {
        std::lock_guard const guard(state_->mutex);
        detail::check_name("create", state_->name, name);
        if (disk().names().contains(name)) {
            throw detail::storage_failure("create", place_of(name), EEXIST);
        }
        auto file = std::make_shared<detail::memory_bytes>();
        disk().change({"", name, file});
        return {state_, std::move(file)};
    }

    [[nodiscard]] std::vector<std::byte> read(std::string const& name) const
    {
        std::lock_guard const guard(state_->mutex);
        return file("read", name)->bytes;
    }

    [[nodiscard]] std::vector<std::byte> read(std::string const& name, std::uint64_t offset, std::uint64_t length) const
    {
        std::lock_guard const guard(state_->mutex);
        std::span<std::byte const> const bytes = file("read", name)->bytes;
        auto const rest = bytes.subspan(std::min<std::uint64_t>(offset, bytes.size()));
        auto const part = rest.first(std::min<std::uint64_t>(length, rest.size()));
        return {part.begin(), part.end()};
    }

    [[nodiscard]] std::uint64_t size(std::string const& name) const
    {
        std::lock_guard const guard(state_->mutex);
        return file("get the size of", name)->bytes.size();
    }

    [[nodiscard]] bool exists(std::string const& name) const
    {
        std::lock_guard const guard(state_->mutex);
        detail::check_name("look for", state_->name, name);
        return disk().names().contains(name);
    }

    [[nodiscard]] std::vector<std::string> list() const
    {
        std::lock_guard const guard(state_->mutex);
        std::vector<std::string> names;
        for (auto const& [name, file] : disk().names()) {
            names.push_back(name);
        }
        return names;
    }

    void rename(std::string const& from, std::string const& to) const
    {
        std::lock_guard const guard(state_->mutex);
        detail::check_name("rename", state_->name, to);
        auto some = file("rename", from);
        if (from != to) {
            disk().change({from, to, std::move(some)});
        }
    }

    void remove(std::string const& name) const
    {
        std::lock_guard const guard(state_->mutex);
        disk().change({name, "", file("remove", name)});
    }

    void sync_directory() const
    {
        std::lock_guard const guard(state_->mutex);
        disk().sync_names();
    }

    [[nodiscard]] storage_lock lock(std::string const& who) const
    {
        std::lock_guard const guard(state_->mutex);
        if (auto const other = state_->holder.lock()) {
            throw detail::lock_is_taken(state_->name, std::to_string(::getpid()), *other);
        }
        auto held = std::make_shared<std::string const>(who);
        state_->holder = held;
        return storage_lock(std::move(held));
    }

    [[nodiscard]] std::string set_aside() const
    {
        std::lock_guard const guard(state_->mutex);
        std::string place = state_->name + ".unreadable-" + std::to_string(state_->aside.size() + 1);
        state_->aside.emplace(place, std::make_shared<detail::memory_state>(place, std::exchange(disk(), {})));
        return place;
    }

    [[nodiscard]] std::string describe() const { return state_->name; }

    /// What another process finds after this one was killed: all that was written. The lock is free.
    ///
    /// A copy: whatever still happens here does not reach it.
    [[nodiscard]] memory_storage kill() const
    {
        std::lock_guard const guard(state_->mutex);
        return {state_->name, disk().copy()};
    }

    /// What a system finds after a loss of power: what was synced, and some of the rest. The lock is free.
    ///
    /// By `seed`, all, none, the first, or any of the created, renamed and removed names survive; and of the bytes at
    /// the end of each file all, none, the first, or any pieces with zeros between them. A copy, as with `kill`.
    [[nodiscard]] memory_storage crash(std::uint64_t seed) const
    {
        std::lock_guard const guard(state_->mutex);
        return {state_->name, disk().after_power_loss(seed)};
    }

    /// Puts a file there, or other bytes into one, durably, as if by hand. Makes all names durable, too.
    void put(std::string const& name, std::span<std::byte const> bytes) const
    {
        std::lock_guard const guard(state_->mutex);
        detail::check_name("put", state_->name, name);
        auto const file = std::make_shared<detail::memory_bytes>();
        file->bytes.assign(bytes.begin(), bytes.end());
        file->synced = bytes.size();
        if (disk().names().contains(name)) {
            disk().change({name, "", disk().names().at(name)});
        }
        disk().change({"", name, file});
        disk().sync_names();
    }

    /// The files that `set_aside` moved to `place`.
    ///
    /// *Throws* `storage_error` when that is not a place that it gave.
    [[nodiscard]] memory_storage opened(std::string const& place) const
    {
        std::lock_guard const guard(state_->mutex);
        auto const found = state_->aside.find(place);
        if (found == state_->aside.end()) {
            throw detail::storage_failure("open", place, ENOENT);
        }
        return memory_storage(found->second);
    }

private:
    memory_storage(std::string name, detail::memory_disk disk)
        : state_(std::make_shared<detail::memory_state>(std::move(name), std::move(disk)))
    {}
    explicit memory_storage(std::shared_ptr<detail::memory_state> state)
        : state_(std::move(state))
    {}

    [[nodiscard]] detail::memory_disk& disk() const { return state_->disk; }

    [[nodiscard]] std::string place_of(std::string const& name) const { return state_->name + "/" + name; }

    [[nodiscard]] std::shared_ptr<detail::memory_bytes> file(std::string_view operation, std::string const& name) const
    {
        detail::check_name(operation, state_->name, name);
        auto const found = disk().names().find(name);
        if (found == disk().names().end()) {
            throw detail::storage_failure(operation, place_of(name), ENOENT);
        }
        return found->second;
    }

    std::shared_ptr<detail::memory_state> state_;
};

} // namespace tidemark
