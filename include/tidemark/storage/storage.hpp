// SPDX-License-Identifier: BSL-1.0
//
// storage: a directory of named files: what it must do, and a handle to a storage of any type.

#pragma once

#include <tidemark/storage/storage_file.hpp>
#include <tidemark/storage/storage_lock.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

class block_compressions;

/// A handle to one directory of files. Copies refer to the same directory. Making one touches nothing.
///
/// Each operation throws `storage_error`, which names the operation, the file and the system's own words. Whether an
/// operation that threw took effect is unknown.
///
/// | operation | meaning |
/// | --- | --- |
/// | `create(name)` | a `writable_file` that must not exist yet; readable by its owner only |
/// | `read(name)` | all its bytes |
/// | `read(name, offset, length)` | these bytes; fewer only where the file ends |
/// | `size(name)` | its length in bytes |
/// | `exists(name)` | whether there is such a file |
/// | `list()` | the names of all files, sorted; none before the directory exists |
/// | `rename(from, to)` | in one atomic step; replaces `to` |
/// | `remove(name)` | it must exist |
/// | `sync_directory()` | makes what was created, renamed, removed here survive a loss of power, in any order until then |
/// | `lock(who)` | makes the caller the one writer, across processes; the error says who is it already |
/// | `set_aside()` | moves all of it to a new place, and says where; here it begins anew, empty. Deletes nothing |
/// | `describe()` | where it is, for messages |
/// | `folder(name)` | the folder of that name, as a storage of the same type; touches nothing |
/// | `folders()` | the names of all folders, sorted; one without files may be missing |
/// | `remove_folder(name)` | the folder and all that is in it, not in one step; it must exist |
///
/// `lock` and `create` make the directory where it is missing; nothing else does. The lock is free again when its
/// holder is destroyed or its process ends, however that ends. `set_aside` throws when another one holds the lock; who
/// holds it through this storage holds it afterwards, too. A name, of a file or folder, is not empty, holds no `/`, and
/// is not `.`, `..` or `LOCK`. A folder that is not there has no files. What is made durable in a folder says nothing
/// of the directory above it, nor the other way round.
///
/// *Threads*: all operations, at once.
template <typename S>
concept storage = std::copyable<S> && requires(S const& files, std::string const& name, std::uint64_t number) {
    { files.create(name) } -> writable_file;
    { files.read(name) } -> std::same_as<std::vector<std::byte>>;
    { files.read(name, number, number) } -> std::same_as<std::vector<std::byte>>;
    { files.size(name) } -> std::same_as<std::uint64_t>;
    { files.exists(name) } -> std::same_as<bool>;
    { files.list() } -> std::same_as<std::vector<std::string>>;
    files.rename(name, name);
    files.remove(name);
    files.sync_directory();
    { files.lock(name) } -> std::same_as<storage_lock>;
    { files.set_aside() } -> std::same_as<std::string>;
    { files.describe() } -> std::same_as<std::string>;
    { files.folder(name) } -> std::same_as<S>;
    { files.folders() } -> std::same_as<std::vector<std::string>>;
    files.remove_folder(name);
};

/// What `create` of a storage gives.
template <storage S>
using file_of_t = decltype(std::declval<S const&>().create(std::string()));

/// A storage with one operation more: `overwrite(from, name)` gives the file `from` the name `name`, which must be free, in
/// one atomic step, and opens it as `create` does. What is appended lies at its beginning; behind that, and wherever a loss
/// of power took what was not synced, the file still has what `from` had. So a file that is needed no more lends its space
/// to the next one, and its syncs write no more than the bytes.
///
/// A storage for which that depends may say so in `bool recycles() const`.
template <typename S>
concept recycling_storage = storage<S> && requires(S const& files, std::string const& name) {
    { files.overwrite(name, name) } -> std::same_as<file_of_t<S>>;
};

namespace detail {

/// Whether `overwrite` is of any use there.
template <storage S>
[[nodiscard]] bool recycles(S const& files)
{
    if constexpr (recycling_storage<S> && requires {
                      { files.recycles() } -> std::same_as<bool>;
                  })
        return files.recycles();
    else
        return recycling_storage<S>;
}

} // namespace detail

/// Refers to a storage of whatever type; copies refer to the same one. Is a `storage` itself.
///
/// *Requires*, for each call, that it was not moved from.
class any_storage {
public:
    template <typename Storage>
        requires(!std::same_as<Storage, any_storage> && storage<Storage>)
    any_storage(Storage some)
        : storage_(std::make_shared<model<Storage>>(std::move(some)))
    {}

