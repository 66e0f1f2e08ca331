// SPDX-License-Identifier: BSL-1.0
//
// archive: round trips, exact bytes, types by Boost's convention, older and newer versions, and damage of every kind.

#include <tidemark/checkpoint/input_archive.hpp>
#include <tidemark/checkpoint/output_archive.hpp>
#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/core/bitwise.hpp>
#include <tidemark/core/error.hpp>

#include <boost/hana/adapt_struct.hpp>
#include <boost/serialization/array_wrapper.hpp>
#include <boost/serialization/base_object.hpp>
#include <boost/serialization/binary_object.hpp>
#include <boost/serialization/collection_size_type.hpp>
#include <boost/serialization/item_version_type.hpp>
#include <boost/serialization/nvp.hpp>
#include <boost/serialization/split_free.hpp>
#include <boost/serialization/split_member.hpp>
#include <boost/serialization/vector.hpp> // what Boost has for containers must not get in the way
#include <boost/serialization/version.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include <support/catch.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace archive_test {

enum class color : std::uint8_t { red = 1, green = 2 };
enum class answer : bool { no, yes };

struct play {
    std::string video;
    std::int64_t at = 0;
    bool paid = false;
    bool operator==(play const&) const = default;
};
struct point {
    std::int32_t x = 0;
    std::int64_t y = 0;
    bool operator==(point const&) const = default;
};
struct tree {
    std::int32_t value = 0;
    std::vector<tree> children;
    bool operator==(tree const&) const = default;
};
struct vouched {
    std::int32_t a = 0;
    std::int32_t b = 0;
    bool operator==(vouched const&) const = default;
};
struct listed_in_another_order {
    std::int16_t first = 0;
    std::int16_t second = 0;
    bool operator==(listed_in_another_order const&) const = default;
};

// ---- By Boost's convention

class account {
public:
    account(std::string owner, std::int64_t cents)
        : owner_(std::move(owner))
        , cents_(cents)
    {}
    bool operator==(account const&) const = default;

private:
    friend class boost::serialization::access;
    account() = default;

    template <typename Archive>
    void serialize(Archive& ar, unsigned const)
    {
        ar& BOOST_SERIALIZATION_NVP(owner_);
        ar & cents_;
    }

    std::string owner_;
    std::int64_t cents_ = 0;
};

/// Saves a sum where it holds its parts, so that the two ways differ.
class split_inside {
public:
    std::int32_t a = 0, b = 0;
    bool operator==(split_inside const&) const = default;

private:
    friend class boost::serialization::access;
    template <typename Archive>
    void save(Archive& ar, unsigned) const
    {
        std::int32_t const sum = a + b;
        ar << sum << a;
    }
    template <typename Archive>
    void load(Archive& ar, unsigned)
    {
        std::int32_t sum = 0;
        ar >> sum >> a;
        b = sum - a;
    }
    BOOST_SERIALIZATION_SPLIT_MEMBER()
};

struct by_neighbour {
    std::vector<std::string> names;
    bool operator==(by_neighbour const&) const = default;
};
template <typename Archive>
void serialize(Archive& ar, by_neighbour& value, unsigned)
{
    ar & value.names;
}

struct split_by_boost {
    std::int32_t a = 0;
    bool operator==(split_by_boost const&) const = default;
};

struct base {
    std::int32_t id = 0;
    template <typename Archive>
    void serialize(Archive& ar, unsigned)
    {
        ar & id;
    }
    bool operator==(base const&) const = default;
};
struct derived : base {
    std::string name;
    template <typename Archive>
    void serialize(Archive& ar, unsigned)
    {
        ar& boost::serialization::make_nvp("base", boost::serialization::base_object<base>(*this));
        ar & name;
    }
    bool operator==(derived const&) const = default;
};

/// A container by hand, as Boost's own headers write one.
struct by_hand {
    std::vector<std::int32_t> numbers;
    char text[4] = {};
    std::uint16_t raw = 0;
    bool operator==(by_hand const&) const = default;

