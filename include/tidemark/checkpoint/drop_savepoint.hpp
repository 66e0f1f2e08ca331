// SPDX-License-Identifier: BSL-1.0
//
// drop_savepoint: lets a savepoint go while its application does not run; for tools.

#pragma once

#include <tidemark/checkpoint/detail/savepoint_file.hpp>
#include <tidemark/checkpoint/file_names.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/storage/storage.hpp>

#include <string>

namespace tidemark {

/// Drops the savepoint `name` of the checkpoint in `storage`, a damaged one too. The state that it kept, and no commit
/// needs, is swept by the next start.
///
/// After a loss of power in the call it is there as a whole, or not at all.
/// *Throws* `config_error` when `name` is none for a savepoint; `usage_error` when there is none of that name;
/// `storage_error`, also while the application runs: it drops its own, `application::drop_savepoint`.
template <storage Storage>
void drop_savepoint(Storage const& storage, std::string const& name)
{
    if (auto const problem = savepoint_name_problem(name))
        throw config_error("tidemark::drop_savepoint: " + *problem);
    auto const file = savepoint_file_name(name);
    if (!storage.exists(file))
        throw detail::no_such_savepoint(storage, name);
    auto const lock = storage.lock("drop_savepoint");
    storage.remove(file);
    storage.sync_directory();
}

} // namespace tidemark
