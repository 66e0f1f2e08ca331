// SPDX-License-Identifier: BSL-1.0
//
// listener: an object that is told of the events for which it has an `on`.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/core/events.hpp>

#include <memory>
#include <type_traits>
#include <utility>
#include <variant>

namespace tidemark {
namespace detail {

template <typename L, typename Event>
concept listens_to = requires(L& listener, Event const& event) { listener.on(event); };

template <typename L, typename Events>
inline constexpr bool listens_to_any_v = false;
template <typename L, typename... Events>
inline constexpr bool listens_to_any_v<L, std::variant<Events...>> = (listens_to<L, Events> || ...);

template <typename L, typename Event>
concept would_change = !listens_to<L, Event> && requires(L& listener, Event& event) { listener.on(event); };

template <typename L, typename Events>
inline constexpr bool would_change_any_v = false;
template <typename L, typename... Events>
inline constexpr bool would_change_any_v<L, std::variant<Events...>> = (would_change<L, Events> || ...);

} // namespace detail

/// An object with an `on(event const&)` for at least one of the events in `streaming_event`.
template <typename L>
concept streaming_listener = detail::listens_to_any_v<L, streaming_event>;

/// `app.listen(listening(listener))`: tells a shared listener of each event that it has an `on` for.
///
/// *Threads*: events come one at a time, from the threads of the application. What `on` throws changes nothing; the other
/// listeners are told of it by a `listener_problem`. *Throws* `usage_error` when `listener` is null.
template <streaming_listener Listener>
[[nodiscard]] auto listening(std::shared_ptr<Listener> listener)
{
    static_assert(!detail::would_change_any_v<Listener, streaming_event>,
                  "tidemark::listening: an `on` takes an event that it may change, and would not be called; "
                  "it must take (event const&)");
    if (!listener)
        throw usage_error("tidemark::listening: the pointer is null; pass a pointer to a listener");
    return [listener = std::move(listener)](streaming_event const& event) {
        std::visit(
            [&listener](auto const& one) {
                if constexpr (detail::listens_to<Listener, std::remove_cvref_t<decltype(one)>>)
                    listener->on(one);
            },
            event);
    };
}

/// Whatever is no shared listener.
void listening(...) = delete; // it takes a std::shared_ptr of what has an `on(event const&)`, for any event

} // namespace tidemark
