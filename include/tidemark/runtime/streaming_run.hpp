// SPDX-License-Identifier: BSL-1.0
//
// streaming_run: a started application, which runs by itself.

#pragma once

#include <tidemark/core/chrono.hpp>
#include <tidemark/runtime/batch_engine.hpp>
#include <tidemark/time/batch_time.hpp>

#include <optional>
#include <string>

namespace tidemark {

/// A running application, as its handles see it; see `threaded_run`.
///
/// It ends when it is asked to, or when a batch fails in a way that allows no later one; failures are kept for `await`.
class streaming_run {
public:
    streaming_run() = default;
    streaming_run(streaming_run const&) = delete;
    streaming_run& operator=(streaming_run const&) = delete;
    virtual ~streaming_run() = default;

    /// Starts. What runs may use the handle of the application, so it must know this run by now.
    virtual void begin() = 0;

    /// Asks for the end and comes back at once. `graceful`: what has been received and generated runs first, and the
    /// end is committed.
    virtual void request_stop(bool graceful) = 0;

    /// Asks for the end and waits for it.
    virtual void stop(bool graceful) = 0;

    /// Nobody can ask for anything any more: ends the run without a commit. One of its own threads, holding the last
    /// handle, cannot wait for itself; the threads then end by themselves, soon.
    virtual void abandon() = 0;

    [[nodiscard]] virtual bool runs_in_this_thread() const = 0;

    /// Waits until the end, at most until `deadline` if there is one. True when it has come. *Throws* the first failure
    /// that has not been thrown yet, as soon as there is one.
    [[nodiscard]] virtual bool await(std::optional<std::chrono::steady_clock::time_point> deadline) = 0;

    /// For what is asked of a running application.
    [[nodiscard]] virtual batch_engine const& engine() const = 0;

    /// As `batch_engine`.
    virtual batch_time save(std::string const& name) = 0;
    virtual void drop_savepoint(std::string const& name) = 0;

    [[nodiscard]] virtual bool ended() const = 0;
};

} // namespace tidemark
