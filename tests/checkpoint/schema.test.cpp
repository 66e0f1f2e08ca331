// SPDX-License-Identifier: BSL-1.0
//
// schema: the words for each type, and which program reads what was saved under which words.

#include <tidemark/checkpoint/schema.hpp>
#include <tidemark/core/bitwise.hpp>

#include <boost/hana/adapt_struct.hpp>
#include <boost/hana/define_struct.hpp>
#include <boost/serialization/access.hpp>
#include <boost/serialization/version.hpp>
#include <boost/unordered/unordered_flat_map.hpp>

#include <support/catch.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace schema_test {

enum class color : std::uint8_t { red };

struct video_played {
    std::string video;
    std::string client;
    std::int64_t at;
};
struct session {
    video_played first;
    std::vector<video_played> rest;
};
struct node {
    int value;
    std::vector<node> children;
};
struct forest;
struct inner {
    std::vector<forest> forests;
    std::vector<inner> inners;
};
struct forest {
    inner in;
};
struct defined {
    BOOST_HANA_DEFINE_STRUCT(defined, (double, share));
};
struct listed_with_version {
    int a;
};
class own {
    friend class boost::serialization::access;
    template <typename Archive>
    void serialize(Archive&, unsigned)
    {}
};
struct own_with_version {
    template <typename Archive>
    void serialize(Archive&, unsigned)
    {}
};
struct vouched {
    int a[3];
};

} // namespace schema_test

BOOST_HANA_ADAPT_STRUCT(schema_test::video_played, video, client, at);
BOOST_HANA_ADAPT_STRUCT(schema_test::session, first, rest);
BOOST_HANA_ADAPT_STRUCT(schema_test::node, value, children);
BOOST_HANA_ADAPT_STRUCT(schema_test::inner, forests, inners);
BOOST_HANA_ADAPT_STRUCT(schema_test::forest, in);
BOOST_HANA_ADAPT_STRUCT(schema_test::listed_with_version, a);
BOOST_CLASS_VERSION(schema_test::listed_with_version, 3)
BOOST_CLASS_VERSION(schema_test::own_with_version, 12)

template <>
inline constexpr bool tidemark::enable_bitwise<schema_test::vouched> = true;

using namespace schema_test;
using tidemark::schema_of;
using tidemark::schema_reads;

TEST_CASE("a schema names kind and width of a number", "[checkpoint][schema]")
{
    CHECK(schema_of<bool>() == "bool");
    CHECK(schema_of<char>() == "char");
    CHECK(schema_of<signed char>() == "int8");
    CHECK(schema_of<unsigned char>() == "uint8");
    CHECK(schema_of<std::int16_t>() == "int16");
    CHECK(schema_of<std::uint32_t>() == "uint32");
    CHECK(schema_of<std::int64_t>() == "int64");
    CHECK(schema_of<long long>() == "int64");
    CHECK(schema_of<float>() == "float32");
    CHECK(schema_of<double>() == "float64");
    CHECK(schema_of<char16_t>() == "char16");
    CHECK(schema_of<color>() == "enum(uint8)");
    CHECK(schema_of<std::byte>() == "enum(uint8)");
}

