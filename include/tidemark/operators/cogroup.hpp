// SPDX-License-Identifier: BSL-1.0
//
// cogroup: for each key, all of its values on two sides.

#pragma once

#include <tidemark/operators/meet.hpp>

namespace tidemark {

/// `pairs | cogroup(others)`: each key of either side once, with all of its values on both, as
/// `std::pair<Key, std::pair<std::vector<V>, std::vector<W>>>`; a vector is empty where its side lacks the key. Values
/// are in the order of the partitions and of the pairs in them. `cogroup(others, partitioner)` lays the result out by a
/// number of partitions or a partitioner.
///
/// *Requires* what `join` requires, and memory for all values of a key at once. *Keeps* no state. *Partitions*,
/// *Slides* and *Throws* as `join`; wide as `join` is.
/// See also: `join`, `full_outer_join`, `group_by_key`. Example: `examples/operators/cogroup.cpp`.
inline constexpr detail::meet_fn<cogroup_meeting> cogroup{};

} // namespace tidemark
