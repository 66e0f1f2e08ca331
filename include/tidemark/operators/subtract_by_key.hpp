// SPDX-License-Identifier: BSL-1.0
//
// subtract_by_key: the pairs whose key another side does not have.

#pragma once

#include <tidemark/operators/meet.hpp>

namespace tidemark {

/// `pairs | subtract_by_key(others)`: the pairs whose key does not occur in `others`, duplicates included.
/// `subtract_by_key(others, partitioner)` lays the result out by a number of partitions or a partitioner.
///
/// *Requires* what `join` requires. *Keeps* no state. *Partitions*, *Slides* and *Throws* as `join`; wide as `join` is.
/// See also: `subtract`, `left_outer_join`. Example: `examples/operators/subtract_by_key.cpp`.
inline constexpr detail::meet_fn<subtract_meeting> subtract_by_key{};

} // namespace tidemark
