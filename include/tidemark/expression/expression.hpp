// SPDX-License-Identifier: BSL-1.0
//
// expression: what an rdd or stream expression is, and what can be asked of its type.

#pragma once

#include <tidemark/core/type_list.hpp>
#include <tidemark/expression/level.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

namespace tidemark {

/// What every node of an expression derives from; it makes the pipe operator find the node.
struct expression_base {};

/// An immutable description of a lazily computed collection (rdd) or of one collection per batch (stream).
///
/// A node names its `record_type`, its `level` and its `parents` (a `type_list`).
template <typename E>
concept expression = std::is_base_of_v<expression_base, std::remove_cvref_t<E>> && requires {
    typename std::remove_cvref_t<E>::record_type;
    typename std::remove_cvref_t<E>::level;
    typename std::remove_cvref_t<E>::parents;
};

/// The records of an expression.
template <typename E>
using record_t = typename std::remove_cvref_t<E>::record_type;

/// The level of an expression: rdd or stream, and what the stream is known to be.
template <typename E>
using level_t = typename std::remove_cvref_t<E>::level;

/// An expression with one collection for each batch time.
template <typename E>
concept stream_expression = expression<E> && level_t<E>::is_stream;

/// An expression of one collection, on which actions can be called.
template <typename E>
concept rdd_expression = expression<E> && !level_t<E>::is_stream;

/// A stream of a context that was given a checkpoint directory.
template <typename E>
concept checkpointed_stream = stream_expression<E> && level_t<E>::is_checkpointed;

/// Whether a type is a `std::pair`.
template <typename T>
inline constexpr bool is_pair_v = false;
template <typename First, typename Second>
inline constexpr bool is_pair_v<std::pair<First, Second>> = true;

/// An expression whose records are `std::pair`s of a key and a value.
template <typename E>
concept pair_expression = expression<E> && is_pair_v<record_t<E>>;

/// The key type of an expression of pairs.
template <pair_expression E>
using key_t = typename record_t<E>::first_type;

/// The value type of an expression of pairs.
template <pair_expression E>
using mapped_t = typename record_t<E>::second_type;

/// The slide of a stream as a type: `static_slide` or `dynamic_slide`.
template <stream_expression E>
using slide_t = typename level_t<E>::slide_type;

/// What can flow through an expression: an object that can be moved and copied.
template <typename T>
concept record = std::is_object_v<T> && std::same_as<T, std::remove_cv_t<T>> && std::copy_constructible<T>;

/// How a node depends on its parents: `narrow` where a parent partition feeds at most one partition of the node, `wide`
/// where it may feed all of them, `none` for a leaf, which has no parent.
enum class dependency : unsigned char { none, narrow, wide };

} // namespace tidemark
