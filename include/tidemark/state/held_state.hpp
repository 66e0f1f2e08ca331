// SPDX-License-Identifier: BSL-1.0
//
// held_state: a state as it is stored.

#pragma once

#include <cstdint>

namespace tidemark {

/// A state, with the batch time (milliseconds) of its last update.
template <typename State>
struct held_state {
    State value;
    std::int64_t updated;
};

} // namespace tidemark
