// SPDX-License-Identifier: BSL-1.0
//
// publish_directory: a finished directory takes its place in one step.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/storage/detail/posix.hpp>

#include <filesystem>
#include <system_error>

namespace tidemark {

/// Removes a directory and what is in it, if it is there. *Throws* `storage_error`.
inline void discard_directory(std::filesystem::path const& path)
{
    std::error_code problem;
    std::filesystem::remove_all(path, problem);
    if (problem)
        throw storage_error("cannot remove " + path.string() + ": " + problem.message());
}

/// Gives the directory `from` the name `to`, beside it. A directory that has that name already is exchanged for it in
/// the same step and removed afterwards. Survives a loss of power when it returns. *Throws* `storage_error`, also when
/// there is something that is no directory.
inline void publish_directory(std::filesystem::path const& from, std::filesystem::path const& to)
{
    auto const parent = to.has_parent_path() ? to.parent_path() : std::filesystem::path(".");
    std::error_code problem;
    if (std::filesystem::exists(to) && !std::filesystem::is_directory(to))
        throw storage_error("cannot put " + from.string() + " in place as " + to.string()
                            + ": a file has that name; move it away");
    if (std::filesystem::exists(to)) {
        detail::exchange_directories(from.string(), to.string());
        detail::sync_names(parent.string());
        return discard_directory(from);
    }
    std::filesystem::rename(from, to, problem);
    if (problem)
        throw storage_error("cannot put " + from.string() + " in place as " + to.string() + ": " + problem.message());
    detail::sync_names(parent.string());
}

/// Gives the directory `from` the name `to`, beside it, unless something has it: false then, and nothing is changed.
/// Survives a loss of power when it returns. *Throws* `storage_error`.
[[nodiscard]] inline bool publish_new_directory(std::filesystem::path const& from, std::filesystem::path const& to)
{
    if (!detail::rename_to_free(from.string(), to.string()))
        return false;
    detail::sync_names(to.has_parent_path() ? to.parent_path().string() : ".");
    return true;
}

} // namespace tidemark
