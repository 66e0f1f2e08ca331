// SPDX-License-Identifier: BSL-1.0
//
// local_file: a new file in a directory of the local file system.

#pragma once

#include <tidemark/core/owner.hpp>
#include <tidemark/storage/detail/direct_writer.hpp>
#include <tidemark/storage/detail/failure.hpp>
#include <tidemark/storage/detail/posix.hpp>
#include <tidemark/storage/storage_file.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace tidemark {

/// A new file of a `local_directory`; a `late_front_file` and a `reserving_file`.
class local_file {
public:
    local_file(detail::unique_fd fd, std::string path)
        : fd_(std::move(fd))
        , path_(std::move(path))
    {}

    void append(std::span<std::byte const> bytes)
    {
        fate_.check_append(path_);
        if (direct_) {
            auto const rest = direct_->take(bytes);
            size_ += bytes.size() - rest.size();
            bytes = rest;
            if (!rest.empty())
                write_pages(); // says why not
        }
        if (!bytes.empty())
            write(bytes);
    }

    /// Only for what is so long that it gains.
    [[nodiscard]] bool append_late(late_front& front, std::span<std::byte const> rest)
    {
        fate_.check_append(path_);
        if (!direct_ || rest.size() < detail::direct_writer::capacity)
            return false;
        auto const at = size_;
        std::vector<std::byte> const place(front.size());
        direct_->keep_pages(place.size(), rest);
        direct_->write_meanwhile();
        try {
            append(place);
            while (!rest.empty()) {
                auto const piece = rest.first(std::min(rest.size(), late_front::piece_bytes));
                front.see(piece);
                append(piece);
                rest = rest.subspan(piece.size());
            }
            write_at(at, front.bytes());
        } catch (...) {
            direct_ = nullptr;
            size_ = std::min(size_, at); // what lies behind has no front
            fate_.append_failed();
            throw;
        }
        return true;
    }

    void sync()
    {
        fate_.check_sync(path_);
        if (direct_)
            write_pages();
        if (direct_ && direct_->size() != 0) // less than a page
            leave_direct();
        if (::fdatasync(fd_.get()) != 0) { // not again after EINTR either
            fate_.sync_failed();
            throw detail::storage_failure("sync", path_, errno);
        }
    }

    /// The length of a page; 0 where the file system refuses, as some in memory do.
    [[nodiscard]] std::size_t write_direct()
    {
        if (!direct_ && size_ == 0 && set_direct(true))
            direct_ = make_owner<detail::direct_writer>(fd_.get());
        return direct_ ? detail::direct_writer::page_bytes : 0;
    }

    void reserve(std::uint64_t size)
    {
        std::vector<std::byte> const zeros(static_cast<std::size_t>(std::min<std::uint64_t>(size, zeros_at_once)));
        for (auto at = size_; at < size;) {
            auto const some = std::span<std::byte const>(zeros).first(
                static_cast<std::size_t>(std::min<std::uint64_t>(zeros.size(), size - at)));
            auto const outcome = detail::write_all_at(fd_.get(), some, at);
            at += outcome.written;
            if (outcome.error != 0)
                throw detail::storage_failure("make room in", path_, outcome.error);
        }
    }

    [[nodiscard]] std::uint64_t size() const { return size_; }

private:
    static constexpr std::size_t zeros_at_once = std::size_t{1} << 18U;

    void write(std::span<std::byte const> bytes)
    {
        auto const outcome = detail::write_all(fd_.get(), bytes);
        size_ += outcome.written;
        if (outcome.error != 0) {
            fate_.append_failed();
            throw detail::storage_failure("append to", path_, outcome.error);
        }
    }
    /// Writes the front of what was appended at `offset`, behind which more than `direct_` holds was appended.
    void write_at(std::uint64_t offset, std::span<std::byte const> bytes)
    {
        auto const outcome =
            direct_ ? direct_->write_kept(bytes, offset) : detail::write_all_at(fd_.get(), bytes, offset);
        if (outcome.error != 0)
            throw detail::storage_failure("append to", path_, outcome.error);
    }

    /// Writes the whole pages that are held back.
    void write_pages()
    {
        auto const error = direct_->flush();
        if (error == EINVAL) { // the device has longer pages
            leave_direct();
        } else if (error != 0) {
            size_ -= direct_->size();
            direct_ = nullptr;
            fate_.append_failed();
            throw detail::storage_failure("append to", path_, error);
        }
    }

    /// What is held back, and all that follows, goes through the cache.
    void leave_direct()
    {
        auto const rest = std::exchange(direct_, nullptr);
        size_ -= rest->size();
        if (!set_direct(false)) {
            fate_.append_failed();
            throw detail::storage_failure("append to", path_, errno);
        }
        for (; rest->size() != 0; rest->drop(rest->front().size()))
            write(rest->front());
    }

    [[nodiscard]] bool set_direct([[maybe_unused]] bool on)
    {
#ifdef O_DIRECT
        int const flags = ::fcntl(fd_.get(), F_GETFL);
        return flags >= 0 && ::fcntl(fd_.get(), F_SETFL, on ? flags | O_DIRECT : flags & ~O_DIRECT) == 0;
#else
        return false;
#endif
    }

    detail::unique_fd fd_;
    std::string path_;
    std::uint64_t size_ = 0; // with what is held back
    owner<detail::direct_writer> direct_;
    detail::file_fate fate_;
};

} // namespace tidemark
