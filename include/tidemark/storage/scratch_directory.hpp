// SPDX-License-Identifier: BSL-1.0
//
// scratch_directory: a new directory for what ends with its owner.

#pragma once

#include <tidemark/storage/detail/failure.hpp>
#include <tidemark/storage/local_directory.hpp>
#include <tidemark/storage/paths.hpp>

#include <cerrno>
#include <cstdlib>
#include <string>

#include <stdlib.h>

namespace tidemark {

/// A directory among the temporary ones of the system, made here and removed at the end with all that is in it. One that
/// is left behind by a process that was killed is called `tidemark-...`.
class scratch_directory {
public:
    /// *Throws* `storage_error`.
    scratch_directory()
        : files_(made())
    {}
    scratch_directory(scratch_directory const&) = delete;
    scratch_directory& operator=(scratch_directory const&) = delete;
    ~scratch_directory() { (void)detail::remove_tree(files_.describe()); } // what stays has a name that says so

    [[nodiscard]] local_directory const& storage() const { return files_; }

private:
    [[nodiscard]] static std::string made()
    {
        auto const* const given = std::getenv("TMPDIR"); // NOLINT(concurrency-mt-unsafe)
        std::string const parent = given != nullptr && *given != '\0' ? given : "/tmp";
        if (!is_directory(parent))
            throw detail::storage_failure("find", "the directory for temporary files", parent + " is no directory");
        auto path = parent + "/tidemark-XXXXXX";
        if (::mkdtemp(path.data()) == nullptr)
            throw detail::storage_failure("make the directory", path, errno);
        return path;
    }

    local_directory files_;
};

} // namespace tidemark
