// SPDX-License-Identifier: BSL-1.0
//
// keyed_expression: pairs that can be brought together by key.

#pragma once

#include <tidemark/core/key_hash.hpp>
#include <tidemark/expression/expression.hpp>
#include <tidemark/expression/lasting.hpp>
#include <tidemark/expression/owned.hpp>

namespace tidemark {

/// Pairs whose keys can be compared and hashed: they have `==` and a `key_hash`.
template <typename E>
concept keyed_expression = pair_expression<E> && hashable_key<key_t<E>>;

/// Pairs that may leave their stage by key: nothing in them refers elsewhere, but for a key that is a view of characters.
template <typename E>
concept lasting_pairs = pair_expression<E> && lasting<owned_pair_t<E>>;

} // namespace tidemark
