// SPDX-License-Identifier: BSL-1.0
//
// fault_verdict: what can fail, and what becomes of one operation; for tests.

#pragma once

#include <tidemark/storage/detail/failure.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tidemark {

/// What can be done to a storage, and fail. Up to `set_aside` it changes what is stored.
enum class storage_operation : std::uint8_t {
    create,
    overwrite,
    append,
    sync,
    rename,
    remove,
    remove_folder,
    sync_directory,
    set_aside,
    lock,
    read,
    size,
    exists,
    list
};

/// Whether an operation that fails has taken effect all the same.
enum class fault_effect : std::uint8_t { none, all };

/// Thrown in place of each operation once the process has "died". No exception of the library, nor of the standard, so
/// that nobody takes it for an error and goes on.
struct simulated_crash {
    std::uint64_t operation = 0; ///< the number of the operation that was the first not to return
};

/// What is to become of one operation.
struct fault_verdict {
    enum class kind : std::uint8_t { success, failure, crash };

    kind end = kind::success;
    std::size_t bytes = 0; ///< how many bytes of an append reach the file
    fault_effect effect = fault_effect::none;
    int error = 0;                          ///< of a failure
    std::uint64_t crashed_at = 0;           ///< of a crash
    std::optional<std::size_t> flipped_bit; ///< of the bytes of an append, counted from the lowest of the first byte

    [[nodiscard]] bool takes_effect() const { return end == kind::success || effect == fault_effect::all; }

    /// Throws what the operation on `place` throws; nothing when it succeeds.
    void raise(std::string_view operation, std::string_view place) const
    {
        if (end == kind::crash) {
            throw simulated_crash{crashed_at};
        }
        if (end == kind::failure) {
            throw detail::storage_failure(operation, place, detail::system_message(error) + " (planned fault)");
        }
    }
};

} // namespace tidemark
