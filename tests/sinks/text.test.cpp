// SPDX-License-Identifier: BSL-1.0
//
// text.test: records as lines of text.

#include <tidemark/sinks/text.hpp>

#include <support/catch.hpp>

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace {

struct point {
    int x;
    int y;

    friend std::ostream& operator<<(std::ostream& out, point const& one) { return out << one.x << '/' << one.y; }
};

template <typename T>
std::string text(T const& value)
{
    std::string line;
    tidemark::append_text(line, value);
    return line;
}

} // namespace

TEST_CASE("a record is written as its kind is usually written", "[sinks][text]")
{
    CHECK(text(7) == "7");
    CHECK(text(std::int8_t{-7}) == "-7");
    CHECK(text(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
    CHECK(text(true) == "true");
    CHECK(text('x') == "x");
    CHECK(text(std::string("a b")) == "a b");
    CHECK(text("literal") == "literal");
    CHECK(text(point{1, 2}) == "1/2");
}

TEST_CASE("a number is written in the fewest digits that give it back", "[sinks][text]")
{
    CHECK(text(0.1) == "0.1");
    CHECK(text(0.1F) == "0.1");
    CHECK(text(2.0) == "2");
    CHECK(text(1.0 / 3.0) == "0.3333333333333333");
    CHECK(text(1e300) == "1e+300");
}

TEST_CASE("what has parts is written with each of them, to any depth", "[sinks][text]")
{
    CHECK(text(std::pair(std::string("k"), 2)) == "(k,2)");
    CHECK(text(std::tuple(1, 'c', std::pair(2, 3))) == "(1,c,(2,3))");
    CHECK(text(std::tuple<int>(1)) == "(1)");
    CHECK(text(std::optional(point{3, 4})) == "3/4");
    CHECK(text(std::optional<int>()) == "none");
    CHECK(text(std::vector{1, 2, 3}) == "[1,2,3]");
    CHECK(text(std::vector<int>()) == "[]");
    CHECK(text(std::vector<bool>{true, false}) == "[true,false]");
    CHECK(text(std::map<std::string, std::vector<int>>{{"a", {1}}, {"b", {}}}) == "[(a,[1]),(b,[])]");
}
