// SPDX-License-Identifier: BSL-1.0

#include <tidemark/core/error.hpp>
#include <tidemark/sources/line_source.hpp>

#include <sources/reading.hpp>
#include <support/catch.hpp>

#include <array>
#include <future>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace {

using Catch::Matchers::Contains;
using reading::environment;
using reading::lines;
using reading::records_of;
using tidemark::batch_time;
using tidemark::line_source;

static_assert(tidemark::stream_source<line_source>);
static_assert(!line_source::replayable);

/// A pipe whose two ends can be closed one by one.
class pipe_ends {
public:
    pipe_ends()
    {
        if (::pipe2(ends_.data(), O_CLOEXEC) != 0)
            throw std::runtime_error("no pipe");
    }
    pipe_ends(pipe_ends const&) = delete;
    pipe_ends& operator=(pipe_ends const&) = delete;
    ~pipe_ends()
    {
        close_writing();
        ::close(ends_[0]);
    }

    [[nodiscard]] int reading_end() const { return ends_[0]; }

    void write(std::string_view text) const
    {
        while (!text.empty()) {
            auto const written = ::write(ends_[1], text.data(), text.size());
            if (written < 0)
                throw std::runtime_error("cannot write to the pipe");
            text.remove_prefix(static_cast<std::size_t>(written));
        }
    }

    void close_writing()
    {
        if (ends_[1] >= 0)
            ::close(std::exchange(ends_[1], -1));
    }

private:
    std::array<int, 2> ends_{};
};

lines plan(tidemark::line_reader& reader) { return records_of(reader.plan(batch_time(1000))).value(); }

// ---- Lines

TEST_CASE("a batch takes the lines that have arrived", "[sources][lines]")
{
    pipe_ends pipe;
    auto const reader = line_source(pipe.reading_end()).open(environment());
    reader->start();
    CHECK(plan(*reader) == lines{});
    pipe.write("one\ntwo\r\nthr");
    REQUIRE(reader->received().wait_until_received(2));
    CHECK_FALSE(reader->drained());
    CHECK(plan(*reader) == lines{"one", "two"});
    CHECK(reader->drained());
    pipe.write("ee\n\xff\n");
    REQUIRE(reader->received().wait_until_received(4));
    auto const input = reader->plan(batch_time(2000));
    CHECK(records_of(input) == lines{"three", "\xff"});
    CHECK(input.records() == 2);
    CHECK(input.plan.empty());
}

TEST_CASE("a batch that runs again is empty", "[sources][lines]")
{
    pipe_ends pipe;
    pipe.write("kept\n");
    auto const reader = line_source(pipe.reading_end()).open(environment());
    reader->seek(reader->position());
    CHECK(records_of(reader->replay(batch_time(1000), {})) == lines{});
    reader->start();
    REQUIRE(reader->received().wait_until_received(1));
    CHECK(plan(*reader) == lines{"kept"});
}

TEST_CASE("a plain file is read to its end", "[sources][lines]")
{
    reading::directory const files;
    auto const path = files.write("a", "one\ntwo", 0);
    int const descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    REQUIRE(descriptor >= 0);
    line_source const source(descriptor);
    {
        auto const reader = source.open(environment());
        reader->start();
        REQUIRE(reader->received().wait_until_received(2));
        CHECK(plan(*reader) == lines{"one", "two"});
        CHECK(source.wait_until_ended());
    }
    CHECK(::close(descriptor) == 0); // it has stayed open
}

// ---- The end

TEST_CASE("the input has ended when its last line, newline or not, is given to a batch", "[sources][lines]")
{
    pipe_ends pipe;
    line_source const source(pipe.reading_end());
    auto const reader = source.open(environment());
    reader->start();
    pipe.write("one\nlast");
    pipe.close_writing();
    REQUIRE(reader->received().wait_until_received(2));
    CHECK_FALSE(source.ended());
    auto waiting = std::async(std::launch::async, [&source] { return source.wait_until_ended(); });
    CHECK(plan(*reader) == lines{"one", "last"});
    CHECK(waiting.get());
    CHECK(source.ended());
    CHECK(plan(*reader) == lines{});
}

