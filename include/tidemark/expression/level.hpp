// SPDX-License-Identifier: BSL-1.0
//
// level: whether an expression is of rdds or of streams, and what its type knows about time.

#pragma once

#include <tidemark/time/slide.hpp>

namespace tidemark {

/// The level of expressions that stand for one collection. `Checkpointed` says whether the context was given a
/// checkpoint directory.
template <bool Checkpointed>
struct rdd_level {
    static constexpr bool is_stream = false;
    static constexpr bool is_checkpointed = Checkpointed;
};

/// The level of expressions that stand for one collection per batch time.
///
/// `Slide` says how often there is one; `Checkpointed` whether the context was given a checkpoint directory.
template <slide Slide, bool Checkpointed>
struct stream_level {
    static constexpr bool is_stream = true;
    static constexpr bool is_checkpointed = Checkpointed;
    using slide_type = Slide;

    template <slide Other>
    using with_slide = stream_level<Other, Checkpointed>;
};

} // namespace tidemark