TEST_CASE("a schema names what a container holds, and one name serves all that read each other", "[checkpoint][schema]")
{
    CHECK(schema_of<std::string>() == "string");
    CHECK(schema_of<std::u16string>() == "sequence<char16>");
    CHECK(schema_of<std::vector<std::int64_t>>() == "sequence<int64>");
    CHECK(schema_of<std::deque<std::int64_t>>() == "sequence<int64>");
    CHECK(schema_of<std::list<std::string>>() == "sequence<string>");
    CHECK(schema_of<std::vector<bool>>() == "sequence<bool>");
    CHECK(schema_of<std::set<int>>() == "set<int32>");
    CHECK(schema_of<std::multiset<int>>() == "multiset<int32>");
    CHECK(schema_of<std::map<std::string, int>>() == "map<string,int32>");
    CHECK(schema_of<std::unordered_map<std::string, int>>() == "map<string,int32>");
    CHECK(schema_of<boost::unordered_flat_map<std::string, int>>() == "map<string,int32>");
    CHECK(schema_of<std::unordered_multimap<int, int>>() == "multimap<int32,int32>");
    CHECK(schema_of<std::array<double, 3>>() == "array(3)<float64>");
    CHECK(schema_of<std::pair<std::string, std::int64_t>>() == "pair<string,int64>");
    CHECK(schema_of<std::tuple<>>() == "tuple<>");
    CHECK(schema_of<std::tuple<int, std::vector<std::string>>>() == "tuple<int32,sequence<string>>");
    CHECK(schema_of<std::optional<double>>() == "optional<float64>");
    CHECK(schema_of<std::variant<std::monostate, int>>() == "variant<unit,int32>");
}

TEST_CASE("a schema names unit and clock of a time", "[checkpoint][schema]")
{
    using namespace std::chrono;
    CHECK(schema_of<duration<std::int64_t, std::milli>>() == "duration<int64,1/1000>");
    CHECK(schema_of<duration<double, std::ratio<60>>>() == "duration<float64,60/1>");
    CHECK(schema_of<time_point<system_clock, duration<std::int64_t>>>() == "time_point<system,duration<int64,1/1>>");
    CHECK(schema_of<time_point<steady_clock, duration<std::int64_t>>>() == "time_point<steady,duration<int64,1/1>>");
}

TEST_CASE("a schema lists the members of a structure, a recursive one as well", "[checkpoint][schema]")
{
    CHECK(schema_of<video_played>() == "struct{video:string,client:string,at:int64}");
    CHECK(schema_of<session>()
          == "struct{first:struct{video:string,client:string,at:int64},"
             "rest:sequence<struct{video:string,client:string,at:int64}>}");
    CHECK(schema_of<node>() == "struct{value:int32,children:sequence<up(1)>}");
    CHECK(schema_of<forest>() == "struct{in:struct{forests:sequence<up(2)>,inners:sequence<up(1)>}}");
    CHECK(schema_of<defined>() == "struct{share:float64}");
    CHECK(schema_of<listed_with_version>() == "struct(version 3){a:int32}");
}

TEST_CASE("a schema says of a class of its own only its version", "[checkpoint][schema]")
{
    CHECK(schema_of<own>() == "class(version 0)");
    CHECK(schema_of<own_with_version>() == "class(version 12)");
    CHECK(schema_of<std::map<std::string, own_with_version>>() == "map<string,class(version 12)>");
    CHECK(schema_of<vouched>() == "bytes(12)");
}

TEST_CASE("a program reads its own schema and older classes, nothing else", "[checkpoint][schema]")
{
    struct row {
        std::string_view current, saved;
        bool reads;
    };
    for (auto const& [current, saved, reads] : {
             row{"int64", "int64", true},
             row{"int64", "int32", false},
             row{"int64", "", false},
             row{"", "int64", false},
             row{"map<string,int64>", "map<string,int64", false},
             row{"class(version 2)", "class(version 2)", true},
             row{"class(version 2)", "class(version 1)", true},
             row{"class(version 2)", "class(version 3)", false},
             row{"class(version 10)", "class(version 9)", true},
             row{"class(version 9)", "class(version 10)", false},
             row{"class(version 2)", "class(version )", false},
             row{"class(version 2)", "int64", false},
             row{"pair<class(version 1),class(version 5)>", "pair<class(version 0),class(version 5)>", true},
             row{"pair<class(version 1),class(version 5)>", "pair<class(version 1),class(version 6)>", false},
             row{"struct(version 2){a:int32}", "struct(version 1){a:int32}", false},
             row{"struct{a:int32,b:int32}", "struct{a:int32}", false},
             row{"array(3)<int32>", "array(2)<int32>", false},
         }) {
        INFO(current << " reads " << saved);
        CHECK(schema_reads(current, saved) == reads);
    }
}
