// SPDX-License-Identifier: BSL-1.0
//
// dstream_functions: what dstream_made_elsewhere.test.cpp makes.

#pragma once

#include <tidemark/stream/dstream.hpp>

namespace tidemark_test {

/// Halves of the even numbers.
[[nodiscard]] tidemark::dstream<int> even_halves(tidemark::dstream<int> const& numbers);

} // namespace tidemark_test
