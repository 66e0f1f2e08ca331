// SPDX-License-Identifier: BSL-1.0
//
// local_file: a new file in a directory of the local file system.

#pragma once

#include <tidemark/storage/detail/failure.hpp>
#include <tidemark/storage/detail/posix.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include <unistd.h>

namespace tidemark {

/// A new file of a `local_directory`; a `writable_file`.
class local_file {
public:
    local_file(detail::unique_fd fd, std::string path)
        : fd_(std::move(fd))
        , path_(std::move(path))
    {}

    void append(std::span<std::byte const> bytes)
    {
        fate_.check_append(path_);
        auto const outcome = detail::write_all(fd_.get(), bytes);
        size_ += outcome.written;
        if (outcome.error != 0) {
            fate_.append_failed();
            throw detail::storage_failure("append to", path_, outcome.error);
        }
    }

    void sync()
    {
        fate_.check_sync(path_);
        if (::fdatasync(fd_.get()) != 0) { // not again after EINTR either
            fate_.sync_failed();
            throw detail::storage_failure("sync", path_, errno);
        }
    }

    [[nodiscard]] std::uint64_t size() const { return size_; }

private:
    detail::unique_fd fd_;
    std::string path_;
    std::uint64_t size_ = 0;
    detail::file_fate fate_;
};

} // namespace tidemark
