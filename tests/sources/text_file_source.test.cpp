// SPDX-License-Identifier: BSL-1.0

#include <tidemark/core/error.hpp>
#include <tidemark/sources/text_file_source.hpp>

#include <sources/reading.hpp>
#include <support/catch.hpp>

#include <filesystem>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using Catch::Matchers::Contains;
using reading::directory;
using reading::environment;
using reading::lines;
using reading::records_of;
using tidemark::batch_time;
using tidemark::duration;
using tidemark::read_existing;
using tidemark::source_error;
using tidemark::text_file_options;
using tidemark::text_file_source;

static_assert(tidemark::stream_source<text_file_source>);
static_assert(text_file_source::replayable);

lines plan(tidemark::text_file_reader& reader, std::int64_t time)
{
    return records_of(reader.plan(batch_time(time))).value();
}

// ---- Which files

TEST_CASE("each batch reads the lines of the files that are new in it", "[sources][text_file]")
{
    directory const files;
    auto const reader = text_file_source(files.path()).open(environment());
    reader->start();
    files.write("b", "three\nfour\n", 900);
    files.write("a", "one\ntwo", 800);
    files.write("later", "five\n", 1500);
    files.write(".hidden", "no\n", 500);
    files.write("sub/beneath", "no\n", 500);
    CHECK(plan(*reader, 1000) == lines{"one", "two", "three", "four"});
    CHECK(plan(*reader, 2000) == lines{"five"});
    CHECK(plan(*reader, 3000) == lines{});
}

TEST_CASE("a batch without files is an empty dataset", "[sources][text_file]")
{
    directory const files;
    auto const input = text_file_source(files.path()).open(environment())->plan(batch_time(1000));
    REQUIRE(input.data);
    CHECK(records_of(input) == lines{});
    CHECK(input.records() == 0);
}

