// SPDX-License-Identifier: BSL-1.0
//
// engine_here: what runs applications, compiled in the file that includes this, for those with `engine_elsewhere.hpp`.

#pragma once

#include <tidemark/runtime/detail/application_parts.hpp>

namespace tidemark::detail {

/// *Requires* that one file of the program includes this header, and no more.
template struct runnable_parts<false>;
template struct runnable_parts<true>;

} // namespace tidemark::detail
