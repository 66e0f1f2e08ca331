// SPDX-License-Identifier: BSL-1.0
//
// clock: what the runtime asks for the time, and waits on.

#pragma once

#include <tidemark/time/batch_time.hpp>

#include <concepts>
#include <stop_token>

namespace tidemark {

/// Tells the time, and lets a thread wait for it.
///
/// `now()` is in milliseconds since the epoch. `wait_until(time, stop)` returns true once the clock has reached `time`,
/// even if `stop` was requested by then; and false, at once, when `stop` is requested earlier, even before the call.
/// So what a thread does at a time that was reached does not depend on when it woke up.
/// *Threads*: both are called from several threads at once.
template <typename C>
concept clock = requires(C& some, batch_time time, std::stop_token stop) {
    { some.now() } -> std::same_as<batch_time>;
    { some.wait_until(time, stop) } -> std::same_as<bool>;
};

} // namespace tidemark
