// SPDX-License-Identifier: BSL-1.0
//
// posix: the system calls that local_directory needs, with their errors as exceptions.

#pragma once

#include <tidemark/storage/detail/failure.hpp>
#include <tidemark/storage/paths.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

namespace tidemark::detail {

/// Owns a file descriptor.
class unique_fd {
public:
    unique_fd() = default;
    explicit unique_fd(int fd) noexcept
        : fd_(fd)
    {}
    unique_fd(unique_fd&& other) noexcept
        : fd_(std::exchange(other.fd_, -1))
    {}
    unique_fd& operator=(unique_fd&& other) noexcept
    {
        std::swap(fd_, other.fd_);
        return *this;
    }
    unique_fd(unique_fd const&) = delete;
    unique_fd& operator=(unique_fd const&) = delete;
    ~unique_fd()
    {
        if (fd_ >= 0) {
            ::close(fd_); // never again after EINTR: the number may be another file's by then
        }
    }

    [[nodiscard]] int get() const noexcept { return fd_; }

private:
    int fd_ = -1;
};

/// Calls `call` until no signal interrupts it.
template <typename Call>
[[nodiscard]] auto uninterrupted(Call call)
{
    auto result = call();
    while (result < 0 && errno == EINTR) {
        result = call();
    }
    return result;
}

/// Opens `path`; a new file gets the permissions `mode`, less the umask: its owner's only by default. *Throws*
/// `storage_error` naming `operation`.
[[nodiscard]] inline unique_fd open_path(std::string_view operation, std::string const& path, int flags,
                                         ::mode_t mode = S_IRUSR | S_IWUSR)
{
    int const fd = uninterrupted([&] { return ::open(path.c_str(), flags | O_CLOEXEC, mode); });
    if (fd < 0) {
        throw storage_failure(operation, path, errno);
    }
    return unique_fd(fd);
}

/// What `write_all` achieved: all when `error` is 0.
struct write_outcome {
    std::size_t written = 0;
    int error = 0;
};

/// Calls `write(rest, written)` until all is written or an error says why not.
template <typename Write>
[[nodiscard]] write_outcome write_whole(std::span<std::byte const> bytes, Write const& write)
{
    write_outcome outcome;
    while (outcome.written < bytes.size() && outcome.error == 0) {
        auto const rest = bytes.subspan(outcome.written);
        auto const count = uninterrupted([&] { return write(rest, outcome.written); });
        if (count > 0) {
            outcome.written += static_cast<std::size_t>(count);
        } else {
            outcome.error = count < 0 ? errno : EIO; // a device that takes nothing and gives no reason would hang us
        }
    }
    return outcome;
}

/// Writes at the file's position.
[[nodiscard]] inline write_outcome write_all(int fd, std::span<std::byte const> bytes)
{
    return write_whole(bytes, [fd](auto rest, std::size_t) { return ::write(fd, rest.data(), rest.size()); });
}

/// Writes at `offset`; the file's position stays.
[[nodiscard]] inline write_outcome write_all_at(int fd, std::span<std::byte const> bytes, std::uint64_t offset)
{
    return write_whole(bytes, [fd, offset](auto rest, std::size_t written) {
        return ::pwrite(fd, rest.data(), rest.size(), static_cast<::off_t>(offset + written));
    });
}

/// Fills `bytes` from `offset` on; returns how many there were before the end of the file.
[[nodiscard]] inline std::size_t read_at(int fd, std::span<std::byte> bytes, std::uint64_t offset,
                                         std::string_view path)
{
    std::size_t got = 0;
    while (got < bytes.size()) {
        auto const rest = bytes.subspan(got);
        auto const count =
            uninterrupted([&] { return ::pread(fd, rest.data(), rest.size(), static_cast<::off_t>(offset + got)); });
        if (count < 0) {
            throw storage_failure("read", path, errno);
        }
        if (count == 0) {
            break;
        }
        got += static_cast<std::size_t>(count);
    }
    return got;
}

/// What the system knows of an open file.
[[nodiscard]] inline struct ::stat status_of(int fd, std::string_view operation, std::string_view path)
{
    struct ::stat status{};
    if (::fstat(fd, &status) != 0) {
        throw storage_failure(operation, path, errno);
    }
    return status;
}

/// Makes the names in a directory survive a loss of power.
///
/// *Throws* `storage_error`; not when `path` may not be read, and need not be.
inline void sync_names(std::string const& path, bool must_be_readable = true)
{
    unique_fd const directory(uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
    if (directory.get() < 0 && errno == EACCES && !must_be_readable) {
        return;
    }
    if (directory.get() < 0 || ::fsync(directory.get()) != 0) {
        throw storage_failure("sync", path, errno);
    }
}

/// Makes the directory `path` and those above it that are missing, each durable before the next one.
///
/// One that exists may have been made by a process that died before it was durable: it is synced as well, but for
/// directories of others, which we may not read.
inline void make_directories(std::string const& path, ::mode_t mode = S_IRWXU)
{
    struct ::stat status{};
    bool const exists = ::stat(path.c_str(), &status) == 0;
    if (!exists && errno == ENOENT && path != "/") {
        make_directories(parent_of(path), mode);
        if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST) {
            throw storage_failure("make the directory", path, errno);
        }
    } else if (!exists) {
        throw storage_failure("make the directory", path, errno);
    }
    sync_names(parent_of(path), !exists);
}

/// Exchanges two directories in three steps: for a moment there is none at `one`.
inline void exchange_directories_in_steps(std::string const& one, std::string const& other)
{
    std::string const between = other + ".new";
    if (::rename(other.c_str(), between.c_str()) != 0 || ::rename(one.c_str(), other.c_str()) != 0
        || ::rename(between.c_str(), one.c_str()) != 0) {
        throw storage_failure("set aside", one, errno);
    }
}

/// Exchanges two directories: in one atomic step where the file system can.
inline void exchange_directories(std::string const& one, std::string const& other)
{
#ifdef RENAME_EXCHANGE
    if (::renameat2(AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE) == 0) {
        return;
    }
    if (errno != EINVAL && errno != ENOSYS) {
        throw storage_failure("set aside", one, errno);
    }
#endif
    exchange_directories_in_steps(one, other);
}

/// Gives `from` the name `to`, unless something has it: false then. In one atomic step where the file system can.
[[nodiscard]] inline bool rename_to_free(std::string const& from, std::string const& to)
{
#ifdef RENAME_NOREPLACE
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) {
        return true;
    }
    if (errno == EEXIST) {
        return false;
    }
    if (errno != EINVAL && errno != ENOSYS) {
        throw storage_failure("rename", from + " to " + to, errno);
    }
#endif
    struct ::stat status{};
    if (::lstat(to.c_str(), &status) == 0) {
        return false;
    }
    if (::rename(from.c_str(), to.c_str()) != 0) {
        throw storage_failure("rename", from + " to " + to, errno);
    }
    return true;
}

} // namespace tidemark::detail
