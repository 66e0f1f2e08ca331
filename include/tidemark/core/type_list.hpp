// SPDX-License-Identifier: BSL-1.0
//
// type_list: a list of types.

#pragma once

namespace tidemark {

/// A list of types, for templates to take apart.
template <typename... Types>
struct type_list {};

} // namespace tidemark
