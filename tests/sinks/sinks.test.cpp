// SPDX-License-Identifier: BSL-1.0
//
// sinks.test: print and save_as_text_files over running streams.

#include <tidemark/operators.hpp>
#include <tidemark/sinks/print.hpp>
#include <tidemark/sinks/save_as_text_files.hpp>
#include <tidemark/sources/streams.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/driver.hpp>
#include <tidemark/time/literals.hpp>

#include <sources/reading.hpp>
#include <support/catch.hpp>
#include <support/running.hpp>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/stat.h>

namespace {

namespace fs = std::filesystem;
using namespace tidemark::literals;
using namespace tidemark_test;
using reading::directory;
using tidemark::batch_time;
using tidemark::print;
using tidemark::save_as_text_files;
using tidemark::testing::driver;
using numbers = std::vector<int>;
using names = std::vector<std::string>;

auto const context = tidemark::streaming_context(1_s, tidemark::settings{.partitions = 2, .threads = 1});

/// Runs the batches 1 to `last`; gives the failure of each, or nothing.
names run(tidemark::application app, std::int64_t last)
{
    names failures;
    driver running(std::move(app));
    running.start();
    for (std::int64_t batch = 1; batch <= last; ++batch)
        failures.push_back(what(running.next().failure));
    return failures;
}

std::string content(std::string const& path)
{
    std::ifstream in(path, std::ios::binary);
    REQUIRE(in);
    return {std::istreambuf_iterator<char>(in), {}};
}

names in_directory(std::string const& path)
{
    names found;
    for (auto const& entry : fs::directory_iterator(path))
        found.push_back(entry.path().filename().string());
    std::sort(found.begin(), found.end());
    return found;
}

} // namespace

TEST_CASE("print writes a heading and the first records of each batch, in one call", "[sinks][print]")
{
    names printed;
    auto const keep = [&printed](std::string_view text) { printed.emplace_back(text); };
    std::string const rule(43, '-');
    auto const stream = context.queue_stream(std::vector<numbers>{{1, 2}, {1, 2, 3}, {}});
    CHECK(run(context.application(stream | print(2, keep)), 3) == names{"", "", ""});
    CHECK(printed
          == names{rule + "\nTime: 1000 ms\n" + rule + "\n1\n2\n\n",
                   rule + "\nTime: 2000 ms\n" + rule + "\n1\n2\n...\n\n", rule + "\nTime: 3000 ms\n" + rule + "\n\n"});
    auto const piped = std::exchange(printed, {});
    run(context.application(print(stream, 2, keep)), 3);
    CHECK(printed == piped);
    printed.clear();
    run(context.application(stream | print(~std::size_t{0}, keep)), 2);
    CHECK(printed.back() == rule + "\nTime: 2000 ms\n" + rule + "\n1\n2\n3\n\n");
}

TEST_CASE("what the writer of print throws fails the output", "[sinks][print]")
{
    auto const full = [](std::string_view) { throw std::runtime_error("no paper"); };
    auto const stream = context.queue_stream(std::vector<numbers>{{1}});
    CHECK(run(context.application(stream | print(10, full)), 1) == names{"no paper"});
}

TEST_CASE("save_as_text_files makes a directory for each batch, with a file for each partition",
          "[sinks][save_as_text_files]")
{
    directory const out;
    auto const stream = context.queue_stream(std::vector<numbers>{{1, 2, 3}, {4}});
    SECTION("piped")
    {
        CHECK(run(context.application(stream | save_as_text_files(out.path("counts"), "txt")), 3) == names{"", "", ""});
    }
    SECTION("called")
    {
        CHECK(run(context.application(save_as_text_files(stream, out.path("counts"), "txt")), 3) == names{"", "", ""});
    }
    CHECK(in_directory(out.path()) == names{"counts-1000.txt", "counts-2000.txt", "counts-3000.txt"});
    CHECK(in_directory(out.path("counts-1000.txt")) == names{"_SUCCESS", "part-00000", "part-00001"});
    CHECK(content(out.path("counts-1000.txt/part-00000")) == "1\n2\n");
    CHECK(content(out.path("counts-1000.txt/part-00001")) == "3\n");
    CHECK(content(out.path("counts-2000.txt/part-00000")) == "4\n");
    CHECK(in_directory(out.path("counts-3000.txt")) == names{"_SUCCESS"}); // a batch without partitions
}

