// SPDX-License-Identifier: BSL-1.0

#include <tidemark/sources/receive_buffer.hpp>

#include <support/catch.hpp>

#include <algorithm>
#include <chrono>
#include <future>
#include <numeric>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

namespace {

using buffer = tidemark::receive_buffer<int>;
using numbers = std::vector<int>;
using namespace std::chrono_literals;

TEST_CASE("a buffer gives what was added, in order and once", "[sources][receive_buffer]")
{
    buffer some(100);
    some.add({1, 2}, 8, {});
    some.add({3}, 4, {});
    CHECK_FALSE(some.empty());
    CHECK(some.take() == numbers{1, 2, 3});
    CHECK(some.empty());
    CHECK(some.take() == numbers{});
}

TEST_CASE("who adds to a full buffer waits until it is taken from", "[sources][receive_buffer]")
{
    buffer some(8);
    std::jthread const adding([&some] {
        for (int number = 0; number < 10'000; ++number)
            some.add({number}, 4, {});
    });
    numbers all;
    std::size_t most = 0;
    while (all.size() < 10'000) {
        CHECK(some.wait_until_received(all.size() + 1));
        auto const taken = some.take();
        most = std::max(most, taken.size());
        all.insert(all.end(), taken.begin(), taken.end());
    }
    CHECK(most <= 2); // 8 bytes: full
    CHECK(std::is_sorted(all.begin(), all.end()));
}

TEST_CASE("a stop lets the last records into a full buffer", "[sources][receive_buffer]")
{
    buffer some(8);
    some.add({1, 2}, 8, {});
    std::stop_source stopping;
    auto adding = std::async(std::launch::async, [&] { some.add({3}, 4, stopping.get_token()); });
    stopping.request_stop();
    adding.get();
    CHECK(some.take() == numbers{1, 2, 3});
}

TEST_CASE("a buffer is exhausted when the input has ended and all is taken", "[sources][receive_buffer]")
{
    buffer some(100);
    some.begin();
    some.add({1}, 4, {});
    CHECK_FALSE(some.exhausted());
    some.end();
    CHECK_FALSE(some.exhausted());
    some.abandon(); // stopping after the end takes nothing back
    (void)some.take();
    CHECK(some.exhausted());
    CHECK(some.wait_until_exhausted());
    some.begin();
    CHECK_FALSE(some.exhausted());
    some.abandon();
    CHECK_FALSE(some.wait_until_exhausted());
}

TEST_CASE("waiting for records or errors ends when no more will come", "[sources][receive_buffer]")
{
    buffer some(100);
    some.begin();
    some.add({1}, 4, {});
    some.note_error("one");
    CHECK(some.wait_until_received(1));
    CHECK(some.wait_until_failed(1));
    CHECK(some.last_error() == "one");
    CHECK(some.take_error() == "one");
    CHECK_FALSE(some.take_error());
    some.note_error("one");
    CHECK(some.take_error() == "one"); // the same, but it has happened again
    CHECK(some.last_error() == "one");
    some.end();
    CHECK_FALSE(some.wait_until_received(2));
    CHECK_FALSE(some.wait_until_failed(3));
}

TEST_CASE("a buffer tells what has happened to its receiver, of errors in a row the last", "[sources][receive_buffer]")
{
    using kind = tidemark::receiver_change::kind;
    auto const told = [](buffer& from) {
        std::vector<std::pair<kind, std::string>> all;
        for (auto& change : from.take_changes())
            all.emplace_back(change.what, std::move(change.message));
        return all;
    };
    using changes = decltype(told(std::declval<buffer&>()));
    buffer some(100);
    some.abandon(); // it has not begun
    CHECK(told(some).empty());
    some.begin();
    some.note_error("one");
    some.note_error("two");
    CHECK(told(some) == changes{{kind::started, ""}, {kind::error, "two"}});
    CHECK(told(some).empty());
    some.note_error("three");
    some.end();
    some.abandon();
    CHECK(told(some) == changes{{kind::error, "three"}, {kind::stopped, ""}});
    some.begin();
    some.abandon();
    some.abandon();
    CHECK(told(some) == changes{{kind::started, ""}, {kind::stopped, ""}});
}

TEST_CASE("records of a limited rate go in some at a time, in order", "[sources][receive_buffer]")
{
    using clock = std::chrono::steady_clock;
    buffer some(1 << 20);
    some.limit_rate(1000);
    numbers all(250);
    std::iota(all.begin(), all.end(), 0);
    auto const began = clock::now();
    auto adding = std::async(std::launch::async, [&] { some.add(all, 1000, {}); });
    REQUIRE(some.wait_until_received(1));
    auto got = some.take();
    CHECK(got.size() < 250);
    adding.get();
    auto const took = clock::now() - began;
    CHECK(took >= 190ms); // 100 at once, 100 after 100 ms, 50 after 200 ms
    CHECK(took < 5s);
    auto const rest = some.take();
    got.insert(got.end(), rest.begin(), rest.end());
    CHECK(got == all);
    CHECK(some.empty());
}

TEST_CASE("what waits for its time goes in at once when the rate is raised or receiving stops",
          "[sources][receive_buffer]")
{
    for (bool const stops : {false, true}) {
        buffer some(1 << 20);
        some.limit_rate(0.01); // one in 100 s
        std::stop_source stop;
        auto adding = std::async(std::launch::async, [&] { some.add({1, 2, 3}, 12, stop.get_token()); });
        REQUIRE(some.wait_until_received(1));
        if (stops)
            stop.request_stop();
        else
            some.limit_rate(1e9);
        CHECK(adding.wait_for(10s) == std::future_status::ready);
        CHECK(some.take() == numbers{1, 2, 3});
    }
}

} // namespace
