// SPDX-License-Identifier: BSL-1.0
//
// application_of: whose checkpoint it is, for those who are not that application.

#pragma once

#include <tidemark/checkpoint/detail/file_header.hpp>
#include <tidemark/checkpoint/detail/inventory.hpp>
#include <tidemark/checkpoint/file_names.hpp>
#include <tidemark/checkpoint/manifest.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/storage/storage.hpp>

#include <string>

namespace tidemark::detail {

/// As the manifest says, or else the newest log segment whose header can be read; empty when none can. *Throws*
/// `incompatible_checkpoint` when a newer version wrote it, `storage_error`.
template <storage Storage>
[[nodiscard]] std::string application_of(Storage const& storage, inventory const& files)
{
    if (files.manifest) {
        try {
            return decode_manifest(storage.read(std::string(manifest_name))).application;
        } catch (corrupt_checkpoint const&) { // a segment may know
        }
    }
    for (auto id = files.logs.rbegin(); id != files.logs.rend(); ++id) {
        auto const name = log_name(*id);
        try {
            return decode_file_header(storage.read(name), name).header.application;
        } catch (corrupt_checkpoint const&) { // an older one may know
        }
    }
    return "";
}

} // namespace tidemark::detail