TEST_CASE("a batch that is saved again replaces what is there, and what a kill left beside it",
          "[sinks][save_as_text_files]")
{
    directory const out;
    out.write("counts-1000/part-00007", "old", 0);
    out.write("counts-1000/_SUCCESS", "", 0);
    out.write(".counts-1000.writing/part-00000", "half", 0);
    auto const stream = context.queue_stream(std::vector<numbers>{{1}});
    CHECK(run(context.application(stream | save_as_text_files(out.path("counts"))), 1) == names{""});
    CHECK(in_directory(out.path()) == names{"counts-1000"});
    CHECK(in_directory(out.path("counts-1000")) == names{"_SUCCESS", "part-00000"});
}

TEST_CASE("a batch that cannot be saved fails the output, and nothing of it is seen", "[sinks][save_as_text_files]")
{
    directory const out;
    SECTION("because a step throws")
    {
        auto const broken =
            tidemark::map([](int number) { return number == 2 ? throw std::runtime_error("no 2") : number; });
        auto const stream = context.queue_stream(std::vector<numbers>{{1, 2}, {3}});
        CHECK(run(context.application(stream | broken | save_as_text_files(out.path("n"))), 2) == names{"no 2", ""});
        CHECK(in_directory(out.path()) == names{".n-1000.writing", "n-2000"});
    }
    SECTION("because a directory of somebody else is in the way")
    {
        out.write("n-1000/thesis.txt", "not to be lost", 0);
        auto const stream = context.queue_stream(std::vector<numbers>{{1}});
        auto const failures = run(context.application(stream | save_as_text_files(out.path("n"))), 1);
        CHECK(contains(failures.at(0), "expected no directory, or one with a file _SUCCESS, at " + out.path("n-1000")));
        CHECK(content(out.path("n-1000/thesis.txt")) == "not to be lost");
    }
    SECTION("because a file is in the way")
    {
        out.write("n-1000", "a file of somebody else", 0);
        auto const stream = context.queue_stream(std::vector<numbers>{{1}});
        auto const failures = run(context.application(stream | save_as_text_files(out.path("n"))), 1);
        CHECK(contains(failures.at(0), out.path("n-1000")));
        CHECK(content(out.path("n-1000")) == "a file of somebody else");
    }
    SECTION("because a file is where its directory should be")
    {
        out.write("file", "a file of somebody else", 0);
        auto const stream = context.queue_stream(std::vector<numbers>{{1}});
        auto const failures = run(context.application(stream | save_as_text_files(out.path("file/n"))), 1);
        CHECK(contains(failures.at(0),
                       "cannot make the directory " + out.path("file/.n-1000.writing") + ": Not a directory"));
        CHECK(content(out.path("file")) == "a file of somebody else");
    }
}

TEST_CASE("two outputs cannot be saved in one place", "[sinks][save_as_text_files]")
{
    auto const stream = context.queue_stream(std::vector<numbers>{{1}});
    auto const build = [&](std::string const& one, std::string const& other) {
        (void)context.application(stream | save_as_text_files("out/" + one), stream | save_as_text_files(other, "txt"),
                                  stream | save_as_text_files("out/./" + other));
    };
    CHECK(contains(words_of<tidemark::config_error>([&] { build("n", "n"); }),
                   "tidemark::application: two outputs write to \""));
    build("n", "m");
}

TEST_CASE("what is saved has the permissions that the process gives", "[sinks][save_as_text_files]")
{
    directory const out;
    auto const before = ::umask(022);
    run(context.application(context.queue_stream(std::vector<numbers>{{1}}) | save_as_text_files(out.path("n"))), 1);
    ::umask(before);
    using fs::perms;
    CHECK(fs::status(out.path("n-1000")).permissions()
          == (perms::owner_all | perms::group_read | perms::group_exec | perms::others_read | perms::others_exec));
    CHECK(fs::status(out.path("n-1000/part-00000")).permissions()
          == (perms::owner_read | perms::owner_write | perms::group_read | perms::others_read));
}
