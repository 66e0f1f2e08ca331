// SPDX-License-Identifier: BSL-1.0
//
// local_directory: a storage in a directory of the local file system.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/storage/detail/directory_lock.hpp>
#include <tidemark/storage/detail/failure.hpp>
#include <tidemark/storage/detail/posix.hpp>
#include <tidemark/storage/local_file.hpp>
#include <tidemark/storage/paths.hpp>
#include <tidemark/storage/storage_lock.hpp>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tidemark {

/// Who may read the files and directories that are made.
enum class file_access : unsigned char {
    owner_only, ///< What a checkpoint holds is nobody else's affair.
    by_umask    ///< As the process has it: for results.
};

/// A directory of the local file system; a `storage`.
///
/// The directory, and those above it, are made by the first `lock`, `create` or `make`. A handle that has
/// made or locked it never makes it again: when it vanishes, each operation says so. Directories within it are its
/// folders. The lock is an flock on a file `LOCK`, which stays; a child that a locking process forks shares the lock,
/// until it ends or calls exec. On network file systems locks and syncs are only as good as the server.
class local_directory {
public:
    /// Remembers `path`, as seen from the current directory of now.
    ///
    /// *Throws* `config_error` when it is empty, `storage_error` when it is relative and the current directory was removed.
    explicit local_directory(std::string const& path, file_access access = file_access::owner_only)
        : state_(std::make_shared<state>(absolute(path), access))
    {}

    /// Makes the directory if it is not there. *Throws* `storage_error`.
    void make() const
    {
        if (!state_->made.load(std::memory_order_acquire)) {
            detail::make_directories(state_->path, state_->directory_mode());
            state_->made.store(true, std::memory_order_release);
        }
    }

    [[nodiscard]] local_file create(std::string const& name) const
    {
        auto path = path_of("create", name);
        make();
        auto fd = detail::open_path("create", path, O_WRONLY | O_CREAT | O_EXCL, state_->file_mode());
        return {std::move(fd), std::move(path)};
    }

    [[nodiscard]] local_file overwrite(std::string const& from, std::string const& name) const
    {
        auto const source = path_of("overwrite", from);
        auto path = path_of("overwrite", name);
        auto fd = detail::open_path("overwrite", source, O_WRONLY);
        if (!detail::rename_to_free(source, path)) {
            throw detail::storage_failure("create", path, EEXIST);
        }
        return {std::move(fd), std::move(path)};
    }

    [[nodiscard]] std::vector<std::byte> read(std::string const& name) const { return read(name, 0, UINT64_MAX); }

    [[nodiscard]] std::vector<std::byte> read(std::string const& name, std::uint64_t offset, std::uint64_t length) const
    {
        auto const path = path_of("read", name);
        auto const file = detail::open_path("read", path, O_RDONLY | O_NONBLOCK); // a pipe is no reason to wait
        auto const status = detail::status_of(file.get(), "read", path);
        if (!S_ISREG(status.st_mode))
            throw detail::storage_failure("read", path, "it is no regular file");
        auto const size = static_cast<std::uint64_t>(status.st_size);
        std::uint64_t const first = std::min(offset, size);
        std::vector<std::byte> bytes(static_cast<std::size_t>(std::min(length, size - first)));
        bytes.resize(detail::read_at(file.get(), bytes, first, path));
        return bytes;
    }

    [[nodiscard]] std::uint64_t size(std::string const& name) const
    {
        auto const path = path_of("get the size of", name);
        struct ::stat status{};
        if (::stat(path.c_str(), &status) != 0) {
            throw detail::storage_failure("get the size of", path, errno);
        }
        return static_cast<std::uint64_t>(status.st_size);
    }

    [[nodiscard]] bool exists(std::string const& name) const
    {
        auto const path = path_of("look for", name);
        struct ::stat status{};
        bool const found = ::stat(path.c_str(), &status) == 0;
        if (!found && errno != ENOENT) {
            throw detail::storage_failure("look for", path, errno);
        }
        return found && S_ISREG(status.st_mode);
    }

    [[nodiscard]] std::vector<std::string> list() const;

    void rename(std::string const& from, std::string const& to) const
    {
        auto const source = path_of("rename", from);
        auto const target = path_of("rename", to);
        if (::rename(source.c_str(), target.c_str()) != 0) {
            throw detail::storage_failure("rename", source + " to " + target, errno);
        }
    }

    void remove(std::string const& name) const
    {
        auto const path = path_of("remove", name);
        if (::unlink(path.c_str()) != 0) {
            throw detail::storage_failure("remove", path, errno);
        }
    }

    void sync_directory() const { detail::sync_names(state_->path); }