TEST_CASE("files from before the start are left, taken as far as the span goes, or all taken", "[sources][text_file]")
{
    struct {
        read_existing existing;
        lines expected;
    } const rows[] = {
        {read_existing::none, {"new"}},
        {read_existing::recent, {"new", "recent"}},
        {read_existing::all, {"new", "old", "recent"}},
    };
    directory const files;
    files.write("new", "new\n", 100'500);
    files.write("old", "old\n", 1);
    files.write("recent", "recent\n", 90'000);
    for (auto const& row : rows) {
        text_file_options options;
        options.existing = row.existing;
        auto const reader = text_file_source(files.path(), options).open(environment(1000, 100'000));
        CHECK(plan(*reader, 101'000) == row.expected);
        CHECK(plan(*reader, 102'000) == lines{});
    }
}

TEST_CASE("the program's own filter sees the name without its directory", "[sources][text_file]")
{
    directory const files;
    files.write("a.log", "a\n", 500);
    files.write("b.txt", "b\n", 500);
    text_file_options options;
    options.filter = [](std::string_view name) { return name == "a.log"; };
    CHECK(plan(*text_file_source(files.path(), options).open(environment()), 1000) == lines{"a"});
}

TEST_CASE("a pattern lists each directory that it means, and none beneath", "[sources][text_file]")
{
    directory const files;
    files.write("x/in/a", "x\n", 500);
    files.write("y/in/a", "y\n", 500);
    files.write("y/out/a", "no\n", 500);
    files.write("y/in/deep/a", "no\n", 500);
    files.write("in", "a file of that name\n", 500);
    auto const reader = text_file_source(files.path("*/in")).open(environment());
    reader->start();
    CHECK(plan(*reader, 1000) == lines{"x", "y"});
    files.write("z/in/a", "z\n", 1500); // a directory that came later
    CHECK(plan(*reader, 2000) == lines{"z"});

    CHECK(plan(*text_file_source(files.path("{x,z}/i?")).open(environment()), 2000) == lines{"x", "z"});
    CHECK(plan(*text_file_source(files.path("nothing/*")).open(environment()), 2000) == lines{});
}

TEST_CASE("a directory that is missing at the start is named in the error", "[sources][text_file]")
{
    directory const files;
    files.write("file", "", 0);
    CHECK_THROWS_WITH(text_file_source(files.path("none")).open(environment())->start(), Contains(files.path("none")));
    CHECK_THROWS_AS(text_file_source(files.path("none")).open(environment())->start(), source_error);
    CHECK_THROWS_AS(text_file_source(files.path("file")).open(environment())->start(), source_error);
    CHECK_NOTHROW(text_file_source(files.path("none*")).open(environment())->start());
}

TEST_CASE("a directory that goes away gives empty batches, and its files when it is back", "[sources][text_file]")
{
    directory const files;
    files.write("in/a", "a\n", 500);
    auto const reader = text_file_source(files.path("in")).open(environment());
    reader->start();
    CHECK(plan(*reader, 1000) == lines{"a"});
    CHECK_FALSE(reader->last_error());

    files.remove("in");
    CHECK(plan(*reader, 2000) == lines{});
    REQUIRE(reader->last_error());
    CHECK_THAT(*reader->last_error(), Contains(files.path("in")) && Contains("No such file"));
    auto const told = reader->take_error();
    CHECK(plan(*reader, 90'000) == lines{});
    CHECK(reader->take_error() == told); // in the same words, of which listeners hear once

    files.write("in/b", "b\n", 1500); // 1.5 s, seen 89.5 s later: the batch of 2 s would have taken it
    CHECK(plan(*reader, 91'000) == lines{"b"});
    CHECK_FALSE(reader->last_error());
}

TEST_CASE("options that cannot work are refused together", "[sources][text_file]")
{
    text_file_options options;
    options.split_bytes = 0;
    options.remember_at_least = duration(0);
    options.filter = nullptr;
    CHECK_THROWS_AS(text_file_source("", options).open(environment()), tidemark::config_error);
    CHECK_THROWS_WITH(text_file_source("", options).open(environment()),
                      Contains("directory") && Contains("split_bytes") && Contains("remember_at_least")
                          && Contains("filter"));
}

// ---- Which lines

struct text_row {
    std::string_view text;
    lines expected;
};

text_row const text_rows[] = {
    {"", {}},
    {"\n", {""}},
    {"a", {"a"}},
    {"a\n", {"a"}},
    {"a\nb", {"a", "b"}},
    {"a\n\nb\n", {"a", "", "b"}},
    {"a\r\nb\r", {"a", "b"}},
    {"\r\n\r\n", {"", ""}},
    {"a\rb\n", {"a\rb"}},
    {"a\r\r\n", {"a\r"}},
    {"\xff\xfe\n\xc3\n", {"\xff\xfe", "\xc3"}}, // no UTF-8
    {std::string_view("a\0b\n", 4), {std::string("a\0b", 3)}},
};

TEST_CASE("a line ends at a newline or at the end of its file", "[sources][text_file]")
{
    for (auto const& row : text_rows) {
        directory const files;
        files.write("a", row.text, 500);
        auto const input = text_file_source(files.path()).open(environment())->plan(batch_time(1000));
        CHECK(records_of(input) == row.expected);
        CHECK(input.records() == row.expected.size());
    }
}

TEST_CASE("wherever a file is cut, each line is read once and in order", "[sources][text_file]")
{
    for (auto const& row : text_rows)
        for (std::uint64_t split = 1; split <= row.text.size() + 1; ++split) {
            directory const files;
            files.write("a", row.text, 500);
            files.write("b", "last\n", 500);
            text_file_options options;
            options.split_bytes = split;
            auto expected = row.expected;
            expected.emplace_back("last");
            CHECK(plan(*text_file_source(files.path(), options).open(environment()), 1000) == expected);
        }
}

TEST_CASE("lines longer than a block and longer than a split come whole", "[sources][text_file]")
{
    std::mt19937_64 random(1);
    std::string text;
    lines expected;
    for (std::size_t const length : {0U, 10U, 300'000U, 5U, 262'143U, 262'144U, 4096U, 1'000'000U, 1U}) {
        std::string line(length, 'x');
        for (auto& character : line)
            character = static_cast<char>('a' + random() % 26);
        text += line + '\n';
        expected.push_back(std::move(line));
    }
    directory const files;
    files.write("a", text, 500);
    for (std::uint64_t const split : {std::uint64_t{8} << 20, std::uint64_t{70'000}, std::uint64_t{262'144}}) {
        text_file_options options;
        options.split_bytes = split;
        auto const input = text_file_source(files.path(), options).open(environment())->plan(batch_time(1000));
        CHECK((records_of(input) == expected));
        CHECK(input.records() == expected.size());
    }
}

TEST_CASE("a reader that wants no more ends the reading", "[sources][text_file]")
{
    directory const files;
    files.write("a", "1\n2\n3\n4\n", 500);
    auto const input = text_file_source(files.path()).open(environment())->plan(batch_time(1000));
    reading::keeper<std::string> two(2);
    input.data->feed(0, two);
    CHECK(two.kept == lines{"1", "2"});
    CHECK(input.records() == 2);
}

// ---- The same again

TEST_CASE("a planned batch is read again from its plan alone", "[sources][text_file]")
{
    directory const files;
    files.write("a", "1\n2\n", 500);
    auto const first = text_file_source(files.path()).open(environment(1000, 0, 4))->plan(batch_time(1000));
    files.write("b", "not of that batch\n", 600);

    auto const again = text_file_source(files.path()).open(environment(1000, 50'000, 16));
    auto const input = again->replay(batch_time(1000), first.plan);
    CHECK(reading::partitions_of(input) == reading::partitions_of(first));
    CHECK(input.plan == first.plan);
    files.write("c", "3\n", 1500);
    CHECK(plan(*again, 2000) == lines{"not of that batch", "3"}); // b has come late, within the span
}

TEST_CASE("a first batch that saw no directory is empty, in a second run too, and a later one takes its files",
          "[sources][text_file]")
{
    struct {
        read_existing existing;
        std::int64_t modified;
    } const rows[] = {{read_existing::none, 500}, {read_existing::all, -100'000}};
    for (auto const& row : rows) {
        directory const files;
        text_file_options options;
        options.existing = row.existing;
        text_file_source const source(files.path("in"), options);
        auto const first = source.open(environment());
        auto const missed = first->plan(batch_time(1000));
        CHECK(records_of(missed) == lines{});
        files.write("in/a", "a\n", row.modified);

        auto const again = source.open(environment(1000, 90'000));
        CHECK(records_of(again->replay(batch_time(1000), missed.plan)) == lines{});
        CHECK(plan(*again, 100'000) == lines{"a"});
        CHECK(plan(*first, 100'000) == lines{"a"});
    }
}

TEST_CASE("a reader goes on from the position of an earlier run", "[sources][text_file]")
{
    directory const files;
    files.write("a", "a\n", 500);
    auto const first = text_file_source(files.path()).open(environment());
    CHECK(plan(*first, 1000) == lines{"a"});
    files.write("b", "b\n", 1500);

    auto const second = text_file_source(files.path()).open(environment(1000, 10'000));
    second->seek(first->position());
    second->start();
    CHECK(plan(*second, 2000) == lines{"b"});
    CHECK(plan(*second, 3000) == lines{});
}

TEST_CASE("a planned file that is gone or changed is an error that names it", "[sources][text_file]")
{
    struct {
        char const* what;
        void (*change)(directory const&);
        char const* found;
    } const rows[] = {
        {"gone", [](directory const& files) { files.remove("a"); }, "no such file"},
        {"longer", [](directory const& files) { files.write("a", "1\n2\n3\n", 500); }, "6 bytes"},
        {"shorter", [](directory const& files) { files.write("a", "1\n", 500); }, "2 bytes"},
        {"written anew", [](directory const& files) { files.write("a", "2\n1\n", 501); }, "501 ms"},
        {"a directory now",
         [](directory const& files) {
             files.remove("a");
             files.write("a/b", "", 1);
         },
         "no such file"},
    };
    for (auto const& row : rows) {
        INFO(row.what);
        directory const files;
        auto const path = files.write("a", "1\n2\n", 500);
        auto const first = text_file_source(files.path()).open(environment())->plan(batch_time(1000));
        row.change(files);
        auto const again = text_file_source(files.path()).open(environment());
        CHECK_THROWS_AS(again->replay(batch_time(1000), first.plan), source_error);
        CHECK_THROWS_WITH(again->replay(batch_time(1000), first.plan),
                          Contains(path) && Contains("4 bytes") && Contains(row.found));
        // And so it is between plan and reading.
        CHECK_THROWS_AS(records_of(first), source_error);
        CHECK_THROWS_WITH(records_of(first), Contains(path) && Contains("4 bytes") && Contains(row.found));
    }
}

/// Changes the file at its first line.
class meddler final : public tidemark::any_sink<std::string> {
public:
    explicit meddler(directory const& files)
        : files_(files)
    {}

    void take(std::string const&) override { files_.write("a", "3\n4\n", 501); }
    void take(std::string&& line) override { take(std::as_const(line)); }
    void take_chunk(std::span<std::string const>) override {}
    [[nodiscard]] bool done() const override { return false; }

private:
    directory const& files_;
};

TEST_CASE("a file that is changed while it is read is an error", "[sources][text_file]")
{
    directory const files;
    files.write("a", "1\n2\n", 500);
    auto const input = text_file_source(files.path()).open(environment())->plan(batch_time(1000));
    meddler sink(files);
    CHECK_THROWS_AS(input.data->feed(0, sink), source_error);
}

} // namespace
