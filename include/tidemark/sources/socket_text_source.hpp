// SPDX-License-Identifier: BSL-1.0
//
// socket_text_source: the lines that a TCP server sends.

#pragma once

#include <tidemark/sources/detail/called_source.hpp>
#include <tidemark/sources/detail/connect.hpp>
#include <tidemark/sources/detail/descriptor.hpp>
#include <tidemark/sources/receive_buffer.hpp>
#include <tidemark/sources/receiving_reader.hpp>
#include <tidemark/stream/source.hpp>
#include <tidemark/time/duration.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

namespace tidemark {

/// How a `socket_text_source` receives.
struct socket_text_options {
    duration restart_delay =
        duration(2000); ///< How long to wait after the connection ended or failed, before the next one.
    duration connect_timeout = duration(10'000); ///< How long to wait for each address of the host.
    std::size_t buffer_bytes = std::size_t{64}
                               << 20; ///< When so much waits for a batch, no more is received; also the longest line.
};

/// The running side of `basic_socket_text_source`.
template <typename Line>
class basic_socket_text_reader final : public receiving_reader<Line> {
public:
    basic_socket_text_reader(std::string host, int port, socket_text_options options, std::size_t partitions)
        : receiving_reader<Line>(std::make_shared<receive_buffer<Line>>(options.buffer_bytes), partitions)
        , host_(std::move(host))
        , port_(port)
        , options_(options)
    {}

    basic_socket_text_reader(basic_socket_text_reader const&) = delete;
    basic_socket_text_reader& operator=(basic_socket_text_reader const&) = delete;
    ~basic_socket_text_reader() override { this->stop(); }

private:
    void receive(std::stop_token stop) override
    {
        try {
            detail::stop_event const stopping(stop);
            do
                receive_once(stopping, stop);
            while (!stop.stop_requested() && !stopping.wait(-1, 0, options_.restart_delay) && !stop.stop_requested());
        } catch (std::exception const& failure) {
            this->buffer().note_error(address() + ": " + failure.what() + "; gave up");
            this->buffer().abandon();
        }
    }

    /// One connection, from its beginning to its end.
    void receive_once(detail::stop_event const& stopping, std::stop_token const& stop)
    {
        std::string words = "the server closed the connection";
        try {
            auto const connection = detail::connect_to(host_, port_, stopping, stop, options_.connect_timeout);
            if (!connection
                || !detail::receive_lines(connection->get(), stopping, stop, options_.buffer_bytes, this->buffer()))
                return;
        } catch (std::exception const& failure) {
            words = failure.what();
        }
        if (!stop.stop_requested())
            this->buffer().note_error(address() + ": " + words + "; next attempt after "
                                      + to_string(options_.restart_delay));
    }

    [[nodiscard]] std::string address() const { return host_ + " port " + std::to_string(port_); }

    std::string host_;
    int port_;
    socket_text_options options_;
};

/// The reader of lines as strings.
using socket_text_reader = basic_socket_text_reader<std::string>;

/// The lines of text that the server at `host` and `port` sends; each batch takes those that have arrived.
///
/// A thread of its own connects, and again after a delay when the connection ends or fails, for ever. When the buffer
/// is full it reads no more, so that the server has to wait. A line ends at a newline or where the server ends the
/// connection; a carriage return before that is dropped, all other bytes pass unchanged. A line that breaks off by an
/// error is dropped. Stopping is prompt, but waits for a name resolution under way.
/// *After recovery* what had arrived and was not committed is lost, and a batch that runs again is empty: a record
/// counts at most once.
/// *Throws* `config_error` from `open` for an address or options that cannot work.
template <typename Line>
class basic_socket_text_source : public detail::called_source<basic_socket_text_source<Line>> {
    using called_source = detail::called_source<basic_socket_text_source>;

public:
    using record_type = Line;

    static constexpr std::string_view name = "socket_text";
    static constexpr bool replayable = false;

    basic_socket_text_source(std::string host, int port, socket_text_options options = {})
        : called_source("socket_text_source")
        , host_(std::move(host))
        , port_(port)
        , options_(options)
    {}

    [[nodiscard]] std::string describe() const
    {
        return "socket_text(" + host_ + " port " + std::to_string(port_) + ")";
    }

    [[nodiscard]] std::unique_ptr<basic_socket_text_reader<Line>> open(source_environment const& environment) const
    {
        std::string problems;
        if (host_.empty())
            problems += "; the host is empty, name one, \"localhost\" for this machine";
        if (port_ < 1 || port_ > 65535)
            problems += "; the port is " + std::to_string(port_) + ", pass 1 to 65535";
        if (options_.restart_delay.count() < 0)
            problems += "; restart_delay is " + to_string(options_.restart_delay) + ", pass 0 ms or more";
        if (options_.connect_timeout.count() <= 0)
            problems += "; connect_timeout is " + to_string(options_.connect_timeout) + ", pass at least 1 ms";
        if (options_.buffer_bytes == 0)
            problems += "; buffer_bytes is 0, pass at least 1";
        if (!problems.empty())
            throw this->wrong(problems.substr(2));
        return std::make_unique<basic_socket_text_reader<Line>>(host_, port_, options_, environment.partitions);
    }

private:
    std::string host_;
    int port_;
    socket_text_options options_;
};

/// The source of lines as strings.
using socket_text_source = basic_socket_text_source<std::string>;

} // namespace tidemark
