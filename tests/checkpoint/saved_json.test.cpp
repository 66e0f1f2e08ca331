// SPDX-License-Identifier: BSL-1.0
//
// saved_json.test: saved values are printed by their schema alone, and damaged ones are refused.

#include <tidemark/checkpoint/input_archive.hpp>
#include <tidemark/checkpoint/output_archive.hpp>
#include <tidemark/checkpoint/saved_json.hpp>
#include <tidemark/checkpoint/schema.hpp>
#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/core/error.hpp>

#include <support/catch.hpp>

#include <boost/hana/define_struct.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace {

using namespace tidemark;

struct place {
    BOOST_HANA_DEFINE_STRUCT(place, (std::string, town), (double, north));
};

struct tree {
    BOOST_HANA_DEFINE_STRUCT(tree, (int, value), (std::vector<tree>, below));
};

struct self_saved {
    int value = 0;

    template <typename Archive>
    void serialize(Archive& archive, unsigned)
    {
        archive & value;
    }
};

enum class colour : std::uint8_t { red, green };

template <typename T>
std::string json(T const& value)
{
    output_archive out;
    out << value;
    input_archive in(out.bytes());
    std::string text;
    append_saved_json(text, saved_shape(schema_of<T>()), in);
    CHECK(in.remaining() == 0);
    return text;
}

} // namespace

TEST_CASE("saved values are JSON, whatever their type", "[checkpoint][saved_json]")
{
    CHECK(json(true) == "true");
    CHECK(json('x') == "\"x\"");
    CHECK(json(std::int8_t{-5}) == "-5");
    CHECK(json(std::uint16_t{65535}) == "65535");
    CHECK(json(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
    CHECK(json(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
    CHECK(json(0.1) == "0.1");
    CHECK(json(0.1F) == "0.1");
    CHECK(json(-std::numeric_limits<double>::infinity()) == "\"-inf\"");
    CHECK(json(colour::green) == "1");
    CHECK(json(std::string("a\"b\\c\n\xc3\xa9\xff")) == "\"a\\\"b\\\\c\\u000a\xc3\xa9\xef\xbf\xbd\"");
    CHECK(json(std::pair(1, std::string("x"))) == "[1,\"x\"]");
    CHECK(json(std::tuple(1, 2.5, false)) == "[1,2.5,false]");
    CHECK(json(std::array{1, 2}) == "[1,2]");
    CHECK(json(std::vector<std::string>{"a", "b"}) == "[\"a\",\"b\"]");
    CHECK(json(std::vector<bool>{true, false}) == "[true,false]");
    CHECK(json(std::set{3, 1}) == "[1,3]");
    CHECK(json(std::map<std::string, int>{{"a", 1}, {"b", 2}}) == "{\"a\":1,\"b\":2}");
    CHECK(json(std::map<int, int>{{1, 2}}) == "[[1,2]]");
    CHECK(json(std::optional<int>()) == "null");
    CHECK(json(std::optional(7)) == "7");
    CHECK(json(std::variant<int, std::string>("x")) == "{\"alternative\":1,\"value\":\"x\"}");
    CHECK(json(std::vector<std::monostate>(2)) == "[null,null]");
    CHECK(json(std::chrono::milliseconds(1500)) == "1500");
    CHECK(json(std::chrono::sys_seconds(std::chrono::seconds(7))) == "7");
    CHECK(json(place{"Bonn", 50.5}) == "{\"town\":\"Bonn\",\"north\":50.5}");
    CHECK(json(tree{1, {tree{2, {}}, tree{3, {tree{4, {}}}}}})
          == "{\"value\":1,\"below\":[{\"value\":2,\"below\":[]},"
             "{\"value\":3,\"below\":[{\"value\":4,\"below\":[]}]}]}");
}

TEST_CASE("what saves itself cannot be read without its class, and is named", "[checkpoint][saved_json]")
{
    saved_shape const shape(schema_of<std::pair<int, std::vector<self_saved>>>());
    CHECK(shape.unreadable() == "class(version 0)");
    CHECK_FALSE(saved_shape("pair<int32,string>").unreadable());
    CHECK_THROWS_AS(json(self_saved{1}), incompatible_checkpoint);
    CHECK_THROWS_WITH(json(self_saved{1}), Catch::Matchers::Contains("tidemark::for_each_state"));
}

TEST_CASE("words that no schema has are refused", "[checkpoint][saved_json]")
{
    for (auto const* const words : {"", "int", "int24", "pair<int32", "map<int32>", "struct{a}", "thing", "int32 ",
                                    "array(2)<>", "up(x)", "optional<int32,int32>"}) {
        INFO(words);
        CHECK_THROWS_AS(saved_shape(words), incompatible_checkpoint);
    }
    std::string deep;
    for (int i = 0; i < 10'000; ++i)
        deep += "optional<";
    CHECK_THROWS_AS(saved_shape(deep), incompatible_checkpoint);
    std::string text;
    input_archive nothing({});
    CHECK_THROWS_AS(append_saved_json(text, saved_shape("up(1)"), nothing), incompatible_checkpoint);
}

TEST_CASE("damaged bytes are refused, wherever they are cut", "[checkpoint][saved_json]")
{
    using type = std::map<std::string, std::vector<std::optional<place>>>;
    output_archive out;
    out << type{{"a", {place{"Bonn", 1.5}, std::nullopt}}, {"b", {}}};
    saved_shape const shape(schema_of<type>());
    for (std::size_t length = 0; length < out.bytes().size(); ++length) {
        std::string text;
        input_archive in(out.bytes().first(length));
        CHECK_THROWS_AS(append_saved_json(text, shape, in), corrupt_checkpoint);
    }
}
