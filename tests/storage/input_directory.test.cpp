// SPDX-License-Identifier: BSL-1.0

#include <tidemark/storage/input_directory.hpp>

#include <sources/reading.hpp>
#include <support/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace {

using Catch::Matchers::Contains;
using reading::directory;
using names = std::vector<std::string>;

names listed(std::string const& path, auto const& wanted)
{
    names found;
    for (auto const& file : tidemark::list_files(path, wanted))
        found.push_back(file.path);
    std::sort(found.begin(), found.end());
    return found;
}

TEST_CASE("the regular files of a directory are listed, as far as they are wanted", "[storage][input_directory]")
{
    directory const files;
    files.write("a", "", 0);
    files.write(".b", "", 0);
    files.write("c", "", 0);
    files.write("sub/d", "", 0);
    auto const not_c = [&files](std::string const& path) { return path != files.path("c"); };
    CHECK(listed(files.path(), not_c) == names{files.path(".b"), files.path("a")});
    CHECK(listed(files.path() + "/", not_c) == names{files.path(".b"), files.path("a")});
}

TEST_CASE("a directory that cannot be listed is named with the system's words", "[storage][input_directory]")
{
    directory const files;
    auto const all = [](std::string const&) { return true; };
    CHECK_THROWS_AS(tidemark::list_files(files.path("none"), all), tidemark::storage_error);
    CHECK_THROWS_WITH(tidemark::list_files(files.path("none"), all),
                      Contains(files.path("none")) && Contains("No such file"));
}

TEST_CASE("a pattern means directories, as in a shell", "[storage][input_directory]")
{
    directory const files;
    for (auto const* const name : {"x/in/a", "y/in/a", "y/out/a", "[z]/a"})
        files.write(name, "", 0);
    files.write("in", "", 0);
    struct {
        char const* pattern;
        names expected;
    } const rows[] = {
        {"*/in", {files.path("x/in"), files.path("y/in")}},
        {"*", {files.path("[z]"), files.path("x"), files.path("y")}},
        {"[xy]/{in,out}", {files.path("x/in"), files.path("y/in"), files.path("y/out")}},
        {"?/out", {files.path("y/out")}},
        {"\\[z]", {files.path("[z]")}},
        {"none/*", {}},
        {"in/*", {}},
    };
    for (auto const& row : rows) {
        auto found = tidemark::matching_directories(files.path(row.pattern));
        std::sort(found.begin(), found.end());
        CHECK(found == row.expected);
    }
}

TEST_CASE("only the signs of a shell make a pattern", "[storage][input_directory]")
{
    for (auto const* const pattern : {"*", "a?", "a/[b]", "{a,b}/c"})
        CHECK(tidemark::is_pattern(pattern));
    for (auto const* const plain : {"", ".", "a/b", "a b", "~", "a]"})
        CHECK_FALSE(tidemark::is_pattern(plain));
}

} // namespace
