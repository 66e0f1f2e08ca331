// SPDX-License-Identifier: BSL-1.0
//
// control: the headers are found, and a failure is seen; no other file of this folder means anything without it.

#include <tidemark/version.hpp>

#ifdef TIDEMARK_EXPECT_FAILURE
// expect: tidemark::control: this is meant to fail
static_assert(TIDEMARK_VERSION < 0, "tidemark::control: this is meant to fail");
#else
static_assert(TIDEMARK_VERSION > 0, "tidemark::control: this is meant to pass");
#endif
