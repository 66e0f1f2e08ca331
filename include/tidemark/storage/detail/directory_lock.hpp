// SPDX-License-Identifier: BSL-1.0
//
// directory_lock: one holder per directory, across processes, freed by the system when the holder dies.

#pragma once

#include <tidemark/core/text_bytes.hpp>
#include <tidemark/storage/detail/failure.hpp>
#include <tidemark/storage/detail/posix.hpp>

#include <array>
#include <cerrno>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tidemark::detail {

/// Who holds a lock, as `write_holder` put it there: the process, a newline, and the text that it gave.
[[nodiscard]] inline storage_error taken_by_another(std::string const& directory, unique_fd const& file)
{
    std::array<std::byte, 1024> bytes{};
    std::size_t const length = read_at(file.get(), bytes, 0, directory);
    std::string text;
    for (std::size_t i = 0; i != length; ++i) {
        text += static_cast<char>(bytes[i]);
    }
    auto const newline = text.find('\n');
    if (newline == std::string::npos) {
        return lock_is_taken(directory, "unknown", "it has not said who it is");
    }
    return lock_is_taken(directory, text.substr(0, newline), text.substr(newline + 1));
}

/// Says in the locked file who holds it. Only for messages: a full disk must not keep the holder from its lock.
inline void write_holder(unique_fd const& file, std::string const& who)
{
    std::string const text = std::to_string(::getpid()) + "\n" + who;
    if (::ftruncate(file.get(), 0) == 0) {
        [[maybe_unused]] auto const outcome = write_all(file.get(), text_bytes(text));
    }
}

/// Opens and locks the lock file of `directory`; no file when the file was replaced meanwhile.
[[nodiscard]] inline unique_fd lock_file_in(std::string const& directory, std::string const& who)
{
    std::string const path = directory + "/" + std::string(lock_name);
    auto file = open_path("lock", path, O_RDWR | O_CREAT | O_NOFOLLOW);
    if (uninterrupted([&] { return ::flock(file.get(), LOCK_EX | LOCK_NB); }) != 0) {
        if (errno == EWOULDBLOCK) {
            throw taken_by_another(directory, file);
        }
        throw storage_failure("lock", path, errno);
    }
    auto const ours = status_of(file.get(), "lock", path);
    struct ::stat named{};
    if (::stat(path.c_str(), &named) != 0 || named.st_dev != ours.st_dev || named.st_ino != ours.st_ino) {
        return {}; // the directory was set aside between open and lock
    }
    write_holder(file, who);
    return file;
}

/// Holds the lock of a directory. The file stays when the lock goes: who removed it would let two others in.
class directory_lock {
public:
    /// *Throws* `storage_error` when another one holds the lock, in this process or in another.
    directory_lock(std::string const& directory, std::string who)
        : who_(std::move(who))
    {
        add(directory);
    }
    directory_lock(directory_lock const&) = delete;
    directory_lock& operator=(directory_lock const&) = delete;
    ~directory_lock()
    {
        for (auto const& file : files_) {
            if (::getpid() == process_) { // a forked child shares the lock and must not give it back for its parent
                ::flock(file.get(), LOCK_UN);
            }
        }
    }

    /// Takes the lock of one more directory, for the same time.
    void add(std::string const& directory)
    {
        unique_fd file;
        while (file.get() < 0) {
            file = lock_file_in(directory, who_);
        }
        files_.push_back(std::move(file));
    }

private:
    std::string who_;
    ::pid_t process_ = ::getpid();
    std::vector<unique_fd> files_;
};

} // namespace tidemark::detail
