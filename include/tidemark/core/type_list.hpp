// SPDX-License-Identifier: BSL-1.0
//
// type_list: types in a row.

#pragma once

namespace tidemark {

template <typename... Types>
struct type_list {};

} // namespace tidemark
