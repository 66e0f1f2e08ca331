// SPDX-License-Identifier: BSL-1.0
//
// connect: a TCP connection to a host by its name.

#pragma once

#include <tidemark/core/chrono.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/core/owner.hpp>
#include <tidemark/sources/detail/descriptor.hpp>

#include <cerrno>
#include <optional>
#include <stop_token>
#include <string>

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace tidemark::detail {

struct free_addresses {
    void operator()(addrinfo* addresses) const { ::freeaddrinfo(addresses); }
};

using address_list = owner<addrinfo, free_addresses>;

/// The addresses of a host. Waits for the system's resolver. *Throws* `source_error`.
[[nodiscard]] inline address_list addresses_of(std::string const& host, int port)
{
    addrinfo wanted = {};
    wanted.ai_family = AF_UNSPEC;
    wanted.ai_socktype = SOCK_STREAM;
    wanted.ai_flags = AI_NUMERICSERV;
    addrinfo* found = nullptr;
    int const result = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found);
    if (result != 0)
        throw source_error("cannot find the host: "
                           + (result == EAI_SYSTEM ? system_words(errno) : ::gai_strerror(result)));
    return address_list(found);
}

/// Connects to one address: 0, or the number of the error; nothing when a stop was requested meanwhile.
[[nodiscard]] inline std::optional<int> finish_connect(owned_descriptor const& made, addrinfo const& address,
                                                       stop_event const& stopping, std::stop_token const& stop,
                                                       std::chrono::milliseconds limit)
{
    if (::connect(made.get(), address.ai_addr, address.ai_addrlen) == 0)
        return 0;
    if (errno != EINPROGRESS && errno != EINTR)
        return errno;
    if (!stopping.wait(made.get(), POLLOUT, limit))
        return stop.stop_requested() ? std::nullopt : std::optional(ETIMEDOUT);
    int number = 0;
    socklen_t size = sizeof number;
    return ::getsockopt(made.get(), SOL_SOCKET, SO_ERROR, &number, &size) == 0 ? number : errno;
}

/// Tries the addresses of `host` one after the other; nothing when a stop was requested meanwhile.
///
/// *Throws* `source_error` when none answers, with the last one's reason.
[[nodiscard]] inline std::optional<owned_descriptor> connect_to(std::string const& host, int port,
                                                                stop_event const& stopping, std::stop_token const& stop,
                                                                std::chrono::milliseconds limit)
{
    int reason = 0;
    auto const addresses = addresses_of(host, port);
    for (auto const* address = addresses.get(); address != nullptr; address = address->ai_next) {
        owned_descriptor made(
            ::socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address->ai_protocol));
        if (made.get() < 0) {
            reason = errno;
            continue;
        }
        auto const number = finish_connect(made, *address, stopping, stop, limit);
        if (!number)
            return std::nullopt;
        if (*number == 0) {
            int const on = 1; // a server that vanished without a word is noticed in the end
            (void)::setsockopt(made.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
            return made;
        }
        reason = *number;
    }
    throw source_error("cannot connect: " + system_words(reason));
}

} // namespace tidemark::detail
