// SPDX-License-Identifier: BSL-1.0
//
// get_or_create: one program text for the first start and for every restart.

#pragma once

#include <tidemark/checkpoint/checkpoint_directory.hpp>
#include <tidemark/checkpoint/journal_options.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/runtime/application.hpp>

#include <concepts>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>

namespace tidemark {

/// A function that builds an application for a checkpoint directory.
template <typename F>
concept application_builder = requires(F&& create, checkpoint_directory where) {
    { std::invoke(std::forward<F>(create), std::move(where)) } -> std::same_as<application>;
};

/// The application that `create(where)` describes, with what `where` holds from an earlier run.
///
/// `create` is always called: the code comes from the program, only data comes from the checkpoint, when the
/// application is started. So a restart may run new code. `unreadable` says what `start()` does when there is a
/// checkpoint that cannot be read.
/// *Throws* `config_error` when `create` did not give `where` to its streaming context; what `create` throws.
/// See also: `get_active_or_create`. Example: `examples/operators/get_active_or_create.cpp`.
template <application_builder Create>
[[nodiscard]] application get_or_create(checkpoint_directory where, Create&& create,
                                        on_unreadable unreadable = on_unreadable::fail)
{
    auto const wanted = where.storage().describe();
    auto made = std::invoke(std::forward<Create>(create), std::move(where));
    if (made.directory() != wanted)
        throw config_error("tidemark::get_or_create: the application \"" + made.name() + "\" keeps its checkpoints in "
                           + made.directory().value_or("no directory") + ", not in " + wanted
                           + "; pass the directory that the function is given to streaming_context");
    made.when_unreadable(unreadable);
    return made;
}

/// What builds no application for a directory.
void get_or_create(auto&&...) = delete; // the function must take the checkpoint_directory and give an application

/// A path alone is no checkpoint directory.
template <std::convertible_to<std::string> Path, typename... Rest>
void get_or_create(Path&&, Rest&&...) = delete; // it takes a directory: `checkpoint_directory("state")`

/// The active application of this process, or else `create()`, which is not started yet.
///
/// *Throws* what `create` throws. Two threads that find none active at once both call `create`.
/// See also: `get_active`, `get_or_create`. Example: `examples/operators/get_active_or_create.cpp`.
template <typename Create>
    requires std::same_as<std::invoke_result_t<Create>, application>
[[nodiscard]] application get_active_or_create(Create&& create)
{
    if (auto active = get_active())
        return *std::move(active);
    return std::invoke(std::forward<Create>(create));
}

/// The active application of this process, whatever its directory is, or else `get_or_create(where, create,
/// unreadable)`, which is not started yet.
///
/// *Throws* as `get_or_create`. Two threads that find none active at once both call `create`.
/// See also: `get_active`. Example: `examples/operators/get_active_or_create.cpp`.
template <application_builder Create>
[[nodiscard]] application get_active_or_create(checkpoint_directory where, Create&& create,
                                               on_unreadable unreadable = on_unreadable::fail)
{
    if (auto active = get_active())
        return *std::move(active);
    return get_or_create(std::move(where), std::forward<Create>(create), unreadable);
}

/// What builds no application.
void get_active_or_create(auto&&...) = delete; // the function must give an application, of nothing or of `where`

} // namespace tidemark
