// SPDX-License-Identifier: BSL-1.0
//
// socket_text_stream: the lines that a server sends, saved once; at_most_once says that a crash may lose some.

#include "../support/show.hpp"

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

namespace tide = tidemark;
using namespace tidemark::literals;

/// A server of this machine for one client.
class server {
public:
    server()
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (::bind(socket_, reinterpret_cast<sockaddr const*>(&address), size) != 0 || ::listen(socket_, 1) != 0
            || ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
            throw std::runtime_error("no server");
        port_ = ntohs(address.sin_port);
    }
    server(server const&) = delete;
    server& operator=(server const&) = delete;
    ~server() { ::close(socket_); }

    [[nodiscard]] int port() const { return port_; }

    /// Waits for the client, and sends it `text`.
    void serve(std::string_view text) const
    {
        int const client = ::accept(socket_, nullptr, nullptr);
        (void)::send(client, text.data(), text.size(), 0);
        ::close(client);
    }

private:
    int socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    int port_ = 0;
};

int main()
{
    server const there;
    auto const ssc = tide::streaming_context<tide::settings{.partitions = 1, .threads = 1}>(
        1_s, tide::checkpoint_directory("checkpoint"));
    auto const lines = ssc.socket_text_stream<"lines">("127.0.0.1", there.port()) | tide::at_most_once();
    auto const received = ssc.accumulator<"received">();
    tide::testing::driver run(ssc.application(
        lines | tide::foreach_rdd<"count">([received](auto const& rdd) { received += rdd | tide::count_records(); }),
        lines | tide::filter([](std::string const& line) { return !line.empty(); })
            | tide::save_as_text_files<"saved">("batches/lines") | tide::exactly_once()));
    run.start();
    there.serve("tide\r\nebb\n\nflow\n");
    while (received.value() < 4)
        run.run_next();
    run.stop();

    std::cout << "received: " << received.value() << "\n";
    std::set<std::string> saved; // in whichever batches they came
    for (auto const& batch : std::filesystem::directory_iterator("batches")) {
        std::ifstream in(batch.path() / "part-00000");
        for (std::string line; std::getline(in, line);)
            saved.insert(line);
    }
    support::show("saved", saved);
}
