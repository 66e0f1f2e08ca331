// SPDX-License-Identifier: BSL-1.0
//
// seed: where random tests begin: anew each time, or where the environment variable TIDEMARK_SEED says.

#pragma once

#include <cstdlib>
#include <random>
#include <string>

namespace tidemark_test {

inline std::mt19937::result_type random_seed()
{
    if (auto const* const given = std::getenv("TIDEMARK_SEED"))
        return static_cast<std::mt19937::result_type>(std::stoul(given));
    return std::random_device()();
}

} // namespace tidemark_test
