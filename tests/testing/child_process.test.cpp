// SPDX-License-Identifier: BSL-1.0

#include <tidemark/core/error.hpp>
#include <tidemark/testing/child_process.hpp>

#include <support/catch.hpp>

#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include <csignal>

namespace {

using tidemark::testing::child_process;
using words = std::vector<std::string>;

words in_shell(std::string const& script) { return {"/bin/sh", "-c", script}; }

} // namespace

TEST_CASE("a process tells how it has ended", "[testing][child_process]")
{
    child_process exited(in_shell("exit 3"));
    CHECK(exited.wait() == 3);
    CHECK(exited.wait() == 3);
    exited.kill(); // it is no more

    child_process killed(in_shell("exec sleep 600"));
    killed.kill();
    CHECK(killed.wait() == -SIGKILL);
}

TEST_CASE("a process that nobody waits for is killed", "[testing][child_process]")
{
    child_process const left(in_shell("exec sleep 600")); // else the test would run that long
}

TEST_CASE("a process has its own variables, and prints into a file", "[testing][child_process]")
{
    auto const file =
        std::filesystem::temp_directory_path() / ("child_process." + std::to_string(std::random_device()()));
    CHECK(child_process(in_shell("echo $WHO; test -n \"$PATH\""), {{"WHO", "a child"}}, file.string()).wait() == 0);
    std::ifstream printed(file);
    std::string line;
    std::getline(printed, line);
    CHECK(line == "a child");
    std::filesystem::remove(file);
}

TEST_CASE("a program that cannot be started is named", "[testing][child_process]")
{
    CHECK_THROWS_AS(child_process(words{}), tidemark::usage_error);
    CHECK_THROWS_WITH(child_process({"/no/such/program"}),
                      Catch::Matchers::Contains("cannot start /no/such/program: No such file"));
}

TEST_CASE("this program runs again with other arguments", "[testing][child_process]")
{
    CHECK(child_process::this_program({"one"}) == words{"/proc/self/exe", "one"});
    CHECK(child_process(child_process::this_program({"--list-tests"}), {}, "/dev/null").wait() >= 0);
}
