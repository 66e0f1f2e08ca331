// SPDX-License-Identifier: BSL-1.0
//
// spare_files: state files that nothing needs any more, kept for the space that they take.

#pragma once

#include <tidemark/checkpoint/file_names.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

namespace tidemark::detail {

/// Which state files the next ones may take the space of. Touches no file.
///
/// *Threads*: all calls, at once.
class spare_files {
public:
    /// How long such a file is at most.
    void set_most_bytes(std::uint64_t bytes)
    {
        std::lock_guard const guard(mutex_);
        most_bytes_ = bytes;
    }

    /// That file is never to be used again: a write to it failed.
    void reject(file_id id)
    {
        std::lock_guard const guard(mutex_);
        rejected_.push_back(id);
    }

    /// Whether a file of that length, which nothing needs any more, should be kept.
    [[nodiscard]] bool wants(file_id id, std::uint64_t bytes) const
    {
        std::lock_guard const guard(mutex_);
        return std::find(rejected_.begin(), rejected_.end(), id) == rejected_.end() && bytes <= most_bytes_
               && files_.size() < most_files;
    }

    void add(file_id id)
    {
        std::lock_guard const guard(mutex_);
        files_.push_back(id);
    }

    /// The one that has been kept for longest.
    [[nodiscard]] std::optional<file_id> take()
    {
        std::lock_guard const guard(mutex_);
        if (files_.empty())
            return std::nullopt;
        auto const id = files_.front();
        files_.erase(files_.begin());
        return id;
    }

private:
    static constexpr std::size_t most_files = 2;

    mutable std::mutex mutex_; // guards all below
    std::uint64_t most_bytes_ = 0;
    std::vector<file_id> rejected_;
    std::vector<file_id> files_; // under their spare names
};

} // namespace tidemark::detail
