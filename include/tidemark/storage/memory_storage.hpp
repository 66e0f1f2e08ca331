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
#include <set>
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
        detail::check_name("create", describe(), name);
        if (disk().names().contains(path_of(name))) {
            throw detail::storage_failure("create", place_of(name), EEXIST);
        }
        auto file = std::make_shared<detail::memory_bytes>();
        disk().change({"", path_of(name), file, inside_});
        return {state_, std::move(file)};
    }

    [[nodiscard]] memory_file overwrite(std::string const& from, std::string const& name) const
    {
        std::lock_guard const guard(state_->mutex);
        detail::check_name("overwrite", describe(), name);
        auto some = file("overwrite", from);
        if (disk().names().contains(path_of(name))) {
            throw detail::storage_failure("create", place_of(name), EEXIST);
        }
        some->begin_again();
        disk().change({path_of(from), path_of(name), some, inside_});
        return {state_, std::move(some)};
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
        detail::check_name("look for", describe(), name);
        return disk().names().contains(path_of(name));
    }

    [[nodiscard]] std::vector<std::string> list() const
    {
        std::lock_guard const guard(state_->mutex);
        std::vector<std::string> names;
        for (auto& rest : beneath()) {
            if (rest.find('/') == std::string::npos) {
                names.push_back(std::move(rest));
            }
        }
        return names;
    }

    void rename(std::string const& from, std::string const& to) const
    {
        std::lock_guard const guard(state_->mutex);
        detail::check_name("rename", describe(), to);
        auto some = file("rename", from);
        if (from != to) {
            disk().change({path_of(from), path_of(to), std::move(some), inside_});
        }
    }

    void remove(std::string const& name) const
    {
        std::lock_guard const guard(state_->mutex);
        disk().change({path_of(name), "", file("remove", name), inside_});
    }

    void sync_directory() const
    {
        std::lock_guard const guard(state_->mutex);
        disk().sync_names(inside_);
    }

    [[nodiscard]] storage_lock lock(std::string const& who) const
    {
        std::lock_guard const guard(state_->mutex);
        auto& holder = state_->holders[inside_];
        if (auto const other = holder.lock()) {
            throw detail::lock_is_taken(describe(), std::to_string(::getpid()), *other);
        }
        auto held = std::make_shared<std::string const>(who);
        holder = held;
        return storage_lock(std::move(held));
    }

    [[nodiscard]] std::string set_aside() const
    {
        std::lock_guard const guard(state_->mutex);
        std::string place = describe() + ".unreadable-" + std::to_string(state_->aside.size() + 1);
        state_->aside.emplace(place, std::make_shared<detail::memory_state>(place, disk().cut_out(inside_)));
        return place;
    }

    [[nodiscard]] std::string describe() const
    {
        return inside_.empty() ? state_->name : state_->name + "/" + inside_.substr(0, inside_.size() - 1);
    }

    [[nodiscard]] memory_storage folder(std::string const& name) const
    {
        detail::check_name("open the folder", describe(), name);
        auto inner = *this;
        inner.inside_ += name + "/";
        return inner;
    }

    [[nodiscard]] std::vector<std::string> folders() const
    {
        std::lock_guard const guard(state_->mutex);
        std::set<std::string> names;
        for (auto const& rest : beneath()) {
            if (auto const slash = rest.find('/'); slash != std::string::npos) {
                names.insert(rest.substr(0, slash));
            }
        }
        return {names.begin(), names.end()};
    }

    void remove_folder(std::string const& name) const
    {
        std::lock_guard const guard(state_->mutex);
        auto const files = folder(name).beneath();
        if (files.empty()) {
            throw detail::storage_failure("remove", place_of(name), ENOENT);
        }
        for (auto const& rest : files) {
            auto const path = path_of(name) + "/" + rest;
            disk().change({path, "", disk().names().at(path), inside_});
        }
    }

    /// What another process finds after this one was killed: all that was written, in all folders. The lock is free.
    ///
    /// A copy: whatever still happens here does not reach it.
    [[nodiscard]] memory_storage kill() const
    {
        std::lock_guard const guard(state_->mutex);
        return at_the_same_place({state_->name, disk().copy()});
    }

    /// What a system finds after a loss of power: what was synced, and some of the rest. The lock is free.
    ///
    /// By `seed`, all, none, the first, or any of the created, renamed and removed names survive; and of the bytes at
    /// the end of each file all, none, the first, or any pieces; zeros are in the place of the others, or what an
    /// overwritten file had there. A copy, as with `kill`.
    [[nodiscard]] memory_storage crash(std::uint64_t seed) const
    {
        std::lock_guard const guard(state_->mutex);
        return at_the_same_place({state_->name, disk().after_power_loss(seed)});
    }

    /// Puts a file there, or other bytes into one, durably, as if by hand. Makes all names durable, too.
    void put(std::string const& name, std::span<std::byte const> bytes) const
    {
        std::lock_guard const guard(state_->mutex);
        detail::check_name("put", describe(), name);
        auto const file = std::make_shared<detail::memory_bytes>();
        file->bytes.assign(bytes.begin(), bytes.end());
        file->written = file->synced = bytes.size();
        auto const path = path_of(name);
        if (disk().names().contains(path)) {
            disk().change({path, "", disk().names().at(path), inside_});
        }
        disk().change({"", path, file, inside_});
        disk().sync_names(inside_);
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

    [[nodiscard]] memory_storage at_the_same_place(memory_storage other) const
    {
        other.inside_ = inside_;
        return other;
    }

    [[nodiscard]] detail::memory_disk& disk() const { return state_->disk; }

    [[nodiscard]] std::string place_of(std::string const& name) const { return describe() + "/" + name; }

    /// What a file of this directory is called on the disk.
    [[nodiscard]] std::string path_of(std::string const& name) const { return inside_ + name; }

    /// The paths of what is in this directory and its folders, as seen from here. *Requires* the mutex.
    [[nodiscard]] std::vector<std::string> beneath() const
    {
        std::vector<std::string> paths;
        auto const& names = disk().names();
        for (auto found = names.lower_bound(inside_); found != names.end() && found->first.starts_with(inside_);
             ++found) {
            paths.push_back(found->first.substr(inside_.size()));
        }
        return paths;
    }

    [[nodiscard]] std::shared_ptr<detail::memory_bytes> file(std::string_view operation, std::string const& name) const
    {
        detail::check_name(operation, describe(), name);
        auto const found = disk().names().find(path_of(name));
        if (found == disk().names().end()) {
            throw detail::storage_failure(operation, place_of(name), ENOENT);
        }
        return found->second;
    }

    std::shared_ptr<detail::memory_state> state_;
    std::string inside_; // the folder, with a slash at its end; empty for the top
};

} // namespace tidemark
