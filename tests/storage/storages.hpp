// SPDX-License-Identifier: BSL-1.0
//
// storages: what the tests of storages share: texts as bytes, and a directory that goes at the end.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/storage/storage.hpp>

#include <cstddef>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <stdlib.h>

namespace storages {

inline std::span<std::byte const> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

inline std::string text(std::span<std::byte const> bytes)
{
    std::string result;
    for (std::byte const byte : bytes) {
        result += static_cast<char>(byte);
    }
    return result;
}

/// All files and their content, as `name=content` with a blank between them.
inline std::string content(tidemark::any_storage const& storage)
{
    std::string all;
    for (auto const& name : storage.list()) {
        all += (all.empty() ? "" : " ") + name + "=" + text(storage.read(name));
    }
    return all;
}

/// A new file with this content; neither its bytes nor its name are synced.
inline tidemark::storage_file written(tidemark::any_storage const& storage, std::string const& name,
                                      std::string_view text)
{
    auto file = storage.create(name);
    file.append(bytes(text));
    return file;
}

/// What the `storage_error` says that `call` throws; empty when it throws none.
template <typename Call>
std::string error_of(Call call)
{
    try {
        call();
    } catch (tidemark::storage_error const& problem) {
        return problem.what();
    }
    return "";
}

/// A new directory of the file system, removed at the end with all that is in it.
class temporary_directory {
public:
    temporary_directory()
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "tidemark-storage-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) {
            throw std::runtime_error("no temporary directory");
        }
        path_ = pattern;
    }
    temporary_directory(temporary_directory const&) = delete;
    temporary_directory& operator=(temporary_directory const&) = delete;
    ~temporary_directory()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] std::filesystem::path const& path() const { return path_; }

private:
    std::filesystem::path path_;
};

} // namespace storages
