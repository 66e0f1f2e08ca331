// SPDX-License-Identifier: BSL-1.0
//
// replace_file: a whole file in one atomic step: write aside, sync, rename, sync the directory.

#pragma once

#include <tidemark/storage/storage.hpp>

#include <cstddef>
#include <span>
#include <string>

namespace tidemark::detail {

/// Writes `bytes` into `scratch`, then gives that the name `name`, whether or not there is such a file.
///
/// When it throws, a later start may find either file, the old or the new one, whole.
template <storage Storage>
void replace_file(Storage const& storage, std::string const& scratch, std::string const& name,
                  std::span<std::byte const> bytes)
{
    if (storage.exists(scratch)) {
        storage.remove(scratch);
    }
    {
        auto file = storage.create(scratch);
        file.append(bytes);
        file.sync();
    }
    storage.rename(scratch, name);
    storage.sync_directory();
}

} // namespace tidemark::detail
