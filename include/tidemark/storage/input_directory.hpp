// SPDX-License-Identifier: BSL-1.0
//
// input_directory: what lies in a directory, and which directories a pattern means.

#pragma once

#include <tidemark/storage/detail/posix.hpp>
#include <tidemark/storage/input_file.hpp>
#include <tidemark/storage/paths.hpp>

#include <cerrno>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <dirent.h>
#include <glob.h>

namespace tidemark {

namespace detail {

[[nodiscard]] inline std::string path_in(std::string const& directory, char const* name)
{
    return directory.ends_with('/') ? directory + name : directory + '/' + name;
}

/// The number of the last error that a pattern met on its way; glob hands its callback no context.
[[nodiscard]] inline int& pattern_error()
{
    static thread_local int number = 0;
    return number;
}

inline int note_pattern_error(char const*, int number)
{
    if (number == ENOENT || number == ENOTDIR) // went away meanwhile: no match
        return 0;
    pattern_error() = number;
    return 1;
}

struct glob_result {
    glob_t found = {};

    glob_result() = default;
    glob_result(glob_result const&) = delete;
    glob_result& operator=(glob_result const&) = delete;
    ~glob_result() { ::globfree(&found); }
};

} // namespace detail

/// The regular files directly in `directory`, links followed, whose path `wanted` accepts; in no particular order.
///
/// `wanted(std::string const& path)` is asked before the file is looked at. *Throws* `storage_error` when the directory
/// cannot be read.
template <typename Wanted>
[[nodiscard]] std::vector<file_info> list_files(std::string const& directory, Wanted const& wanted)
{
    detail::open_directory const open(directory);
    if (open.get() == nullptr)
        throw detail::refused("list the directory", directory, errno);
    std::vector<file_info> files;
    for (;;) {
        errno = 0;
        auto const* const entry = ::readdir(open.get());
        if (entry == nullptr) {
            if (errno != 0)
                throw detail::refused("list the directory", directory, errno);
            return files;
        }
        auto path = detail::path_in(directory, entry->d_name);
        if (!wanted(std::as_const(path)))
            continue;
        if (auto file = find_file(std::move(path)))
            files.push_back(*std::move(file));
    }
}

/// Whether `path` has one of the signs `*`, `?`, `[` and `{`, and so may mean several directories.
[[nodiscard]] inline bool is_pattern(std::string_view path)
{
    return path.find_first_of("*?[{") != std::string_view::npos;
}

/// The files and directories that `pattern` means, in the shell's sense of the signs, sorted by name; none is no error.
///
/// A backslash takes the meaning from the sign behind it. *Throws* `storage_error` when a directory on the way cannot
/// be read.
[[nodiscard]] inline std::vector<std::string> matching_paths(std::string const& pattern)
{
    int flags = 0;
#ifdef GLOB_BRACE
    flags |= GLOB_BRACE;
#endif
    detail::glob_result matches;
    int const result = ::glob(pattern.c_str(), flags, &detail::note_pattern_error, &matches.found);
    if (result == GLOB_ABORTED)
        throw detail::refused("list the directories of the pattern", pattern, detail::pattern_error());
    if (result == GLOB_NOSPACE)
        throw detail::refused("list the directories of the pattern", pattern, ENOMEM);
    return {matches.found.gl_pathv, matches.found.gl_pathv + matches.found.gl_pathc};
}

/// The directories among `matching_paths(pattern)`.
[[nodiscard]] inline std::vector<std::string> matching_directories(std::string const& pattern)
{
    std::vector<std::string> directories;
    for (auto& path : matching_paths(pattern))
        if (is_directory(path))
            directories.push_back(std::move(path));
    return directories;
}

} // namespace tidemark
