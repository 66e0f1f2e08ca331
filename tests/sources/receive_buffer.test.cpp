// SPDX-License-Identifier: BSL-1.0

#include <tidemark/sources/receive_buffer.hpp>

#include <support/catch.hpp>

#include <algorithm>
#include <future>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

namespace {

using buffer = tidemark::receive_buffer<int>;
using numbers = std::vector<int>;

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

} // namespace
