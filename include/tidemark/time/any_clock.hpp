// SPDX-License-Identifier: BSL-1.0
//
// any_clock: a handle to a clock of any type.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/time/batch_time.hpp>
#include <tidemark/time/clock.hpp>

#include <concepts>
#include <memory>
#include <stop_token>
#include <type_traits>
#include <utility>

namespace tidemark {

/// Refers to a clock without naming its type; copies refer to the same clock. It is itself a `clock`.
///
/// *Threads*: as the clock it refers to.
class any_clock {
public:
    /// Refers to `some`, which must outlive all copies of the handle.
    template <clock Clock>
        requires(!std::same_as<std::remove_cv_t<Clock>, any_clock>)
    any_clock(Clock& some) noexcept
        : functions_(&functions_for<Clock>)
        , clock_(std::shared_ptr<void>(), const_cast<std::remove_cv_t<Clock>*>(std::addressof(some)))
    {}

    template <clock Clock>
        requires(!std::same_as<std::remove_cv_t<Clock>, any_clock>)
    any_clock(Clock const&&) = delete; // the clock would be gone at once: name it, or pass a std::shared_ptr

    /// Shares `some`.
    ///
    /// *Throws* `usage_error` when `some` is null.
    template <clock Clock>
    any_clock(std::shared_ptr<Clock> some)
        : functions_(&functions_for<Clock>)
        , clock_(std::const_pointer_cast<std::remove_cv_t<Clock>>(std::move(some)))
    {
        if (!clock_)
            throw usage_error("tidemark::any_clock: the pointer is null; pass a pointer to a clock");
    }

    [[nodiscard]] batch_time now() const { return functions_->now(clock_.get()); }

    [[nodiscard]] bool wait_until(batch_time time, std::stop_token stop) const
    {
        return functions_->wait_until(clock_.get(), time, std::move(stop));
    }

private:
    struct functions {
        batch_time (*now)(void*);
        bool (*wait_until)(void*, batch_time, std::stop_token&&);
    };

    template <typename Clock>
    static batch_time now_of(void* some)
    {
        return static_cast<Clock*>(some)->now();
    }

    template <typename Clock>
    static bool wait_on(void* some, batch_time time, std::stop_token&& stop)
    {
        return static_cast<Clock*>(some)->wait_until(time, std::move(stop));
    }

    template <typename Clock>
    static constexpr functions functions_for{&now_of<Clock>, &wait_on<Clock>};

    functions const* functions_;
    std::shared_ptr<void> clock_;
};

} // namespace tidemark
