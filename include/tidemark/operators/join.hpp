// SPDX-License-Identifier: BSL-1.0
//
// join: the values of two sides that share a key, inner and outer.

#pragma once

#include <tidemark/operators/meet.hpp>

namespace tidemark {

/// `pairs | join(others)`: for each key that both sides have, every value of one with every value of the other, as
/// `std::pair<Key, std::pair<V, W>>`. `join(others, partitioner)` lays the result out by a number of partitions or a
/// partitioner.
///
/// *Requires* two rdds, or two streams of one slide and context, with pairs whose keys have the same hashable type.
/// The order of the keys is not specified; the values of one key are in the order (partition, position) of the first
/// side, then of the second.
/// *Keeps* no state. *Partitions* by `partitioner`; without one as the side with the most partitions among those laid
/// out by key, else as the context says. Wide, but for a side that is laid out in that way already, which is read
/// partition by partition. *Slides* with both, on streams: a join is of the datasets of one batch.
/// *Throws*, for a batch in which one of the streams has no dataset.
/// See also: `left_outer_join`, `cogroup`, `partition_by`. Example: `examples/operators/join.cpp`.
inline constexpr detail::meet_fn<join_meeting<false, false>> join{};

/// `pairs | left_outer_join(others)`: as `join`, and each value of a key that only `pairs` has, with `std::nullopt`:
/// `std::pair<Key, std::pair<V, std::optional<W>>>`. So every key of `pairs` is there.
/// `left_outer_join(others, partitioner)` lays the result out by a number of partitions or a partitioner.
///
/// *Requires* what `join` requires. *Keeps* no state. *Partitions*, *Slides* and *Throws* as `join`; wide as `join` is.
/// See also: `right_outer_join`, `full_outer_join`, `subtract_by_key`. Example: `examples/operators/outer_joins.cpp`.
inline constexpr detail::meet_fn<join_meeting<true, false>> left_outer_join{};

/// `pairs | right_outer_join(others)`: as `join`, and each value of a key that only `others` has, with `std::nullopt`:
/// `std::pair<Key, std::pair<std::optional<V>, W>>`. So every key of `others` is there.
/// `right_outer_join(others, partitioner)` lays the result out by a number of partitions or a partitioner.
///
/// *Requires* what `join` requires. *Keeps* no state. *Partitions*, *Slides* and *Throws* as `join`; wide as `join` is.
/// See also: `left_outer_join`, `full_outer_join`. Example: `examples/operators/outer_joins.cpp`.
inline constexpr detail::meet_fn<join_meeting<false, true>> right_outer_join{};

/// `pairs | full_outer_join(others)`: as `join`, and each value of a key that only one side has, with `std::nullopt`:
/// `std::pair<Key, std::pair<std::optional<V>, std::optional<W>>>`. So every key of either side is there.
/// `full_outer_join(others, partitioner)` lays the result out by a number of partitions or a partitioner.
///
/// *Requires* what `join` requires. *Keeps* no state. *Partitions*, *Slides* and *Throws* as `join`; wide as `join` is.
/// See also: `left_outer_join`, `right_outer_join`, `cogroup`. Example: `examples/operators/outer_joins.cpp`.
inline constexpr detail::meet_fn<join_meeting<true, true>> full_outer_join{};

} // namespace tidemark
