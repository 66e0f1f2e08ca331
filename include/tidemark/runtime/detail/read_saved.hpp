// SPDX-License-Identifier: BSL-1.0
//
// read_saved: says where it was and what to do when saved bytes are sound and still not what this program reads.

#pragma once

#include <tidemark/core/error.hpp>

#include <exception>
#include <new>
#include <string>

namespace tidemark::detail {

/// Calls `read` for bytes whose checksum is right. *Throws* `incompatible_checkpoint` that names the `place` for whatever
/// a `serialize` throws that does not understand them: `corrupt_checkpoint` of the archive, or an exception of its own,
/// as the headers of Boost have.
template <typename Read>
void read_saved(std::string const& place, Read const& read)
{
    try {
        read();
    } catch (incompatible_checkpoint const&) {
        throw;
    } catch (std::bad_alloc const&) { // no word about the bytes
        throw;
    } catch (std::exception const& problem) {
        throw incompatible_checkpoint(
            place + ": what was saved is not what this program's serialize reads: " + problem.what()
            + "; when it has changed, raise its BOOST_CLASS_VERSION and let it read the older "
              "version, too, or run the program that wrote the checkpoint");
    }
}

} // namespace tidemark::detail
