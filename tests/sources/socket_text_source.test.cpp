// SPDX-License-Identifier: BSL-1.0

#include <tidemark/core/error.hpp>
#include <tidemark/sources/socket_text_source.hpp>

#include <sources/reading.hpp>
#include <support/catch.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using Catch::Matchers::Contains;
using reading::environment;
using reading::lines;
using reading::records_of;
using tidemark::batch_time;
using tidemark::duration;
using tidemark::socket_text_options;
using tidemark::socket_text_source;

static_assert(tidemark::stream_source<socket_text_source>);
static_assert(!socket_text_source::replayable);

/// One accepted connection, on the server's side.
class connection {
public:
    explicit connection(int descriptor)
        : descriptor_(descriptor)
    {}
    connection(connection&& other) noexcept
        : descriptor_(std::exchange(other.descriptor_, -1))
    {}
    connection& operator=(connection&&) = delete;
    ~connection() { close(); }

    void send(std::string_view text) const
    {
        while (!text.empty()) {
            auto const sent = ::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent < 0)
                throw std::runtime_error("cannot send");
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    void close()
    {
        if (descriptor_ >= 0)
            ::close(std::exchange(descriptor_, -1));
    }

    /// Ends the connection by an error instead of an orderly end.
    void reset()
    {
        linger const at_once{1, 0};
        (void)::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        close();
    }

    /// Waits for the client to end the connection.
    [[nodiscard]] bool wait_for_end() const
    {
        char byte = 0;
        return ::recv(descriptor_, &byte, 1, 0) == 0;
    }

private:
    int descriptor_;
};

/// A server on a free port of this machine.
class server {
public:
    server()
        : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_in address = {};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (::bind(descriptor_, reinterpret_cast<sockaddr const*>(&address), size) != 0 || ::listen(descriptor_, 5) != 0
            || ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
            throw std::runtime_error("no server");
        port_ = ntohs(address.sin_port);
    }
    server(server const&) = delete;
    server& operator=(server const&) = delete;
    ~server() { close(); }

    [[nodiscard]] int port() const { return port_; }
    [[nodiscard]] connection accept() const { return connection(::accept(descriptor_, nullptr, nullptr)); }