TEST_CASE("a reader that is stopped before the end wakes who waits for it", "[sources][lines]")
{
    pipe_ends pipe;
    line_source const source(pipe.reading_end());
    auto const reader = source.open(environment());
    reader->start();
    pipe.write("one\n");
    REQUIRE(reader->received().wait_until_received(1));
    auto waiting = std::async(std::launch::async, [&source] { return source.wait_until_ended(); });
    reader->stop();
    CHECK_FALSE(waiting.get());
    CHECK_FALSE(source.ended());
    CHECK(plan(*reader) == lines{"one"}); // what has arrived is still there
    reader->stop();
}

TEST_CASE("a reader can be dropped while it waits for input, and before it was started", "[sources][lines]")
{
    pipe_ends pipe;
    (void)line_source(pipe.reading_end()).open(environment());
    auto const reader = line_source(pipe.reading_end()).open(environment());
    reader->start();
}

TEST_CASE("an error of reading is kept and counts as the end", "[sources][lines]")
{
    reading::directory const files;
    int const descriptor = ::open(files.path().c_str(), O_RDONLY | O_CLOEXEC); // a directory has no lines
    REQUIRE(descriptor >= 0);
    line_source const source(descriptor);
    auto const reader = source.open(environment());
    reader->start();
    CHECK(source.wait_until_ended());
    REQUIRE(reader->last_error());
    CHECK_THAT(*reader->last_error(), Contains(std::to_string(descriptor)) && Contains("Is a directory"));
    CHECK(::close(descriptor) == 0);
}

// ---- Bounds

TEST_CASE("a small buffer loses nothing", "[sources][lines]")
{
    constexpr std::size_t count = 20'000;
    pipe_ends pipe;
    auto const reader = line_source(pipe.reading_end(), {10'000}).open(environment());
    reader->start();
    std::jthread const writer([&pipe] {
        for (std::size_t i = 0; i < count; ++i)
            pipe.write("line " + std::to_string(i) + '\n');
        pipe.close_writing();
    });
    lines all;
    while (all.size() < count && reader->received().wait_until_received(all.size() + 1))
        for (auto& line : plan(*reader))
            all.push_back(std::move(line));
    REQUIRE(all.size() == count);
    bool in_order = true;
    for (std::size_t i = 0; i < count; ++i)
        in_order = in_order && all[i] == "line " + std::to_string(i);
    CHECK(in_order);
}

TEST_CASE("a full buffer does not keep a reader from stopping", "[sources][lines]")
{
    pipe_ends pipe;
    auto const reader = line_source(pipe.reading_end(), {1}).open(environment());
    reader->start();
    pipe.write("one\n");
    REQUIRE(reader->received().wait_until_received(1));
    pipe.write("two\n");
    reader->stop();
    auto const arrived = plan(*reader);
    CHECK((arrived == lines{"one"} || arrived == lines{"one", "two"})); // read from the pipe means given to a batch
}

TEST_CASE("input without newlines is an error before it fills the memory", "[sources][lines]")
{
    pipe_ends pipe;
    line_source const source(pipe.reading_end(), {1000});
    auto const reader = source.open(environment());
    reader->start();
    pipe.write(std::string(1001, 'x'));
    CHECK(source.wait_until_ended());
    CHECK_THAT(reader->last_error().value_or(""), Contains("at most 1000 bytes"));
}

TEST_CASE("a line source without a descriptor is refused", "[sources][lines]")
{
    CHECK_THROWS_AS(line_source(-1).open(environment()), tidemark::config_error);
    CHECK_THROWS_AS(line_source(0, {0}).open(environment()), tidemark::config_error);
    CHECK(tidemark::standard_input().describe() == "lines(descriptor 0)");
}

} // namespace
