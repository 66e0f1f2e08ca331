// SPDX-License-Identifier: BSL-1.0
//
// error: what the library throws; one derived type for each thing that a caller may act on.

#pragma once

#include <stdexcept>
#include <string>

namespace tidemark {

/// The base of everything that tidemark itself throws; exceptions of user functions pass through unchanged.
struct error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A setting, a name or a composition that cannot work. Thrown before the first batch; lists every problem found.
struct config_error : error {
    using error::error;
};

/// A call at the wrong time: on an application that was never started or has stopped, or on a handle that is no longer
/// valid.
struct usage_error : error {
    using error::error;
};

/// A file, directory or device refused an operation. The message names it and quotes the system's error.
struct storage_error : error {
    using error::error;
};

/// A file of saved records is damaged, incomplete or not one at all. Names the file, what was expected and what was
/// found.
struct corrupt_file : storage_error {
    using storage_error::storage_error;
};

/// A file of saved records is intact but not readable by this program: its records have another schema, or its format
/// is newer.
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

/// Bytes of a checkpoint fail their checksum, length or bounds. Names the file, the offset, what was expected and what
/// was found.
struct corrupt_checkpoint : checkpoint_error {
    using checkpoint_error::checkpoint_error;
};

/// A checkpoint is intact but not usable by this program: a stage has another kind, key or state schema, or the format
/// is newer.
struct incompatible_checkpoint : checkpoint_error {
    using checkpoint_error::checkpoint_error;
};

} // namespace tidemark
