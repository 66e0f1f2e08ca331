// SPDX-License-Identifier: BSL-1.0
//
// scratch_directory: a new directory for what ends with its owner.

#pragma once

#include <tidemark/storage/detail/failure.hpp>
#include <tidemark/storage/local_directory.hpp>

#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>

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
    ~scratch_directory()
    {
        std::error_code ignored;
        std::filesystem::remove_all(files_.describe(), ignored);
    }

    [[nodiscard]] local_directory const& storage() const { return files_; }

private:
    [[nodiscard]] static std::string made()
    {
        std::error_code problem;
        auto const parent = std::filesystem::temp_directory_path(problem);
        if (problem)
            throw detail::storage_failure("find", "the directory for temporary files", problem.message());
        auto path = (parent / "tidemark-XXXXXX").string();
        if (::mkdtemp(path.data()) == nullptr)
            throw detail::storage_failure("make the directory", path, errno);
        return path;
    }

    local_directory files_;
};

} // namespace tidemark
