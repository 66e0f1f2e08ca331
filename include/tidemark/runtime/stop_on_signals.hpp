// SPDX-License-Identifier: BSL-1.0
//
// stop_on_signals: ends an application cleanly when the process is asked to end.

#pragma once

#include <tidemark/core/chrono.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/runtime/application.hpp>

#include <atomic>
#include <concepts>
#include <csignal>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace tidemark {

/// While it lives, SIGINT and SIGTERM ask an application for a graceful stop; another one, a second or more later, for an
/// immediate stop. One that comes sooner is taken for the same: `timeout` and terminals may send it twice.
///
/// Make it in `main` before any other thread is started, because threads inherit that the signals are blocked; then
/// `watch` the application.
class stop_on_signals {
public:
    stop_on_signals()
    {
        sigemptyset(&wanted_);
        sigaddset(&wanted_, SIGINT);
        sigaddset(&wanted_, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &wanted_, &before_);
    }

    stop_on_signals(stop_on_signals const&) = delete;
    stop_on_signals& operator=(stop_on_signals const&) = delete;

    ~stop_on_signals()
    {
        if (watcher_.joinable()) {
            leaving_ = true;
            pthread_kill(watcher_.native_handle(), SIGTERM);
            watcher_.join();
        }
        pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }

    /// Begins to wait for signals for `app`, which is to be started before. *Throws* `usage_error` the second time.
    ///
    /// A template so that only who calls it compiles a thread.
    template <std::same_as<application> Application>
    void watch(Application const& app)
    {
        if (watcher_.joinable())
            throw usage_error("tidemark::stop_on_signals::watch: it watches \"" + name_
                              + "\" already; make one for each application");
        name_ = app.name();
        watcher_ = std::thread(&stop_on_signals::pass_on, this, app);
    }

private:
    using clock = std::chrono::steady_clock;

    static constexpr std::chrono::seconds same_request{1};

    void pass_on(application app)
    {
        std::optional<clock::time_point> first;
        for (;;) {
            int caught = 0;
            sigwait(&wanted_, &caught);
            if (leaving_)
                return;
            auto const now = clock::now();
            if (!first) {
                first = now;
                app.request_stop(true);
            } else if (now - *first >= same_request) {
                app.request_stop(false);
            }
        }
    }

    sigset_t wanted_{};
    sigset_t before_{};
    std::atomic<bool> leaving_{false};
    std::string name_;
    std::thread watcher_;
};

} // namespace tidemark
