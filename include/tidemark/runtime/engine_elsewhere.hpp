// SPDX-License-Identifier: BSL-1.0
//
// engine_elsewhere: what runs applications is compiled in another file of the program, once for all.

#pragma once

#include <tidemark/runtime/detail/application_parts.hpp>

namespace tidemark::detail {

/// Half of what a file with an application costs to compile depends on nothing of the program. A file that includes this
/// header, beside what else it includes, leaves that half to the one file that includes `engine_here.hpp`.
///
/// *Requires* such a file in the same program: else the linker misses `tidemark::detail::runnable_parts`.
extern template struct runnable_parts<false>;
extern template struct runnable_parts<true>;

} // namespace tidemark::detail
