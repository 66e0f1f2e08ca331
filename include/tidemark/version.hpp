// SPDX-License-Identifier: BSL-1.0
//
// version: the version of tidemark; the build and the packages read it from here.

#pragma once

/// Changes with the interface from 1.0 on; while it is 0, the minor version does.
#define TIDEMARK_VERSION_MAJOR 0
/// Counts what is added.
#define TIDEMARK_VERSION_MINOR 1
/// Counts what is repaired.
#define TIDEMARK_VERSION_PATCH 0

/// The three as one number that can be compared: 1.2.3 is 10203.
#define TIDEMARK_VERSION (TIDEMARK_VERSION_MAJOR * 10000 + TIDEMARK_VERSION_MINOR * 100 + TIDEMARK_VERSION_PATCH)
