// SPDX-License-Identifier: BSL-1.0
//
// checkpoint_directory: where an application keeps what a restart needs.

#pragma once

#include <tidemark/storage/block_compression.hpp>
#include <tidemark/storage/local_directory.hpp>
#include <tidemark/storage/storage.hpp>

#include <concepts>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace tidemark {

/// A place for checkpoints: a directory of the local file system, or any other `storage`.
///
/// Making one touches nothing; the directory is made and locked by `start()`.
class checkpoint_directory {
public:
    /// A directory of the local file system: text, or what turns into it, as `std::filesystem::path` does.
    template <typename Path>
        requires std::convertible_to<Path const&, std::string> || std::convertible_to<Path const&, std::string_view>
    explicit checkpoint_directory(Path const& path)
        : storage_(local_directory(std::string(path)))
    {}

    /// Any other storage, such as a `memory_storage` or a `faulty_storage` in tests.
    template <typename Storage>
        requires(!std::same_as<Storage, checkpoint_directory> && tidemark::storage<Storage>)
    explicit checkpoint_directory(Storage files)
        : storage_(std::move(files))
    {}

    /// The same place, where state is compressed that is written from now on: what batches change, bases and windows. What
    /// was compressed by `how` is read, and so is what is not compressed.
    ///
    /// `how` is a `block_compression`, say the `zstd_compression` of <tidemark/checkpoint/zstd_compression.hpp>. Logs and
    /// the checkpoints of rdds stay as they are. A program from before compression refuses what was written so.
    template <block_compression Compression>
    [[nodiscard]] checkpoint_directory compressed_by(Compression how) const
    {
        auto ways = compressions<block_compressions>();
        ways->write_with(std::move(how));
        return checkpoint_directory(storage_.with(std::move(ways)));
    }

    /// The same place, where what was compressed by `how` is read, too. What is written is compressed as before, if at all.
    template <block_compression Compression>
    [[nodiscard]] checkpoint_directory decompressed_by(Compression how) const
    {
        auto ways = compressions<block_compressions>();
        ways->read_with(std::move(how));
        return checkpoint_directory(storage_.with(std::move(ways)));
    }

    /// Where its files are.
    [[nodiscard]] any_storage const& storage() const { return storage_; }

private:
    /// Those of the storage, to be changed. A template, so that a file pays for it only where it is used.
    template <std::same_as<block_compressions> Ways>
    [[nodiscard]] std::shared_ptr<Ways> compressions() const
    {
        auto const& given = storage_.compressions();
        return given ? std::make_shared<Ways>(*given) : std::make_shared<Ways>();
    }

    any_storage storage_;
};

} // namespace tidemark
