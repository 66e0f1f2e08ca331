// SPDX-License-Identifier: BSL-1.0
//
// row.test: records in a row, also those of bool.

#include <tidemark/expression/row.hpp>

#include <support/catch.hpp>

#include <concepts>
#include <cstddef>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

static_assert(std::same_as<tidemark::row<int>, std::vector<int>>);
static_assert(std::same_as<tidemark::row<std::string>, std::vector<std::string>>);
static_assert(!std::same_as<tidemark::row<bool>, std::vector<bool>>);

namespace {

using flags = tidemark::row<bool>;

std::vector<bool> packed(flags const& row) { return std::vector<bool>(row.begin(), row.end()); }

} // namespace

TEST_CASE("a row of bools can be seen as a span", "[expression][row]")
{
    flags row;
    for (bool flag : {true, false, true})
        row.push_back(flag);
    auto const seen = std::span<bool const>(row.data(), row.size());
    CHECK(std::vector<bool>(seen.begin(), seen.end()) == std::vector<bool>{true, false, true});
}

TEST_CASE("a row of bools changes as a vector does", "[expression][row]")
{
    std::mt19937 random(7);
    auto const below = [&](std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end)(random); };
    flags row;
    std::vector<bool> vector;
    for (int step = 0; step < 2000; ++step) {
        std::vector<bool> some(below(20));
        for (std::size_t place = 0; place < some.size(); ++place)
            some[place] = below(1) == 0;
        auto const from = static_cast<std::ptrdiff_t>(below(vector.size()));
        auto const to = from + static_cast<std::ptrdiff_t>(below(vector.size() - static_cast<std::size_t>(from)));
        switch (below(4)) {
        case 0:
            row.insert(row.begin() + from, some.begin(), some.end());
            vector.insert(vector.begin() + from, some.begin(), some.end());
            break;
        case 1:
            row.erase(row.begin() + from, row.begin() + to);
            vector.erase(vector.begin() + from, vector.begin() + to);
            break;
        case 2:
            row.resize(some.size(), true);
            vector.resize(some.size(), true);
            break;
        case 3:
            row.emplace_back(step % 3 == 0);
            vector.push_back(step % 3 == 0);
            break;
        default:
            if (!row.empty()) {
                row.pop_back();
                vector.pop_back();
            }
        }
        REQUIRE(packed(row) == vector);
    }
    REQUIRE_FALSE(row.empty());
    CHECK(row.front() == vector.front());
    CHECK(row.back() == vector.back());
}

TEST_CASE("a row of bools is copied, moved and compared", "[expression][row]")
{
    std::vector<bool> const some{true, false, false, true};
    flags const first(some.begin(), some.end());
    flags copy = first;
    CHECK(copy == first);
    copy[1] = true;
    CHECK_FALSE(copy == first);
    CHECK(packed(first) == some);

    flags const moved = std::move(copy);
    CHECK(packed(moved) == std::vector<bool>{true, true, false, true});
    copy.assign(some.begin(), some.end());
    CHECK(copy == first);
    CHECK(flags{true, false, false, true} == first);
    CHECK(flags{true, true} != first);
    CHECK(flags(3, true) == tidemark::row_of(std::vector<bool>{true, true, true}));
    CHECK(flags(2) == tidemark::row_of(std::vector<bool>{false, false}));
}