    void close()
    {
        if (descriptor_ >= 0)
            ::close(std::exchange(descriptor_, -1));
    }

private:
    int descriptor_;
    int port_ = 0;
};

socket_text_options at_once()
{
    socket_text_options options;
    options.restart_delay = duration(0);
    return options;
}

lines plan(tidemark::socket_text_reader& reader) { return records_of(reader.plan(batch_time(1000))).value(); }

// ---- Lines

TEST_CASE("a batch takes the lines that the server has sent", "[sources][socket_text]")
{
    server const there;
    auto const reader = socket_text_source("127.0.0.1", there.port()).open(environment());
    reader->start();
    auto const client = there.accept();
    CHECK(plan(*reader) == lines{});
    client.send("one\ntwo\r\nthr");
    REQUIRE(reader->received().wait_until_received(2));
    CHECK_FALSE(reader->drained());
    auto const input = reader->plan(batch_time(2000));
    CHECK(records_of(input) == lines{"one", "two"});
    CHECK(input.records() == 2);
    CHECK(input.plan.empty());
    CHECK(reader->drained());
    client.send("ee\n\xc3\x28\n"); // no UTF-8
    REQUIRE(reader->received().wait_until_received(4));
    CHECK(plan(*reader) == lines{"three", "\xc3\x28"});
    CHECK_FALSE(reader->last_error());
}

TEST_CASE("a host is found by its name", "[sources][socket_text]")
{
    server const there;
    auto const reader = socket_text_source("localhost", there.port(), at_once()).open(environment());
    reader->start();
    there.accept().send("hello\n");
    CHECK(reader->received().wait_until_received(1));
}

// ---- Ends and errors

TEST_CASE("after the server's end the last line is taken and a new connection made", "[sources][socket_text]")
{
    server const there;
    auto const reader = socket_text_source("127.0.0.1", there.port(), at_once()).open(environment());
    reader->start();
    there.accept().send("one\nlast");
    auto const second = there.accept();
    second.send("again\n");
    REQUIRE(reader->received().wait_until_received(3));
    CHECK(plan(*reader) == lines{"one", "last", "again"});
    CHECK_THAT(reader->last_error().value_or(""),
               Contains("127.0.0.1 port " + std::to_string(there.port())) && Contains("closed the connection"));
}

TEST_CASE("a connection that ended or failed is told once, and how long until the next", "[sources][socket_text]")
{
    CHECK(socket_text_options().restart_delay == duration(2000));
    server const there;
    socket_text_options options;
    options.restart_delay = duration(1);
    auto const reader = socket_text_source("127.0.0.1", there.port(), options).open(environment());
    reader->start();
    CHECK(reader->take_error() == std::nullopt);
    there.accept().send("one\n");
    REQUIRE(reader->received().wait_until_failed(1));
    auto const told = reader->take_error();
    REQUIRE(told);
    CHECK_THAT(*told, Contains("127.0.0.1 port " + std::to_string(there.port()))
                          && Contains("the server closed the connection") && Contains("next attempt after 1 ms"));
    CHECK(reader->take_error() == std::nullopt);
    auto second = there.accept();
    second.reset();
    REQUIRE(reader->received().wait_until_failed(2));
    CHECK(reader->take_error().has_value());
    there.accept().send("two\n");
    REQUIRE(reader->received().wait_until_received(2));
    CHECK(records_of(reader->plan(batch_time(1000))) == lines{"one", "two"});
}

TEST_CASE("letters of several bytes pass unchanged, wherever the packets are cut", "[sources][socket_text]")
{
    std::string const text = "Stra\xC3\x9F"
                             "e\n\xE2\x82\xAC \xF0\x9F\x8C\x8A\n";
    server const there;
    auto const reader = socket_text_source("127.0.0.1", there.port()).open(environment());
    reader->start();
    auto const client = there.accept();
    for (auto const byte : text)
        client.send(std::string_view(&byte, 1));
    REQUIRE(reader->received().wait_until_received(2));
    CHECK(records_of(reader->plan(batch_time(1000)))
          == lines{"Stra\xC3\x9F"
                   "e",
                   "\xE2\x82\xAC \xF0\x9F\x8C\x8A"});
}

TEST_CASE("a line that breaks off by an error is dropped", "[sources][socket_text]")
{
    server const there;
    auto const reader = socket_text_source("127.0.0.1", there.port(), at_once()).open(environment());
    reader->start();
    auto first = there.accept();
    first.send("whole\n");
    REQUIRE(reader->received().wait_until_received(1));
    first.send("broken");
    first.reset();
    auto const second = there.accept();
    second.send("next\n");
    REQUIRE(reader->received().wait_until_received(2));
    CHECK(plan(*reader) == lines{"whole", "next"});
    CHECK_THAT(reader->last_error().value_or(""), Contains("reset"));
}

TEST_CASE("a server that is not there is tried again", "[sources][socket_text]")
{
    server gone;
    auto const port = gone.port();
    gone.close();
    auto const reader = socket_text_source("127.0.0.1", port, at_once()).open(environment());
    reader->start();
    REQUIRE(reader->received().wait_until_failed(3));
    CHECK_THAT(reader->last_error().value_or(""), Contains("refused") && Contains("next attempt after 0 s"));
    CHECK(plan(*reader) == lines{});
}

TEST_CASE("a socket tells that it receives, the last error, and that it has stopped", "[sources][socket_text]")
{
    using kind = tidemark::receiver_change::kind;
    server there;
    auto const reader = socket_text_source("127.0.0.1", there.port(), at_once()).open(environment());
    there.close();
    reader->start();
    REQUIRE(reader->received().wait_until_failed(2));
    auto const tried = reader->take_receiver_changes();
    REQUIRE(tried.size() == 2);
    CHECK(tried[0].what == kind::started);
    CHECK(tried[1].what == kind::error);
    CHECK(tried[1].message.find("cannot connect") != std::string::npos);
    reader->stop();
    CHECK(reader->take_receiver_changes().back().what == kind::stopped);
    CHECK(reader->take_receiver_changes().empty());
}

TEST_CASE("stopping does not wait for the restart delay, nor for the server", "[sources][socket_text]")
{
    socket_text_options never;
    never.restart_delay = std::chrono::hours(1);
    server there;
    auto const reader = socket_text_source("127.0.0.1", there.port(), never).open(environment());
    reader->start();
    SECTION("while it reads")
    {
        auto const client = there.accept();
        client.send("one\n");
        REQUIRE(reader->received().wait_until_received(1));
        reader->stop();
        CHECK(client.wait_for_end());
        CHECK(plan(*reader) == lines{"one"}); // what has arrived is still there
        CHECK_FALSE(reader->last_error());
    }
    SECTION("while it waits for the next attempt")
    {
        there.accept().close();
        REQUIRE(reader->received().wait_until_failed(1));
        reader->stop();
    }
    SECTION("by dropping it") { (void)there.accept(); }
}

TEST_CASE("a restart delay of a socket may be as long as it can be said", "[sources][socket_text]")
{
    socket_text_options never;
    never.restart_delay = never.connect_timeout = duration::max();
    server there;
    auto const reader = socket_text_source("127.0.0.1", there.port(), never).open(environment());
    reader->start();
    there.accept().close();
    REQUIRE(reader->received().wait_until_failed(1));
    there.close(); // so that another attempt would fail at once
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    reader->stop();
    CHECK_FALSE(reader->received().wait_until_failed(2));
}

TEST_CASE("a batch of a socket that runs again is empty", "[sources][socket_text]")
{
    auto const reader = socket_text_source("127.0.0.1", 1).open(environment());
    reader->seek(reader->position());
    CHECK(records_of(reader->replay(batch_time(1000), {})) == lines{});
}

// ---- Bounds

TEST_CASE("when the buffer is full the server has to wait", "[sources][socket_text]")
{
    constexpr std::size_t limit = 100'000;
    constexpr std::size_t count = 200'000;
    auto options = at_once();
    options.buffer_bytes = limit;
    server const there;
    auto const reader = socket_text_source("127.0.0.1", there.port(), options).open(environment());
    reader->start();
    auto const client = there.accept();
    std::jthread const sender([&client] {
        std::string const line(99, 'x');
        for (std::size_t i = 0; i < count; ++i)
            client.send(line + '\n');
    });
    std::size_t all = 0;
    std::size_t largest = 0;
    while (all < count && reader->received().wait_until_received(all + 1)) {
        auto const batch = plan(*reader).size();
        largest = std::max(largest, batch);
        all += batch;
    }
    CHECK(all == count);
    // Each line weighs 99 bytes and its string; one block of 64 KiB may come on top.
    CHECK(largest <= limit / (99 + sizeof(std::string)) + 64 * 1024 / 100 + 2);
}

TEST_CASE("a server that sends no newline is left", "[sources][socket_text]")
{
    auto options = at_once();
    options.buffer_bytes = 1000;
    server const there;
    auto const reader = socket_text_source("127.0.0.1", there.port(), options).open(environment());
    reader->start();
    auto const client = there.accept();
    client.send(std::string(1001, 'x'));
    REQUIRE(reader->received().wait_until_failed(1));
    CHECK_THAT(reader->last_error().value_or(""), Contains("at most 1000 bytes"));
}

// ---- What it refuses

TEST_CASE("an address that cannot be is refused when the source is opened", "[sources][socket_text]")
{
    for (int const port : {0, -1, 65536})
        CHECK_THROWS_WITH(socket_text_source("localhost", port).open(environment()),
                          Contains(std::to_string(port)) && Contains("1 to 65535"));
    CHECK_THROWS_AS(socket_text_source("", 80).open(environment()), tidemark::config_error);
    socket_text_options options;
    options.restart_delay = duration(-1);
    options.connect_timeout = duration(0);
    options.buffer_bytes = 0;
    CHECK_THROWS_WITH(socket_text_source("", 0, options).open(environment()),
                      Contains("host") && Contains("port") && Contains("restart_delay") && Contains("connect_timeout")
                          && Contains("buffer_bytes"));
    CHECK_NOTHROW(socket_text_source("localhost", 65535).open(environment()));
}

} // namespace
