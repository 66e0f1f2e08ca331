// SPDX-License-Identifier: BSL-1.0
//
// paths: names of files and directories, and whole trees of them. What <filesystem> has for it costs each file that
// includes tidemark more than all of the storages.

#pragma once

#include <tidemark/storage/detail/failure.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <dirent.h>
#include <ftw.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tidemark {

/// Whether `path` is a directory, links followed; false when nobody can tell.
[[nodiscard]] inline bool is_directory(std::string const& path)
{
    struct ::stat found{};
    return ::stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
}

namespace detail {

/// Owns a directory that is open for reading; null when it could not be opened.
class open_directory {
public:
    explicit open_directory(std::string const& path) noexcept
        : directory_(::opendir(path.c_str()))
    {}
    open_directory(open_directory const&) = delete;
    open_directory& operator=(open_directory const&) = delete;
    ~open_directory()
    {
        if (directory_ != nullptr) {
            ::closedir(directory_);
        }
    }

    [[nodiscard]] ::DIR* get() const noexcept { return directory_; }

private:
    ::DIR* directory_;
};

/// The directory from which relative paths start. *Throws* `storage_error` when it was removed.
[[nodiscard]] inline std::string current_directory()
{
    std::string path(PATH_MAX, '\0');
    if (::getcwd(path.data(), path.size()) == nullptr)
        throw storage_failure("find", "the current directory", errno);
    path.resize(path.find('\0'));
    return path;
}

/// `path` from the root on, as seen from the current directory of now: without `.` and `..`, and without a slash at its
/// end. Follows no links and needs no such file.
[[nodiscard]] inline std::string whole_path(std::string_view path)
{
    auto const given = (path.starts_with('/') ? std::string() : current_directory() + "/") + std::string(path) + "/";
    std::string whole;
    for (std::size_t from = 0, end = 0; (end = given.find('/', from)) != std::string::npos; from = end + 1) {
        auto const name = given.substr(from, end - from);
        if (name == "..")
            whole.resize(whole.empty() ? 0 : whole.rfind('/'));
        else if (!name.empty() && name != ".")
            whole += "/" + name;
    }
    return whole.empty() ? "/" : whole;
}

/// The directory that holds `path`, which is absolute and has no slash at its end.
[[nodiscard]] inline std::string parent_of(std::string const& path)
{
    auto const slash = path.rfind('/');
    return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

/// The name that `path` has in the directory that holds it.
[[nodiscard]] inline std::string last_name(std::string const& path) { return path.substr(path.rfind('/') + 1); }

/// Whether there is something at `path`; a link counts, wherever it leads.
[[nodiscard]] inline bool is_taken(std::string const& path)
{
    struct ::stat status{};
    return ::lstat(path.c_str(), &status) == 0;
}

/// Whether there is a directory at `path` that can be read and has nothing in it.
[[nodiscard]] inline bool is_empty_directory(std::string const& path)
{
    open_directory const directory(path);
    if (directory.get() == nullptr)
        return false;
    constexpr int own_and_above = 2; // `.` and `..`
    int names = 0;
    while (names <= own_and_above && ::readdir(directory.get()) != nullptr) // NOLINT(concurrency-mt-unsafe)
        ++names;
    return names <= own_and_above;
}

/// Where the links of `path`, and those above it, lead. *Throws* `storage_error` when there is nothing.
[[nodiscard]] inline std::string followed(std::string const& path)
{
    auto* const found = ::realpath(path.c_str(), nullptr);
    if (found == nullptr)
        throw storage_failure("follow", path, errno);
    std::string followed(found);
    std::free(found); // NOLINT(cppcoreguidelines-no-malloc)
    return followed;
}

/// Removes what is at `path`, with all that is in it; links are removed and not followed. Gives the error number of what
/// could not be removed, 0 when nothing is left.
[[nodiscard]] inline int remove_tree(std::string const& path)
{
    constexpr int most_open = 16;
    auto const remove = [](char const* each, struct ::stat const*, int kind, ::FTW*) {
        if (::remove(each) == 0 || errno == ENOENT)
            return 0;
        return kind == FTW_DNR ? EACCES : errno; // one that cannot be read is not empty
    };
    int const result = ::nftw(path.c_str(), remove, most_open, FTW_DEPTH | FTW_PHYS);
    if (result < 0)
        return errno == ENOENT || errno == ENOTDIR ? 0 : errno; // ENOTDIR: a file stands above it
    return result;
}

} // namespace detail
} // namespace tidemark
