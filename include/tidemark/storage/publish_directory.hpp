// SPDX-License-Identifier: BSL-1.0
//
// publish_directory: a finished directory takes its place in one step.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/storage/detail/failure.hpp>
#include <tidemark/storage/detail/posix.hpp>
#include <tidemark/storage/paths.hpp>

#include <cerrno>
#include <cstdio>
#include <string>

namespace tidemark {

/// Removes a directory and what is in it, if it is there. *Throws* `storage_error`.
inline void discard_directory(std::string const& path)
{
    if (int const problem = detail::remove_tree(path); problem != 0)
        throw detail::storage_failure("remove", path, problem);
}

/// Gives the directory `from` the name `to`, beside it. A directory that has that name already is exchanged for it in
/// the same step and removed afterwards. Survives a loss of power when it returns. *Throws* `storage_error`, also when
/// there is something that is no directory.
inline void publish_directory(std::string const& from, std::string const& to)
{
    auto const failure = [&](auto const& why) {
        return detail::storage_failure("put", from + " in place as " + to, why);
    };
    auto const parent = detail::parent_of(detail::whole_path(to));
    if (is_directory(to)) {
        detail::exchange_directories(from, to);
        detail::sync_names(parent);
        return discard_directory(from);
    }
    if (detail::is_taken(to))
        throw failure("a file has that name; move it away");
    if (::rename(from.c_str(), to.c_str()) != 0)
        throw failure(errno);
    detail::sync_names(parent);
}

/// Gives the directory `from` the name `to`, beside it, unless something has it: false then, and nothing is changed.
/// Survives a loss of power when it returns. *Throws* `storage_error`.
[[nodiscard]] inline bool publish_new_directory(std::string const& from, std::string const& to)
{
    if (!detail::rename_to_free(from, to))
        return false;
    detail::sync_names(detail::parent_of(detail::whole_path(to)));
    return true;
}

} // namespace tidemark
