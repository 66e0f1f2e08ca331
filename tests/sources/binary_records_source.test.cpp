// SPDX-License-Identifier: BSL-1.0

#include <tidemark/core/error.hpp>
#include <tidemark/sources/binary_records_source.hpp>

#include <sources/reading.hpp>
#include <support/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace {

using Catch::Matchers::Contains;
using reading::directory;
using reading::environment;
using reading::lines;
using reading::records_of;
using tidemark::batch_time;
using tidemark::binary_records_source;

static_assert(tidemark::stream_source<binary_records_source>);
static_assert(binary_records_source::replayable);

/// Bytes are easier to read as text.
lines texts(tidemark::batch_input<std::vector<std::byte>> const& input)
{
    lines all;
    auto const records = records_of(input).value();
    for (auto const& record : records) {
        auto& text = all.emplace_back();
        for (auto const each : record)
            text += static_cast<char>(each);
    }
    return all;
}

} // namespace

TEST_CASE("each batch reads the records of the files that are new in it", "[sources][binary_records]")
{
    directory const files;
    auto const reader = binary_records_source(files.path(), 3).open(environment());
    reader->start();
    files.write("a", "abcdef", 500);
    files.write("b", "g\n\r", 1000);
    files.write("c", "jkl", 1001);
    files.write("empty", "", 1500);
    auto const first = reader->plan(batch_time(1000));
    CHECK(texts(first) == lines{"abc", "def", "g\n\r"});
    CHECK(first.records() == 3);
    CHECK(texts(reader->plan(batch_time(2000))) == lines{"jkl"});
    CHECK(texts(reader->plan(batch_time(3000))) == lines{});
}

TEST_CASE("wherever a file is cut, each record is read once, whole and in order", "[sources][binary_records]")
{
    directory const files;
    std::string text;
    for (int i = 0; i < 300; ++i)
        text += static_cast<char>('a' + i % 26);
    files.write("a", text, 500);
    for (std::int64_t const size : {1, 3, 4, 100, 300})
        for (auto const split : std::vector<std::uint64_t>{1, 2, 7, 64, 299, 1000}) {
            INFO(size << " bytes in splits of " << split);
            auto const input = binary_records_source(files.path(), size, {.split_bytes = split})
                                   .open(environment())
                                   ->plan(batch_time(1000));
            lines expected;
            for (std::size_t at = 0; at < text.size(); at += static_cast<std::size_t>(size))
                expected.push_back(text.substr(at, static_cast<std::size_t>(size)));
            CHECK(texts(input) == expected);
        }
}

TEST_CASE("records longer than a block come whole", "[sources][binary_records]")
{
    directory const files;
    std::string const large(600'000, 'x');
    files.write("a", large + std::string(600'000, 'y'), 500);
    auto const input = binary_records_source(files.path(), 600'000).open(environment())->plan(batch_time(1000));
    CHECK(texts(input) == lines{large, std::string(600'000, 'y')});
}

TEST_CASE("a file of broken records is an error with its name and sizes, until it is whole", "[sources][binary_records]")
{
    directory const files;
    auto const reader = binary_records_source(files.path(), 4).open(environment());
    files.write("a", "good", 400);
    auto const path = files.write("b", "good bad", 500);
    files.write("b", "good ba", 500);
    CHECK_THROWS_AS(reader->plan(batch_time(1000)), tidemark::source_error);
    CHECK_THROWS_WITH(reader->plan(batch_time(2000)),
                      Contains(path) && Contains("records of 4 bytes") && Contains("found 7 bytes"));
    files.write("b", "goodmore", 2500);
    CHECK(texts(reader->plan(batch_time(3000))) == lines{"good", "good", "more"}); // and what came with it
}

TEST_CASE("a planned batch of records is read again from its plan alone", "[sources][binary_records]")
{
    directory const files;
    files.write("a", "abcdef", 500);
    auto const first = binary_records_source(files.path(), 3).open(environment());
    auto const planned = first->plan(batch_time(1000));
    auto const again = binary_records_source(files.path(), 3).open(environment(1000, 9000));
    CHECK(texts(again->replay(batch_time(1000), planned.plan)) == lines{"abc", "def"});
    CHECK(texts(again->plan(batch_time(2000))) == lines{});
    files.write("a", "abcde!", 501);
    CHECK_THROWS_AS(again->replay(batch_time(1000), planned.plan), tidemark::source_error);
}

TEST_CASE("records without a length, and the like, are refused together", "[sources][binary_records]")
{
    CHECK_THROWS_WITH(binary_records_source("", 0).open(environment()),
                      Contains("tidemark::binary_records_source") && Contains("directory is empty")
                          && Contains("record_bytes is 0"));
    directory const files;
    auto const missing = binary_records_source(files.path("none"), 1).open(environment());
    CHECK_THROWS_WITH(missing->start(), Contains("binary_records_source") && Contains(files.path("none")));
}
