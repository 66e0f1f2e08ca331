// SPDX-License-Identifier: BSL-1.0

#include <tidemark/core/error.hpp>
#include <tidemark/operators/map_partitions.hpp>
#include <tidemark/rdd/actions.hpp>
#include <tidemark/rdd/rdd_context.hpp>
#include <tidemark/rdd/to_debug_string.hpp>

#include <sources/reading.hpp>
#include <support/catch.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace {

using Catch::Matchers::Contains;
using reading::directory;
using reading::lines;
using tidemark::collect;
using tidemark::rdd_context;

template <typename Rdd>
std::size_t partitions(Rdd const& rdd)
{
    return (rdd | tidemark::map_partitions([](auto part) { return std::vector{part.size()}; }) | collect()).size();
}

} // namespace

TEST_CASE("a text file is the lines of a file, a directory or a pattern", "[rdd][text_file]")
{
    directory const files;
    files.write("a.txt", "1\n2\r\n", 0);
    files.write("b.txt", "3", 0);
    files.write("c.log", "4\n\n5\n", 0);
    files.write(".hidden", "no\n", 0);
    files.write("_SUCCESS", "no\n", 0);
    files.write("sub/d.txt", "6\n", 0);
    rdd_context const rc(2);
    auto const lines_of = [&](std::string const& name) { return rc.text_file(files.path(name)) | collect(); };
    CHECK(lines_of("a.txt") == lines{"1", "2"});
    CHECK(lines_of("") == lines{"1", "2", "3", "4", "", "5"}); // nothing beneath, no marks
    CHECK(lines_of("*.txt") == lines{"1", "2", "3"});
    CHECK(lines_of("{c,a}.*") == lines{"1", "2", "4", "", "5"});
    CHECK(lines_of("s*") == lines{"6"});                             // a directory among the matches
    CHECK(lines_of("*") == lines{"1", "2", "3", "4", "", "5", "6"}); // no marks among them
    CHECK(lines_of("*/*") == lines{"6"});
    CHECK(lines_of("_SUCCESS") == lines{"no"}); // who asks for it by name gets it
}

TEST_CASE("a file whose name looks like a pattern is itself", "[rdd][text_file]")
{
    directory const files;
    files.write("a[1].txt", "1\n", 0);
    CHECK((rdd_context().text_file(files.path("a[1].txt")) | collect()) == lines{"1"});
}

TEST_CASE("a text file has about the partitions asked for, and each line once", "[rdd][text_file]")
{
    directory const files;
    std::string text;
    lines expected;
    for (int i = 0; i < 500; ++i) {
        expected.push_back(std::string(static_cast<std::size_t>(i % 37), 'x') + std::to_string(i));
        text += expected.back() + "\n";
    }
    auto const path = files.write("a", text, 0);
    rdd_context const rc(2);
    CHECK(partitions(rc.text_file(path)) == 1); // too small to be worth more
    for (auto const wanted : std::vector<std::size_t>{1, 2, 3, 17, 400}) {
        auto const rdd = rc.text_file(path, wanted);
        CHECK(partitions(rdd) <= wanted);
        CHECK(partitions(rdd) * 10 >= wanted * 9);
        CHECK((rdd | collect()) == expected);
    }
    auto const empty = files.write("empty", "", 0);
    CHECK((rc.text_file(empty, 3) | tidemark::count_records()) == 0);
}

TEST_CASE("text files are listed when they are named, and read by each action", "[rdd][text_file]")
{
    directory const files;
    auto const path = files.write("a", "1\n", 1000);
    rdd_context const rc;
    auto const rdd = rc.text_file(files.path());
    files.write("b", "2\n", 0);
    CHECK((rdd | collect()) == lines{"1"});
    files.write("a", "1\n2\n", 1000);
    CHECK_THROWS_AS(rdd | collect(), tidemark::source_error);
    CHECK_THROWS_WITH(rdd | collect(), Contains(path) && Contains("2 bytes") && Contains("found 4 bytes"));
    files.remove("a");
    CHECK_THROWS_WITH(rdd | collect(), Contains(path) && Contains("no such file"));
}

TEST_CASE("a lineage ends with the files that it reads", "[rdd][text_file]")
{
    directory const files;
    auto const path = files.write("a", "1\n", 0);
    rdd_context const rc;
    CHECK(tidemark::to_debug_string(rc.text_file(path)) == "(1) file " + path);
    files.write("b", "2\n", 0);
    CHECK(tidemark::to_debug_string(rc.text_file(files.path("[ab]"), 1)) == "(2) 2 files, the first " + path);
    std::filesystem::create_directory(files.path("none"));
    CHECK(tidemark::to_debug_string(rc.text_file(files.path("none"), 1)) == "(0) 0 files");
}

TEST_CASE("what is not there to be read is named", "[rdd][text_file]")
{
    directory const files;
    rdd_context const rc;
    CHECK_THROWS_AS(rc.text_file(files.path("none")), tidemark::source_error);
    CHECK_THROWS_WITH(rc.text_file(files.path("none")),
                      Contains(files.path("none")) && Contains("nothing of that name"));
    CHECK_THROWS_WITH(rc.text_file(files.path("*.txt")), Contains("the pattern") && Contains("found none"));
    CHECK_THROWS_WITH(rc.text_file(files.path(), 0), Contains("tidemark::text_file: 0 partitions"));
    CHECK((rc.text_file(files.path()) | collect()) == lines{}); // an empty directory
}
