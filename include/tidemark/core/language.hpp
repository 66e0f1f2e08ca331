// SPDX-License-Identifier: BSL-1.0
//
// language: one clear error, instead of thousands, when the compiler is not set to C++20.

#pragma once

#if !defined(_MSVC_LANG) && __cplusplus < 202002L
#error "tidemark needs C++20: compile with -std=c++20, or target_compile_features(your_target PRIVATE cxx_std_20)"
#endif