    [[nodiscard]] storage_file create(std::string const& name) const { return storage_->create(name); }
    /// Where the storage cannot: removes `from` and creates `name`.
    [[nodiscard]] storage_file overwrite(std::string const& from, std::string const& name) const
    {
        return storage_->overwrite(from, name);
    }
    /// Whether the storage itself can overwrite a file.
    [[nodiscard]] bool recycles() const { return storage_->recycles(); }
    [[nodiscard]] std::vector<std::byte> read(std::string const& name) const { return storage_->read(name); }
    [[nodiscard]] std::vector<std::byte> read(std::string const& name, std::uint64_t offset, std::uint64_t length) const
    {
        return storage_->read(name, offset, length);
    }
    [[nodiscard]] std::uint64_t size(std::string const& name) const { return storage_->size(name); }
    [[nodiscard]] bool exists(std::string const& name) const { return storage_->exists(name); }
    [[nodiscard]] std::vector<std::string> list() const { return storage_->list(); }
    void rename(std::string const& from, std::string const& to) const { storage_->rename(from, to); }
    void remove(std::string const& name) const { storage_->remove(name); }
    void sync_directory() const { storage_->sync_directory(); }
    [[nodiscard]] storage_lock lock(std::string const& who) const { return storage_->lock(who); }
    [[nodiscard]] std::string set_aside() const { return storage_->set_aside(); }
    [[nodiscard]] std::string describe() const { return storage_->describe(); }
    [[nodiscard]] any_storage folder(std::string const& name) const
    {
        return storage_->folder(name).with(compressions_);
    }
    [[nodiscard]] std::vector<std::string> folders() const { return storage_->folders(); }
    void remove_folder(std::string const& name) const { storage_->remove_folder(name); }

    /// The same storage, for checkpoints whose blocks of state are compressed in these ways; null: in none.
    [[nodiscard]] any_storage with(std::shared_ptr<block_compressions const> ways) const
    {
        auto made = *this;
        made.compressions_ = std::move(ways);
        return made;
    }
    /// What `with` was given last.
    [[nodiscard]] std::shared_ptr<block_compressions const> const& compressions() const { return compressions_; }

private:
    struct interface {
        interface() = default;
        interface(interface const&) = delete;
        interface& operator=(interface const&) = delete;
        virtual ~interface() = default;
        virtual storage_file create(std::string const& name) const = 0;
        virtual storage_file overwrite(std::string const& from, std::string const& name) const = 0;
        virtual bool recycles() const = 0;
        virtual std::vector<std::byte> read(std::string const& name) const = 0;
        virtual std::vector<std::byte> read(std::string const& name, std::uint64_t offset,
                                            std::uint64_t length) const = 0;
        virtual std::uint64_t size(std::string const& name) const = 0;
        virtual bool exists(std::string const& name) const = 0;
        virtual std::vector<std::string> list() const = 0;
        virtual void rename(std::string const& from, std::string const& to) const = 0;
        virtual void remove(std::string const& name) const = 0;
        virtual void sync_directory() const = 0;
        virtual storage_lock lock(std::string const& who) const = 0;
        virtual std::string set_aside() const = 0;
        virtual std::string describe() const = 0;
        virtual any_storage folder(std::string const& name) const = 0;
        virtual std::vector<std::string> folders() const = 0;
        virtual void remove_folder(std::string const& name) const = 0;
    };

    template <typename Storage>
    struct model final : interface {
        explicit model(Storage&& some)
            : storage(std::move(some))
        {}

        storage_file create(std::string const& name) const override { return storage_file(storage.create(name)); }
        storage_file overwrite(std::string const& from, std::string const& name) const override
        {
            if constexpr (recycling_storage<Storage>) {
                return storage_file(storage.overwrite(from, name));
            } else {
                storage.remove(from);
                return storage_file(storage.create(name));
            }
        }
        bool recycles() const override { return detail::recycles(storage); }
        std::vector<std::byte> read(std::string const& name) const override { return storage.read(name); }
        std::vector<std::byte> read(std::string const& name, std::uint64_t offset, std::uint64_t length) const override
        {
            return storage.read(name, offset, length);
        }
        std::uint64_t size(std::string const& name) const override { return storage.size(name); }
        bool exists(std::string const& name) const override { return storage.exists(name); }
        std::vector<std::string> list() const override { return storage.list(); }
        void rename(std::string const& from, std::string const& to) const override { storage.rename(from, to); }
        void remove(std::string const& name) const override { storage.remove(name); }
        void sync_directory() const override { storage.sync_directory(); }
        storage_lock lock(std::string const& who) const override { return storage.lock(who); }
        std::string set_aside() const override { return storage.set_aside(); }
        std::string describe() const override { return storage.describe(); }
        any_storage folder(std::string const& name) const override { return any_storage(storage.folder(name)); }
        std::vector<std::string> folders() const override { return storage.folders(); }
        void remove_folder(std::string const& name) const override { storage.remove_folder(name); }

        Storage storage;
    };

    std::shared_ptr<interface const> storage_;
    std::shared_ptr<block_compressions const> compressions_;
};

} // namespace tidemark
