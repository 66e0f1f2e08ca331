// SPDX-License-Identifier: BSL-1.0
//
// error: what the library throws; one derived type for each thing that a caller may act on.

#pragma once

#include <stdexcept>
#include <string>

namespace tidemark {

/// The base of everything that tidemark throws on its own account.
///
/// Exceptions of user functions pass through unchanged.
struct error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A setting, a name or a composition that cannot work. Thrown before the first batch; lists every problem found.
struct config_error : error {
    using error::error;
};

/// A call in the wrong phase: on an application that was never started, that has stopped, or on a handle out of its
/// time.
struct usage_error : error {
    using error::error;
};

/// A file, directory or device refused an operation. The message names it and gives the system's own words.
struct storage_error : error {
    using error::error;
};

/// A file of saved records that is damaged, incomplete or something else. Names the file, the expected and the found.
struct corrupt_file : storage_error {
    using storage_error::storage_error;
};

/// A sound file of saved records that this program cannot read: records of another schema, or a newer format.
struct incompatible_file : storage_error {
    using storage_error::storage_error;
};

/// A source could not be opened or read.
struct source_error : error {
    using error::error;
};

/// The checkpoint as a whole could not be used or written.
struct checkpoint_error : error {
    using error::error;
};

/// Bytes of a checkpoint that fail their checksum, length or bounds. Names the file, the offset, the expected and the
/// found.
struct corrupt_checkpoint : checkpoint_error {
    using checkpoint_error::checkpoint_error;
};

/// A sound checkpoint that this program cannot take over: another stage kind, key or state schema, or a newer format.
struct incompatible_checkpoint : checkpoint_error {
    using checkpoint_error::checkpoint_error;
};

} // namespace tidemark
