// SPDX-License-Identifier: BSL-1.0
//
// row.test: records in a row, also those of bool.

#include <tidemark/expression/row.hpp>

#include <support/catch.hpp>

#include <concepts>
#include <span>
#include <string>
#include <vector>

static_assert(std::same_as<tidemark::row<int>, std::vector<int>>);
static_assert(std::same_as<tidemark::row<std::string>, std::vector<std::string>>);
static_assert(!std::same_as<tidemark::row<bool>, std::vector<bool>>);

TEST_CASE("a row of bools can be seen as a span", "[expression][row]")
{
    tidemark::row<bool> flags;
    for (bool flag : {true, false, true})
        flags.push_back(flag);
    auto const seen = std::span<bool const>(flags.data(), flags.size());
    CHECK(std::vector<bool>(seen.begin(), seen.end()) == std::vector<bool>{true, false, true});
}
