// SPDX-License-Identifier: BSL-1.0
//
// kept_state: what a state kept by key asks of the stream below it.

#pragma once

#include <tidemark/core/key_hash.hpp>
#include <tidemark/core/serializable.hpp>
#include <tidemark/expression/expression.hpp>
#include <tidemark/expression/lasting.hpp>

namespace tidemark {

/// A state that the keys of `E`, a stream of pairs with a checkpoint, can have, and that a checkpoint can hold.
template <typename State, typename E>
concept kept_state = checkpointed_stream<E> && hashable_key<key_t<E>> && serializable<key_t<E>> && serializable<State>
                     && lasting<mapped_t<E>>;

} // namespace tidemark
