// SPDX-License-Identifier: BSL-1.0
//
// failure: how every storage words its errors, which names it takes, and what stays forbidden after a failure.

#pragma once

#include <tidemark/core/error.hpp>

#include <string>
#include <string_view>
#include <system_error>

namespace tidemark::detail {

/// The file that carries the lock of a directory; it is none of the storage's files.
inline constexpr std::string_view lock_name = "LOCK";

/// The system's own words for an error number.
[[nodiscard]] inline std::string system_message(int number) { return std::generic_category().message(number); }

/// The house form: what could not be done, to what, and why.
[[nodiscard]] inline storage_error storage_failure(std::string_view operation, std::string_view place,
                                                   std::string_view why)
{
    return storage_error("cannot " + std::string(operation) + " " + std::string(place) + ": " + std::string(why));
}

[[nodiscard]] inline storage_error storage_failure(std::string_view operation, std::string_view place, int number)
{
    return storage_failure(operation, place, system_message(number));
}

/// The lock of `place` is taken by process `pid` under the name `who`.
[[nodiscard]] inline storage_error lock_is_taken(std::string_view place, std::string_view pid, std::string_view who)
{
    return storage_failure("lock", place,
                           "process " + std::string(pid) + " (" + std::string(who)
                               + ") holds the lock; stop it first, or use another directory");
}

/// *Throws* `storage_error` for a name that is not one of a file in a flat directory.
inline void check_name(std::string_view operation, std::string_view directory, std::string_view name)
{
    if (name.empty() || name == "." || name == ".." || name == lock_name || name.find('/') != std::string_view::npos
        || name.find('\0') != std::string_view::npos) {
        throw storage_failure(operation, std::string(directory) + "/" + std::string(name),
                              "a file's name is not empty, has no '/', and is not '.', '..' or 'LOCK'");
    }
}

/// What may still be done to a file after a failure; a piece of every `writable_file`.
class file_fate {
public:
    /// *Throws* when nothing can be appended to the file any more.
    void check_append(std::string_view place) const
    {
        if (sync_failed_ || append_failed_) {
            throw storage_failure("append to", place, sync_failed_ ? after_sync : after_append);
        }
    }

    /// *Throws* when a sync could no longer be trusted.
    void check_sync(std::string_view place) const
    {
        if (sync_failed_) {
            throw storage_failure("sync", place, after_sync);
        }
    }

    void append_failed() { append_failed_ = true; }
    void sync_failed() { sync_failed_ = true; }

private:
    static constexpr std::string_view after_sync =
        "an earlier sync of this file failed, and what it should have written may be lost; write a new file";
    static constexpr std::string_view after_append =
        "an earlier append to this file failed, and its end is unknown; write a new file";

    bool append_failed_ = false;
    bool sync_failed_ = false;
};

} // namespace tidemark::detail
