// SPDX-License-Identifier: BSL-1.0
//
// receiving_reader.test: what becomes of a receiver whose function throws, or comes back.

#include <tidemark/sources/receiving_reader.hpp>

#include <sources/reading.hpp>
#include <support/catch.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using Catch::Matchers::Contains;
using reading::records_of;
using tidemark::batch_time;
using tidemark::duration;
using tidemark::receive_buffer;
using kind = tidemark::receiver_change::kind;
using numbers = std::vector<int>;

/// Receives by a function of the test, which is told how often it has been called before.
class called_reader final : public tidemark::receiving_reader<int> {
public:
    using function = std::function<void(int, receive_buffer<int>&, std::stop_token)>;

    called_reader(function receive, duration restart_delay)
        : tidemark::receiving_reader<int>(std::make_shared<receive_buffer<int>>(100), 1, restart_delay)
        , receive_(std::move(receive))
    {}
    called_reader(called_reader const&) = delete;
    called_reader& operator=(called_reader const&) = delete;
    ~called_reader() override { this->stop(); }

private:
    void receive(std::stop_token stop) override { receive_(calls_++, this->buffer(), std::move(stop)); }

    function receive_;
    int calls_ = 0;
};

/// What has happened to the receiver: `started`, its errors, `stopped`.
std::vector<std::string> told(called_reader& reader)
{
    std::vector<std::string> words;
    for (auto const& each : reader.take_receiver_changes())
        words.push_back(each.what == kind::started ? "started" : each.what == kind::stopped ? "stopped" : each.message);
    return words;
}

} // namespace

TEST_CASE("a receiver that throws says so and receives again", "[sources][receiving_reader]")
{
    called_reader reader(
        [](int call, receive_buffer<int>& buffer, std::stop_token const& stop) {
            buffer.add({call}, 4, stop);
            if (call == 0)
                throw std::runtime_error("the line is dead");
            if (call == 1)
                throw 1;
        },
        duration(0));
    reader.start();
    REQUIRE(reader.received().wait_until_received(3));
    reader.stop();
    CHECK(records_of(reader.plan(batch_time(1000))) == numbers{0, 1, 2});
    CHECK(reader.last_error() == "an exception that is no std::exception; next attempt after 0 s");
    CHECK(told(reader)
          == std::vector<std::string>{"started", "an exception that is no std::exception; next attempt after 0 s",
                                      "stopped"}); // of errors in a row the last one
}

TEST_CASE("a receiver waits before it receives again, and a stop does not wait for that", "[sources][receiving_reader]")
{
    called_reader reader([](int, receive_buffer<int>&, std::stop_token const&) { throw std::runtime_error("dead"); },
                         duration::max());
    reader.start();
    REQUIRE(reader.received().wait_until_failed(1));
    reader.stop();
    CHECK_FALSE(reader.received().wait_until_failed(2));
    CHECK_THAT(reader.take_error().value_or(""), Contains("dead; next attempt after "));
}

TEST_CASE("a receiver that comes back has stopped, and says so once", "[sources][receiving_reader]")
{
    called_reader reader(
        [](int, receive_buffer<int>& buffer, std::stop_token const& stop) { buffer.add({7}, 4, stop); }, duration(0));
    reader.start();
    CHECK_FALSE(reader.received().wait_until_exhausted()); // it did not say that its input has ended
    CHECK(told(reader) == std::vector<std::string>{"started", "stopped"});
    CHECK(records_of(reader.plan(batch_time(1000))) == numbers{7});
    reader.stop();
    CHECK(told(reader).empty());
}

TEST_CASE("a receiver that throws behind the end of its input does not begin again", "[sources][receiving_reader]")
{
    std::atomic<int> calls = 0;
    called_reader reader(
        [&calls](int, receive_buffer<int>& buffer, std::stop_token const&) {
            ++calls;
            buffer.end();
            throw std::runtime_error("cannot close");
        },
        duration(0));
    reader.start();
    while (!reader.last_error()) // behind the end no wait for an error would wait
        std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::milliseconds(20)); // in which it could begin again many times
    reader.stop();
    CHECK(calls == 1);
    CHECK(reader.received().exhausted());
    CHECK(told(reader) == std::vector<std::string>{"started", "stopped", "cannot close"});
}

TEST_CASE("what a receiver throws while it is stopped is told, too", "[sources][receiving_reader]")
{
    called_reader reader(
        [](int, receive_buffer<int>& buffer, std::stop_token const& stop) {
            buffer.add({1}, 4, stop);
            while (!stop.stop_requested())
                std::this_thread::yield();
            throw std::runtime_error("cannot say goodbye");
        },
        duration(0));
    reader.start();
    REQUIRE(reader.received().wait_until_received(1));
    reader.stop();
    CHECK(told(reader) == std::vector<std::string>{"started", "cannot say goodbye", "stopped"});
}