    template <typename Archive>
    void save(Archive& ar, unsigned) const
    {
        boost::serialization::collection_size_type const count(numbers.size());
        boost::serialization::item_version_type const version(7);
        ar << BOOST_SERIALIZATION_NVP(count) << BOOST_SERIALIZATION_NVP(version);
        ar << boost::serialization::make_array(numbers.data(), numbers.size());
        ar << text << boost::serialization::make_binary_object(&raw, sizeof raw);
    }
    template <typename Archive>
    void load(Archive& ar, unsigned)
    {
        boost::serialization::collection_size_type count;
        boost::serialization::item_version_type version;
        ar >> BOOST_SERIALIZATION_NVP(count);
        if (boost::serialization::library_version_type(3) < ar.get_library_version())
            ar >> BOOST_SERIALIZATION_NVP(version);
        if (version != boost::serialization::item_version_type(7))
            throw std::runtime_error("not the item version that was saved");
        numbers.resize(std::as_const(count));
        ar >> boost::serialization::make_array(numbers.data(), numbers.size());
        ar >> text >> boost::serialization::make_binary_object(&raw, sizeof raw);
    }
    BOOST_SERIALIZATION_SPLIT_MEMBER()
};

/// A leaf of a tree that saves itself: nothing but its depth bounds it.
struct chain {
    std::vector<chain> next;
    template <typename Archive>
    void serialize(Archive& ar, unsigned)
    {
        ar & next;
    }
};

// ---- The same type in three programs, an older and a newer one: their bytes are compatible, their versions are not

struct hits_0 {
    std::int64_t count = 0;
    template <typename Archive>
    void serialize(Archive& ar, unsigned)
    {
        ar & count;
    }
};
struct hits_2 {
    std::int64_t count = 0;
    std::string last = "nobody";
    unsigned found = 99;
    template <typename Archive>
    void serialize(Archive& ar, unsigned version)
    {
        found = version;
        ar & count;
        if (version >= 2)
            ar & last;
    }
};
struct listed_1 {
    std::string name;
};
struct listed_2 {
    std::string name;
};

} // namespace archive_test

BOOST_HANA_ADAPT_STRUCT(archive_test::play, video, at, paid);
BOOST_HANA_ADAPT_STRUCT(archive_test::point, x, y);
BOOST_HANA_ADAPT_STRUCT(archive_test::tree, value, children);
BOOST_HANA_ADAPT_STRUCT(archive_test::listed_in_another_order, second, first);
BOOST_HANA_ADAPT_STRUCT(archive_test::listed_1, name);
BOOST_HANA_ADAPT_STRUCT(archive_test::listed_2, name);
BOOST_CLASS_VERSION(archive_test::hits_2, 2)
BOOST_CLASS_VERSION(archive_test::listed_1, 1)
BOOST_CLASS_VERSION(archive_test::listed_2, 2)
BOOST_SERIALIZATION_SPLIT_FREE(archive_test::split_by_boost)

template <>
inline constexpr bool tidemark::enable_bitwise<archive_test::vouched> = true;

namespace boost::serialization {
template <typename Archive>
void save(Archive& ar, archive_test::split_by_boost const& value, unsigned)
{
    std::int32_t const negative = -value.a;
    ar << negative;
}
template <typename Archive>
void load(Archive& ar, archive_test::split_by_boost& value, unsigned)
{
    ar >> value.a;
    value.a = -value.a;
}
} // namespace boost::serialization

using namespace archive_test;
using tidemark::from_bytes;
using tidemark::to_bytes;

namespace {

using bytes = std::vector<std::byte>;

bytes made_of(std::initializer_list<unsigned> values)
{
    bytes made;
    for (unsigned const value : values)
        made.push_back(static_cast<std::byte>(value));
    return made;
}

template <typename T>
bool survives(T const& value)
{
    return from_bytes<T>(to_bytes(value)) == value;
}

} // namespace

// ---- Round trips

