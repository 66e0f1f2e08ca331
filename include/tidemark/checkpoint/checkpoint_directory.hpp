// SPDX-License-Identifier: BSL-1.0
//
// checkpoint_directory: where an application keeps what a restart needs.

#pragma once

#include <tidemark/storage/local_directory.hpp>
#include <tidemark/storage/storage.hpp>

#include <concepts>
#include <filesystem>
#include <utility>

namespace tidemark {

/// A place for checkpoints: a directory of the local file system, or any other `storage`.
///
/// Making one touches nothing; the directory is made and locked by `start()`.
class checkpoint_directory {
public:
    template <std::convertible_to<std::filesystem::path> Path>
    explicit checkpoint_directory(Path const& path)
        : storage_(local_directory(path))
    {}

    template <typename Storage>
        requires(!std::same_as<Storage, checkpoint_directory> && tidemark::storage<Storage>)
    explicit checkpoint_directory(Storage files)
        : storage_(std::move(files))
    {}

    [[nodiscard]] any_storage const& storage() const { return storage_; }

private:
    any_storage storage_;
};

} // namespace tidemark
