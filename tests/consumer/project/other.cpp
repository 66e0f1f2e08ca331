// SPDX-License-Identifier: BSL-1.0
//
// The second of the two files.

#include <tidemark/tidemark.hpp>

int version_in_other_file();

int version_in_other_file() { return TIDEMARK_VERSION; }