TEST_CASE("numbers, enumerations and text come back as they were", "[checkpoint][archive]")
{
    CHECK(survives(true));
    CHECK(survives(false));
    CHECK(survives('x'));
    CHECK(survives(std::numeric_limits<std::int8_t>::min()));
    CHECK(survives(std::numeric_limits<std::int64_t>::min()));
    CHECK(survives(std::numeric_limits<std::uint64_t>::max()));
    CHECK(survives(-0.1f));
    CHECK(survives(std::numeric_limits<double>::infinity()));
    CHECK(survives(std::numeric_limits<double>::denorm_min()));
    CHECK(survives(u'\u20ac'));
    CHECK(survives(color::green));
    CHECK(survives(answer::yes));
    CHECK(survives(std::string()));
    CHECK(survives(std::string("a\0b", 3)));
    CHECK(survives(std::string(100'000, 'x')));
    CHECK(survives(std::u16string(u"h\u00e9")));

    double const nan = from_bytes<double>(to_bytes(std::numeric_limits<double>::quiet_NaN()));
    CHECK(nan != nan);
}

TEST_CASE("containers come back as they were, empty and full and in each other", "[checkpoint][archive]")
{
    CHECK(survives(std::vector<int>()));
    CHECK(survives(std::vector<int>{1, -2, 3}));
    CHECK(survives(std::vector<bool>{true, false, true}));
    CHECK(survives(std::vector<std::string>{"", "a", "bc"}));
    CHECK(survives(std::vector<std::vector<double>>{{1.5}, {}, {2.5, 3.5}}));
    CHECK(survives(std::vector<std::pair<std::int8_t, std::int64_t>>{{1, 2}, {3, 4}}));
    CHECK(survives(std::vector<std::tuple<int, bool, double>>{{1, true, 2.5}, {2, false, 3.5}}));
    CHECK(survives(std::deque<std::string>{"a", "b"}));
    CHECK(survives(std::deque<int>(1000, 7)));
    CHECK(survives(std::list<color>{color::red, color::green}));
    CHECK(survives(std::map<std::string, std::vector<int>>{{"a", {1}}, {"b", {}}}));
    CHECK(survives(std::multimap<int, std::string>{{1, "a"}, {1, "b"}, {2, "c"}}));
    CHECK(survives(std::unordered_map<std::string, std::int64_t>{{"a", 1}, {"b", 2}, {"c", 3}}));
    CHECK(survives(std::unordered_multimap<int, int>{{1, 1}, {1, 1}}));
    CHECK(survives(std::set<std::string>{"a", "b"}));
    CHECK(survives(std::multiset<int>{1, 1, 2}));
    CHECK(survives(std::unordered_set<int>{1, 2, 3}));
    CHECK(survives(boost::unordered_flat_map<std::string, int>{{"a", 1}, {"b", 2}}));
    CHECK(survives(boost::unordered_flat_set<std::int64_t>{1, 2, 3}));
    CHECK(survives(std::array<std::string, 2>{"a", "b"}));
    CHECK(survives(std::array<std::array<int, 2>, 2>{{{1, 2}, {3, 4}}}));
    CHECK(survives(std::array<int, 0>{}));
    CHECK(survives(std::pair<std::string, int>("a", 1)));
    CHECK(survives(std::tuple<>()));
    CHECK(survives(std::tuple<int, std::string, std::vector<bool>>(1, "a", {true})));
    CHECK(survives(std::optional<std::string>()));
    CHECK(survives(std::optional<std::optional<int>>(std::optional<int>())));
    CHECK(survives(std::variant<std::monostate, int, std::string>()));
    CHECK(survives(std::variant<int, int, std::string>(std::in_place_index<1>, 5)));
    CHECK(survives(std::variant<int, std::string>("a")));
}

TEST_CASE("what is there before a value is read is gone afterwards", "[checkpoint][archive]")
{
    auto const saved = to_bytes(std::tuple<std::vector<std::string>, std::map<int, int>, std::optional<int>>());
    std::tuple<std::vector<std::string>, std::map<int, int>, std::optional<int>> value{{"old"}, {{1, 1}}, 1};
    tidemark::input_archive(saved) >> value;
    CHECK(value == decltype(value)());
}

TEST_CASE("durations and time points come back as they were", "[checkpoint][archive]")
{
    using namespace std::chrono;
    CHECK(survives(milliseconds(-5)));
    CHECK(survives(duration<double, std::ratio<60>>(1.5)));
    CHECK(survives(system_clock::time_point(nanoseconds(1'700'000'000'000'000'001))));
    CHECK(survives(std::vector<time_point<system_clock, seconds>>{time_point<system_clock, seconds>(seconds(9))}));
}

TEST_CASE("Hana structures are saved member by member, recursive ones too", "[checkpoint][archive]")
{
    CHECK(survives(play{"a", 5, true}));
    CHECK(survives(std::vector<play>{{"a", 1, false}, {"b", 2, true}}));
    CHECK(survives(std::vector<point>{{1, 2}, {3, 4}}));
    CHECK(survives(std::unordered_map<std::string, std::optional<play>>{{"x", play{"a", 1, true}}, {"y", {}}}));
    CHECK(survives(tree{1, {{2, {{3, {}}}}, {4, {}}}}));
    CHECK(survives(std::vector<vouched>{{1, 2}, {3, 4}}));
    CHECK(survives(std::vector<listed_in_another_order>{{1, 2}, {3, 4}}));
}

TEST_CASE("several values follow each other in one archive", "[checkpoint][archive]")
{
    tidemark::output_archive out(4);
    tidemark::save(out, std::string("a"));
    out << 5 << 2.5;
    CHECK(out.size() == out.bytes().size());

    tidemark::input_archive in(out.bytes());
    CHECK(tidemark::load<std::string>(in) == "a");
    int five = 0;
    double half = 0;
    in >> five >> half;
    CHECK(five == 5);
    CHECK(half == 2.5);
    CHECK(in.remaining() == 0);

    out.clear();
    CHECK(out.bytes().empty());
}

TEST_CASE("an archive that was moved from is empty and works on", "[checkpoint][archive]")
{
    tidemark::output_archive first;
    first << std::int8_t{1};
    tidemark::output_archive second = std::move(first);
    first << std::int8_t{2};
    CHECK(bytes(first.bytes().begin(), first.bytes().end()) == made_of({2}));
    CHECK(bytes(second.bytes().begin(), second.bytes().end()) == made_of({1}));
    second = std::move(first);
    CHECK(bytes(second.bytes().begin(), second.bytes().end()) == made_of({2}));
}

// ---- The bytes themselves

TEST_CASE("the bytes are the same on every machine", "[checkpoint][archive]")
{
    CHECK(to_bytes(std::int32_t{0x01020304}) == made_of({4, 3, 2, 1}));
    CHECK(to_bytes(std::int16_t{-2}) == made_of({0xfe, 0xff}));
    CHECK(to_bytes(1.0) == made_of({0, 0, 0, 0, 0, 0, 0xf0, 0x3f})); // IEC 559: exponent 1023
    CHECK(to_bytes(true) == made_of({1}));
    CHECK(to_bytes(color::green) == made_of({2}));
    CHECK(to_bytes(std::string("ab")) == made_of({2, 'a', 'b'}));
    CHECK(to_bytes(std::vector<std::int16_t>{1, 2}) == made_of({2, 1, 0, 2, 0}));
    CHECK(to_bytes(std::vector<bool>{true, false}) == made_of({2, 1, 0}));
    CHECK(to_bytes(std::pair<std::int8_t, std::int16_t>{1, 2}) == made_of({1, 2, 0})); // no padding
    CHECK(to_bytes(std::tuple<std::int8_t, std::int8_t>{1, 2}) == made_of({1, 2})); // in order, whatever lies in memory
    CHECK(to_bytes(listed_in_another_order{1, 2}) == made_of({2, 0, 1, 0}));        // as listed, not as declared
    CHECK(to_bytes(std::vector<listed_in_another_order>{{1, 2}}) == made_of({1, 2, 0, 1, 0}));
    CHECK(to_bytes(std::vector<std::tuple<std::int8_t, std::int8_t>>{{1, 2}}) == made_of({1, 1, 2}));
    CHECK(to_bytes(std::optional<std::int8_t>(5)) == made_of({1, 5}));
    CHECK(to_bytes(std::optional<std::int8_t>()) == made_of({0}));
    CHECK(to_bytes(std::variant<bool, std::int8_t>(std::int8_t{5})) == made_of({1, 5}));
    CHECK(to_bytes(std::map<std::int8_t, std::string>{{1, "a"}, {2, ""}}) == made_of({2, 1, 1, 'a', 2, 0}));
    CHECK(to_bytes(std::vector<std::tuple<>>(3)) == made_of({3, 0, 0, 0})); // no element is free of charge
    CHECK(to_bytes(hits_0{5}) == made_of({0, 5, 0, 0, 0, 0, 0, 0, 0}));     // its class version first
    CHECK(to_bytes(hits_2{5, "", 0}) == made_of({2, 5, 0, 0, 0, 0, 0, 0, 0, 0}));
    CHECK(to_bytes(listed_1{"a"}) == made_of({1, 1, 'a'}));
    CHECK(to_bytes(std::string(200, 'x')).at(0) == std::byte{0xc8}); // 200 is 72 + 128, and 1 x 128 follows
    CHECK(to_bytes(std::string(200, 'x')).at(1) == std::byte{0x01});
}

TEST_CASE("a vector and a deque, an ordered and a hashed map read each other's bytes", "[checkpoint][archive]")
{
    CHECK(from_bytes<std::deque<int>>(to_bytes(std::vector<int>{1, 2})) == std::deque<int>{1, 2});
    CHECK(from_bytes<std::unordered_map<int, int>>(to_bytes(std::map<int, int>{{1, 2}}))
          == std::unordered_map<int, int>{{1, 2}});
    CHECK(from_bytes<std::vector<bool>>(to_bytes(std::deque<bool>{true, false})) == std::vector<bool>{true, false});
}

// ---- Boost's convention

TEST_CASE("types written for Boost.Serialization work as they are", "[checkpoint][archive]")
{
    account const mine("me", 12'34);
    CHECK((from_bytes<account>(to_bytes(mine)) == mine)); // its default constructor is private
    CHECK(survives(split_inside{3, 4}));
    CHECK(survives(by_neighbour{{"a", "b"}}));
    CHECK(survives(split_by_boost{5}));

    derived child;
    child.id = 5;
    child.name = "a";
    CHECK(survives(child));
    CHECK(survives(by_hand{{1, 2, 3}, {'a', 'b', 'c', 'd'}, 77}));

    CHECK(from_bytes<std::vector<account>>(to_bytes(std::vector<account>{mine, {"you", 1}})).size() == 2);
    CHECK(survives(std::map<std::string, by_neighbour>{{"x", {{"a"}}}}));
    CHECK(survives(std::variant<split_by_boost, split_inside>(split_inside{1, 2})));
}

TEST_CASE("a type's own serialize says what is saved", "[checkpoint][archive]")
{
    CHECK(to_bytes(split_inside{3, 4}) == made_of({0, 7, 0, 0, 0, 3, 0, 0, 0}));
    CHECK(to_bytes(split_by_boost{1}) == made_of({0, 0xff, 0xff, 0xff, 0xff}));
}

TEST_CASE("the entry of a map is saved though its key is const", "[checkpoint][archive]")
{
    std::map<std::string, int> const map{{"a", 1}};
    tidemark::output_archive out;
    out << *map.begin();
    CHECK((from_bytes<std::pair<std::string, int>>(out.bytes()) == std::pair<std::string, int>("a", 1)));
}

TEST_CASE("what else Boost's code asks of an archive is there and does nothing", "[checkpoint][archive]")
{
    tidemark::output_archive out;
    out.register_type<account>();
    out.register_type(static_cast<account*>(nullptr));
    CHECK(out.size() == 0);
    tidemark::input_archive in(out.bytes());
    in.register_type<account>();
    int a = 0, b = 0;
    in.reset_object_address(&a, &b);
    in.delete_created_pointers();
    CHECK(in.position() == 0);
    CHECK(tidemark::output_archive::is_saving::value);
    CHECK(tidemark::input_archive::is_loading::value);
}

// ---- Versions

TEST_CASE("an older class version is handed to serialize", "[checkpoint][archive]")
{
    auto const old = from_bytes<hits_2>(to_bytes(hits_0{5}));
    CHECK(old.count == 5);
    CHECK(old.last == "nobody");
    CHECK(old.found == 0);

    auto const same = from_bytes<hits_2>(to_bytes(hits_2{6, "me", 0}));
    CHECK(same.last == "me");
    CHECK(same.found == 2);
}

TEST_CASE("a newer class version is refused, and the message says both", "[checkpoint][archive]")
{
    using Catch::Matchers::Contains;
    CHECK_THROWS_AS(from_bytes<hits_0>(to_bytes(hits_2{})), tidemark::incompatible_checkpoint);
    CHECK_THROWS_WITH(from_bytes<hits_0>(to_bytes(hits_2{})),
                      Contains("hits_0") && Contains("saved with class version 2") && Contains("has version 0"));
}

TEST_CASE("a Hana structure reads only its own class version", "[checkpoint][archive]")
{
    CHECK(from_bytes<listed_2>(to_bytes(listed_2{"a"})).name == "a");
    CHECK_THROWS_AS(from_bytes<listed_1>(to_bytes(listed_2{"a"})), tidemark::incompatible_checkpoint);
    CHECK_THROWS_AS(from_bytes<listed_2>(to_bytes(listed_1{"a"})), tidemark::incompatible_checkpoint);
}

// ---- Damage

TEST_CASE("a byte that is no value is refused", "[checkpoint][archive]")
{
    using tidemark::corrupt_checkpoint;
    CHECK_THROWS_AS(from_bytes<bool>(made_of({2})), corrupt_checkpoint);
    CHECK_THROWS_AS(from_bytes<answer>(made_of({255})), corrupt_checkpoint);
    CHECK_THROWS_AS((from_bytes<std::pair<int, bool>>(made_of({0, 0, 0, 0, 2}))), corrupt_checkpoint);
    CHECK_THROWS_AS(from_bytes<std::vector<bool>>(made_of({1, 2})), corrupt_checkpoint);
    CHECK_THROWS_AS(from_bytes<std::optional<int>>(made_of({2, 0, 0, 0, 0})), corrupt_checkpoint);
    CHECK_THROWS_AS((from_bytes<std::variant<bool, bool>>(made_of({2}))), corrupt_checkpoint);
    CHECK_THROWS_AS(from_bytes<std::vector<std::tuple<>>>(made_of({1, 9})), corrupt_checkpoint);
    CHECK_THROWS_AS(from_bytes<std::set<bool>>(made_of({2, 1, 1})), corrupt_checkpoint);
    CHECK_THROWS_AS((from_bytes<std::unordered_map<char, char>>(made_of({2, 'a', 1, 'a', 2}))), corrupt_checkpoint);
    CHECK_THROWS_AS(from_bytes<std::string>(made_of({0x80, 0})), corrupt_checkpoint); // 0 in two bytes
    CHECK_THROWS_AS(from_bytes<std::string>(bytes(11, std::byte{0xff})), corrupt_checkpoint);
}

TEST_CASE("bytes left over are refused", "[checkpoint][archive]")
{
    CHECK_THROWS_AS(from_bytes<bool>(made_of({1, 0})), tidemark::corrupt_checkpoint);
    CHECK_THROWS_AS(from_bytes<std::string>(made_of({0, 0})), tidemark::corrupt_checkpoint);
}

TEST_CASE("a message says where, what was found and what is left", "[checkpoint][archive]")
{
    using Catch::Matchers::Contains;
    CHECK_THROWS_WITH(from_bytes<std::vector<int>>(made_of({3, 0, 0, 0, 0})),
                      Contains("byte 1 of 5") && Contains("a count of 3 elements of at least 4 bytes")
                          && Contains("4 bytes left"));
}

TEST_CASE("a count that cannot be is refused before anything is made for it", "[checkpoint][archive]")
{
    // 2^62 elements: making room for them would throw std::bad_alloc or std::length_error.
    bytes const count = made_of({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40});
    using tidemark::corrupt_checkpoint;
    CHECK_THROWS_AS(from_bytes<std::string>(count), corrupt_checkpoint);
    CHECK_THROWS_AS(from_bytes<std::vector<int>>(count), corrupt_checkpoint);
    CHECK_THROWS_AS(from_bytes<std::vector<std::string>>(count), corrupt_checkpoint);
    CHECK_THROWS_AS(from_bytes<std::vector<bool>>(count), corrupt_checkpoint);
    CHECK_THROWS_AS(from_bytes<std::vector<std::tuple<>>>(count), corrupt_checkpoint);
    CHECK_THROWS_AS(from_bytes<std::vector<account>>(count), corrupt_checkpoint);
    CHECK_THROWS_AS((from_bytes<std::unordered_map<int, int>>(count)), corrupt_checkpoint);
    CHECK_THROWS_AS((from_bytes<std::multiset<std::monostate>>(count)), corrupt_checkpoint);

    bytes by_hands = made_of({0}); // its class version
    by_hands.insert(by_hands.end(), count.begin(), count.end());
    CHECK_THROWS_AS(from_bytes<by_hand>(by_hands), corrupt_checkpoint);
}

namespace archive_test {

/// Counts what is asked for in one go.
struct largest_request {
    static inline std::size_t bytes = 0;
};
template <typename T>
struct watched_allocator {
    using value_type = T;
    watched_allocator() = default;
    template <typename U>
    watched_allocator(watched_allocator<U> const&)
    {}
    T* allocate(std::size_t count)
    {
        largest_request::bytes = std::max(largest_request::bytes, count * sizeof(T));
        return std::allocator<T>().allocate(count);
    }
    void deallocate(T* at, std::size_t count) { std::allocator<T>().deallocate(at, count); }
    bool operator==(watched_allocator const&) const = default;
};
struct large {
    std::string first;
    char padding[4000] = {};
};

} // namespace archive_test
BOOST_HANA_ADAPT_STRUCT(archive_test::large, first);

TEST_CASE("room is made for no more than the bytes that are there", "[checkpoint][archive]")
{
    // 100,000 elements, one byte each as saved and 4,000 in memory; the second of them is damaged.
    bytes damaged = made_of({0xa0, 0x8d, 0x06, 0, 0xff});
    damaged.resize(100'010, std::byte{0xff});
    largest_request::bytes = 0;
    CHECK_THROWS_AS((from_bytes<std::vector<large, watched_allocator<large>>>(damaged)), tidemark::corrupt_checkpoint);
    CHECK(largest_request::bytes > 0);
    CHECK(largest_request::bytes <= 110'000);
}

TEST_CASE("bytes cannot nest values deeper than they may be saved", "[checkpoint][archive]")
{
    chain deepest;
    for (int level = 1; level < 500; ++level) {
        chain above;
        above.next.push_back(std::move(deepest));
        deepest = std::move(above);
    }
    auto const fits = to_bytes(deepest);
    CHECK(to_bytes(from_bytes<chain>(fits)) == fits);

    chain too_deep;
    too_deep.next.push_back(std::move(deepest));
    CHECK_THROWS_AS(to_bytes(too_deep), tidemark::checkpoint_error);

    // One level takes two bytes, its class version and its count of one: a million levels.
    bytes bomb;
    for (int level = 0; level < 1'000'000; ++level) {
        bomb.push_back(std::byte{0});
        bomb.push_back(std::byte{1});
    }
    CHECK_THROWS_AS(from_bytes<chain>(bomb), tidemark::corrupt_checkpoint);

    bytes tree_bomb;
    for (int level = 0; level < 200'000; ++level) {
        auto const one = made_of({1, 0, 0, 0, 1});
        tree_bomb.insert(tree_bomb.end(), one.begin(), one.end());
    }
    CHECK_THROWS_AS(from_bytes<tree>(tree_bomb), tidemark::corrupt_checkpoint);
}

TEST_CASE("a refused value leaves the archive's levels as they were", "[checkpoint][archive]")
{
    chain too_deep;
    for (int level = 0; level < 600; ++level) {
        chain above;
        above.next.push_back(std::move(too_deep));
        too_deep = std::move(above);
    }
    tidemark::output_archive out;
    for (int attempt = 0; attempt < 2; ++attempt)
        CHECK_THROWS_AS(out << too_deep, tidemark::checkpoint_error);
    out.clear();
    out << chain();
    CHECK(out.size() == 2);
}

namespace archive_test {

struct never_made {
    never_made() = default;
    explicit never_made(int) { throw std::runtime_error("no"); }
    std::string text;
    template <typename Archive>
    void serialize(Archive& ar, unsigned)
    {
        ar & text;
    }
};

} // namespace archive_test

TEST_CASE("a variant without a value is not saved", "[checkpoint][archive]")
{
    std::variant<std::string, never_made> value = "a";
    CHECK_THROWS(value.emplace<never_made>(1));
    REQUIRE(value.valueless_by_exception());
    CHECK_THROWS_AS(to_bytes(value), tidemark::checkpoint_error);
}

namespace {

using everything =
    std::tuple<std::map<std::string, std::vector<play>>, std::unordered_map<int, std::optional<std::string>>,
               std::vector<bool>, std::variant<std::monostate, int, std::string>, tree, by_hand,
               std::deque<std::pair<std::int8_t, bool>>, std::set<std::string>, hits_2, std::vector<std::tuple<>>,
               std::vector<split_by_boost>, std::chrono::milliseconds, std::vector<vouched>, answer>;

everything one_of_each()
{
    return {{{"a", {{"v", 1, true}, {"w", 2, false}}}, {"b", {}}},
            {{1, "x"}, {2, {}}},
            {true, false, true},
            "text",
            {1, {{2, {{3, {}}}}}},
            {{1, 2}, {'a', 'b', 'c', 'd'}, 5},
            {{std::int8_t{1}, true}, {std::int8_t{2}, false}},
            {"p", "q"},
            {7, "last", 0},
            std::vector<std::tuple<>>(2),
            {{1}, {2}},
            std::chrono::milliseconds(5),
            {{1, 2}},
            answer::yes};
}

/// True when the bytes are a value; false when they are refused, in the one way or the other. Anything else is a bug.
bool is_value(std::span<std::byte const> damaged)
{
    try {
        static_cast<void>(from_bytes<everything>(damaged));
        return true;
    } catch (tidemark::corrupt_checkpoint const&) {
        return false;
    } catch (tidemark::incompatible_checkpoint const&) {
        return false;
    } catch (std::runtime_error const& refused) { // by_hand looks at its item version itself
        if (std::string(refused.what()) != "not the item version that was saved")
            throw;
        return false;
    }
}

} // namespace

TEST_CASE("a value that was cut short is refused at every length", "[checkpoint][archive]")
{
    auto const whole = to_bytes(one_of_each());
    REQUIRE(is_value(whole));
    for (std::size_t length = 0; length != whole.size(); ++length) {
        // Of exactly this size, so that the sanitizers see a read beyond it.
        bytes const cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
        INFO("cut to " << length << " of " << whole.size());
        CHECK_FALSE(is_value(cut));
    }
}

TEST_CASE("any bytes are a value or an error", "[checkpoint][archive]")
{
    auto const whole = to_bytes(one_of_each());

    // Every bit of every byte, and every byte of every value.
    for (std::size_t at = 0; at != whole.size(); ++at) {
        for (unsigned value = 0; value != 256; ++value) {
            bytes damaged = whole;
            damaged[at] = static_cast<std::byte>(value);
            static_cast<void>(is_value(damaged));
        }
    }

    std::mt19937 random(20'240'229);
    for (int run = 0; run != 20'000; ++run) {
        bytes damaged = whole;
        for (int flips = 0; flips != 3; ++flips)
            damaged[random() % damaged.size()] = static_cast<std::byte>(random());
        static_cast<void>(is_value(damaged));
    }
    for (int run = 0; run != 20'000; ++run) {
        bytes noise(random() % 64);
        for (auto& byte : noise)
            byte = static_cast<std::byte>(random() % 4); // small numbers get further
        static_cast<void>(is_value(noise));
    }
    SUCCEED("no crash, no hang, no other error");
}
