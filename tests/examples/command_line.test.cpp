// SPDX-License-Identifier: BSL-1.0

#include <examples/support/command_line.hpp>

#include <support/catch.hpp>

#include <array>
#include <string>
#include <vector>

namespace {

constexpr std::array known{
    support::option{"--top", "<n>", "how many"},
    support::option{"--once", "", "end"},
};

support::command_line read(std::vector<char const*> const& words) { return {words, known}; }

std::string refusal(std::vector<char const*> const& words)
{
    try {
        (void)read(words);
    } catch (support::usage_problem const& problem) {
        return problem.what();
    }
    return "";
}

} // namespace

TEST_CASE("options and arguments stand in any order", "[examples][command_line]")
{
    auto const line = read({"in", "--top", "3", "-", "--once"});
    CHECK(line.arguments() == std::vector<std::string>{"in", "-"});
    CHECK(line.number("--top", 10, 1, 100) == 3);
    CHECK(line.has("--once"));
    CHECK(read({"--top=4"}).number("--top", 10, 1, 100) == 4);
    CHECK(read({}).number("--top", 10, 1, 100) == 10);
    CHECK_FALSE(read({}).has("--once"));
}

TEST_CASE("what an option cannot mean is refused in words", "[examples][command_line]")
{
    CHECK(refusal({"--fast"}) == "unknown option --fast");
    CHECK(refusal({"--top"}) == "the option --top lacks its value, <n>");
    CHECK(refusal({"--once=1"}) == "the option --once takes no value");
    CHECK(refusal({"--once", "--once"}) == "the option --once is given twice");
    CHECK_THROWS_AS(read({"--top", "0"}).number("--top", 10, 1, 100), support::usage_problem);
    CHECK_THROWS_AS(read({"--top", "101"}).number("--top", 10, 1, 100), support::usage_problem);
    CHECK_THROWS_AS(read({"--top", "3x"}).number("--top", 10, 1, 100), support::usage_problem);
}

TEST_CASE("a duration is a number with a unit", "[examples][command_line]")
{
    using tidemark::duration;
    CHECK(support::parse_duration("--interval", "500ms") == duration(500));
    CHECK(support::parse_duration("--interval", "10s") == duration(10'000));
    CHECK(support::parse_duration("--interval", "5min") == duration(300'000));
    CHECK(support::parse_duration("--interval", "1h") == duration(3'600'000));
    for (auto const* const wrong :
         {"", "10", "s", "0s", "-1s", "1.5s", "1 s", "1d", "99999999999999999999s", "9999999999999h"})
        CHECK_THROWS_AS(support::parse_duration("--interval", wrong), support::usage_problem);
}
