// SPDX-License-Identifier: BSL-1.0
//
// input_file: reads files that others have written, at any place in them.

#pragma once

#include <tidemark/core/error.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tidemark {

/// A file as the file system shows it.
struct file_info {
    std::string path;
    std::int64_t modified = 0; ///< When its content last changed, in milliseconds since the epoch, rounded down.
    std::uint64_t size = 0;    ///< In bytes.

    template <typename Archive>
    void serialize(Archive& archive, unsigned)
    {
        archive & path & modified & size;
    }

    [[nodiscard]] friend bool operator==(file_info const&, file_info const&) = default;
};

namespace detail {

/// The house form of a refusal: what could not be done, to which file, and the system's own words.
[[nodiscard]] inline storage_error refused(char const* what, std::string const& path, int number)
{
    return storage_error(std::string("cannot ") + what + " " + path + ": " + std::generic_category().message(number));
}

[[nodiscard]] inline file_info info_of(std::string path, struct stat const& found)
{
    return {std::move(path), std::int64_t{found.st_mtim.tv_sec} * 1000 + found.st_mtim.tv_nsec / 1'000'000,
            static_cast<std::uint64_t>(found.st_size)};
}

} // namespace detail

/// What is known of the file `path`, links followed; nothing when there is no regular file of that name.
///
/// *Throws* `storage_error` when the system will not say.
[[nodiscard]] inline std::optional<file_info> find_file(std::string path)
{
    struct stat found = {};
    if (::stat(path.c_str(), &found) == 0)
        return S_ISREG(found.st_mode) ? std::optional(detail::info_of(std::move(path), found)) : std::nullopt;
    if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
        return std::nullopt;
    throw detail::refused("look at", path, errno);
}

/// A file that is open for reading.
///
/// *Threads*: `read_at` may be called from several threads at once.
class input_file {
public:
    /// Opens `path`. *Throws* `storage_error` when that is refused.
    explicit input_file(std::string path)
        : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC))
    {
        if (descriptor_ < 0)
            throw detail::refused("open", path, errno);
        info_.path = std::move(path);
        try {
            info_ = info_now();
        } catch (...) {
            ::close(descriptor_);
            throw;
        }
    }

    input_file(input_file const&) = delete;
    input_file& operator=(input_file const&) = delete;
    ~input_file() { ::close(descriptor_); }

    /// What it was when it was opened.
    [[nodiscard]] file_info const& info() const { return info_; }

    /// What it is now; whatever bears its name meanwhile. *Throws* `storage_error`.
    [[nodiscard]] file_info info_now() const
    {
        struct stat found = {};
        if (::fstat(descriptor_, &found) != 0)
            throw detail::refused("look at", info_.path, errno);
        return detail::info_of(info_.path, found);
    }

    /// Fills `into` with the bytes from `offset` on; fewer come only where the file ends. *Throws* `storage_error`.
    [[nodiscard]] std::size_t read_at(std::uint64_t offset, std::span<char> into) const
    {
        std::size_t filled = 0;
        while (filled < into.size()) {
            auto const got =
                ::pread(descriptor_, into.data() + filled, into.size() - filled, static_cast<off_t>(offset + filled));
            if (got == 0)
                break;
            if (got > 0)
                filled += static_cast<std::size_t>(got);
            else if (errno != EINTR)
                throw detail::refused("read", info_.path, errno);
        }
        return filled;
    }

private:
    int descriptor_;
    file_info info_;
};

} // namespace tidemark
