// SPDX-License-Identifier: BSL-1.0

#include <tidemark/storage/input_file.hpp>

#include <sources/reading.hpp>
#include <support/catch.hpp>

#include <array>
#include <filesystem>
#include <string>
#include <string_view>

namespace {

using Catch::Matchers::Contains;
using reading::directory;
using tidemark::file_info;
using tidemark::find_file;
using tidemark::input_file;

TEST_CASE("a file is read from any place to its end", "[storage][input_file]")
{
    directory const files;
    input_file const file(files.write("a", "0123456789", 1234));
    CHECK(file.info() == file_info{files.path("a"), 1234, 10});
    struct {
        std::uint64_t offset;
        std::size_t size;
        std::string_view expected;
    } const rows[] = {{0, 10, "0123456789"}, {3, 2, "34"}, {8, 10, "89"}, {10, 5, ""}, {99, 5, ""}, {0, 0, ""}};
    for (auto const& row : rows) {
        std::array<char, 16> buffer{};
        auto const got = file.read_at(row.offset, std::span(buffer).first(row.size));
        CHECK(std::string_view(buffer.data(), got) == row.expected);
    }
}

TEST_CASE("an open file tells what it is now", "[storage][input_file]")
{
    directory const files;
    input_file const file(files.write("a", "123", 1000));
    files.write("a", "12345", 2000);
    CHECK(file.info() == file_info{files.path("a"), 1000, 3});
    CHECK(file.info_now() == file_info{files.path("a"), 2000, 5});
}

TEST_CASE("a file that cannot be opened is named with the system's words", "[storage][input_file]")
{
    directory const files;
    CHECK_THROWS_AS(input_file(files.path("none")), tidemark::storage_error);
    CHECK_THROWS_WITH(input_file(files.path("none")), Contains(files.path("none")) && Contains("No such file"));
}

TEST_CASE("only regular files are found, links followed", "[storage][input_file]")
{
    directory const files;
    files.write("a", "123", 1500);
    files.write("sub/b", "", 0);
    std::filesystem::create_symlink("a", files.path("link"));
    std::filesystem::create_symlink("nowhere", files.path("dangling"));
    std::filesystem::create_symlink("loop", files.path("loop"));
    CHECK(find_file(files.path("a")) == file_info{files.path("a"), 1500, 3});
    CHECK(find_file(files.path("link")) == file_info{files.path("link"), 1500, 3});
    for (auto const* const name : {"none", "sub", "dangling", "loop", "a/b"})
        CHECK_FALSE(find_file(files.path(name)));
}

} // namespace
