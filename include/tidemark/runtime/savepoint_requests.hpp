// SPDX-License-Identifier: BSL-1.0
//
// savepoint_requests: who waits for a commit under a name, and what they are told.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/time/batch_time.hpp>

#include <condition_variable>
#include <exception>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace tidemark {

/// Savepoints that were asked for and are not made yet.
///
/// *Threads*: `ask` by any number of them, each of which waits; the others by the one that runs jobs, `any` by that which
/// generates them, too.
class savepoint_requests {
public:
    /// Waits until the savepoint `name` is made, and gives its batch. *Throws* what it was refused with; `usage_error`
    /// after `close`.
    [[nodiscard]] batch_time ask(std::string const& name)
    {
        request mine{&name, {}, nullptr, false};
        std::unique_lock lock(mutex_);
        if (closed_)
            throw too_late(name);
        waiting_.push_back(&mine);
        answered_.wait(lock, [&] { return mine.answered; });
        if (mine.failure)
            std::rethrow_exception(std::move(mine.failure));
        return mine.time;
    }

    [[nodiscard]] bool any() const
    {
        std::scoped_lock const lock(mutex_);
        return !waiting_.empty();
    }

    /// Makes those that were asked for: `make(name)` gives the batch, or throws what the one who asked is told.
    template <typename Make>
    void answer(Make const& make)
    {
        for (auto* const each : take()) {
            batch_time time;
            std::exception_ptr failure;
            try {
                time = make(*each->name);
            } catch (...) {
                failure = std::current_exception();
            }
            tell(*each, time, std::move(failure));
        }
    }

    /// Nobody can ask any more.
    void close()
    {
        {
            std::scoped_lock const lock(mutex_);
            closed_ = true;
        }
        answer([](std::string const& name) -> batch_time { throw too_late(name); });
    }

private:
    /// Lives where somebody waits.
    struct request {
        std::string const* name;
        batch_time time;
        std::exception_ptr failure;
        bool answered;
    };

    [[nodiscard]] static usage_error too_late(std::string const& name)
    {
        return usage_error("the application ended before there was a commit for the savepoint \"" + name
                           + "\"; a copy of the newest commit can be made with copy_checkpoint");
    }

    [[nodiscard]] std::vector<request*> take()
    {
        std::scoped_lock const lock(mutex_);
        return std::exchange(waiting_, {});
    }

    void tell(request& one, batch_time time, std::exception_ptr failure)
    {
        std::scoped_lock const lock(mutex_); // to the end: afterwards the request may be gone
        one.time = time;
        one.failure = std::move(failure);
        one.answered = true;
        answered_.notify_all();
    }

    mutable std::mutex mutex_;
    std::condition_variable answered_;
    std::vector<request*> waiting_;
    bool closed_ = false;
};

} // namespace tidemark