    [[nodiscard]] storage_lock lock(std::string const& who) const
    {
        std::lock_guard const guard(state_->mutex);
        return storage_lock(take_lock(who));
    }

    [[nodiscard]] std::string set_aside() const;

    [[nodiscard]] std::string describe() const { return state_->path; }

    [[nodiscard]] local_directory folder(std::string const& name) const
    {
        return local_directory(path_of("open the folder", name), state_->access);
    }

    [[nodiscard]] std::vector<std::string> folders() const;

    void remove_folder(std::string const& name) const;

private:
    struct state {
        state(std::string where, file_access who)
            : path(std::move(where))
            , access(who)
        {}

        [[nodiscard]] ::mode_t file_mode() const
        {
            ::mode_t const owner = S_IRUSR | S_IWUSR;
            return access == file_access::owner_only ? owner : owner | S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH;
        }
        [[nodiscard]] ::mode_t directory_mode() const
        {
            return access == file_access::owner_only ? S_IRWXU : S_IRWXU | S_IRWXG | S_IRWXO;
        }

        std::string const path; // absolute, no slash at its end
        file_access const access;
        std::atomic<bool> made = false;
        std::mutex mutex;
        std::weak_ptr<detail::directory_lock> lock; // guarded by `mutex`
    };

    static std::string absolute(std::string const& path)
    {
        if (path.empty()) {
            throw config_error("tidemark::local_directory: the path is empty; pass the directory to use");
        }
        return detail::whole_path(path);
    }

    [[nodiscard]] std::string path_of(std::string_view operation, std::string const& name) const
    {
        detail::check_name(operation, state_->path, name);
        return state_->path + "/" + name;
    }

    /// *Requires* the mutex.
    [[nodiscard]] std::shared_ptr<detail::directory_lock> take_lock(std::string const& who) const
    {
        make();
        auto held = std::make_shared<detail::directory_lock>(state_->path, who);
        state_->lock = held;
        return held;
    }

    /// The names of what is here and `wanted`, sorted.
    template <typename Wanted>
    [[nodiscard]] std::vector<std::string> names_of(Wanted wanted) const;

    std::shared_ptr<state> state_;
};

template <typename Wanted>
std::vector<std::string> local_directory::names_of(Wanted wanted) const
{
    detail::open_directory const directory(state_->path);
    std::vector<std::string> names;
    if (directory.get() == nullptr && errno == ENOENT) {
        return names;
    }
    if (directory.get() == nullptr) {
        throw detail::storage_failure("list", state_->path, errno);
    }
    for (errno = 0; ::dirent const* entry = ::readdir(directory.get()); errno = 0) { // NOLINT(concurrency-mt-unsafe)
        std::string name(static_cast<char const*>(entry->d_name));
        if (name != "." && name != ".." && name != detail::lock_name && wanted(name)) {
            names.push_back(std::move(name));
        }
    }
    if (errno != 0) {
        throw detail::storage_failure("list", state_->path, errno);
    }
    std::sort(names.begin(), names.end());
    return names;
}

inline std::vector<std::string> local_directory::list() const
{
    return names_of([this](std::string const& name) { return exists(name); });
}

inline std::vector<std::string> local_directory::folders() const
{
    return names_of([this](std::string const& name) { return is_directory(state_->path + "/" + name); });
}

inline void local_directory::remove_folder(std::string const& name) const
{
    auto const path = path_of("remove", name);
    struct ::stat status{};
    if (::lstat(path.c_str(), &status) != 0) {
        throw detail::storage_failure("remove", path, errno);
    }
    if (!S_ISDIR(status.st_mode)) {
        throw detail::storage_failure("remove", path, ENOTDIR);
    }
    if (int const problem = detail::remove_tree(path); problem != 0) {
        throw detail::storage_failure("remove", path, problem);
    }
}

inline std::string local_directory::set_aside() const
{
    std::lock_guard const guard(state_->mutex);
    auto held = state_->lock.lock();
    if (!held) {
        held = take_lock("setting it aside");
    }
    auto const here = detail::followed(state_->path);
    std::string aside;
    int result = -1;
    for (int n = 1; result != 0; ++n) {
        aside = here + ".unreadable-" + std::to_string(n);
        result = ::mkdir(aside.c_str(), S_IRWXU);
        if (result != 0 && errno != EEXIST) {
            throw detail::storage_failure("set aside", here, aside + ": " + detail::system_message(errno));
        }
    }
    held->add(aside); // the fresh one is locked before it takes its place
    detail::exchange_directories(here, aside);
    detail::sync_names(detail::parent_of(here));
    return aside;
}

} // namespace tidemark
