// SPDX-License-Identifier: BSL-1.0
//
// partition_view: the records of one partition, as a view.

#pragma once

#include <span>

namespace tidemark {

/// The records of one partition: a contiguous view that the adaptors of range-v3 and of the standard library take.
///
/// Valid until the function that was given it has returned and its result has been iterated over.
template <typename Record>
using partition_view = std::span<Record const>;

} // namespace tidemark
